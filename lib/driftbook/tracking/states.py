"""The join of files, tracking table and live effects: one state per version, with its reason."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.tools import BY_NAME
from driftbook.tracking.case import HARMLESS, NO_EFFECT, Case, decide_state, holds_sql
from driftbook.tracking.notes import explain
from driftbook.tracking.trust import find_trust
from driftbook.versions import Content, Flag, OrderFlag, Trust, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.tracking.effects import Effect
    from driftbook.tracking.table import Tracking, TrackingRow


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the state of a version is decided from.

    Attributes:
        directory: The migration files.
        tracking: What is recorded.
        contents: File name → how the file compares with its record.
        effects: File name → what of the file is live.
        retold: Version → what of its record is live, where the record has other SQL than the file.
        edits: Version → what its file does otherwise than its record, a line each.
        moves: Version without a file ↔ version without a record, of equal content; both ways.
        orders: Version → whether it stands where the tool expects it.
        flags: File name, or version without a file → what else there is to know.
        related: The same → versions that the flags speak of.
    """

    directory: Directory
    tracking: Tracking
    contents: Mapping[str, Content] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    retold: Mapping[str, Effect] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, OrderFlag] = field(default_factory=dict)
    flags: Mapping[str, frozenset[Flag]] = field(default_factory=dict)
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_states(known: Known) -> tuple[Version, ...]:
    """Return every version of files and tracking table with its state, in the order of names.

    Two files of one version are two entries; a record without a file stands where its file would
    if the tool orders files by their names, else behind them all.
    """
    trust = find_trust(known.tracking.rows, batches=known.directory.convention == "drizzle")
    found = [_build(known, case, trust) for case in _list_cases(known)]
    if known.directory.convention in BY_NAME:
        found.sort(key=lambda one: os.fsencode(one.file or f"{one.version}_"))
    return tuple(found)


def _list_cases(known: Known) -> Iterator[Case]:
    rows = {row.version: row for row in known.tracking.rows}
    copies = Counter(file.version for file in known.directory.files)
    for file in known.directory.files:
        yield _read_case(known, file, rows.get(file.version), copies[file.version])
    for row in known.tracking.rows:
        if not copies[row.version]:
            yield _read_case(known, None, row, 0)


def _read_case(
    known: Known, file: MigrationFile | None, row: TrackingRow | None, copies: int
) -> Case:
    version = file.version if file else row.version if row else ""
    effect = known.effects.get(file.path.name, NO_EFFECT) if file else NO_EFFECT
    if row and version in known.retold:
        effect = known.retold[version]
    return Case(
        file,
        row,
        copies,
        CONVENTIONS[known.directory.convention].split,
        effect,
        _read_content(known, file, row),
        known.moves.get(version, ""),
        is_unread=known.tracking.versions is None,
        is_outdated=version in known.tracking.outdated,
    )


def _read_content(known: Known, file: MigrationFile | None, row: TrackingRow | None) -> Content:
    if row is None:
        return Content.NONE
    if file is None:
        split = CONVENTIONS[known.directory.convention].split
        if holds_sql(row, split):
            return Content.NONE
        return Content.PLACEHOLDER if row.statements else Content.UNKNOWN
    content = known.contents.get(file.path.name, Content.UNKNOWN)
    retold, own = known.retold.get(file.version), known.effects.get(file.path.name, NO_EFFECT)
    # Both ran in the shadow and did the same; where neither changed a schema, rows decide.
    same = retold and not known.edits.get(file.version) and retold.changed and own.changed
    if content is Content.DIFFERENT and retold and same and not (retold.failure or own.failure):
        return Content.SAME_EFFECT
    return content


def _build(known: Known, case: Case, trust: Mapping[str, Trust]) -> Version:
    file, row, effect, version = case.file, case.row, case.effect, case.version
    state = decide_state(case)
    is_told = case.content in {*HARMLESS, Content.DIFFERENT} or not file
    return Version(
        version,
        file.path.name if file else "",
        state,
        recorded=row is not None or case.is_unread or case.is_outdated,
        note=explain(state, case),
        found=effect.found,
        testable=effect.testable,
        makes=effect.made,
        name_file=file.name if file else "",
        name_row=row.name if row else None,
        content=case.content,
        trust=trust.get(version, Trust.UNKNOWN),
        match_version=case.other,
        effect=effect.state,
        missing=effect.missing,
        lacking=effect.lacking,
        different=effect.different,
        order=known.orders.get(version, OrderFlag.OK),
        flags=_find_flags(known, case),
        related=known.related.get(case.place, ()),
        written=file.data.decode("utf-8", "replace") if file and is_told else "",
        recorded_text="".join(f"{text};\n" for text in (row.statements or ()))
        if row and is_told
        else "",
        edit_effect=known.edits.get(version, ()),
    )


def _find_flags(known: Known, case: Case) -> tuple[Flag, ...]:
    flags = set(known.flags.get(case.place, frozenset()))
    if case.file and case.row and case.row.name not in {None, case.file.name}:
        flags.add(Flag.NAME_MISMATCH)
    if case.effect.different:
        flags.add(Flag.CHANGED_SINCE)
    if Flag.COMMENT_ONLY in flags and case.row and holds_sql(case.row, case.split):
        flags.add(Flag.EMPTIED)
    return tuple(sorted(flags))
