"""The two sides of an audit: a live database read once, files replayed in a shadow."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.catalog.reader import read_snapshot
from driftbook.config import read_clock
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.server import ShadowServer
from driftbook.tracking.table import Tracking, read_tracking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.shadow.result import Platform

SUPERUSERS = {"supabase": "supabase_admin", "plain": "driftbook"}
TRACKING_TABLE = "supabase_migrations.schema_migrations"


@dataclass(frozen=True, slots=True)
class LiveSide:
    """What one consistent transaction on the live database saw."""

    snapshot: Snapshot
    tracking: Tracking
    session: Mapping[str, str]  # settings of the transaction, read back


def read_clock_now() -> datetime:
    """Return the clock of this audit: UTC, whole seconds, ``SOURCE_DATE_EPOCH`` when set."""
    epoch = read_clock()
    now = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(epoch, UTC)
    return now.replace(microsecond=0)


def read_live_side(
    dsn: str, label: str, *, tracking_table: str = TRACKING_TABLE, insecure: bool = False
) -> LiveSide:
    """Read catalog and tracking table of a live database in one read-only transaction.

    Raises:
        ConnectionFailed: It cannot be reached, refuses the login, or is too old.
    """
    with connect_audit(dsn, label=label, insecure=insecure) as session:
        snapshot = read_snapshot(session, source=label, captured_at=read_clock_now())
        tracking = read_tracking(session, tracking_table)
        return LiveSide(snapshot, tracking, dict(session.settings))


@contextmanager
def start_shadow(major: int | None, setting: str, platform: str) -> Iterator[ShadowServer]:
    """Yield a running shadow server of ``major`` where one can be had; it ends with the block."""
    binaries = resolve_binaries(major=major, setting=setting or None)
    with ShadowServer(binaries, superuser=SUPERUSERS[platform]) as server:
        yield server


def guess_platform(snapshot: Snapshot) -> Platform:
    """Return ``supabase`` when ``snapshot`` shows that product's own schemas and users table."""
    users = snapshot.row("table", ("auth", "users"))
    objects = snapshot.row("table", ("storage", "objects"))
    return "supabase" if users and objects else "plain"


def guess_replay_role(snapshot: Snapshot) -> str | None:
    """Return the role that owns most tables of ``snapshot``; ``None`` when there are none."""
    owners = snapshot.frames["owner"]
    tables = owners[owners["object_kind"] == "table"]
    counts = Counter(map(str, tables["role"]))
    return min(counts, key=lambda role: (-counts[role], role)) if counts else None
