"""From a name to an audit: the latest recorded one, an earlier one, or one made now."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.collect import collect_evidence
from driftbook.audit.remember import find_latest, read_stored, recall
from driftbook.audit.session import Audit
from driftbook.config import Target, read_settings
from driftbook.errors import ConfigError
from driftbook.explore.book import CAPTURED, RECORDED, OpenAudit
from driftbook.history import find_store
from driftbook.history.read import read_audits
from driftbook.sources import SourceKind, parse_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.config import Settings
    from driftbook.history.past import TrendPoint

SHOWN = 5
DAY_LENGTH = len("2026-01-11")


def open_audit(source: str = "demo", *, audit_id: str = "") -> OpenAudit:
    """Return an audit to look at.

    Args:
        source: A target's name, ``audit:ID``, or a directory of migration files.
        audit_id: A recorded audit of the target; empty: the latest one, or one made now where
            none is recorded.

    Raises:
        ConfigError: There is no such target, audit or directory.
        AuditError: A side cannot be read.
    """
    settings = read_settings()
    found = parse_source(source, is_target=lambda name: name in settings.targets)
    if found.kind is SourceKind.AUDIT:
        return _open_stored(found.text, "", settings)
    if found.kind is SourceKind.DIRECTORY and not (found.ref or found.version):
        return capture(_describe_directory(found.text), settings)
    if found.kind is not SourceKind.TARGET:
        raise ConfigError(
            "only a target, a recorded audit or a directory of migrations can be opened",
            where=found.label,
            fix="describe the database as a target: driftbook init; or compare: driftbook diff",
        )
    target = settings.target(source)
    if audit_id:
        return _open_stored(audit_id, target.name, settings)
    if latest := find_latest(settings, target.name):
        return _open_stored(latest, target.name, settings)
    _tell(f"no audit of {target.name} is recorded: making one now, which may take a minute")
    return capture(target, settings)


def capture(target: Target, settings: Settings) -> OpenAudit:
    """Return an audit of ``target`` made now; it is compared with those before, and not recorded.

    Raises:
        AuditError: A side cannot be read.
    """
    evidence = recall(collect_evidence(target, _tell_stage), settings)
    return OpenAudit(Audit("", evidence, target.fail_on), settings, CAPTURED)


def open_at(target: str, day: str | date, settings: Settings) -> OpenAudit:
    """Return the last audit of ``target`` at or before ``day``; a day counts to its end, in UTC.

    Raises:
        ConfigError: That is no day, or no audit is that old.
    """
    until = _read_time(day)
    points = list_points(target, settings)
    before = [point for point in points if datetime.fromisoformat(point.audited_at) <= until]
    if not before:
        raise ConfigError(
            f"no audit of {target!r} is recorded at or before {until:%Y-%m-%d %H:%M} UTC",
            where=_name_points(points),
            fix=f"driftbook audit {target} records one each time"
            if not points
            else f'write .at("{points[0].audited_at[:10]}") or a later day',
        )
    return _open_stored(before[-1].audit_id, target, settings)


def list_points(target: str, settings: Settings) -> list[TrendPoint]:
    """Return the recorded audits of ``target``, oldest first."""
    store = find_store(settings)
    return [row.point for row in read_audits(store, target)] if store else []


def _open_stored(audit_id: str, target: str, settings: Settings) -> OpenAudit:
    evidence = read_stored(audit_id, settings, target)
    return OpenAudit(Audit("", evidence, evidence.facts.target.fail_on), settings, RECORDED)


def _describe_directory(path: str) -> Target:
    folder = Path(path).resolve()
    is_supabase = folder.parent.name == "supabase"
    return Target(
        name=folder.name.lower(), migrations=folder, platform="supabase" if is_supabase else "plain"
    )


def _read_time(day: str | date) -> datetime:
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    if isinstance(day, date):
        return datetime.combine(day, time.max, UTC)
    try:
        moment = datetime.fromisoformat(day.strip())
    except ValueError:
        raise ConfigError(
            f"{day!r} is no day", fix='write "2026-01-31" or "2026-01-31 14:00", in UTC'
        ) from None
    if len(day.strip()) <= DAY_LENGTH:
        moment = datetime.combine(moment.date(), time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name_points(points: Sequence[TrendPoint]) -> str:
    if not points:
        return "the history of this machine"
    days = [point.audited_at[:16].replace("T", " ") for point in points]
    more = f" and {len(days) - SHOWN:,} later ones" if len(days) > SHOWN else ""
    return f"there are those of {', '.join(days[:SHOWN])}{more}"


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _tell_stage(stage: str, done: int = 0, _total: int = 0) -> None:
    if not stage.startswith("replaying ") and not done:
        _tell(f"… {stage}")
