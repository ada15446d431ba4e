"""The live side of an audit where nobody connects: by HTTP, or from what somebody captured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.audit.sides import LiveSide, read_clock_now
from driftbook.catalog.portable.read import open_recorded
from driftbook.catalog.portable.remote import read_remote_snapshot
from driftbook.errors import AuditError, RpcFailed
from driftbook.forensics.exhibits import leave_out
from driftbook.postgres.rpc import open_rpc
from driftbook.tracking.captured import read_captured_tracking
from driftbook.tracking.read import read_tracking
from driftbook.tracking.table import Tracking, TrackingStatus

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from driftbook.model import Rpc
    from driftbook.postgres.rpc import RpcSession

ATTEMPTS = 2


def read_remote_side(
    rpc: Rpc, label: str, *, kept: tuple[str, str], captured_at: datetime | None = None
) -> LiveSide:
    """Read catalog and tracking table of a live database, each by a SELECT of its own.

    The tracking table is read before and after the catalog: where no row came in between, both
    are of one state.

    Args:
        rpc: The function that runs the SELECTs.
        label: What messages call the database.
        kept: Its tracking table, and the convention of the tool that keeps it.
        captured_at: The clock of the audit; ``None``: the real one.

    Raises:
        ConnectionFailed: There is no answer, or a refusal.
        AuditError: Migrations were applied meanwhile.
    """
    at = captured_at or read_clock_now()
    with open_rpc(rpc, label=label) as session:
        for _ in range(ATTEMPTS):
            before = _read_tracking(session, *kept)
            snapshot = read_remote_snapshot(session, source=label, captured_at=at)
            tracking = _read_tracking(session, *kept)
            if tracking == before:
                unseen = leave_out(
                    "it takes a session of several statements, and the target is reached by rpc",
                    "describe a target with dsn_env or service as well",
                )
                return LiveSide(snapshot, tracking, dict(session.settings), unseen)
    raise AuditError(
        "migrations were applied while the database was read",
        where=label,
        fix="try again when they are done",
    )


def read_captured_side(
    path: Path, label: str, *, kept: tuple[str, str], captured_at: datetime | None = None
) -> LiveSide:
    """Return what somebody else captured: the schema, and the tracking table if it was recorded.

    Raises:
        SourceError: The file is no whole capture.
    """
    snapshot, recorded = open_recorded(path)
    at = captured_at or snapshot.captured_at
    unseen = leave_out(
        "a capture does not hold it", "describe a target with dsn_env or service as well"
    )
    return LiveSide(
        replace(snapshot, source=label, captured_at=at),
        read_captured_tracking(recorded, *kept),
        {},
        unseen,
    )


def _read_tracking(session: RpcSession, table: str, convention: str) -> Tracking:
    try:
        return read_tracking(session, table, convention)
    except RpcFailed as error:
        return Tracking(table, TrackingStatus.UNREADABLE, why=error.problem, fix=error.fix)
