"""Everything that an attribution is made from, looked up by object, version and transaction."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.forensics.frames import EXHIBITS, read_ref
from driftbook.history.exhibits import build_exhibit, list_exhibit_rows
from driftbook.model import ObjectRef
from driftbook.versions import Content, Deed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from driftbook.history.past import Past, Sighting
    from driftbook.versions import Fact, Version

# The first transaction of initdb that is none of the bootstrap's.
FIRST_NORMAL = 3
HOLDERS = frozenset({"privilege", "owner"})  # entries of the row of what they are on


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the tracking table: which version, written by which transaction."""

    version: str
    xid: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the catalog's rows say of one object; an xid of 0: no row tells."""

    ref: ObjectRef
    oid: int
    owner: str
    born_xid: int
    born_row: str
    touched_xid: int
    touched_row: str
    born_at: datetime | None
    touched_at: datetime | None

    @property
    def made_xid(self) -> int:
        """Return the birth, or the nearest to it that is known."""
        return self.born_xid or self.touched_xid


@dataclass(frozen=True)
class Case:
    """The evidence of one audit, as forensics asks it.

    Attributes:
        exhibits: As :mod:`driftbook.forensics.exhibits` reads them; missing ones are empty.
        facts: What each file did, in file order: the blame of the shadow.
        versions: Every version, with what its record holds.
        past: What earlier audits saw.
        scoped: The objects of the live side that are the team's and not the platform's.
        controls: Files with transaction control of their own.
        subtransactions: Files that may run part of themselves in a subtransaction.
        lines: Lines of logs, in the columns of ``LOG_LINE``; ``None``: none were given.
    """

    exhibits: Mapping[str, pd.DataFrame]
    facts: tuple[Fact, ...]
    versions: tuple[Version, ...]
    past: Past
    scoped: frozenset[ObjectRef]
    controls: frozenset[str] = frozenset()
    subtransactions: frozenset[str] = frozenset()
    lines: pd.DataFrame | None = field(default=None, compare=False)

    def exhibit(self, name: str) -> pd.DataFrame:
        """Return an exhibit, empty when it was not taken."""
        return self.exhibits[name] if name in self.exhibits else build_exhibit((), EXHIBITS[name])

    @cached_property
    def clock(self) -> Mapping[str, object]:
        """Return the server's clocks; empty when they were not read."""
        frame = self.exhibit("clock")
        rows = list_exhibit_rows(frame)
        return dict(zip(map(str, frame.columns), rows[0], strict=True)) if rows else {}

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """Return the rows of the tracking table in the order of their transactions."""
        rows = list_exhibit_rows(self.exhibit("record"))
        found = [Record(str(row[0]), int(str(row[1])), _time(row[2])) for row in rows if row[1]]
        return tuple(sorted(found, key=lambda record: (record.xid, record.version)))

    @cached_property
    def record_of(self) -> Mapping[str, Record]:
        """Return version → its row."""
        return {record.version: record for record in self.records}

    @cached_property
    def together(self) -> Counter[int]:
        """Return transaction → how many rows of the tracking table it wrote."""
        return Counter(record.xid for record in self.records)

    @cached_property
    def testimony(self) -> Mapping[ObjectRef, Testimony]:
        """Return object → what the catalog's rows say of it."""
        return {
            (one := _build_testimony(row)).ref: one
            for row in list_exhibit_rows(self.exhibit("witness"))
        }

    @cached_property
    def written(self) -> Mapping[int, frozenset[ObjectRef]]:
        """Return transaction → the objects whose birth or last touch it is."""
        found = defaultdict[int, set[ObjectRef]](set)
        for one in self.testimony.values():
            found[one.born_xid].add(one.ref)
            found[one.touched_xid].add(one.ref)
        return {xid: frozenset(refs) for xid, refs in found.items() if xid}

    @cached_property
    def _transactions(self) -> list[int]:
        return sorted(self.written)

    def list_written(self, low: int, high: int) -> list[int]:
        """Return the transactions between two, without them, that wrote an object."""
        return self._transactions[
            bisect_right(self._transactions, low) : bisect_left(self._transactions, high)
        ]

    @cached_property
    def makers(self) -> Mapping[str, frozenset[ObjectRef]]:
        """Return version → the objects whose rows it writes."""
        made = defaultdict[str, set[ObjectRef]](set)
        for fact in self.facts:
            made[fact.version] |= {fact.thing, find_holder(fact.thing)}
            if fact.part_of is not None:
                made[fact.version].add(fact.part_of)
        return {version: frozenset(refs) for version, refs in made.items()}

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """Return the versions whose record holds a note instead of SQL."""
        return frozenset(one.version for one in self.versions if one.content is Content.PLACEHOLDER)

    @cached_property
    def file_of(self) -> Mapping[str, str]:
        """Return version → file."""
        return {one.version: one.file for one in self.versions if one.file}

    @cached_property
    def sightings(self) -> Mapping[ObjectRef, Sighting]:
        """Return object → what earlier audits saw of it."""
        return {ObjectRef(one.kind, one.parts): one for one in self.past.sightings}

    @cached_property
    def _blamed(self) -> tuple[dict[ObjectRef, str], dict[ObjectRef, str]]:
        created: dict[ObjectRef, str] = {}
        touched: dict[ObjectRef, str] = {}
        for fact in self.facts:
            if fact.deed is Deed.DROPPED:
                created.pop(fact.thing, None)
                touched.pop(fact.thing, None)
            elif fact.deed is Deed.CREATED:
                created[fact.thing] = fact.version
            if fact.deed is not Deed.DROPPED:
                touched[fact.thing] = fact.version
            touched[find_holder(fact.thing)] = fact.version
        return created, touched

    def is_in_order(self, version: str, xid: int) -> bool:
        """Return whether ``version`` made all it made in ``xid``, after the versions before it."""
        made = self._made_by
        order = [one for one in made if made[one]]
        if version not in order or made[version] != {xid}:
            return False
        at = order.index(version)
        before, after = order[:at], order[at + 1 :]
        return all(max(made[one]) < xid for one in before[-1:]) and all(
            min(made[one]) > xid for one in after[:1]
        )

    @cached_property
    def _made_by(self) -> dict[str, set[int]]:
        made: dict[str, set[int]] = {}
        for fact in self.facts:
            made.setdefault(fact.version, set())
        for ref, version in self._blamed[0].items():
            if ref in self.testimony:
                made[version].add(self.testimony[ref].made_xid)
        return made

    def find_creator(self, ref: ObjectRef) -> str:
        """Return the version whose file makes ``ref``; empty: no file does."""
        return self._blamed[0].get(ref, "")

    def find_toucher(self, ref: ObjectRef) -> str:
        """Return the last version whose file writes the row of ``ref``; empty: none does."""
        return self._blamed[1].get(ref, "")


def find_holder(ref: ObjectRef) -> ObjectRef:
    """Return the object in whose row ``ref`` is kept: an entry has none of its own."""
    if ref.kind == "owner":
        kind, schema, name = ref.parts
        return ObjectRef(kind, (schema, name) if schema else (name,))
    if ref.kind == "privilege":
        kind, schema, name, column = ref.parts[:4]
        if column:
            return ObjectRef("column", (schema, name, column))
        return ObjectRef(kind, (schema, name) if schema else (name,))
    return ref


def _build_testimony(row: tuple[object, ...]) -> Testimony:
    kind, key, oid, _, owner, born_xid, born_row, touched_xid, touched_row, born, touched = row
    if kind == "function" and int(str(born_xid or 0)) > int(str(touched_xid or 0)):
        born_xid = 0  # a copy of the database copied the row of the owner, and nothing else
    return Testimony(
        ref=read_ref(str(kind), str(key)),
        oid=int(str(oid)),
        owner=str(owner or ""),
        born_xid=int(str(born_xid or 0)),
        born_row=str(born_row),
        touched_xid=int(str(touched_xid or 0)),
        touched_row=str(touched_row),
        born_at=_time(born),
        touched_at=_time(touched),
    )


def _time(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))
