"""Objects with validity: what a side held at which audit, each row stored once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, or_, select, update

from driftbook.history.rows import compress
from driftbook.history.tables import OBJECTS, SIDES, SPANS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from driftbook.history.rows import Item

LIVE, EXPECTED, FACTS, EXHIBITS = "live", "expected", "facts", "exhibits"
ASKED = 500  # digests in one query


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it is stored."""

    digest: bytes
    kind: str
    body: bytes
    seal: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a side holds now, and how many rows came and went."""

    digests: frozenset[bytes]
    came: int
    went: int


def write_side(
    connection: Connection, target: str, side: str, number: int, items: Iterable[Item]
) -> Written:
    """Let ``side`` of ``target`` hold ``items`` from audit ``number`` on."""
    wanted = {item.digest: item for item in items}
    side_id = _take_side(connection, target, side)
    held = _read_held(connection, side_id)
    gone = [{"which": held[digest]} for digest in held.keys() - wanted.keys()]
    if gone:
        is_held = (SPANS.c.side == side_id) & SPANS.c.valid_to.is_(None)
        closing = update(SPANS).where(is_held, SPANS.c.object == bindparam("which"))
        connection.execute(closing.values(valid_to=number), gone)
    fresh = {digest: item for digest, item in wanted.items() if digest not in held}
    if fresh:
        ids = _store_objects(connection, fresh)
        rows = [{"side": side_id, "object": ids[digest], "valid_from": number} for digest in fresh]
        connection.execute(insert(SPANS), rows)
    return Written(frozenset(wanted), len(fresh), len(gone))


def read_side(connection: Connection, target: str, side: str, number: int) -> list[Stored]:
    """Return what ``side`` of ``target`` held at audit ``number``."""
    query = (
        select(OBJECTS.c.digest, OBJECTS.c.kind, OBJECTS.c.body, OBJECTS.c.seal)
        .join(SPANS, SPANS.c.object == OBJECTS.c.id)
        .join(SIDES, SIDES.c.id == SPANS.c.side)
        .where(SIDES.c.target == target, SIDES.c.side == side, was_held(number))
    )
    return [Stored(*row) for row in connection.execute(query)]


def was_held(number: int) -> ColumnElement[bool]:
    """Return the condition that a span covers audit ``number``."""
    ended = or_(SPANS.c.valid_to.is_(None), SPANS.c.valid_to > number)
    return (SPANS.c.valid_from <= number) & ended


def _take_side(connection: Connection, target: str, side: str) -> int:
    chosen = (SIDES.c.target == target) & (SIDES.c.side == side)
    found = connection.execute(select(SIDES.c.id).where(chosen)).scalar()
    if found is not None:
        return int(found)
    number = int(connection.execute(select(func.max(SIDES.c.id))).scalar() or 0) + 1
    connection.execute(insert(SIDES).values(id=number, target=target, side=side))
    return number


def _read_held(connection: Connection, side_id: int) -> dict[bytes, int]:
    query = (
        select(OBJECTS.c.digest, OBJECTS.c.id)
        .join(SPANS, SPANS.c.object == OBJECTS.c.id)
        .where(SPANS.c.side == side_id, SPANS.c.valid_to.is_(None))
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _store_objects(connection: Connection, fresh: Mapping[bytes, Item]) -> dict[bytes, int]:
    """Return the id of each digest; what is not stored yet is."""
    digests = list(fresh)
    ids: dict[bytes, int] = {}
    for at in range(0, len(digests), ASKED):
        some = OBJECTS.c.digest.in_(digests[at : at + ASKED])
        known = select(OBJECTS.c.digest, OBJECTS.c.id).where(some)
        ids |= {row[0]: row[1] for row in connection.execute(known)}
    # Nobody else writes: ids are given here, so that thousands of rows are one statement.
    last = int(connection.execute(select(func.max(OBJECTS.c.id))).scalar() or 0)
    rows = []
    for digest in digests:
        if digest not in ids:
            last += 1
            ids[digest] = last
            item = fresh[digest]
            body = compress(item.text)
            rows.append(
                {"id": last, "digest": digest, "kind": item.kind, "body": body, "seal": item.seal}
            )
    if rows:
        connection.execute(insert(OBJECTS), rows)
    return ids
