"""What migration files did to the schema, as frames: facts, matrix, growth, lives of objects."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import (
    build_frame,
    declare,
    in_words,
    parse_version_time,
    place_files,
)
from driftbook.audit.names import find_owner, list_last_names
from driftbook.catalog.kinds import KINDS
from driftbook.drift.platform import find_schema
from driftbook.model import ObjectRef
from driftbook.tracking.effects import is_there
from driftbook.versions import Deed, FactStatus, VersionState
from driftbook.words import name_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from driftbook.versions import Fact, Version

EFFECTS = declare("version file kind schema name deed property status part_of")
MATRIX = declare(
    "version file place:int kind found:int testable:int superseded:int missing:int different:int "
    "expected:bool"
)
GROWTH = declare("version version_at:utc place:int kind objects:int")
TOUCHES = declare("version file version_at:utc place:int kind object deed")
LIFELINES = declare("table created_in dropped_in altered_in alterations:int")
MOST_ALTERED = declare("kind object files:int first last")

DRAWN_KINDS = 6  # of growth; the rest is one line
OTHER = "other"
# Said of objects; they are none.
ABOUT_OBJECTS = {"privilege", "default_privilege", "owner", "comment"}
TESTED = (FactStatus.FOUND, FactStatus.MISSING, FactStatus.DIFFERENT)


def build_effects(effects: Iterable[Fact]) -> pd.DataFrame:
    """Return one row per fact, in the order given.

    Returns:
        ``version``, ``file``, ``kind``, ``schema`` (empty for an object of none), ``name``,
        ``deed``, ``property`` (empty: the object as a whole), ``status``, ``part_of`` (empty:
        stands for itself), all str. Empty means that nothing is known of any file.
    """
    rows = (
        (
            fact.version,
            fact.file,
            fact.thing.kind,
            find_schema(fact.thing.kind, fact.thing.parts),
            fact.thing.name,
            fact.deed.value,
            fact.property,
            fact.status.value,
            str(fact.part_of) if fact.part_of else "",
        )
        for fact in effects
    )
    return build_frame(rows, EFFECTS)


def build_effect_matrix(effects: Sequence[Fact], versions: Sequence[Version]) -> pd.DataFrame:
    """Return one row per file and kind of object that it did something to, in file order.

    Returns:
        ``version``, ``file``, ``kind`` (str), ``place`` (int64, of the file, from 1), ``found``
        (in whatever shape), ``testable``, ``superseded``, ``missing``, ``different`` (int64,
        facts), ``expected`` (bool: the version is recorded, or the tracking table was not read).
        A kind of which nothing was compared has no row.
    """
    counts = defaultdict[tuple[str, str], Counter[FactStatus]](Counter)
    numbers = {fact.file: fact.version for fact in effects}
    there = Counter[tuple[str, str]]()
    for fact in effects:
        if fact.status is not FactStatus.UNTESTED:
            counts[fact.file, fact.thing.kind][fact.status] += 1
            there[fact.file, fact.thing.kind] += is_there(fact)
    places, order = place_files(versions, effects), list(KINDS)
    expected = {one.file for one in versions if one.recorded or one.state is VersionState.UNKNOWN}
    rows = (
        (
            numbers[file],
            file,
            places[file],
            kind,
            there[file, kind],
            sum(tally[status] for status in TESTED),
            tally[FactStatus.SUPERSEDED],
            tally[FactStatus.MISSING],
            tally[FactStatus.DIFFERENT],
            file in expected,
        )
        for (file, kind), tally in sorted(
            counts.items(), key=lambda item: (places[item[0][0]], order.index(item[0][1]))
        )
    )
    return build_frame(rows, MATRIX)


def build_growth(
    effects: Sequence[Fact], versions: Sequence[Version], since: str = ""
) -> pd.DataFrame:
    """Return how many objects of each kind there are after each file, in file order.

    Args:
        effects: What each file did.
        versions: For the order of the files.
        since: First version to return; what came before is counted all the same.

    Returns:
        ``version`` (str), ``version_at`` (UTC or missing), ``place`` (int64, of the file),
        ``kind`` (str, the six with most objects and ``other``), ``objects`` (int64). Parts such
        as columns count as their own kind; privileges, owners and comments are no objects.
    """
    places = place_files(versions, effects)
    steps = list(count_objects(effects, places))
    peaks = Counter[str]()
    for _, _, counts in steps:
        peaks |= counts
    kinds = sorted(peaks, key=lambda kind: (-peaks[kind], kind))[:DRAWN_KINDS]
    lines = [*kinds, *([OTHER] if len(peaks) > len(kinds) else [])]
    rows = (
        (
            version,
            parse_version_time(version),
            places[file],
            kind,
            sum(counts.values()) - sum(counts[one] for one in kinds)
            if kind == OTHER
            else counts[kind],
        )
        for version, file, counts in steps
        if version >= since
        for kind in lines
    )
    return build_frame(rows, GROWTH)


def count_objects(
    effects: Sequence[Fact], places: dict[str, int]
) -> Iterator[tuple[str, str, Counter[str]]]:
    """Yield version, file and the objects by kind after it, of each file in turn."""
    alive = dict[ObjectRef, ObjectRef | None]()
    grouped = defaultdict[str, list["Fact"]](list)
    for fact in effects:
        if fact.thing.kind not in ABOUT_OBJECTS:
            grouped[fact.file].append(fact)
    for file in sorted(grouped, key=places.__getitem__):
        for fact in grouped[file]:
            if fact.deed is Deed.CREATED:
                alive[fact.thing] = fact.part_of
            elif fact.deed is Deed.DROPPED:
                alive.pop(fact.thing, None)
        # What goes with its table needs no fact of its own.
        dropped = {fact.thing for fact in grouped[file] if fact.deed is Deed.DROPPED}
        alive = {thing: whole for thing, whole in alive.items() if whole not in dropped}
        yield grouped[file][0].version, file, Counter(thing.kind for thing in alive)


def build_touches(
    effects: Sequence[Fact], versions: Sequence[Version], since: str = ""
) -> pd.DataFrame:
    """Return one row per file and object that it made, altered or dropped, in file order.

    A column, policy or privilege counts as a touch of the object that it belongs to, and what
    was renamed has its last name throughout.

    Returns:
        ``version``, ``file``, ``kind``, ``object``, ``deed`` (str), ``version_at`` (UTC or
        missing), ``place`` (int64, of the file).
    """
    deeds = dict[tuple[str, str, ObjectRef], Deed]()
    for fact, thing in zip(effects, list_last_names(effects), strict=True):
        if thing is None:
            continue
        itself = find_owner(fact) == fact.thing and not fact.property and not fact.other_name
        deed = fact.deed if itself else Deed.ALTERED
        touch = (fact.version, fact.file, thing)
        if deed is not Deed.ALTERED or touch not in deeds:
            deeds[touch] = deed
    places = place_files(versions, effects)
    rows = (
        (
            version,
            file,
            parse_version_time(version),
            places[file],
            in_words(thing.kind),
            thing.name,
            deed.value,
        )
        for (version, file, thing), deed in sorted(
            deeds.items(), key=lambda item: (places[item[0][1]], str(item[0][2]))
        )
        if version >= since
    )
    return build_frame(rows, TOUCHES)


def build_lifelines(touches: pd.DataFrame) -> pd.DataFrame:
    """Return one row per table of ``touches``, most altered first.

    Returns:
        ``table``, ``created_in`` (version; empty: by no file shown), ``dropped_in`` (version;
        empty: it is still there), ``altered_in`` (versions, some of many) (str),
        ``alterations`` (int64, files).
    """
    rows = []
    for name, own in touches[touches["kind"] == "table"].groupby("object", sort=True):
        deeds, numbers = own["deed"].tolist(), own["version"].tolist()
        pairs = list(zip(deeds, numbers, strict=True))
        created = [version for deed, version in pairs if deed == Deed.CREATED]
        altered = [version for deed, version in pairs if deed == Deed.ALTERED]
        dropped = numbers[-1] if deeds[-1] == Deed.DROPPED else ""
        rows.append((name, next(iter(created), ""), dropped, name_some(altered), len(altered)))
    rows.sort(key=lambda row: (-int(row[-1]), str(row[0])))
    return build_frame(rows, LIFELINES)


def build_most_altered(touches: pd.DataFrame) -> pd.DataFrame:
    """Return the objects that two or more files touched, most files first.

    Returns:
        ``kind``, ``object``, ``first``, ``last`` (str, versions), ``files`` (int64).
    """
    rows = [
        (kind, name, len(own), own["version"].iloc[0], own["version"].iloc[-1])
        for (kind, name), own in touches.groupby(["kind", "object"], sort=True)
        if len(own) > 1
    ]
    rows.sort(key=lambda row: (-row[2], str(row[0]), str(row[1])))
    return build_frame(rows, MOST_ALTERED)
