"""Whether objects were made in the order of a dump: by a restore, a transaction per statement."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
ALONE = 0.8  # of the tables of a restore are made in a transaction of their own


def find_window(objects: Sequence[Testimony], case: Case) -> tuple[int, int, int] | None:
    """Return first, last and last sure transaction of what is ordered as a dump; or ``None``."""
    placed = [one for one in objects if has_place(one)]
    # Of one transaction a table comes before its indexes.
    placed.sort(key=lambda one: (one.made_xid, one.ref.kind in SECOND_HALF))
    dump = next((d for d in _try_dumps(placed, case) if _is_dump(d, case)), None)
    if dump is None:
        return None
    first, last = dump[0].made_xid, dump[-1].made_xid
    # Schemas and types come first; no row remembers their birth.
    early = [one.made_xid for one in objects if one.ref.kind in FIRST_HALF and not has_place(one)]
    first = min((xid for xid in early if first - GAP <= xid <= first), default=first)
    # Privileges and comments come last; they write rows of objects anew.
    late = sorted({one.touched_xid for one in dump if one.touched_xid > last})
    for xid in late:
        if xid - last > GAP or any(last < r.xid <= xid for r in case.records):
            break
        if any(last < one.made_xid <= xid and has_place(one) for one in objects):
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


def has_place(one: Testimony) -> bool:
    """Return whether the object's transaction tells its place in a dump.

    A schema or a type has no row that remembers its birth: granting on it moves the only one.
    """
    return one.ref.kind in SECOND_HALF or (one.ref.kind in FIRST_HALF and one.born_xid > 0)


def _are_records_of_dump(case: Case, dump: Sequence[Testimony]) -> bool:
    """Return whether no version was recorded, alone and with its objects, inside the dump."""
    made = {one.made_xid for one in dump}
    return not any(record.xid in made and case.together[record.xid] == 1 for record in case.records)
