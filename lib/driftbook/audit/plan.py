"""How the shadow is made: as somebody said, else as the target says, else as live shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.choice import ShadowChoice, read_shadow
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
from driftbook.audit.sides import scope_of
from driftbook.drift.scope import ScopeSettings
from driftbook.sources import SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.audit.sides import LiveSide
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.config import Settings, Target
    from driftbook.migrations.directory import Directory
    from driftbook.shadow.result import Platform
    from driftbook.shadow.stand_in import StandIn
    from driftbook.sources import Source

DEFAULT_ROLE = "postgres"
REPLAYED = {SourceKind.DIRECTORY, SourceKind.DUMP}


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How directories and dumps are replayed; ``None`` means: as live shows.

    ``convention``: how a directory's files are read; ``auto``: as they show. ``roles``: those of
    the cluster are compared as well.
    """

    platform: Platform | None = None
    shadow_major: int | None = None
    replay_role: str | None = None
    strict: bool = False
    convention: str = "auto"
    roles: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How the shadow is made.

    ``stand_in``: what live has in place of the platform; ``records``: the tool recorded what it
    ran.
    """

    platform: Platform
    role: str
    major: int | None
    choice: ShadowChoice = field(default_factory=ShadowChoice)
    stand_in: StandIn | None = None
    records: bool = True
    scope: ScopeSettings = field(default_factory=ScopeSettings)


def plan_audit(target: Target, live: LiveSide | None, directory: Directory) -> Plan:
    """Return how the files of ``target`` are replayed; without ``live`` as the target says."""
    needs = read_needs(file.data.decode(errors="replace") for file in directory.files)
    snapshots = [live.snapshot] if live else []
    stand_in = _find_stand_in(target.platform, snapshots, needs)
    major = live.snapshot.version_num // 10_000 if live else None
    return Plan(
        target.platform,
        target.replay_role or _choose_role(target.platform, stand_in, snapshots, needs),
        target.shadow_major or major,
        read_shadow(target),
        stand_in,
        records=bool(live.tracking.versions) if live else True,
        scope=scope_of(target),
    )


def plan_shadow(
    sources: Sequence[Source],
    snapshots: Sequence[Snapshot],
    settings: Settings,
    options: CompareOptions,
    *,
    recorded: bool = True,
) -> Plan:
    """Return how to replay for a comparison; ``snapshots`` are of what could be read at once."""
    target = next(
        (settings.target(source.text) for source in sources if source.kind is SourceKind.TARGET),
        None,
    )
    texts = [read_texts(source) for source in sources if source.kind in REPLAYED]
    needs = read_needs(chain.from_iterable(texts))
    platform = options.platform or _guess_platform(target, sources, snapshots, needs)
    stand_in = _find_stand_in(platform, snapshots, needs)
    role = options.replay_role or (target.replay_role if target else "")
    if not role and not snapshots and platform == "plain":
        dumps = [source for source in sources if source.kind is SourceKind.DUMP]
        role = guess_dump_role(chain.from_iterable(map(read_texts, dumps))) or DEFAULT_ROLE
    scope = scope_of(target) if target else ScopeSettings()
    majors = [snapshot.version_num // 10_000 for snapshot in snapshots]
    return Plan(
        platform,
        role or _choose_role(platform, stand_in, snapshots, needs),
        options.shadow_major
        or (target.shadow_major if target else None)
        or next(iter(majors), None),
        read_shadow(target) if target else ShadowChoice(),
        stand_in,
        recorded,
        replace(scope, roles=scope.roles or options.roles),
    )


def _find_stand_in(
    platform: Platform, snapshots: Sequence[Snapshot], needs: Needs
) -> StandIn | None:
    rebuilt = next((snapshot for snapshot in snapshots if is_rebuilt(snapshot)), None)
    return read_stand_in(rebuilt, needs) if platform == "supabase" and rebuilt else None


def _choose_role(
    platform: Platform, stand_in: StandIn | None, snapshots: Sequence[Snapshot], needs: Needs
) -> str:
    if stand_in is not None:
        return stand_in.role
    if platform == "supabase" or not snapshots:
        return DEFAULT_ROLE
    return guess_replay_role(snapshots[0], needs.owned) or DEFAULT_ROLE


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
    if shown or needs.uses:
        return "supabase"
    if snapshots:
        return "supabase" if needs.names_roles and any(map(is_rebuilt, snapshots)) else "plain"
    if needs.names_roles and not needs.makes_roles:
        return "supabase"
    configured = any(
        source.kind is SourceKind.DIRECTORY and _is_configured(Path(source.path).resolve().parent)
        for source in sources
    )
    return "supabase" if configured else "plain"


def _is_configured(folder: Path) -> bool:
    """Return whether ``folder`` is the one in which the Supabase CLI keeps its things."""
    return folder.name == "supabase" or (folder / "config.toml").is_file()
