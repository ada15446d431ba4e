"""Reading the past: the audits of a target, what one of them saw, drift over a year."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from driftbook.errors import HistoryFailed
from driftbook.history.exhibits import build_exhibit
from driftbook.history.findings import read_spells
from driftbook.history.past import Past, TrendPoint
from driftbook.history.rows import build_snapshot, decompress, join_facts
from driftbook.history.spans import EXHIBITS, EXPECTED, FACTS, LIVE, read_side
from driftbook.history.tables import AUDITS, FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from sqlalchemy import Connection

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.history.exhibits import Exhibits
    from driftbook.history.past import Spell
    from driftbook.history.rows import Json
    from driftbook.history.spans import Stored
    from driftbook.history.store import Store


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit in a list: what it found, what changed, how many live rows came and went."""

    point: TrendPoint
    verdict: str
    opened: int
    resolved: int
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """Everything that an audit's reports are made from, secrets redacted."""

    target: str
    facts: Json
    expected: Snapshot
    live: Snapshot | None
    past: Past
    exhibits: Exhibits


def read_audits(store: Store, target: str, limit: int | None = None) -> list[AuditRow]:
    """Return the last ``limit`` audits of ``target``, oldest first: its drift over time."""
    chosen = select(AUDITS).where(AUDITS.c.target == target).order_by(AUDITS.c.id.desc())
    with store.reading() as connection:
        audits = connection.execute(chosen.limit(limit)).mappings().all()
        opened, resolved = _count_moves(connection, target)
    return [
        AuditRow(
            point=TrendPoint(
                audit_id=row["audit_id"],
                audited_at=row["captured_at"],
                counts=json.loads(row["counts"]),
            ),
            verdict=row["verdict"],
            opened=opened.get(row["id"], 0),
            resolved=resolved.get(row["id"], 0),
            came=row["came"],
            went=row["went"],
        )
        for row in reversed(audits)
    ]


def read_findings(store: Store, target: str) -> list[Spell]:
    """Return every time that a finding of ``target`` was open, in the order of opening."""
    with store.reading() as connection:
        return read_spells(connection, target)


def list_targets(store: Store) -> list[str]:
    """Return the names of all targets that were ever recorded."""
    with store.reading() as connection:
        names = select(AUDITS.c.target).distinct().order_by(AUDITS.c.target)
        return list(connection.execute(names).scalars())


def read_audit(store: Store, audit_id: str, target: str = "") -> StoredAudit | None:
    """Return what the audit ``audit_id`` saw, of ``target`` if it has one with this id.

    ``None``: it is not recorded.

    Raises:
        HistoryFailed: What is stored is damaged, or of a driftbook with other frames.
    """
    with store.reading() as connection:
        chosen = (
            select(AUDITS)
            .where(AUDITS.c.audit_id == audit_id)
            .order_by(AUDITS.c.target != target, AUDITS.c.target)
        )
        row = connection.execute(chosen.limit(1)).mappings().first()
        if row is None:
            return None
        target, number = row["target"], row["id"]
        stored = {
            side: read_side(connection, target, side, number)
            for side in (LIVE, EXPECTED, FACTS, EXHIBITS)
        }
    try:
        document = join_facts(decompress(one.body) for one in stored[FACTS])
        return StoredAudit(
            target,
            document["facts"],  # type: ignore[arg-type]  # as it was recorded
            _read_snapshot(document[EXPECTED], stored[EXPECTED]),
            _read_snapshot(document[LIVE], stored[LIVE]) if document[LIVE] else None,
            Past.model_validate_json(decompress(row["past"])),
            _read_exhibits(document.get(EXHIBITS, {}), stored[EXHIBITS]),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise HistoryFailed(
            f"the audit {audit_id} is damaged", where=store.where, fix="driftbook history verify"
        ) from error


def read_beside(store: Store, audit_id: str, target: str) -> tuple[Json, Exhibits]:
    """Return facts and exhibits of a recorded audit without its snapshots, which cost most.

    Raises:
        HistoryFailed: What is stored is damaged, or not there.
    """
    chosen = select(AUDITS.c.id).where(AUDITS.c.target == target, AUDITS.c.audit_id == audit_id)
    with store.reading() as connection:
        number = connection.execute(chosen).scalar() or 0
        facts, beside = (read_side(connection, target, side, number) for side in (FACTS, EXHIBITS))
    try:
        document = join_facts(decompress(one.body) for one in facts)
        return document["facts"], _read_exhibits(document.get(EXHIBITS, {}), beside)  # type: ignore[return-value]  # as recorded
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise HistoryFailed(
            f"the audit {audit_id} is damaged", where=store.where, fix="driftbook history verify"
        ) from error


def _read_snapshot(described: object, stored: list[Stored]) -> Snapshot:
    assert isinstance(described, dict)  # noqa: S101 - as it was recorded
    rows = defaultdict[str, list[list[object]]](list)
    for one in stored:
        rows[one.kind].append(json.loads(decompress(one.body)))
    captured_at = datetime.fromisoformat(str(described["captured_at"]))
    return build_snapshot(described, captured_at, rows)


def _read_exhibits(columns: object, stored: list[Stored]) -> dict[str, pd.DataFrame]:
    assert isinstance(columns, dict)  # noqa: S101 - as it was recorded
    rows = defaultdict[str, list[list[object]]](list)
    for one in stored:
        rows[one.kind].append(json.loads(decompress(one.body)))
    return {name: build_exhibit(rows[name], dtypes) for name, dtypes in columns.items()}


def _count_moves(connection: Connection, target: str) -> Iterator[dict[int, int]]:
    """Yield, by audit: findings opened, findings resolved."""
    for column in (FINDINGS.c.opened, FINDINGS.c.resolved):
        of_target = select(column, func.count()).where(FINDINGS.c.target == target)
        yield {row[0]: row[1] for row in connection.execute(of_target.group_by(column))}
