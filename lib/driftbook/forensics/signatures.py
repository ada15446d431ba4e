"""What the transactions of rows and objects say of the cluster's own history.

A restore writes everything anew, in the order of a dump, each statement in a transaction of its
own; a repair writes all records at once. Found first, because it decides which clock counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import NOWHERE, Bracket, read_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.forensics.bracket import Order
    from driftbook.forensics.case import Case, Testimony

# A dump makes objects of the first kinds, loads the rows, then makes those of the others, kind by
# kind (pg_dump_sort.c, dbObjectTypePriorities).
FIRST_HALF = frozenset(
    "schema enum domain composite_type range_type base_type function table sequence view "
    "materialized_view".split()
)
SECOND_HALF = ("index", "statistics", "rule", "trigger", "policy")
GAP = 200  # transactions between two statements of one restore: loads of tables, privileges
FEW = 3  # tables: fewer show no order
ALONE = 0.8  # of the tables of a restore are made in a transaction of their own


class Shape(StrEnum):
    """What happened to the database as a whole."""

    ORGANIC = "organic"  # it grew, version by version
    RESTORE = "restore"  # made from a dump, a transaction per statement
    RESTORE_ONE = "restore_one"  # the same in one transaction
    UPGRADE = "upgrade"  # catalogs are younger than every record: pg_upgrade
    REWRITE = "rewrite"  # it grew, and its records were written anew at once
    UNKNOWN = "unknown"  # no clock to tell by


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far back the catalog can tell.

    Attributes:
        shape: What was found.
        why: A sentence: by what it was found.
        first_xid: The first transaction of the restore; 0: there was none.
        last_xid: Its last one.
        when: Between what and what that was.
        rewritten: Transactions that wrote several records at once: equality proves nothing there.
    """

    shape: Shape
    why: str
    first_xid: int = 0
    last_xid: int = 0
    when: Bracket = NOWHERE
    rewritten: frozenset[int] = frozenset()

    def covers(self, xid: int) -> bool:
        """Return whether the transaction is one of the restore."""
        return bool(self.first_xid) and self.first_xid <= xid <= self.last_xid


def find_horizon(case: Case, order: Order) -> Horizon:
    """Return how far back the catalog of ``case`` can tell, and what was done to it."""
    if not case.clock or case.clock.get("wrapped") is True:
        why = (
            "the counter of transactions has gone round"
            if case.clock
            else "the server's clocks were not read"
        )
        return Horizon(Shape.UNKNOWN, why)
    rewritten = frozenset(_find_rewritten(case))
    objects = [case.testimony[ref] for ref in case.scoped if ref in case.testimony]
    objects.sort(key=lambda one: (one.made_xid, one.ref.kind, one.ref.parts))
    one = _find_one(case, objects)
    window = (one, one) if one else _find_upgrade(objects, case) or _find_window(objects, case)
    if window is None:
        return _describe_rows(case, rewritten)
    shape, why = _describe_window(case, window, rewritten)
    when = _date_window(case, order, window, objects)
    return Horizon(shape, why, *window, when, rewritten)


def _find_rewritten(case: Case) -> Iterator[int]:
    """Yield the transactions of records that were written in bulk, in one go or one by one."""
    yield from (xid for xid, rows in case.together.items() if rows > 1)
    written = {one.touched_xid for one in case.testimony.values()}
    written |= {one.born_xid for one in case.testimony.values()}
    run: list[int] = []
    for before, after in pairwise(sorted(case.together)):
        alone = before not in written and after not in written
        run = ([*run, after] if run else [before, after]) if alone and after == before + 1 else []
        if len(run) >= FEW:
            yield from run


def _find_one(case: Case, objects: Sequence[Testimony]) -> int:
    """Return the one transaction that made most objects and several records; 0: there is none."""
    made = Counter(one.made_xid for one in objects if _has_place(one))
    xid, objects_made = made.most_common(1)[0] if made else (0, 0)
    if case.together[xid] > 1 and objects_made > made.total() / 2:
        return xid
    return 0


def _find_upgrade(objects: Sequence[Testimony], case: Case) -> tuple[int, int] | None:
    """Return first and last transaction of what is younger than its records; ``None``: nothing.

    An upgrade in place keeps the records' rows and makes the catalogs anew, in one transaction
    or in many.
    """
    first = min((one.made_xid for one in objects if _has_place(one)), default=0)
    older = [case.makers.get(one.version, frozenset()) for one in case.records if one.xid < first]
    made = frozenset().union(*older)
    born = [one.born_xid for one in objects if one.ref in made and one.ref.kind == "table"]
    return (first, max(born)) if len(older) >= FEW and len(born) >= FEW else None


