"""The rows of two snapshots that differ: of half a million objects, a handful.

Two frames of one kind are walked side by side, both sorted by key, and only rows that are not
alike become entries of a dictionary. That is what makes a comparison cheaper than a reading.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

from driftbook.catalog.snapshot import list_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pandas as pd

    from driftbook.catalog.kinds import Kind
    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]
Values = tuple[object, ...]
Rows = dict[Key, Values]

# What is part of what is asked of these also where they are alike: a part of a table is looked
# up in its parents, and a sequence belongs to the column that owns it.
WHOLE = frozenset({"table", "sequence"})
POSITION, IDENTITY = "position", "identity_sequence"


@contextmanager
def pause_collector() -> Iterator[None]:
    """Keep the garbage collector from counting millions of rows that nothing refers back to."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_differing(
    expected: Snapshot, live: Snapshot, kinds: Mapping[str, Kind]
) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Return kind → key → values, of each side, of the rows that are not alike on both.

    Of tables and sequences all rows; of columns also those of a table with another order, and
    those with a sequence of their own. A kind that one side did not read is on none.
    """
    with pause_collector():
        sides: tuple[dict[str, Rows], dict[str, Rows]] = ({}, {})
        for name, kind in kinds.items():
            if name in expected.frames and name in live.frames:
                rows = [list_sorted(side.frames[name], kind) for side in (expected, live)]
                kept = rows if name in WHOLE else _keep_differing(rows[0], rows[1], kind)
                for side, mine in zip(sides, kept, strict=True):
                    side[name] = index_rows(mine, kind)
        return sides


def read_rows(frame: pd.DataFrame, kind: Kind) -> Rows:
    """Return key → property values of ``frame``; a missing value is ``None``."""
    return index_rows(list_whole(frame, kind), kind)


def list_whole(frame: pd.DataFrame, kind: Kind) -> list[Values]:
    """Return the rows of ``frame``: key, then the properties in the order of ``kind``."""
    names = [*kind.key, *(entry.name for entry in kind.properties)]
    return list(zip(*(list_values(frame[name]) for name in names), strict=True))


def list_sorted(frame: pd.DataFrame, kind: Kind) -> list[Values]:
    """Return the rows of ``frame``, sorted by key as Python sorts, not as a server's locale."""
    rows = list_whole(frame, kind)
    rows.sort(key=itemgetter(*range(len(kind.key))))  # linear: most servers agree
    return rows


def index_rows(rows: Sequence[Values], kind: Kind) -> Rows:
    """Return key → property values."""
    size = len(kind.key)
    return {row[:size]: row[size:] for row in rows}  # type: ignore[misc]  # keys are text


def _keep_differing(
    expected: list[Values], live: list[Values], kind: Kind
) -> tuple[list[Values], list[Values]]:
    pairs = [] if expected == live else list(_walk(expected, live, len(kind.key)))
    if POSITION in kind.dtypes:
        return _keep_columns(expected, live, kind, pairs)
    return [one for one, _ in pairs if one], [other for _, other in pairs if other]


def _walk(
    expected: list[Values], live: list[Values], size: int
) -> Iterator[tuple[Values | None, Values | None]]:
    """Yield the rows that differ, in pairs of one key; ``None`` where a side has none."""
    left, right = iter(expected), iter(live)
    one, other = next(left, None), next(right, None)
    while one is not None and other is not None:
        if one == other:
            one, other = next(left, None), next(right, None)
            continue
        mine, theirs = one[:size], other[:size]
        if mine == theirs:
            yield one, other
            one, other = next(left, None), next(right, None)
        elif mine < theirs:
            yield one, None
            one = next(left, None)
        else:
            yield None, other
            other = next(right, None)
    while one is not None:
        yield one, None
        one = next(left, None)
    while other is not None:
        yield None, other
        other = next(right, None)


def _keep_columns(
    expected: list[Values],
    live: list[Values],
    kind: Kind,
    pairs: Collection[tuple[Values | None, Values | None]],
) -> tuple[list[Values], list[Values]]:
    """Return the columns of ``pairs``, of tables with another order, and with an identity."""
    names = list(kind.dtypes)
    position = names.index(POSITION)
    identity = names.index(IDENTITY) if IDENTITY in names else None
    size = len(kind.key)
    changed = {row[:size] for pair in pairs for row in pair if row}
    moved = {
        one[: size - 1]
        for one, other in pairs
        if one and other and one[position] != other[position]
    }

    def keep(row: Values) -> bool:
        owns = identity is not None and row[identity] is not None
        return owns or row[:size] in changed or row[: size - 1] in moved

    return [row for row in expected if keep(row)], [row for row in live if keep(row)]
