"""The self-test of a source: its schema made in the shadow, changed on purpose, and audited."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.audit.choice import ShadowChoice
from driftbook.audit.collect import access_of, migrations_of, read_live
from driftbook.audit.facts import describe_version
from driftbook.audit.open import parse_text, replay_source
from driftbook.audit.plan import REPLAYED, CompareOptions, plan_audit, plan_shadow
from driftbook.audit.sides import start_shadow
from driftbook.audit.tested import keep_selftest
from driftbook.errors import ConfigError
from driftbook.migrations.directory import read_directory
from driftbook.places import replays_dir
from driftbook.postgres.dumps import has_programs
from driftbook.selftest import copies
from driftbook.selftest.mutations import read_mutations
from driftbook.selftest.probe import SCOPE, build_probe
from driftbook.selftest.result import SelfTest
from driftbook.selftest.stage import open_stage
from driftbook.selftest.trial import try_all
from driftbook.shadow.replay import replay
from driftbook.sources import SourceKind

__all__ = ["CompareOptions", "choose_mutations", "run_selftest"]

if TYPE_CHECKING:
    from collections.abc import Collection

    from driftbook.audit.plan import Plan
    from driftbook.config import Settings, Target
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.selftest.mutations import Mutation
    from driftbook.selftest.result import FalseAlarm
    from driftbook.selftest.stage import Stage
    from driftbook.shadow.prepare import Prepared
    from driftbook.shadow.result import ReplayResult
    from driftbook.sources import Source

OWNER = "driftbook_probe_writer"  # to whom objects of the own schema are given


def choose_mutations(kinds: Collection[str] = ()) -> tuple[Mutation, ...]:
    """Return the mutations of ``kinds``; without any, all.

    Raises:
        ConfigError: A kind has none.
    """
    everything = read_mutations()
    known = list(dict.fromkeys(mutation.kind for mutation in everything))
    if unknown := [kind for kind in kinds if kind not in known]:
        raise ConfigError(
            f"no mutation is of the kind {unknown[0]!r}", fix=f"name one of {', '.join(known)}"
        )
    return tuple(one for one in everything if not kinds or one.kind in kinds)


def run_selftest(
    text: str,
    mutations: Collection[Mutation],
    settings: Settings,
    options: CompareOptions,
    progress: Progress,
) -> SelfTest:
    """Try ``mutations`` on the schema that ``text`` names, and on the probe.

    The result of the whole catalogue on a target is kept for the reports of its audits.

    Raises:
        ConfigError: The source is none that a database can be made of.
        ReplayFailed: The shadow cannot be prepared.
    """
    source = parse_text(text, settings, options.convention)
    with ExitStack() as stack:
        if source.kind is SourceKind.TARGET:
            server, plan, replayed = _replay_target(settings.target(source.text), stack, progress)
        else:
            check_source(source)
            plan = plan_shadow([source], [], settings, options)
            server = _start(plan, stack, progress)
            opened = replay_source(source, server, plan, options, progress)
            assert opened.replayed is not None  # noqa: S101 - these kinds are always replayed
            replayed = opened.replayed
        tested = _test(server, plan, replayed, list(mutations), progress)
    failed = [file.file for file in replayed.files if file.error]
    left_out = [f"what {name} makes: the file fails" for name in failed]
    unchecked = [*tested.unchecked, *left_out]
    found = replace(tested, source=source.label, unchecked=unchecked)
    if source.kind is SourceKind.TARGET and len(mutations) == len(read_mutations()):
        versions = [file.version for file in replayed.files if file.status == "applied"]
        keep_selftest(source.text, found, versions)
    return found


def check_source(source: Source) -> None:
    """Raise when no database can be made of ``source``."""
    if source.kind not in REPLAYED:
        raise ConfigError(
            f"a self-test changes a schema, and {source.label} is none that can be made anew",
            fix="name a target, a migrations directory or a dump; of a live database write one: "
            "pg_dump --schema-only",
        )


def _start(plan: Plan, stack: ExitStack, progress: Progress) -> ShadowServer:
    """Start a server of our own, whatever the target names: the probe needs its superuser."""
    progress("starting the shadow server")
    choice = ShadowChoice(bindir=plan.choice.bindir)
    return stack.enter_context(start_shadow(plan.major, choice, plan.platform, plan.role))


def _replay_target(
    target: Target, stack: ExitStack, progress: Progress
) -> tuple[ShadowServer, Plan, ReplayResult]:
    """Replay what an audit of ``target`` would: its files at the applied versions."""
    directory = read_directory(migrations_of(target, stack), convention=target.convention)
    access = access_of(target, stack, progress)
    live = read_live(access, target) if access else None
    plan = plan_audit(target, live, directory)
    server = _start(plan, stack, progress)
    replayed = replay(
        server,
        directory,
        versions=live.tracking.versions if live else None,
        platform=plan.platform,
        replay_role=plan.role,
        progress=progress,
        stand_in=plan.stand_in,
        records=plan.records,
        cache=replays_dir(),
    )
    return server, plan, replayed


def _test(
    server: ShadowServer,
    plan: Plan,
    replayed: ReplayResult,
    mutations: list[Mutation],
    progress: Progress,
) -> SelfTest:
    prepared = replayed.prepared
    progress("making the probe")
    with build_probe(server) as database, ExitStack() as stack:
        with server.superuser(database) as session:
            grant = sql.SQL("grant {} to {}")
            session.execute(grant.format(sql.Identifier(OWNER), sql.Identifier(prepared.role)))
        clone = stack.enter_context(server.database(template=prepared.database))
        own = stack.enter_context(
            open_stage(
                server.dsn(clone, prepared.role),
                as_auditor=False,
                platform=replayed.platform,
                scope=plan.scope,
            )
        )
        dsn = server.dsn(database, server.superuser_name)
        probe = stack.enter_context(open_stage(dsn, as_auditor=True, scope=SCOPE))
        trials = try_all(mutations, probe, own, progress)
        progress("comparing copies")
        alarms = list(copies.find_in_clone(server, prepared.database, own))
        unchecked = []
        if has_programs(server, *copies.PROGRAMS):
            alarms += copies.find_in_restored_probe(server, database, probe)
            alarms += _restore(server, plan, prepared, own, progress)
        else:
            unchecked.append("dump and restore: pg_dump is not beside the server's programs")
        version = describe_version(server.version_num)
        root_hash = own.compared.root_hash
    return SelfTest("", version, root_hash, trials, alarms, unchecked)


def _restore(
    server: ShadowServer, plan: Plan, prepared: Prepared, own: Stage, progress: Progress
) -> list[FalseAlarm]:
    """Return what differs once the schema was dumped and loaded, platform and all, elsewhere."""
    progress("restoring a dump on another server")
    choice = ShadowChoice(bindir=plan.choice.bindir)
    with start_shadow(plan.major, choice, "plain", prepared.role) as other:
        return list(copies.find_in_restored(server, other, prepared, own))
