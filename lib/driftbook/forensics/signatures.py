"""What the transactions of rows and objects say of the cluster's own history.

A restore writes everything anew, in the order of a dump, each statement in a transaction of its
own; a repair writes all records at once. Found first, because it decides which clock counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import NOWHERE, Bracket, read_time
from driftbook.forensics.dump import FEW, GAP, LOADS, SECOND_HALF, find_window, has_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.forensics.bracket import Order
    from driftbook.forensics.case import Case, Testimony

SLIPS = 0.2  # of the tables of a dump may have been made again since, behind an index


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
    found = (one, one, one) if one else _find_upgrade(objects, case) or find_window(objects, case)
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
    room = GAP + LOADS * sum(ref.kind == "table" for ref in case.scoped)
    end = last
    for xid in case.list_written(last, min(stops, default=last)) if last else ():
        if xid - end > room:
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
    made = Counter(one.made_xid for one in objects if has_place(one))
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
    first = min((one.made_xid for one in objects if has_place(one)), default=0)
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
