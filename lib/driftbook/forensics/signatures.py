"""What the transactions of rows and objects say of the cluster's own history.

A restore writes everything anew, in the order of a dump, each statement in a transaction of its
own; a repair writes all records at once. Found first, because it decides which clock counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import NOWHERE, Bracket, read_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.forensics.bracket import Order
    from driftbook.forensics.case import Case, Testimony
    from driftbook.model import ObjectRef

# A dump makes objects of the first kinds, loads the rows, then makes those of the others, kind by
# kind (pg_dump_sort.c, dbObjectTypePriorities).
FIRST_HALF = frozenset(
    "schema enum domain composite_type range_type base_type function table sequence view "
    "materialized_view".split()
)
SECOND_HALF = ("index", "statistics", "rule", "trigger", "policy")
GAP = 200  # transactions between two statements of one restore: loads of tables, privileges
LOADS = 3  # transactions of a table between its own and the first index: rows, sequence, default
FEW = 3  # tables: fewer show no order
SLIPS = 0.2  # of the tables of a dump may have been made again since, behind an index
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
        sure_xid: The last transaction of the restore by the order of a dump; those behind it may
            be of somebody who worked on right after it.
        close: Transactions right behind the restore or the rewrite, which may be of it still.
    """

    shape: Shape
    why: str
    first_xid: int = 0
    last_xid: int = 0
    when: Bracket = NOWHERE
    rewritten: frozenset[int] = frozenset()
    sure_xid: int = 0
    close: range = range(0)

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
    found = (one, one, one) if one else _find_upgrade(objects, case) or _find_window(objects, case)
    if found is None:
        horizon = _describe_rows(case, rewritten)
        last = max(rewritten, default=0) if horizon.shape is Shape.REWRITE else 0
        return replace(horizon, close=_list_close(case, order, last))
    window, sure = found[:2], found[2]
    shape, why = _describe_window(case, window, rewritten)
    when = _date_window(case, order, window, objects)
    close = _list_close(case, order, window[1])
    return Horizon(shape, why, *window, when, rewritten, sure, close)


def _list_close(case: Case, order: Order, last: int) -> range:
    """Return the transactions right behind ``last``, up to a pause, a push or an audit."""
    pushed = (record.xid for record in case.records if case.together[record.xid] == 1)
    stops = [xid for xid in (*pushed, *(mark for mark, _ in order.marks)) if xid > last]
    end = last
    for xid in case.list_written(last, min(stops, default=last)) if last else ():
        if xid - end > GAP:
            break
        end = xid
    return range(last + 1, end + 1)


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
    if case.together[xid] < 2 or objects_made <= made.total() / 2:  # noqa: PLR2004 - several
        return 0
    # Files that ran one after the other in one transaction make indexes before later tables.
    first = [one.oid for one in objects if one.born_xid == xid and one.ref.kind == "table"]
    second = [one.oid for one in objects if one.made_xid == xid and one.ref.kind in SECOND_HALF]
    return xid if sum(oid > min(second, default=oid) for oid in first) <= SLIPS * len(first) else 0


def _find_upgrade(objects: Sequence[Testimony], case: Case) -> tuple[int, int, int] | None:
    """Return first, last and last sure transaction of what is younger than its records.

    An upgrade in place keeps the records' rows and makes the catalogs anew, in one transaction
    or in many.
    """
    first = min((one.made_xid for one in objects if _has_place(one)), default=0)
    older = [case.makers.get(one.version, frozenset()) for one in case.records if one.xid < first]
    made = frozenset().union(*older)
    born = [one.born_xid for one in objects if one.ref in made and one.ref.kind == "table"]
    if len(older) < FEW or len(born) < FEW:
        return None
    second = [one.made_xid for one in objects if one.ref in made and one.ref.kind in SECOND_HALF]
    # Files that somebody ran again make indexes before later tables; an upgrade does not.
    if sum(xid > min(second, default=xid) for xid in born) > SLIPS * len(born):
        return None
    return first, max(born), max(born)


def _find_window(objects: Sequence[Testimony], case: Case) -> tuple[int, int, int] | None:
    """Return first, last and last sure transaction of what is ordered as a dump; or ``None``."""
    placed = [one for one in objects if _has_place(one)]
    # Of one transaction a table comes before its indexes.
    placed.sort(key=lambda one: (one.made_xid, one.ref.kind in SECOND_HALF))
    dump = next((d for d in _try_dumps(placed, case) if _is_dump(d, case)), None)
    if dump is None:
        return None
    first, last = dump[0].made_xid, dump[-1].made_xid
    # Schemas and types come first; no row remembers their birth.
    early = [one.made_xid for one in objects if one.ref.kind in FIRST_HALF and not _has_place(one)]
    first = min((xid for xid in early if first - GAP <= xid <= first), default=first)
    # Privileges and comments come last; they write rows of objects anew.
    late = sorted({one.touched_xid for one in dump if one.touched_xid > last})
    for xid in late:
        if xid - last > GAP or any(last < r.xid <= xid for r in case.records):
            break
        if any(last < one.made_xid <= xid and _has_place(one) for one in objects):
            break
        last = xid
    return first, last, _find_sure(dump, case)


