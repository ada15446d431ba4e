"""How many rows of the live side came and went, where another driftbook may have read the last."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from driftbook.history.rows import COLUMNS, decompress
from driftbook.history.spans import FACTS, LIVE
from driftbook.history.tables import OBJECTS, SIDES, SPANS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from driftbook.history.spans import Written

Row = list[object]
Columns = dict[str, list[str]]  # kind → columns
GONE, FRESH = 0, 1


def count_moves(
    connection: Connection, target: str, number: int, written: Written
) -> tuple[int, int]:
    """Return how many live rows came and went with audit ``number``, which was just written.

    Rows of a kind that was read with other columns before are compared in those of both; what
    only one of two audits read neither came nor went.
    """
    columns: tuple[Columns, Columns] = ({}, {})
    for at, _, (path, _, names) in _read_moved(connection, target, FACTS, number):
        if isinstance(path, list) and path[:2] == [LIVE, COLUMNS] and isinstance(names, list):
            columns[at][path[-1]] = names
    kinds = {kind for kind in columns[GONE] | columns[FRESH]
             if columns[GONE].get(kind) != columns[FRESH].get(kind)}  # fmt: skip
    came, went = written.came, written.went
    if not kinds or not columns[GONE]:  # nothing changed, or it is the first audit
        return came, went
    rows: defaultdict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for at, kind, row in _read_moved(connection, target, LIVE, number):
        if kind in kinds:
            rows[kind][at].append(row)
    for kind, sides in rows.items():
        shared = [one for one in columns[GONE].get(kind, ()) if one in columns[FRESH].get(kind, ())]
        gone, fresh = (
            Counter(_project(sides[at], columns[at].get(kind, ()), shared) if shared else ())
            for at in (GONE, FRESH)
        )
        went += (gone - fresh).total() - len(sides[GONE])
        came += (fresh - gone).total() - len(sides[FRESH])
    return came, went


def _project(rows: Sequence[Row], columns: Sequence[str], shared: Sequence[str]) -> Iterator[str]:
    places = [columns.index(name) for name in shared]
    return (json.dumps([row[at] for at in places]) for row in rows)


def _read_moved(
    connection: Connection, target: str, side: str, number: int
) -> Iterator[tuple[int, str, Row]]:
    """Yield each row that left or entered ``side`` at audit ``number``, with its kind."""
    query = (
        select(SPANS.c.valid_from, OBJECTS.c.kind, OBJECTS.c.body)
        .join(OBJECTS, SPANS.c.object == OBJECTS.c.id)
        .join(SIDES, SIDES.c.id == SPANS.c.side)
        .where(
            SIDES.c.target == target,
            SIDES.c.side == side,
            or_(SPANS.c.valid_to == number, SPANS.c.valid_from == number),
        )
    )
    for valid_from, kind, body in connection.execute(query):
        yield FRESH if valid_from == number else GONE, kind, json.loads(decompress(body))
