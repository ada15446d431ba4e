"""Contents that are on both sides under other versions: moved, merged, split, or there twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.tracking.content import read_keys
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

LEAST_PARTS = 2
LEAST_SHARE = 0.6  # below it statements meet by chance


@dataclass(frozen=True, slots=True)
class Script:
    """The content of one file or of one record, as far as it is compared.

    Attributes:
        version: As text.
        name: What stands beside the version in the file name, or is recorded; empty: nothing.
        keys: One per statement, in their order; none: comments only, which match nothing.
    """

    version: str
    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One content that is a file under one version and a record under another."""

    file_version: str
    row_version: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """One content of several files or records: which belongs to which nobody can tell.

    Attributes:
        file_versions: Those whose name a record has as well come first.
        row_versions: Those whose name a file has as well come first.
    """

    file_versions: tuple[str, ...]
    row_versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """Contents under other versions, in the order of the files."""

    pairs: tuple[Move, ...] = ()
    ambiguous: tuple[Candidates, ...] = ()


@dataclass(frozen=True, slots=True)
class Containment:
    """One content that is cut into several on the other side.

    Attributes:
        flag: ``MERGED``: one record holds what several files say; ``SPLIT``: the reverse.
        version: Of the one.
        parts: Versions of the several, in their order.
        share: How much of the statements of the one they have; 1: all.
    """

    flag: Flag
    version: str
    parts: tuple[str, ...]
    share: float


def build_script(version: str, name: str | None, statements: Iterable[str]) -> Script:
    """Return a file or a record for matching; ``statements`` are cut alike on both sides."""
    return Script(version, name or "", read_keys(statements))


def find_moves(files: Sequence[Script], rows: Sequence[Script], both: Collection[str]) -> Moves:
    """Return which records without a file say what a file without a record says.

    Args:
        files: In file order.
        rows: In the order of the versions.
        both: Versions that have a file and a record: they belong together, whatever they say.
    """
    lone_files, lone_rows = (_group(_drop(side, both)) for side in (files, rows))
    pairs, ambiguous = list[Move](), list[Candidates]()
    for keys, mine in lone_files.items():
        others = lone_rows.get(keys, [])
        if len(mine) == len(others) == 1:
            pairs.append(Move(mine[0].version, others[0].version))
        elif others:
            ambiguous.append(Candidates(_prefer(mine, others), _prefer(others, mine)))
    return Moves(tuple(pairs), tuple(ambiguous))


def find_containment(
    files: Sequence[Script], rows: Sequence[Script], both: Collection[str]
) -> tuple[Containment, ...]:
    """Return the records that several files were made of, and the files that several records hold.

    A part counts when all its statements are in the whole; every statement is counted once.
    There are at least two parts, and together they have 60 % of the whole or more.

    Args:
        files: In file order.
        rows: In the order of the versions.
        both: Versions that have a file and a record, or were paired: they are looked for in
            nothing else.
    """
    lone_files, lone_rows = _drop(files, both), _drop(rows, both)
    return (
        *_find_wholes(Flag.MERGED, lone_rows, lone_files),
        *_find_wholes(Flag.SPLIT, lone_files, lone_rows),
    )


def find_duplicate_contents(files: Sequence[Script]) -> tuple[tuple[str, ...], ...]:
    """Return the versions of files that say the same, a group each, in file order."""
    groups = (
        tuple(dict.fromkeys(one.version for one in group)) for group in _group(files).values()
    )
    return tuple(group for group in groups if len(group) > 1)


def _drop(scripts: Iterable[Script], both: Collection[str]) -> list[Script]:
    known = frozenset(both)
    return [one for one in scripts if one.version not in known]


def _group(scripts: Iterable[Script]) -> dict[tuple[str, ...], list[Script]]:
    groups = defaultdict[tuple[str, ...], list[Script]](list)
    for one in scripts:
        if one.keys:
            groups[one.keys].append(one)
    return dict(groups)


def _prefer(scripts: Sequence[Script], others: Sequence[Script]) -> tuple[str, ...]:
    names = {other.name for other in others if other.name}
    ordered = sorted(scripts, key=lambda one: one.name not in names)
    return tuple(one.version for one in ordered)


def _find_wholes(
    flag: Flag, wholes: Sequence[Script], parts: Sequence[Script]
) -> list[Containment]:
    found = []
    for whole, inside in _find_insides(wholes, parts):
        left = Counter(whole.keys)
        taken = set[int]()
        # Large parts first: a small one that is in a large one as well adds nothing.
        for place in sorted(inside, key=lambda place: -len(parts[place].keys)):
            part = Counter(parts[place].keys)
            if part <= left:
                left -= part
                taken.add(place)
        if len(taken) < LEAST_PARTS:
            continue
        share = (len(whole.keys) - left.total()) / len(whole.keys)
        if share >= LEAST_SHARE:
            versions = tuple(parts[place].version for place in sorted(taken))
            found.append(Containment(flag, whole.version, versions, share))
    return found


def _find_insides(
    wholes: Sequence[Script], parts: Sequence[Script]
) -> list[tuple[Script, list[int]]]:
    """Return every whole with the places of ``parts`` that may be in it."""
    holders = defaultdict[str, list[int]](list)
    for at, whole in enumerate(wholes):
        for key in set(whole.keys):
            holders[key].append(at)
    inside = [list[int]() for _ in wholes]
    for place, part in enumerate(parts):
        # The rarest statement leaves the fewest wholes to look at.
        rarest = min(part.keys, key=lambda key: len(holders.get(key, ())), default="")
        for at in holders.get(rarest, ()):
            if len(part.keys) < len(wholes[at].keys):
                inside[at].append(place)
    return list(zip(wholes, inside, strict=True))