def _find_window(objects: Sequence[Testimony], case: Case) -> tuple[int, int] | None:
    """Return first and last transaction of what begins as a dump is ordered; ``None``: nothing."""
    dump = list(_take_dump(objects, case))
    tables = [one.made_xid for one in dump if one.ref.kind == "table"]
    if len(tables) < FEW or len(set(tables)) < ALONE * len(tables):
        return None
    second = {one.made_xid for one in dump if one.ref.kind in SECOND_HALF}
    # A dump never makes a table and what is on it in one transaction.
    if not second or not second.isdisjoint(tables):
        return None
    if not _are_records_of_dump(case, dump):
        return None
    first, last = dump[0].made_xid, dump[-1].made_xid
    # Schemas and types come first; no row remembers their birth.
    early = [one.made_xid for one in objects if one.ref.kind in FIRST_HALF]
    first = min(xid for xid in early if first - GAP <= xid <= first)
    # Privileges and comments come last; they write rows of objects anew.
    late = sorted({one.touched_xid for one in dump if one.touched_xid > last})
    for xid in late:
        if xid - last > GAP or any(last < r.xid <= xid for r in case.records):
            break
        if any(last < one.made_xid <= xid and _has_place(one) for one in objects):
            break
        last = xid
    return first, last


def _take_dump(objects: Sequence[Testimony], case: Case) -> Iterator[Testimony]:
    """Yield the objects from the first on, as long as their order is that of a dump."""
    placed = [one for one in objects if _has_place(one)]
    # Of one transaction a table comes before its indexes.
    placed.sort(key=lambda one: (one.made_xid, one.ref.kind in SECOND_HALF))
    half, rank, xid = 1, 0, placed[0].made_xid if placed else 0
    loaded = min((at for at, rows in case.together.items() if rows > 1 and at > xid), default=None)
    for one in placed:
        kind = one.ref.kind
        if one.made_xid - xid > GAP:
            return
        pushed = case.together[one.made_xid] == 1
        if pushed and loaded is not None and loaded < one.made_xid:
            return  # the first version that was pushed after the dump's records were loaded
        if kind in FIRST_HALF and half == 2:  # noqa: PLR2004 - the second of two halves
            return
        if kind in SECOND_HALF:
            half = 2
            if SECOND_HALF.index(kind) < rank:
                return
            rank = SECOND_HALF.index(kind)
        xid = one.made_xid
        yield one


def _has_place(one: Testimony) -> bool:
    """Return whether the object's transaction tells its place in a dump.

    A schema or a type has no row that remembers its birth: granting on it moves the only one.
    """
    return one.ref.kind in SECOND_HALF or (one.ref.kind in FIRST_HALF and one.born_xid > 0)


def _are_records_of_dump(case: Case, dump: Sequence[Testimony]) -> bool:
    """Return whether no version was recorded, alone and with its objects, inside the dump."""
    made = {one.made_xid for one in dump}
    return not any(record.xid in made and case.together[record.xid] == 1 for record in case.records)


def _describe_window(
    case: Case, window: tuple[int, int], rewritten: frozenset[int]
) -> tuple[Shape, str]:
    first, last = window
    older = {record.xid for record in case.records if record.xid < first}
    if len(older) > 1:
        return Shape.UPGRADE, "every catalog row is younger than the records, as after pg_upgrade"
    if first == last:
        return (
            Shape.RESTORE_ONE,
            f"one transaction wrote most objects and {case.together[first]} records",
        )
    rows = sum(case.together[xid] for xid in rewritten)
    told = f", and one transaction wrote {rows} records" if rows else ""
    return Shape.RESTORE, (
        f"transactions {first} to {last} made the objects in the order of a dump, "
        f"a transaction per statement{told}"
    )


def _describe_rows(case: Case, rewritten: frozenset[int]) -> Horizon:
    rows = sum(case.together[xid] for xid in rewritten)
    if rows and rows > len(case.records) / 2:
        why = f"{rows} of {len(case.records)} records were written at once, the objects were not"
        return Horizon(Shape.REWRITE, why, rewritten=rewritten)
    why = (
        "objects and records were written together, version by version"
        if case.records
        else "no record could be compared with the objects: there is none, or none was read"
    )
    return Horizon(Shape.ORGANIC, why, rewritten=rewritten)


def _date_window(
    case: Case, order: Order, window: tuple[int, int], objects: Sequence[Testimony]
) -> Bracket:
    times = {one.made_xid: one.born_at or one.touched_at for one in objects}
    begin = order.place(window[0], times.get(window[0]))
    end = order.place(window[1], times.get(window[1]))
    when = Bracket(
        begin.after_version, end.before_version, begin.earliest_at, end.latest_at, begin.basis
    )
    # The last audits between which everything was made anew saw this one, or a later one.
    for move in case.past.moves[-1:]:
        when = when.narrow(read_time(move.after), read_time(move.by), "snapshot")
    return when
