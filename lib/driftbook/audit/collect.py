"""Collecting the evidence of one audit: live first, then the files at the applied versions."""

from __future__ import annotations

import platform as machine
from contextlib import ExitStack
from typing import TYPE_CHECKING

from driftbook import __version__
from driftbook.audit.evidence import (
    EqualFact,
    Evidence,
    Facts,
    FailureFact,
    InterceptionFact,
    LeftOutFact,
    VersionFact,
    build_audit_id,
)
from driftbook.audit.gaps import find_gaps
from driftbook.audit.sides import LiveSide, read_live_side, start_shadow
from driftbook.config import Target, read_dsn
from driftbook.drift.canonical import find_equal
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.migrations.directory import Directory, read_directory
from driftbook.migrations.git import git_state
from driftbook.progress import Progress, say_nothing
from driftbook.shadow.replay import ReplayResult, replay

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from driftbook.drift.scope import Scoped


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
        major = target.shadow_major or live.snapshot.version_num // 10_000
        progress("starting the shadow server")
        server = stack.enter_context(start_shadow(major, target.shadow, target.platform))
        replayed = replay(
            server,
            directory,
            versions=live.tracking.versions,
            platform=target.platform,
            replay_role=target.replay_role,
            progress=progress,
        )
        progress("comparing")
        scoped = apply_scope(replayed.expected, live.snapshot, replayed.platform, _scope(target))
        changes = diff_snapshots(scoped.expected, scoped.live)
        equal = find_equal(changes, scoped.expected, scoped.live, server, replayed)
        facts = _build_facts(target, directory, live, replayed, scoped, equal)
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


def _scope(target: Target) -> ScopeSettings:
    return ScopeSettings(
        schemas=target.schemas,
        excludes=target.exclude,
        ignore_owner=target.ignore_owner,
        tracking_table=target.tracking_table,
    )


def _build_facts(  # noqa: PLR0913, PLR0917 - the facts join everything that was collected
    target: Target,
    directory: Directory,
    live: LiveSide,
    replayed: ReplayResult,
    scoped: Scoped,
    equal: list[tuple[str, tuple[str, ...], str]],
) -> Facts:
    versions = join_versions(directory, live)
    unaccounted: pd.DataFrame = scoped.live.unaccounted
    return Facts(
        audit_id=build_audit_id(live.snapshot.captured_at, live.snapshot.root_hash),
        captured_at=live.snapshot.captured_at,
        target=target,
        versions=versions,
        failures=find_failures(replayed),
        interceptions=find_interceptions(replayed),
        left_out=tuple(
            LeftOutFact(reason=str(reason), kind=str(kind), objects=int(str(objects)))
            for reason, kind, objects in scoped.left_out.itertuples(index=False, name=None)
        ),
        gaps=find_gaps(live.tracking, replayed, unaccounted),
        equal=tuple(
            EqualFact(kind=kind, key=key, property=name) for kind, key, name in sorted(equal)
        ),
        unaccounted=tuple(
            (str(row[0]), str(row[1]), str(row[2]))
            for row in unaccounted.itertuples(index=False, name=None)
        ),
        provenance=_describe_provenance(target, directory, live, replayed, versions),
        environment=_describe_environment(live, replayed),
    )


def join_versions(directory: Directory, live: LiveSide) -> tuple[VersionFact, ...]:
    """Return the union of file versions and recorded versions, in the order of the files."""
    recorded = live.tracking.versions
    in_files = {file.version for file in directory.files}
    rows = [
        VersionFact(
            version=file.version,
            file=file.path.name,
            recorded=recorded is None or file.version in recorded,
        )
        for file in directory.files
    ]
    rows += [
        VersionFact(version=version, file="", recorded=True)
        for version in sorted((recorded or frozenset()) - in_files)
    ]
    return tuple(rows)


def find_failures(replayed: ReplayResult) -> tuple[FailureFact, ...]:
    """Return one fact per file that failed, in file order."""
    return tuple(
        FailureFact(
            version=result.version,
            file=result.file,
            line=result.error.line,
            sqlstate=result.error.sqlstate,
            message=result.error.message,
        )
        for result in replayed.files
        if result.error
    )


def find_interceptions(replayed: ReplayResult) -> tuple[InterceptionFact, ...]:
    """Return one fact per statement that was not sent as written."""
    return tuple(
        InterceptionFact(
            kind=note.kind,
            file=note.file,
            line=note.line,
            object=note.object,
            done=note.done,
            effect=note.effect,
        )
        for note in replayed.notes
    )


def describe_version(version_num: int) -> str:
    """Return ``15.18`` for 150018."""
    return f"{version_num // 10_000}.{version_num % 10_000}"


def _describe_provenance(
    target: Target,
    directory: Directory,
    live: LiveSide,
    replayed: ReplayResult,
    versions: tuple[VersionFact, ...],
) -> tuple[tuple[str, str], ...]:
    live_num, shadow_num = live.snapshot.version_num, replayed.expected.version_num
    git = "" if target.is_demo else git_state(directory.path)
    run = [file for file in replayed.files if file.status in {"applied", "failed"}]
    applied = sum(file.status == "applied" for file in run)
    pending = sum(bool(entry.file) and not entry.recorded for entry in versions)
    missing = sum(not entry.file for entry in versions)
    recorded = len(live.tracking.rows)
    known = live.tracking.versions is not None
    tracking = f"{recorded} recorded, {missing} without a file" if known else "not readable"
    replays = f"{applied} of {len(run)} files replayed"
    major = "" if live_num // 10_000 == shadow_num // 10_000 else ", other major than the target"
    return (
        ("target", f"{target.title} (PostgreSQL {describe_version(live_num)})"),
        ("captured at", f"{live.snapshot.captured_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("migrations", f"{len(directory.files)} files{', git ' + git if git else ''}"),
        ("tracking table", tracking),
        ("expected state", f"{len(run)} applied files; {pending} pending, listed below"),
        ("shadow", f"PostgreSQL {describe_version(shadow_num)}{major}; {replays}"),
        ("schemas", ", ".join(target.schemas) or "all but the platform's"),
        ("audit", build_audit_id(live.snapshot.captured_at, live.snapshot.root_hash)),
    )


def _describe_environment(live: LiveSide, replayed: ReplayResult) -> tuple[tuple[str, str], ...]:
    session = ", ".join(f"{name}={value}" for name, value in sorted(live.session.items()))
    return (
        ("driftbook", __version__),
        ("python", machine.python_version()),
        ("live server", describe_version(live.snapshot.version_num)),
        ("shadow server", describe_version(replayed.expected.version_num)),
        ("platform prelude", replayed.prelude),
        ("live snapshot", live.snapshot.root_hash),
        ("expected snapshot", replayed.expected.root_hash),
        ("audit session", session),
    )
