"""Collecting the evidence of one audit: live first, then the files at the applied versions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from driftbook.audit.evidence import Evidence
from driftbook.audit.facts import Collected, build_facts
from driftbook.audit.judge import judge
from driftbook.audit.plan import plan_audit
from driftbook.audit.remote import read_captured_side, read_remote_side
from driftbook.audit.repair import Repair
from driftbook.audit.sides import LiveSide, read_clock_now, read_live_side, start_shadow
from driftbook.audit.trace import Tracer
from driftbook.config import Target, read_access
from driftbook.drift.scope import subtract_platform
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.directory import read_directory
from driftbook.migrations.log import read_history
from driftbook.model import Rpc
from driftbook.progress import Progress, say_nothing
from driftbook.repairs import RepairPlan
from driftbook.tracking.read import join_files
from driftbook.tracking.table import has_history

if TYPE_CHECKING:
    from datetime import datetime

    from driftbook.postgres.connect import Dsn

# What a database is read by: a connection, a function behind HTTP, what somebody captured.
Access: TypeAlias = "Dsn | str | Rpc | Path"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where one audit looks.

    Attributes:
        migrations: The directory of the migration files.
        access: Of the live database; ``None`` to judge the files alone.
        at: The clock of an audit in a story; ``None``: the real one.
    """

    migrations: Path
    access: Access | None
    at: datetime | None = None


def collect_evidence(target: Target, progress: Progress = say_nothing) -> Evidence:
    """Capture both sides of ``target`` and return the evidence; every server it starts is gone.

    Without a database of the target the files alone are looked at.

    Raises:
        ConfigError: The target's settings do not lead to a database.
        SourceError: The migrations directory cannot be read.
        ConnectionFailed: The live database cannot be reached or read.
        ReplayFailed: The shadow cannot be prepared.
    """
    with ExitStack() as stack:
        migrations = migrations_of(target, stack)
        return collect_from(
            Sources(migrations, access_of(target, stack, progress)), target, progress
        )


def collect_from(sources: Sources, target: Target, progress: Progress = say_nothing) -> Evidence:
    """Capture both sides, found at ``sources``; raises as :func:`collect_evidence`."""
    directory = read_directory(sources.migrations, convention=target.convention)
    history = read_history(directory.path, CONVENTIONS[directory.convention].inner)
    live = None
    if sources.access is not None:
        progress("reading the live database")
        live = read_live(sources.access, target, sources.at)
        if CONVENTIONS[directory.convention].arrange_again and has_history(live.tracking):
            directory = read_directory(
                sources.migrations, convention=target.convention, is_empty=False
            )
        live = replace(live, tracking=join_files(live.tracking, directory))
    plan = plan_audit(target, live, directory)
    progress("starting the shadow server")
    with start_shadow(plan.major, plan.choice, plan.platform, plan.role) as server:
        now = live.snapshot.captured_at if live else sources.at or read_clock_now()
        tracer = Tracer(server, plan, live, progress)
        judged = judge(tracer, directory, history, now)
        repair = Repair(tracer, history, now, target.name).plan(judged) if live else RepairPlan()
        told = sources.at is not None
        facts = build_facts(
            Collected(target, live, plan, judged, history, repair, now, server.origin, told)
        )
    result = judged.replayed.result
    if judged.scoped is None:
        expected = subtract_platform(result.expected, result.platform)
        return Evidence(expected=expected, live=None, facts=facts)
    exhibits = live.exhibited.exhibits if live else {}
    return Evidence(judged.scoped.expected, judged.scoped.live, facts, exhibits=exhibits)


def migrations_of(target: Target, stack: ExitStack) -> Path:
    """Return the directory of the target's migration files; the demo's is made on ``stack``."""
    if target.is_demo:
        from driftbook import demo  # noqa: PLC0415 - only the demo target needs it

        return stack.enter_context(demo.write_repository())
    return target.migrations


def access_of(target: Target, stack: ExitStack, progress: Progress) -> Access | None:
    """Return where the live database of ``target`` is; the demo's is built first, on ``stack``."""
    if target.is_demo:
        from driftbook import demo  # noqa: PLC0415

        return stack.enter_context(demo.run_production(progress))
    return read_access(target) if target.has_database else None


def open_live(target: Target, stack: ExitStack, progress: Progress = say_nothing) -> LiveSide:
    """Read the live side of ``target``."""
    return read_live(access_of(target, stack, progress) or read_access(target), target)


def read_live(access: Access, target: Target, at: datetime | None = None) -> LiveSide:
    """Read the database behind ``access`` as ``target`` says, at the real clock or ``at``."""
    label, kept = f"target {target.title}", (target.tracking_table, target.convention)
    if isinstance(access, Path):
        return read_captured_side(access, label, kept=kept, captured_at=at)
    if isinstance(access, Rpc):
        return read_remote_side(access, label, kept=kept, captured_at=at)
    return read_live_side(access, label, kept=kept, insecure=target.insecure, captured_at=at)
