"""The join of migration files and tracking table: one state per version, each with its reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.sqltext import collapse
from driftbook.tracking.effects import Effect
from driftbook.versions import Version, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.tracking.table import Tracking, TrackingRow

NO_EFFECT = Effect()


def find_states(
    directory: Directory, tracking: Tracking, effects: Mapping[str, Effect]
) -> tuple[Version, ...]:
    """Return every version of files and tracking table, in the order of the files, with its state.

    Args:
        directory: The migration files.
        tracking: What is recorded; where it could not be read every file counts as applied.
        effects: By file name, for files that are not recorded.
    """
    rows = {row.version: row for row in tracking.rows}
    copies = Counter(file.version for file in directory.files)
    newest = max(rows, default="")
    versions = []
    for file in directory.files:
        if tracking.versions is None:
            state, note = VersionState.UNKNOWN, "the tracking table was not read"
        elif copies[file.version] > 1:
            state, note = VersionState.DUPLICATE_VERSION, "another file has the same version"
        elif row := rows.get(file.version):
            state, note = compare_record(file, row, directory.convention)
        else:
            state, note = judge_unrecorded(file, effects.get(file.path.name, NO_EFFECT), newest)
        versions.append(_build(file, state, note, rows, tracking, effects))
    in_files = {file.version for file in directory.files}
    versions += [
        Version(row.version, "", VersionState.MISSING_FILE, recorded=True, note=describe_row(row))
        for row in tracking.rows
        if row.version not in in_files
    ]
    return tuple(versions)


def _build(  # noqa: PLR0913, PLR0917 - the join of three sources
    file: MigrationFile,
    state: VersionState,
    note: str,
    rows: Mapping[str, TrackingRow],
    tracking: Tracking,
    effects: Mapping[str, Effect],
) -> Version:
    effect = effects.get(file.path.name, NO_EFFECT)
    return Version(
        file.version,
        file.path.name,
        state,
        recorded=tracking.versions is None or file.version in rows,
        note=note,
        found=effect.found,
        testable=effect.testable,
        makes=effect.made,
    )


def compare_record(
    file: MigrationFile, row: TrackingRow, convention: str
) -> tuple[VersionState, str]:
    """Return the state of a recorded file: does its text say what was recorded?"""
    if file.unsendable:
        return VersionState.APPLIED, ""
    split = CONVENTIONS[convention].split
    written = read_statements(statement.text for statement in split(file.text))
    # Some tools record a whole file as one statement: both sides are cut alike.
    recorded = read_statements(
        statement.text for text in row.statements or () for statement in split(text)
    )
    if not recorded:
        if row.statements is None and not written:
            return VersionState.APPLIED, ""  # how the tool records a file without statements
        return VersionState.UNCONFIRMED, f"its record holds {describe_record(row)}"
    if recorded == written:
        return VersionState.APPLIED, ""
    same = sum(mine == other for mine, other in zip(recorded, written, strict=False))
    differing = max(len(recorded), len(written)) - same
    return (
        VersionState.EDITED_AFTER_APPLY,
        f"{differing} of {len(written)} statements are not those that were recorded",
    )


def judge_unrecorded(file: MigrationFile, effect: Effect, newest: str) -> tuple[VersionState, str]:
    """Return the state of a file without a record: do its effects say that it ran?"""
    older = "older than the newest recorded version; " if file.version < newest else ""
    if effect.failure:
        why = f"it cannot be tried after the recorded files: {effect.failure}"
        return VersionState.PENDING_UNTESTABLE, older + why
    if not effect.testable:
        return VersionState.PENDING_UNTESTABLE, older + "it changes no schema that could be seen"
    if effect.found == effect.testable:
        return VersionState.APPLIED_UNRECORDED, older + "everything it does is live"
    if effect.found:
        return VersionState.PARTLY_APPLIED_UNRECORDED, older + "a part of what it does is live"
    return VersionState.PENDING, older + "nothing of what it does is live"


def describe_row(row: TrackingRow) -> str:
    """Return what a record without a file is."""
    name = f"recorded as {row.name!r}, " if row.name else ""
    return f"{name}its record holds {describe_record(row)}"


def describe_record(row: TrackingRow) -> str:
    """Return what the recorded statements are, in words."""
    if row.statements is None:
        return "no statements"
    with_code = read_statements(row.statements)
    if with_code:
        return f"{len(with_code)} statements"
    if not row.statements:
        return "an empty list of statements"
    return f"no SQL, only {row.statements[0].strip()[:60]!r}"


def read_statements(texts: Iterable[str]) -> list[str]:
    """Return the statements among ``texts`` without what does not count: comments, layout."""
    return [code for text in texts if (code := collapse(text))]
