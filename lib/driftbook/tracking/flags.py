"""What else there is to know of a version, beside its state."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.stories import find_stories
from driftbook.sqltext import mask
from driftbook.tracking.content import cut, read_code
from driftbook.tracking.matching import (
    build_script,
    find_containment,
    find_duplicate_contents,
    find_moves,
)
from driftbook.tracking.order import find_version_flags
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.migrations.history import History
    from driftbook.tracking.effects import Effect
    from driftbook.tracking.matching import Containment, Script
    from driftbook.tracking.table import Tracking

# Statements that change the schema and nothing else; of roles and databases no frame tells.
SCHEMA_ONLY = re.compile(
    r"\s*(create|alter|drop|comment|security)\s+(?!role|user|group|database|system|"
    r"event\s+trigger|server|subscription|extension)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the flags of all versions are.

    Attributes:
        moves: Version without a file ↔ version without a record, of equal content; both ways.
        flags: File name, or version without a file → flags.
        related: The same → versions that the flags speak of.
    """

    moves: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, frozenset[Flag]] = field(default_factory=dict)
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """What flags are read from.

    Attributes:
        directory: The files.
        tracking: The records.
        history: What git knows of the files.
        effects: File name → what the file did in the shadow.
        intercepted: Names of files of which a statement was not sent as it is written.
        now: A version beyond it is of the future.
    """

    directory: Directory
    tracking: Tracking
    history: History
    effects: Mapping[str, Effect]
    intercepted: Collection[str]
    now: datetime


def find_flags(sources: Sources) -> Flags:
    """Return the flags of every file and of every record without one."""
    flags: defaultdict[str, set[Flag]] = defaultdict(set)
    related: dict[str, tuple[str, ...]] = {}
    files = {file.path.name: file for file in sources.directory.files}
    for name, file in files.items():
        flags[name] |= _read_file(file, sources)
    if sources.directory.convention == "supabase":  # only there a version is a time
        places = {name: file.version for name, file in files.items()}
        known = set(places.values())
        lone = (row.version for row in sources.tracking.rows if row.version not in known)
        for place, version in (places | {version: version for version in lone}).items():
            flags[place] |= set(find_version_flags(version, sources.now))
    for story in find_stories(sources.history):
        if story.edits and story.file in files:
            flags[story.file].add(Flag.EDITED_IN_GIT)
    for name in set(sources.history.uncommitted) & files.keys():
        flags[name].add(Flag.UNCOMMITTED)
    moves = _match(sources, flags, related)
    return Flags(moves, {name: frozenset(found) for name, found in flags.items()}, related)


def _read_file(file: MigrationFile, sources: Sources) -> set[Flag]:
    if file.unsendable:
        return set()
    split = CONVENTIONS[sources.directory.convention].split
    code = read_code(split(file.text))
    if not code:
        return {Flag.COMMENT_ONLY}
    effect = sources.effects.get(file.path.name)
    idle = effect is None or not (effect.changed or effect.failure)
    ran = file.path.name not in sources.intercepted
    if idle and ran and all(SCHEMA_ONLY.match(mask(text)) for text in code):
        return {Flag.NO_CHANGE}
    return set()


def _match(
    sources: Sources, flags: defaultdict[str, set[Flag]], related: dict[str, tuple[str, ...]]
) -> dict[str, str]:
    files, rows = _read_scripts(sources)
    names = {file.version: file.path.name for file in sources.directory.files}
    both = {one.version for one in files} & {one.version for one in rows}
    moves = find_moves(files, rows, both)
    pairs = {move.file_version: move.row_version for move in moves.pairs}
    paired = both | pairs.keys() | set(pairs.values())
    for found in find_containment(files, rows, paired):
        for version in (found.version, *found.parts):
            place = names.get(version, version)
            flags[place].add(found.flag)
            related[place] = _others(version, found)
    for group in find_duplicate_contents(files):
        for version in group:
            flags[names[version]].add(Flag.DUPLICATE_CONTENT)
            others = tuple(other for other in group if other != version)
            related[names[version]] = related.get(names[version], ()) + others
    return pairs | {row: file for file, row in pairs.items()}


def _others(version: str, found: Containment) -> tuple[str, ...]:
    return found.parts if version == found.version else (found.version,)


def _read_scripts(sources: Sources) -> tuple[Sequence[Script], Sequence[Script]]:
    split = CONVENTIONS[sources.directory.convention].split
    files = [
        build_script(file.version, file.name, (one.text for one in split(file.text)))
        for file in sources.directory.files
        if not file.unsendable
    ]
    rows = [
        build_script(row.version, row.name, (one.text for one in cut(row.statements or (), split)))
        for row in sources.tracking.rows
    ]
    return files, rows
