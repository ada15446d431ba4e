"""Collecting the evidence of one audit: live first, then the files at the applied versions."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from driftbook.audit.evidence import Evidence
from driftbook.audit.facts import Collected, build_facts
from driftbook.audit.plan import plan_audit
from driftbook.audit.sides import LiveSide, read_live_side, start_shadow
from driftbook.config import Target, read_dsn
from driftbook.drift.canonical import find_equal
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import apply_scope
from driftbook.migrations.directory import Directory, read_directory
from driftbook.progress import Progress, say_nothing
from driftbook.shadow.replay import ReplayResult, replay
from driftbook.shadow.steps import step_beyond
from driftbook.tracking.effects import Effect, find_effects
from driftbook.tracking.states import find_states

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer


def collect_evidence(target: Target, progress: Progress = say_nothing) -> Evidence:
    """Capture both sides of ``target`` and return the evidence; every server it starts is gone.

    Raises:
        ConfigError: The target's settings do not lead to a database.
        SourceError: The migrations directory cannot be read.
        ConnectionFailed: The live database cannot be reached or read.
        ReplayFailed: The shadow cannot be prepared.
    """
    with ExitStack() as stack:
        directory = read_directory(migrations_of(target), convention=target.convention)
        progress("reading the live database")
        live = open_live(target, stack, progress)
        plan = plan_audit(target, live, directory)
        progress("starting the shadow server")
        server = stack.enter_context(
            start_shadow(plan.major, plan.setting, plan.platform, plan.role)
        )
        replayed = replay(
            server,
            directory,
            versions=live.tracking.versions,
            platform=plan.platform,
            replay_role=plan.role,
            progress=progress,
            stand_in=plan.stand_in,
            records=plan.records,
        )
        effects = try_unrecorded(server, directory, replayed, live, progress)
        progress("comparing")
        scoped = apply_scope(replayed.expected, live.snapshot, replayed.platform, plan.scope)
        changes = diff_snapshots(scoped.expected, scoped.live)
        equal = find_equal(changes, scoped.expected, scoped.live, server, replayed)
        versions = find_states(directory, live.tracking, effects)
        facts = build_facts(
            Collected(target, directory, live, plan, replayed, scoped, equal, versions)
        )
        return Evidence(expected=scoped.expected, live=scoped.live, facts=facts)


def migrations_of(target: Target) -> Path:
    """Return the directory of the target's migration files."""
    if target.is_demo:
        from driftbook import demo  # noqa: PLC0415 - only the demo target needs it

        return demo.MIGRATIONS
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


def try_unrecorded(
    server: ShadowServer,
    directory: Directory,
    replayed: ReplayResult,
    live: LiveSide,
    progress: Progress,
) -> dict[str, Effect]:
    """Return how much of what each file without a record does is live, by file name."""
    recorded = live.tracking.versions
    if recorded is None:
        return {}
    steps = step_beyond(server, directory, replayed, recorded, progress)
    return find_effects(replayed.expected, steps, live.snapshot)
