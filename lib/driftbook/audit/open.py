"""Opening two sources at once: what can be read is read first and tells how to replay the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.collect import read_live
from driftbook.audit.directory import open_directory
from driftbook.audit.guess import guess_platform
from driftbook.audit.plan import REPLAYED, CompareOptions, Plan, plan_shadow
from driftbook.audit.remember import read_stored
from driftbook.audit.sides import LiveSide, read_live_side, start_shadow
from driftbook.catalog.portable.read import open_capture
from driftbook.config import Settings, read_access
from driftbook.errors import ConfigError
from driftbook.migrations.directory import Directory
from driftbook.places import replays_dir
from driftbook.shadow.replay import ReplayResult, load_dump, replay
from driftbook.sources import Source, SourceKind, parse_source

if TYPE_CHECKING:
    from contextlib import ExitStack

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress

BY_TEXT = frozenset({"supabase", "plain", "dbmate"})  # their files are in the order of versions


@dataclass(frozen=True, slots=True)
class Opened:
    """One source as a snapshot, with the replay that made it, if one did.

    ``recorded``: its tracking table names versions, so that the tool applied its files.
    """

    source: Source
    snapshot: Snapshot
    replayed: ReplayResult | None = None
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two opened sources, the platform that both may hold, and the shadow while it runs."""

    expected: Opened
    live: Opened
    platform: Snapshot | None
    server: ShadowServer | None
    plan: Plan


def parse_text(text: str, settings: Settings, convention: str = "auto") -> Source:
    """Return the source that ``text`` names; a directory is read by ``convention``."""
    source = parse_source(text, is_target=lambda name: name in settings.targets)
    return replace(source, convention=convention)


def open_pair(
    sources: tuple[Source, Source],
    settings: Settings,
    options: CompareOptions,
    stack: ExitStack,
    progress: Progress,
) -> Pair:
    """Return both sources as snapshots; the shadow, if one was needed, lives on ``stack``."""
    read = {
        at: read_source(source, settings, progress)
        for at, source in enumerate(sources)
        if source.kind not in REPLAYED
    }
    snapshots = [side.snapshot for side in read.values()]
    recorded = not read or any(side.recorded for side in read.values())
    plan = plan_shadow(sources, snapshots, settings, options, recorded=recorded)
    platforms = {guess_platform(side.snapshot) for side in read.values()}
    server = None
    if len(read) < len(sources) or (plan.platform == "supabase" and len(platforms) > 1):
        progress("starting the shadow server")
        server = stack.enter_context(
            start_shadow(plan.major, plan.choice, plan.platform, plan.role)
        )
    opened = [
        read.get(at) or replay_source(source, server, plan, options, progress)
        for at, source in enumerate(sources)
    ]
    platform = next((side.replayed.platform for side in opened if side.replayed), None)
    if platform is None and server is not None:
        empty = Directory(path=Path(), files=(), skipped=())
        platform = replay(
            server,
            empty,
            platform=plan.platform,
            replay_role=plan.role,
            versions=None,
            stand_in=plan.stand_in,
            cache=replays_dir(),
        ).platform
    return Pair(opened[0], opened[1], platform, server, plan)


def read_source(source: Source, settings: Settings, progress: Progress) -> Opened:
    """Return a live database, a target's, a capture, or the live side of an audit."""
    if source.kind is SourceKind.CAPTURE:
        return Opened(source, open_capture(Path(source.text)))
    progress(f"reading {source.label}")
    if source.kind is SourceKind.AUDIT:
        return _read_audit(source, settings)
    live = _read_live(source, settings)
    return Opened(source, live.snapshot, recorded=bool(live.tracking.versions))


def _read_audit(source: Source, settings: Settings) -> Opened:
    evidence = read_stored(source.text, settings)
    if evidence.live is None:
        raise ConfigError(
            f"audit {source.text} has no live side: its target names no database",
            fix="name the directory of its files, as git had it then: DIR@DAY",
        )
    return Opened(source, evidence.live, recorded=bool(evidence.facts.records))


def _read_live(source: Source, settings: Settings) -> LiveSide:
    if source.kind is SourceKind.TARGET:
        target = settings.target(source.text)
        return read_live(read_access(target), target)
    return read_live_side(source.text, source.label)


def replay_source(
    source: Source,
    server: ShadowServer | None,
    plan: Plan,
    options: CompareOptions,
    progress: Progress,
) -> Opened:
    """Return a directory or a dump as the snapshot of its replay."""
    assert server is not None  # noqa: S101 - open_pair starts one when a source needs it
    if source.kind is SourceKind.DUMP:
        replayed = load_dump(
            server,
            Path(source.text),
            platform=plan.platform,
            replay_role=plan.role,
            stand_in=plan.stand_in,
        )
        return Opened(source, replayed.expected, replayed)
    directory = open_directory(source)
    replayed = replay(
        server,
        directory,
        platform=plan.platform,
        replay_role=plan.role,
        mode="strict" if options.strict else "survey",
        progress=progress,
        versions=limit_versions(directory, source.version),
        stand_in=plan.stand_in,
        records=plan.records,
        cache=replays_dir(),
    )
    return Opened(source, replayed.expected, replayed)


def limit_versions(directory: Directory, last: str) -> frozenset[str] | None:
    """Return the versions up to and including ``last``; ``None`` for all.

    Raises:
        ConfigError: Versions are no times there, and no file has this one.
    """
    if not last:
        return None
    versions = [file.version for file in directory.files]
    if directory.convention in BY_TEXT:
        return frozenset(version for version in versions if version <= last)
    if last not in versions:
        raise ConfigError(
            f"no file has the version {last!r}",
            where=str(directory.path),
            fix=f"name one of the directory, {versions[0]!r} to {versions[-1]!r}",
        )
    return frozenset(versions[: versions.index(last) + 1])
