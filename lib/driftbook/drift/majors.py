"""Two major versions: what only the newer can have, and texts that each writes in its own way."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.drift.differing import read_rows
from driftbook.drift.roundtrip import LOADERS
from driftbook.model import ChangeKind, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]

MAJOR = 10_000
MAINTAIN_MAJOR, CONSTRAINTS_MAJOR = 17, 18
PERIOD = re.compile(r"\bWITHOUT OVERLAPS\)|, PERIOD ")
# With these and MAINTAIN a grantee holds what GRANT ALL gives on 17 and newer.
OF_TABLES = frozenset("SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER".split())


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An object of one side that the server of the other side cannot have."""

    kind: str
    key: Key
    major: int  # the oldest that can

    @property
    def name(self) -> str:
        """Return kind and name, for people."""
        return str(ObjectRef(self.kind, self.key))


def major_of(snapshot: Snapshot) -> int:
    """Return the major version of the server that ``snapshot`` was read from."""
    return snapshot.version_num // MAJOR


def find_unchecked(replayed: Snapshot, live: Snapshot) -> tuple[Unchecked, ...]:
    """Return what ``live`` has and the server of the replay cannot express.

    That the other side lacks it says nothing of the files.
    """
    if major_of(replayed) == major_of(live):
        return ()
    return _sort(one for one in _find_newer(live) if major_of(replayed) < one.major)


def find_lone_maintain(
    sides: Iterable[Snapshot], whole: Iterable[Snapshot]
) -> tuple[Unchecked, ...]:
    """Return each MAINTAIN of ``sides`` that GRANT ALL does not explain.

    It is compared on no side unless the servers of both can have it.

    Args:
        sides: What is compared.
        whole: The same before what is not compared left: a platform's own grants explain too.
    """
    snapshots = [*whole]
    if min(map(major_of, snapshots)) >= MAINTAIN_MAJOR:
        return ()
    pairs = zip(sides, snapshots, strict=True)
    return _sort(one for side, full in pairs for one in _find_lone(side, full))


def _sort(found: Iterable[Unchecked]) -> tuple[Unchecked, ...]:
    return tuple(sorted(set(found), key=lambda one: (one.kind, one.key)))


def find_own_texts(changes: pd.DataFrame, expected: Snapshot, live: Snapshot) -> list[bool]:
    """Return, per row of ``changes``, whether it is a text that two majors may write apart.

    A server deparses such a text. The round trip has taken out those that mean the same; what is
    left differs, or does not load on the one server that read both.
    """
    if major_of(expected) == major_of(live):
        return [False] * len(changes)
    rows = zip(changes["kind"], changes["property"], changes["change"], strict=True)
    return [
        change == ChangeKind.ALTERED.value and (kind, source_property(kind, name)) in LOADERS
        for kind, name, change in rows
    ]


def source_property(kind: str, name: str) -> str:
    """Return the property that is loaded to judge ``name``: a body needs its whole function."""
    return "definition" if (kind, name) == ("function", "body") else name


def _find_newer(side: Snapshot) -> Iterator[Unchecked]:
    for key, row in _rows(side, "column"):
        if row["generated"] == "virtual":
            yield Unchecked("column", key, CONSTRAINTS_MAJOR)
    indexes = {key for key, _ in _rows(side, "index")}
    for key, row in _rows(side, "constraint"):
        if row["enforced"] is False or PERIOD.search(str(row["definition"])):
            yield Unchecked("constraint", key, CONSTRAINTS_MAJOR)
            schema, _, name = key
            if (schema, name) in indexes:  # a constraint's index has its name
                yield Unchecked("index", (schema, name), CONSTRAINTS_MAJOR)


def _find_lone(side: Snapshot, whole: Snapshot) -> Iterator[Unchecked]:
    at = KINDS["privilege"].key.index("privilege")
    compared = {key for key, _ in _rows(side, "privilege") if key[at] == "MAINTAIN"}
    held: dict[Key, set[str]] = defaultdict(set)
    for key, row in _rows(whole, "privilege") if compared else ():
        if not row["is_owner"]:
            held[key[:at]].add(key[at])
    for key in compared:
        if held[key[:at]] and not held[key[:at]] >= OF_TABLES:
            yield Unchecked("privilege", key, MAINTAIN_MAJOR)


def _rows(side: Snapshot, kind: str) -> Iterator[tuple[Key, dict[str, object]]]:
    if kind in side.frames:
        names = [entry.name for entry in KINDS[kind].properties]
        for key, values in read_rows(side.frames[kind], KINDS[kind]).items():
            yield key, dict(zip(names, values, strict=True))
