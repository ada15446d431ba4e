"""The two sides of an audit: a live database read once, files replayed in a shadow."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.scope import ScopeSettings
from driftbook.forensics.exhibits import Exhibited, read_exhibits
from driftbook.model import Rpc
from driftbook.places import read_clock
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_audit, connect_plain
from driftbook.postgres.external import IDENTIFIER, ExternalServer, read_identifier
from driftbook.postgres.rpc import open_rpc
from driftbook.postgres.server import ShadowServer
from driftbook.tools import SUPABASE
from driftbook.tracking.read import read_tracking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftbook.audit.choice import ShadowChoice
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.config import Target
    from driftbook.postgres.connect import Dsn
    from driftbook.tracking.table import Tracking

SUPERUSERS = {"supabase": "supabase_admin", "plain": "driftbook"}


@dataclass(frozen=True, slots=True)
class LiveSide:
    """What one consistent transaction on the live database saw."""

    snapshot: Snapshot
    tracking: Tracking
    session: Mapping[str, str]  # settings of the transaction, read back
    exhibited: Exhibited


def read_clock_now() -> datetime:
    """Return the clock of this audit: UTC, whole seconds, ``SOURCE_DATE_EPOCH`` when set."""
    epoch = read_clock()
    now = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(epoch, UTC)
    return now.replace(microsecond=0)


def read_live_side(
    dsn: Dsn | str,
    label: str,
    *,
    kept: tuple[str, str] = (SUPABASE.table, SUPABASE.name),
    insecure: bool = False,
    captured_at: datetime | None = None,
) -> LiveSide:
    """Read catalog and tracking table of a live database in one read-only transaction.

    Args:
        dsn: Where it is.
        label: What messages call it.
        kept: Its tracking table, and the convention of the tool that keeps it.
        insecure: Whether a connection without TLS to another machine will do.
        captured_at: The clock of the audit; ``None``: the real one.

    Raises:
        ConnectionFailed: It cannot be reached, refuses the login, or is too old.
    """
    with connect_audit(dsn, label=label, insecure=insecure) as session:
        at = captured_at or read_clock_now()
        snapshot = read_snapshot(session, source=label, captured_at=at)
        tracking = read_tracking(session, *kept)
        exhibited = read_exhibits(session, tracking, at, told=captured_at is not None)
        return LiveSide(snapshot, tracking, dict(session.settings), exhibited)


@contextmanager
def start_shadow(
    major: int | None, choice: ShadowChoice, platform: str, role: str = ""
) -> Iterator[ShadowServer]:
    """Yield a shadow server of ``major`` where one can be had; it ends with the block.

    It starts when it is first used: a replay may begin with the files of an earlier one. Its
    superuser never has the name of ``role``, which runs the files. A running server that the
    target names is taken whatever its major, and left running.
    """
    if choice.dsn:
        identifier = _read_identifier(choice.live) if choice.live else ""
        with ExternalServer(choice.dsn, identifier, disposable=choice.disposable) as external:
            yield external
        return
    binaries = resolve_binaries(major=major, setting=choice.bindir or None)
    superuser = SUPERUSERS[platform]
    if superuser == role:
        superuser += "_shadow"
    server = ShadowServer(binaries, superuser=superuser)
    try:
        yield server
    finally:
        server.stop()


def _read_identifier(access: str | Rpc) -> str:
    if isinstance(access, Rpc):
        with open_rpc(access, label="the target") as remote:
            return str(remote.fetch(IDENTIFIER)[0]["system_identifier"])
    with connect_plain(access, label="the target") as session:
        return read_identifier(session)


def scope_of(target: Target) -> ScopeSettings:
    """Return what ``target`` wants compared."""
    return ScopeSettings(
        schemas=target.schemas,
        excludes=target.exclude,
        ignore_owner=target.ignore_owner,
        roles=target.roles,
        tracking_table=target.tracking_table,
    )