def _try_dumps(placed: Sequence[Testimony], case: Case) -> Iterator[list[Testimony]]:
    """Yield what may be a dump: from the first object on, else from those before its records."""
    yield _choose_dump(placed, case)
    loaded = _find_load(case)
    behind = bisect_left(placed, loaded, key=lambda one: one.made_xid)
    begin = behind
    while begin and placed[begin - 1].ref.kind in FIRST_HALF:
        if placed[begin - 1].made_xid < placed[min(begin, behind - 1)].made_xid - GAP:
            break
        begin -= 1
    indexed = {one.made_xid for one in placed if one.ref.kind in SECOND_HALF}
    dump = _choose_dump(
        [one for one in placed[begin:] if one.made_xid not in indexed or one.made_xid > loaded],
        case,
    )
    known = [
        one for one in placed[:behind] if one.ref.kind == "table" and case.find_creator(one.ref)
    ]
    if sum(one in dump for one in known) >= ALONE * len(known):
        yield dump


def _find_load(case: Case) -> int:
    """Return the transaction that wrote most records at once; 0: there is none."""
    xid, rows = case.together.most_common(1)[0] if case.together else (0, 0)
    return xid if rows > max(1, len(case.records) / 2) else 0


def _is_dump(dump: Sequence[Testimony], case: Case) -> bool:
    tables = [one.made_xid for one in dump if one.ref.kind == "table"]
    # Where audits saw that everything was made anew, a single table shows how.
    if len(tables) < (1 if case.past.moves else FEW) or len(set(tables)) < ALONE * len(tables):
        return False
    second = {one.made_xid for one in dump if one.ref.kind in SECOND_HALF}
    # A dump never makes a table and what is on it in one transaction.
    if not second or not second.isdisjoint(tables):
        return False
    return _are_records_of_dump(case, dump)


def _choose_dump(placed: Sequence[Testimony], case: Case) -> list[Testimony]:
    """Return the objects as long as they are ordered as a dump, or as one restored in parallel.

    Parallel jobs make the second half in any order: then most of it lies behind the first break.
    """
    strict, loose = (list(_take_dump(placed, case, sorted_kinds=s)) for s in (True, False))
    counts = [
        sum(one.ref.kind in SECOND_HALF and bool(case.find_creator(one.ref)) for one in dump)
        for dump in (strict, loose)
    ]
    return loose if counts[1] > 2 * counts[0] else strict


def _take_dump(
    placed: Sequence[Testimony], case: Case, *, sorted_kinds: bool
) -> Iterator[Testimony]:
    """Yield the objects from the first on, as long as their order is that of a dump."""
    half, rank, xid, tables = 1, 0, placed[0].made_xid if placed else 0, 0
    loaded = min((at for at, rows in case.together.items() if rows > 1 and at > xid), default=None)
    for one in placed:
        second = one.ref.kind in SECOND_HALF
        room = GAP + (LOADS * tables if second and half == 1 else 0)
        if one.made_xid - xid > room or (half == 2 and not second):  # noqa: PLR2004 - of two halves
            return
        pushed = case.together[one.made_xid] == 1
        if pushed and loaded is not None and loaded < one.made_xid:
            return  # the first version that was pushed after the dump's records were loaded
        if second:
            half, before, rank = 2, rank, SECOND_HALF.index(one.ref.kind)
            if sorted_kinds and rank < before:
                return
        tables += one.ref.kind == "table"
        xid = one.made_xid
        yield one


def _find_sure(dump: Sequence[Testimony], case: Case) -> int:
    """Return the last transaction that the names' order proves to be of the dump.

    The last object of all may be one that somebody made right behind it.
    """
    sure = max(one.made_xid for one in dump if one.ref.kind in FIRST_HALF)
    second = [one for one in dump if one.ref.kind in SECOND_HALF]
    for before, one in pairwise(second):
        kinds = SECOND_HALF.index(before.ref.kind), SECOND_HALF.index(one.ref.kind)
        named = kinds[0] == kinds[1] and not _is_of_constraint(before, case)
        if kinds[1] < kinds[0] or (named and _name(one.ref) < _name(before.ref)):
            return sure
        sure = before.made_xid
    return sure


def _is_of_constraint(one: Testimony, case: Case) -> bool:
    """Return whether a constraint brought the index: those come by their tables' order."""
    return any(ref.kind == "constraint" for ref in case.written.get(one.made_xid, ()))


def _name(ref: ObjectRef) -> tuple[str, ...]:
    """Return what a dump sorts by: schema, name, table."""
    return (ref.parts[0], ref.parts[-1], *ref.parts[1:-1])


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
        why = f"{rows} of {len(case.records)} records were written at once, not as by pushes"
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
