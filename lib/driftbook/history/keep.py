"""Keeping the store: is everything as it was recorded, and forgetting what is too old."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from driftbook.errors import ConfigError
from driftbook.history.findings import check_findings
from driftbook.history.record import build_audit_root
from driftbook.history.rows import Item, decompress
from driftbook.history.spans import EXHIBITS, EXPECTED, FACTS, LIVE
from driftbook.history.tables import AUDITS, FINDINGS, OBJECTS, SIDES, SPANS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from driftbook.history.store import Store

SIDE_NAMES = (LIVE, EXPECTED, FACTS, EXHIBITS)  # in the order in which a root covers them
Moves = dict[int, list[tuple[str, bytes]]]  # audit → side and digest of what came or went there


@dataclass(frozen=True, slots=True)
class Damage:
    """An audit that is not as it was recorded."""

    target: str
    audit_id: str
    problem: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and what is damaged."""

    audits: int
    objects: int
    damaged: tuple[Damage, ...]


def verify_store(store: Store) -> Verified:
    """Compute every address and root hash again from what is stored.

    Raises:
        HistoryFailed: The store cannot be read at all.
    """
    damaged: list[Damage] = []
    with store.reading() as connection:
        digests, broken = _check_objects(connection)
        audits = connection.execute(select(AUDITS).order_by(AUDITS.c.id)).mappings().all()
        for target in sorted({row["target"] for row in audits}):
            came, went = _read_moves(connection, target, digests)
            held: dict[str, set[bytes]] = {side: set() for side in SIDE_NAMES}
            ours = [dict(row) for row in audits if row["target"] == target]
            for at, row in enumerate(ours):
                first = ours[at - 1]["id"] + 1 if at else 0
                _advance(held, came, went, range(first, row["id"] + 1))
                root = build_audit_root(held, row, row["past"])
                if problem := _find_problem(held, broken, is_whole=row["root"] == root):
                    damaged.append(Damage(target, row["audit_id"], problem))
            last = ours[-1]
            newest = max((*came, *went), default=0)
            problems = check_findings(connection, target, ours)
            if newest > last["id"]:
                problems.append("there are rows of a later audit, which itself is gone")
            damaged += [Damage(target, last["audit_id"], problem) for problem in problems]
    return Verified(len(audits), len(digests), tuple(damaged))


def prune_target(store: Store, target: str, *, keep: int = 0, before: str = "") -> int:
    """Forget the oldest audits of ``target`` and return how many; the latest one always stays.

    Args:
        store: Where.
        target: Whose.
        keep: So many stay; 0: not by number.
        before: An ISO date: those captured before it go; empty: not by date.

    Raises:
        ConfigError: Nothing of ``target`` is recorded.
    """
    with store.writing() as connection:
        rows = connection.execute(
            select(AUDITS.c.id, AUDITS.c.captured_at)
            .where(AUDITS.c.target == target)
            .order_by(AUDITS.c.id)
        ).all()
        if not rows:
            raise ConfigError(
                f"no audit of {target!r} is recorded",
                where=store.where,
                fix="see what is: driftbook history verify",
            )
        old = len(rows) - keep if keep else 0
        if before:
            old = max(old, next((n for n, row in enumerate(rows) if row[1] >= before), len(rows)))
        old = min(max(old, 0), len(rows) - 1)
        if old:
            _forget(connection, target, int(rows[old][0]))
    if old and store.is_file:
        store.shrink()
    return old


def forget_target(store: Store, target: str) -> None:
    """Forget everything of ``target``.

    Raises:
        HistoryFailed: The store cannot be written; it is as it was.
    """
    with store.writing() as connection:
        sides = select(SIDES.c.id).where(SIDES.c.target == target)
        connection.execute(delete(SPANS).where(SPANS.c.side.in_(sides)))
        for table in (SIDES, AUDITS, FINDINGS):
            connection.execute(delete(table).where(table.c.target == target))
        _drop_unheld(connection)


def _forget(connection: Connection, target: str, first: int) -> None:
    """Forget what only audits of ``target`` before ``first`` held."""
    sides = select(SIDES.c.id).where(SIDES.c.target == target)
    connection.execute(delete(SPANS).where(SPANS.c.side.in_(sides), SPANS.c.valid_to <= first))
    connection.execute(delete(AUDITS).where(AUDITS.c.target == target, AUDITS.c.id < first))
    closed = (FINDINGS.c.target == target) & (FINDINGS.c.resolved < first)
    connection.execute(delete(FINDINGS).where(closed))
    _drop_unheld(connection)


def _drop_unheld(connection: Connection) -> None:
    """Forget rows that nothing held any more."""
    held = select(SPANS.c.object)
    connection.execute(delete(OBJECTS).where(OBJECTS.c.id.not_in(held)))


def _check_objects(connection: Connection) -> tuple[dict[int, bytes], set[bytes]]:
    """Return the address of every object, and those whose content gives another one."""
    digests: dict[int, bytes] = {}
    broken: set[bytes] = set()
    for number, digest, kind, body, seal in connection.execute(select(OBJECTS)):
        digests[number] = digest
        try:
            whole = Item(kind, decompress(body), seal).digest == digest
        except ValueError:
            whole = False
        if not whole:
            broken.add(digest)
    return digests, broken


def _read_moves(
    connection: Connection, target: str, digests: dict[int, bytes]
) -> tuple[Moves, Moves]:
    came: Moves = defaultdict(list)
    went: Moves = defaultdict(list)
    query = (
        select(SIDES.c.side, SPANS.c.object, SPANS.c.valid_from, SPANS.c.valid_to)
        .join(SIDES, SIDES.c.id == SPANS.c.side)
        .where(SIDES.c.target == target)
    )
    for side, number, valid_from, valid_to in connection.execute(query):
        digest = digests.get(number, b"missing")
        came[valid_from].append((side, digest))
        if valid_to is not None:
            went[valid_to].append((side, digest))
    return came, went


def _advance(held: dict[str, set[bytes]], came: Moves, went: Moves, audits: range) -> None:
    """Let ``held`` be what the last one of ``audits`` held."""
    for number in audits:
        for side, digest in came.get(number, ()):
            held[side].add(digest)
        for side, digest in went.get(number, ()):
            held[side].discard(digest)


def _find_problem(held: dict[str, set[bytes]], broken: set[bytes], *, is_whole: bool) -> str:
    if hurt := sum(len(held[side] & broken) for side in held):
        return f"{hurt} rows were altered"
    return "" if is_whole else "rows are missing, too many, or of another audit"
