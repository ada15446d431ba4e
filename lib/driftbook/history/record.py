"""Recording one audit: everything of it in one transaction, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from driftbook.errors import HistoryFailed
from driftbook.history.exhibits import list_columns
from driftbook.history.findings import read_memory, write_findings
from driftbook.history.moves import count_moves
from driftbook.history.past import (
    Found,
    Memory,
    Past,
    Spell,
    TrendPoint,
    compare_audit,
    count_found,
)
from driftbook.history.rows import (
    Concealer,
    Item,
    Json,
    build_root,
    compress,
    decompress,
    describe_snapshot,
    list_exhibit_items,
    list_fact_items,
    list_snapshot_items,
)
from driftbook.history.sightings import add_sightings
from driftbook.history.spans import EXHIBITS, EXPECTED, FACTS, LIVE, write_side
from driftbook.history.tables import AUDITS
from driftbook.keys import read_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.history.exhibits import Exhibits
    from driftbook.history.spans import Written
    from driftbook.history.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit as it is recorded.

    Attributes:
        target: Name of the target.
        audit_id: Its id, unique for the target.
        captured_at: ISO 8601, UTC.
        verdict: Of all its rules together.
        expected: The side of the files.
        live: The side that was found; ``None``: the target names no database.
        facts: Everything else that its reports are made from, as JSON values.
        found: Every finding of every rule, secrets redacted.
        why_unchecked: As :func:`compare_audit` asks.
        accepted: Keys of those that somebody answers for: they are open, and do not count.
        exhibits: What was taken beside the snapshot.
    """

    target: str
    audit_id: str
    captured_at: str
    verdict: str
    expected: Snapshot
    live: Snapshot | None
    facts: Json
    found: tuple[Found, ...]
    why_unchecked: Callable[[Spell], str]
    accepted: frozenset[str] = frozenset()
    exhibits: Exhibits = field(default_factory=dict)

    @property
    def point(self) -> TrendPoint:
        """Return what it found, in numbers."""
        counts = count_found([one for one in self.found if one.key not in self.accepted])
        return TrendPoint(audit_id=self.audit_id, audited_at=self.captured_at, counts=counts)


def record_audit(store: Store, entry: Entry) -> Past:
    """Record ``entry`` and return its comparison with the audits before it.

    An audit that is recorded already stays as it is, and its comparison is returned.

    Raises:
        HistoryFailed: It cannot be recorded; the store is as it was.
    """
    key = read_key()
    if key is None:
        raise HistoryFailed(
            "the key that secrets are redacted with cannot be kept",
            where=store.where,
            fix="name a folder that you may write: DRIFTBOOK_STATE=DIR",
        )
    # What takes long comes before anybody has to wait.
    sides, hashes = _list_items(entry, Concealer(key)), _list_hashes(entry)
    with store.writing() as connection:
        if stored := read_past(connection, entry.target, entry.audit_id):
            return stored
        memory = read_memory(connection, entry.target)
        past = compare_audit(memory, entry.found, entry.point, entry.why_unchecked)
        past = add_sightings(connection, entry, past)
        number = int(connection.execute(select(func.max(AUDITS.c.id))).scalar() or 0) + 1
        written = {
            side: write_side(connection, entry.target, side, number, items)
            for side, items in sides.items()
        }
        came, went = count_moves(connection, entry.target, number, written[LIVE])
        written[LIVE] = replace(written[LIVE], came=came, went=went)
        connection.execute(insert(AUDITS), [_build_row(entry, number, written, past, hashes)])
        write_findings(connection, entry.target, number, entry.found, past)
    return past


def compare_with_past(store: Store | None, entry: Entry) -> Past:
    """Return what :func:`record_audit` would, and record nothing; ``None``: an empty store."""
    if store is None:
        return compare_audit(Memory(), entry.found, entry.point, entry.why_unchecked)
    with store.reading() as connection:
        memory = read_memory(connection, entry.target)
        past = compare_audit(memory, entry.found, entry.point, entry.why_unchecked)
        return add_sightings(connection, entry, past)


def read_past(connection: Connection, target: str, audit_id: str) -> Past | None:
    """Return the comparison that was stored with an audit; ``None``: it is not recorded."""
    chosen = (AUDITS.c.target == target) & (AUDITS.c.audit_id == audit_id)
    body = connection.execute(select(AUDITS.c.past).where(chosen)).scalar()
    return None if body is None else Past.model_validate_json(decompress(body))


# Columns of an audit that its root covers, beside what it holds and its past.
COVERED = "audit_id captured_at verdict counts live_hash expected_hash came went".split()


def build_audit_root(
    digests: Mapping[str, Collection[bytes]], row: Mapping[str, object], past: bytes
) -> str:
    """Return one hash for all that is stored of an audit, ``row`` its columns."""
    # Audits that were recorded before there were exhibits have no such side.
    held = [side for side in digests if digests[side] or side != EXHIBITS]
    sides = [f"{side}:{build_root(digests[side])}".encode() for side in held]
    columns = json.dumps([str(row[name]) for name in COVERED]).encode()
    return build_root([*sides, columns, past])


def _list_items(entry: Entry, concealer: Concealer) -> dict[str, list[Item]]:
    document: Json = {
        "facts": entry.facts,
        LIVE: describe_snapshot(entry.live),
        EXPECTED: describe_snapshot(entry.expected),
        EXHIBITS: list_columns(entry.exhibits),
    }
    live = list_snapshot_items(entry.live, concealer) if entry.live else ()
    return {
        LIVE: list(live),
        EXPECTED: list(list_snapshot_items(entry.expected, concealer)),
        FACTS: list(list_fact_items(document, concealer)),
        EXHIBITS: list(list_exhibit_items(entry.exhibits, concealer)),
    }


def _list_hashes(entry: Entry) -> dict[str, object]:
    live = entry.live.root_hash if entry.live else ""
    return {"live_hash": live, "expected_hash": entry.expected.root_hash}


def _build_row(
    entry: Entry,
    number: int,
    written: Mapping[str, Written],
    past: Past,
    hashes: Mapping[str, object],
) -> dict[str, object]:
    counts = json.dumps(entry.point.counts, sort_keys=True)
    body = compress(past.model_dump_json())
    digests = {side: written[side].digests for side in written}
    row = {
        "id": number,
        "target": entry.target,
        "audit_id": entry.audit_id,
        "captured_at": entry.captured_at,
        "verdict": entry.verdict,
        "counts": counts,
        "came": written[LIVE].came,
        "went": written[LIVE].went,
        "past": body,
        **hashes,
    }
    return {**row, "root": build_audit_root(digests, row, body)}
