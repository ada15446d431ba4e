"""Collecting the evidence of one audit: live first, then the files at the applied versions."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from driftbook.audit.evidence import Evidence
from driftbook.audit.facts import Collected, build_facts
from driftbook.audit.judge import judge
from driftbook.audit.plan import plan_audit
from driftbook.audit.repair import Repair
from driftbook.audit.sides import LiveSide, read_clock_now, read_live_side, start_shadow
from driftbook.audit.trace import Tracer
from driftbook.config import Target, read_dsn
from driftbook.drift.scope import subtract_platform
from driftbook.migrations.directory import read_directory
from driftbook.migrations.log import read_history
from driftbook.progress import Progress, say_nothing
from driftbook.repairs import RepairPlan

if TYPE_CHECKING:
    from pathlib import Path


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
        directory = read_directory(migrations_of(target, stack), convention=target.convention)
        history = read_history(directory.path)
        live = None
        if target.is_demo or target.has_database:
            progress("reading the live database")
            live = open_live(target, stack, progress)
        plan = plan_audit(target, live, directory)
        progress("starting the shadow server")
        server = stack.enter_context(
            start_shadow(plan.major, plan.setting, plan.platform, plan.role)
        )
        now = live.snapshot.captured_at if live else read_clock_now()
        tracer = Tracer(server, plan, live, progress)
        judged = judge(tracer, directory, history, now)
        repair = Repair(tracer, history, now, target.name).plan(judged) if live else RepairPlan()
        facts = build_facts(Collected(target, live, plan, judged, history, repair, now))
        result = judged.replayed.result
        if judged.scoped is None:
            expected = subtract_platform(result.expected, result.platform)
            return Evidence(expected=expected, live=None, facts=facts)
        return Evidence(judged.scoped.expected, judged.scoped.live, facts)


def migrations_of(target: Target, stack: ExitStack) -> Path:
    """Return the directory of the target's migration files; the demo's is made on ``stack``."""
    if target.is_demo:
        from driftbook import demo  # noqa: PLC0415 - only the demo target needs it

        return stack.enter_context(demo.write_repository())
    return target.migrations


def open_live(target: Target, stack: ExitStack, progress: Progress = say_nothing) -> LiveSide:
    """Read the live side of ``target``; the demo's production is built first, on ``stack``."""
    if target.is_demo:
        from driftbook import demo  # noqa: PLC0415

        dsn = stack.enter_context(demo.run_production(progress))
    else:
        dsn = read_dsn(target)
    return read_live_side(
        dsn,
        f"target {target.title}",
        tracking_table=target.tracking_table,
        insecure=target.insecure,
    )
