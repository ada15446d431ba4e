"""Findings over time: what the store remembers of a target, and what one more audit adds."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from driftbook.history.past import (
    RECONCILED,
    TREND,
    FindingState,
    Found,
    Memory,
    Past,
    Spell,
    TrendPoint,
)
from driftbook.history.rows import decompress
from driftbook.history.tables import AUDITS, FINDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

SPELLS = FINDINGS.c


def read_memory(connection: Connection, target: str) -> Memory:
    """Return what is known of ``target``."""
    spells = read_spells(connection, target)
    open_now = {spell.key: spell for spell in spells if not spell.resolved_at}
    # In the order in which they were opened: the last one of a key stays.
    closed = {spell.key: spell for spell in spells if spell.resolved_at}
    latest = sorted(closed.values(), key=lambda spell: (spell.resolved_at, spell.key), reverse=True)
    return Memory(
        trend=tuple(read_trend(connection, target, TREND)),
        open=open_now,
        closed=closed,
        reconciled=tuple(latest[:RECONCILED]),
    )


def read_spells(connection: Connection, target: str) -> list[Spell]:
    """Return every time that a finding of ``target`` was open, in the order of opening."""
    rows = connection.execute(
        select(FINDINGS).where(SPELLS.target == target).order_by(SPELLS.id)
    ).mappings()
    return [_build_spell(row) for row in rows]


def read_trend(connection: Connection, target: str, limit: int | None = None) -> list[TrendPoint]:
    """Return what the last ``limit`` audits of ``target`` found, oldest first."""
    columns = (AUDITS.c.audit_id, AUDITS.c.captured_at, AUDITS.c.counts)
    query = select(*columns).where(AUDITS.c.target == target).order_by(AUDITS.c.id.desc())
    return [
        TrendPoint(audit_id=audit_id, audited_at=captured_at, counts=json.loads(counts))
        for audit_id, captured_at, counts in reversed(connection.execute(query.limit(limit)).all())
    ]


def write_findings(
    connection: Connection,
    target: str,
    number: int,
    found: Sequence[Found],
    past: Past,
) -> None:
    """Open, keep and resolve the findings of ``target`` as ``past`` says."""
    captured_at = past.trend[-1].audited_at
    first = int(connection.execute(select(func.max(SPELLS.id))).scalar() or 0) + 1
    known = [one for one in found if past.of_key[one.key][0] is FindingState.KNOWN]
    opened = [one for one in found if past.of_key[one.key][0] is not FindingState.KNOWN]
    if opened:
        rows = [
            {
                "id": first + place,
                "target": target,
                "first_seen_at": past.of_key[one.key][1],
                "opened_at": captured_at,
                "last_seen_at": captured_at,
                "resolved_at": "",
                "opened": number,
                "resolved": None,
                **_list_columns(one),
            }
            for place, one in enumerate(opened)
        ]
        connection.execute(insert(FINDINGS), rows)
    is_open = (SPELLS.target == target) & (SPELLS.resolved_at == "")
    one_open = update(FINDINGS).where(is_open & (SPELLS.key == bindparam("which")))
    if known:
        seen = [{"which": one.key, "seen": captured_at, "how": one.severity} for one in known]
        keeping = one_open.values(last_seen_at=bindparam("seen"), severity=bindparam("how"))
        connection.execute(keeping, seen)
    if past.resolved:
        gone = [{"which": spell.key} for spell in past.resolved]
        connection.execute(one_open.values(resolved_at=captured_at, resolved=number), gone)


def check_findings(
    connection: Connection, target: str, audits: Sequence[Mapping[str, object]]
) -> list[str]:
    """Return what the stored findings say otherwise than the audits that recorded them.

    Args:
        connection: Of the store.
        target: Whose.
        audits: All rows of its audits, oldest first; their roots are checked elsewhere.
    """
    chosen = select(FINDINGS).where(SPELLS.target == target)
    rows = connection.execute(chosen).mappings().all()
    try:
        pasts = [read_past_of(row) for row in audits]
    except ValueError:  # such an audit is damaged, and its root says so
        return []
    last, counts = pasts[-1], json.loads(str(audits[-1]["counts"]))
    states = {key: first for key, _, first in last.states}
    open_rows = {row["key"]: row for row in rows if not row["resolved_at"]}
    problems = []
    if open_rows.keys() != states.keys() | {spell.key for spell in last.unchecked}:
        problems.append("the open findings are not those of the last audit")
    if any(
        row["first_seen_at"] != states.get(key, row["first_seen_at"])
        for key, row in open_rows.items()
    ):
        problems.append("the first sight of a finding was altered")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key in open_rows.keys() & states.keys():
        found[open_rows[key]["rule"]][open_rows[key]["severity"]] += 1
    # What is accepted is open and not counted.
    if any(
        found[rule][severity] < number
        for rule, by in counts.items()
        for severity, number in by.items()
    ):
        problems.append("the severity of a finding was altered")
    resolved = {(row["key"], row["resolved"], row["resolved_at"]) for row in rows} - {
        (key, None, "") for key in open_rows
    }
    kept = {row["id"] for row in audits}
    told = {
        (spell.key, row["id"], row["captured_at"])
        for row, past in zip(audits, pasts, strict=True)
        for spell in past.resolved
    }
    if {one for one in resolved if one[1] in kept} != told:
        problems.append("the resolved findings are not those that the audits resolved")
    return problems


def read_past_of(row: Mapping[str, object]) -> Past:
    """Return the comparison that is stored with the audit ``row``."""
    body = row["past"]
    return Past.model_validate_json(decompress(body if isinstance(body, bytes) else b""))


def _list_columns(found: Found) -> Mapping[str, str]:
    return {
        "key": found.key,
        "finding": found.id,
        "rule": found.rule,
        "severity": found.severity.value,
        "kind": found.kind,
        "parts": json.dumps(found.parts),
        "title": found.title,
    }


def _build_spell(row: RowMapping) -> Spell:
    return Spell(
        key=row["key"],
        id=row["finding"],
        rule=row["rule"],
        severity=row["severity"],
        kind=row["kind"],
        parts=json.loads(row["parts"]),
        title=row["title"],
        first_seen_at=row["first_seen_at"],
        opened_at=row["opened_at"],
        last_seen_at=row["last_seen_at"],
        resolved_at=row["resolved_at"],
    )
