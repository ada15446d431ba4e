"""Opening two sources at once: what can be read is read first and tells how to replay the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.guess import (
    Needs,
    guess_dump_role,
    guess_platform,
    guess_replay_role,
    is_rebuilt,
    read_needs,
    read_stand_in,
    read_texts,
)
from driftbook.audit.sides import LiveSide, read_live_side, scope_of, start_shadow
from driftbook.catalog.snapshot import Snapshot, read_capture
from driftbook.config import Settings, Target, read_dsn
from driftbook.drift.scope import ScopeSettings
from driftbook.migrations.directory import Directory, read_directory
from driftbook.shadow.replay import ReplayResult, load_dump, replay
from driftbook.sources import Source, SourceKind, parse_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.result import Platform
    from driftbook.shadow.stand_in import StandIn

DEFAULT_ROLE = "postgres"
REPLAYED = {SourceKind.DIRECTORY, SourceKind.DUMP}


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How directories and dumps are replayed; ``None`` means: as live shows."""

    platform: Platform | None = None
    shadow_major: int | None = None
    replay_role: str | None = None
    strict: bool = False


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
class Plan:
    """How the shadow of a comparison is made."""

    platform: Platform
    role: str
    major: int | None
    setting: str = ""
    stand_in: StandIn | None = None
    records: bool = True
    scope: ScopeSettings = field(default_factory=ScopeSettings)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two opened sources, the platform that both may hold, and the shadow while it runs."""

    expected: Opened
    live: Opened
    platform: Snapshot | None
    server: ShadowServer | None
    plan: Plan


def parse_text(text: str, settings: Settings) -> Source:
    """Return the source that ``text`` names."""
    return parse_source(text, is_target=lambda name: name in settings.targets)


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
    plan = plan_shadow(sources, list(read.values()), settings, options)
    platforms = {guess_platform(side.snapshot) for side in read.values()}
    server = None
    if len(read) < len(sources) or (plan.platform == "supabase" and len(platforms) > 1):
        progress("starting the shadow server")
        server = stack.enter_context(
            start_shadow(plan.major, plan.setting, plan.platform, plan.role)
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
        ).platform
    return Pair(opened[0], opened[1], platform, server, plan)


def read_source(source: Source, settings: Settings, progress: Progress) -> Opened:
    """Return a live database, a target's live database, or a capture, as a snapshot."""
    if source.kind is SourceKind.CAPTURE:
        return Opened(source, read_capture(Path(source.text)))
    progress(f"reading {source.label}")
    live = _read_live(source, settings)
    return Opened(source, live.snapshot, recorded=bool(live.tracking.versions))


def _read_live(source: Source, settings: Settings) -> LiveSide:
    if source.kind is SourceKind.TARGET:
        target = settings.target(source.text)
        return read_live_side(
            read_dsn(target),
            f"target {target.title}",
            tracking_table=target.tracking_table,
            insecure=target.insecure,
        )
    return read_live_side(source.text, source.label)


def plan_shadow(
    sources: Sequence[Source],
    opened: Sequence[Opened],
    settings: Settings,
    options: CompareOptions,
) -> Plan:
    """Return how to replay: as the options say, else the target, else what live shows."""
    snapshots = [side.snapshot for side in opened]
    target = next(
        (settings.target(source.text) for source in sources if source.kind is SourceKind.TARGET),
        None,
    )
    texts = [read_texts(source) for source in sources if source.kind in REPLAYED]
    needs = read_needs(chain.from_iterable(texts))
    platform = options.platform or _guess_platform(target, sources, snapshots, needs)
    rebuilt = next((one for one in snapshots if is_rebuilt(one)), None)
    stand_in = None
    if platform == "supabase" and rebuilt is not None and target is None:
        stand_in = read_stand_in(rebuilt, needs)
    if options.replay_role or target:
        role = options.replay_role or (target.replay_role if target else DEFAULT_ROLE)
    elif stand_in is not None:
        role = stand_in.role
    elif platform == "supabase":
        role = DEFAULT_ROLE
    elif not snapshots:
        dumps = [source for source in sources if source.kind is SourceKind.DUMP]
        role = guess_dump_role(chain.from_iterable(map(read_texts, dumps))) or DEFAULT_ROLE
    else:
        role = guess_replay_role(snapshots[0], needs.owned) or DEFAULT_ROLE
    majors = [snapshot.version_num // 10_000 for snapshot in snapshots]
    own = target.shadow_major if target else None
    major = options.shadow_major or own or next(iter(majors), None)
    setting = target.shadow if target else ""
    records = not opened or any(side.recorded for side in opened)
    scope = scope_of(target) if target else ScopeSettings()
    return Plan(platform, role, major, setting, stand_in, records, scope)


def describe_plan(plan: Plan, options: CompareOptions) -> tuple[str, ...]:
    """Return, as sentences, what a comparison rests on that nobody said."""
    sentences = []
    if options.platform is None:
        sentences.append(f"the platform is {plan.platform} (--platform says another)")
    if options.replay_role is None:
        sentences.append(f"the files run as {plan.role} (--replay-role says another)")
    if plan.stand_in is not None:
        sentences.append(
            "live's platform was rebuilt by somebody: its default privileges and the places of "
            "its extensions were taken from live and are not compared"
        )
    return tuple(sentences)


def _guess_platform(
    target: Target | None,
    sources: Sequence[Source],
    snapshots: Sequence[Snapshot],
    needs: Needs,
) -> Platform:
    if target:
        return target.platform
    shown = any(guess_platform(snapshot) == "supabase" for snapshot in snapshots)
    # The dump of a whole database has its platform in it.
    is_whole = all(source.kind is not SourceKind.DIRECTORY for source in sources)
    if needs.brings and (is_whole or not shown):
        return "plain"
    if shown:
        return "supabase"
    if needs.uses:
        return "supabase"
    if snapshots:
        return "supabase" if needs.names_roles and any(map(is_rebuilt, snapshots)) else "plain"
    configured = any(
        source.kind is SourceKind.DIRECTORY
        and (Path(source.path).resolve().parent / "config.toml").is_file()
        for source in sources
    )
    return "supabase" if configured else "plain"


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
    )
    return Opened(source, replayed.expected, replayed)


def open_directory(source: Source) -> Directory:
    """Read the files of ``source`` in the convention that its names show."""
    return read_directory(Path(source.path), convention="auto")


def limit_versions(directory: Directory, last: str) -> frozenset[str] | None:
    """Return the versions up to and including ``last``; ``None`` for all."""
    if not last:
        return None
    return frozenset(file.version for file in directory.files if file.version <= last)
