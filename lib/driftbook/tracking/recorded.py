"""The directory as the tracking table tells it: where a record has other SQL than its file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.migrations.directory import MigrationFile
from driftbook.tracking.recover import recover_name, recover_text
from driftbook.versions import Content, Deed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from driftbook.migrations.directory import Directory
    from driftbook.tracking.table import Tracking, TrackingRow
    from driftbook.versions import Fact

# How a record says that a file is the one that ran, the surest first.
AGREES = (Content.IDENTICAL, Content.EQUAL, Content.GUARDED)
SAID_OTHERWISE = frozenset({Content.DIFFERENT, Content.GUARDED})


@dataclass(frozen=True, slots=True)
class RecordedDirectory:
    """Files as they were recorded.

    Attributes:
        directory: Only versions that are recorded, in file order.
        versions: Those whose SQL comes from the record and not from a file.
    """

    directory: Directory
    versions: frozenset[str]


def read_recorded(
    directory: Directory, tracking: Tracking, contents: Mapping[str, Content]
) -> RecordedDirectory | None:
    """Return the files as they were recorded; ``None`` when the records add nothing.

    Args:
        directory: The migration files.
        tracking: The tracking table.
        contents: File name → how the file compares with its record.
    """
    files: dict[str, MigrationFile] = {}
    for file in directory.files:
        files.setdefault(file.version, file)
    told: list[MigrationFile] = []
    taken: set[str] = set()
    for row in tracking.rows:
        own = files.get(row.version)
        if own is not None and contents.get(own.path.name) not in SAID_OTHERWISE:
            told.append(own)
        elif text := _read_text(row):
            told.append(_build(directory, row, own, text))
            taken.add(row.version)
        elif own is not None:
            told.append(own)
    if not taken:
        return None
    told.sort(key=lambda file: os.fsencode(file.path.name))
    return RecordedDirectory(replace(directory, files=tuple(told), skipped=()), frozenset(taken))


def find_twins(directory: Directory, contents: Mapping[str, Content]) -> frozenset[str]:
    """Return the names of files whose version is recorded with the SQL of another file.

    Where the record agrees with none of the files of its version, it tells nothing of them.
    """
    by_version: dict[str, list[str]] = {}
    for file in directory.files:
        by_version.setdefault(file.version, []).append(file.path.name)
    twins: set[str] = set()
    for names in by_version.values():
        ranks = {
            name: AGREES.index(contents[name]) for name in names if contents.get(name) in AGREES
        }
        if len(names) > 1 and ranks:
            twins |= set(names) - {min(ranks, key=ranks.__getitem__)}
    return frozenset(twins)


def _read_text(row: TrackingRow) -> str:
    if not row.statements:
        return ""
    # Text that cannot be cut back the same way is still run: its effect is what is asked for.
    return recover_text(row.statements) or ";\n".join(row.statements)


def _build(
    directory: Directory, row: TrackingRow, own: MigrationFile | None, text: str
) -> MigrationFile:
    if own is not None:
        return replace(own, data=text.encode(), facts=())
    name = recover_name(row.version, row.name)
    return MigrationFile(directory.path / name, row.version, row.name or "", text.encode())


def compare_facts(written: Sequence[Fact], recorded: Sequence[Fact]) -> tuple[str, ...]:
    """Return what a file does otherwise than its record, a phrase each; none: both do the same.

    What comes or goes with such an object has no phrase of its own.
    """
    mine, theirs = _index(written), _index(recorded)
    found = [("also {}", fact) for place, fact in mine.items() if place not in theirs]
    found += [
        ("{} otherwise", fact)
        for place, fact in mine.items()
        if place in theirs and theirs[place].value != fact.value
    ]
    found += [("no longer {}", fact) for place, fact in theirs.items() if place not in mine]
    told = {(phrase, fact.thing) for phrase, fact in found}
    return tuple(
        phrase.format(_say(fact)) for phrase, fact in found if (phrase, fact.part_of) not in told
    )


def _index(facts: Collection[Fact]) -> dict[tuple[str, tuple[str, ...], str, str], Fact]:
    return {_place(fact): fact for fact in facts}


def _place(fact: Fact) -> tuple[str, tuple[str, ...], str, str]:
    return fact.thing.kind, fact.thing.parts, fact.property, fact.deed.value


def _say(fact: Fact) -> str:
    if fact.deed is Deed.ALTERED:
        return f"sets {fact.property} of {fact.thing}"
    return f"{'makes' if fact.deed is Deed.CREATED else 'drops'} {fact.thing}"
