"""What an audit knows besides the two snapshots, made from everything it collected."""

from __future__ import annotations

import platform as machine
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook import __version__
from driftbook.audit.evidence import (
    EqualFact,
    Facts,
    FileFact,
    GapFact,
    GrantFact,
    InterceptionFact,
    LeftOutFact,
    build_audit_id,
)
from driftbook.audit.failed import find_failures
from driftbook.audit.gaps import find_gaps, find_role_gaps, find_unread_gaps
from driftbook.audit.tested import read_selftest
from driftbook.drift.majors import major_of
from driftbook.migrations.git import git_state
from driftbook.sqltext import holds_block, holds_control
from driftbook.tracking.table import TrackingStatus
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from datetime import datetime

    from driftbook.audit.judge import Judged
    from driftbook.audit.plan import Plan
    from driftbook.audit.sides import LiveSide
    from driftbook.config import Target
    from driftbook.drift.scope import Scoped
    from driftbook.migrations.history import History
    from driftbook.postgres.binaries import Origin
    from driftbook.repairs import RepairPlan
    from driftbook.shadow.replay import ReplayResult
    from driftbook.tracking.table import Tracking

TOLD = ", as the demo's story tells it"
WITHOUT_FILE = frozenset({VersionState.MISSING_FILE, VersionState.MISSING_FILE_UNKNOWN})
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that was found out about a target; ``told``: at a moment of a story."""

    target: Target
    live: LiveSide | None
    plan: Plan
    judged: Judged
    history: History
    repair: RepairPlan
    now: datetime
    server: Origin
    told: bool = False

    @property
    def replayed(self) -> ReplayResult:
        """Return the replay of the recorded files."""
        return self.judged.replayed.result

    @property
    def audit_id(self) -> str:
        """Return when the target was looked at, and what was seen."""
        seen = self.live.snapshot if self.live else self.replayed.expected
        return build_audit_id(self.now, self.target.name, seen.root_hash)


def build_facts(collected: Collected) -> Facts:
    """Return the facts of ``collected``, everything in a fixed order."""
    judged, live, replayed = collected.judged, collected.live, collected.replayed
    scoped = judged.scoped
    unaccounted = scoped.live.unaccounted if scoped else replayed.expected.unaccounted
    tracking = live.tracking if live else None
    return Facts(
        audit_id=collected.audit_id,
        captured_at=collected.now,
        target=collected.target,
        versions=judged.versions,
        never_runs=tuple((entry.name, entry.why) for entry in judged.directory.skipped),
        failures=find_failures(replayed, live.snapshot if live else None),
        interceptions=(*find_takeover(collected.plan), *find_interceptions(replayed)),
        left_out=find_left_out(scoped),
        gaps=find_gaps(
            tracking,
            replayed,
            unaccounted,
            scoped.unchecked if scoped else (),
            _find_lacking(scoped),
        ),
        equal=tuple(
            EqualFact(kind=kind, key=key, property=name) for kind, key, name in sorted(judged.equal)
        ),
        unaccounted=tuple(
            (str(row[0]), str(row[1]), str(row[2]))
            for row in unaccounted.itertuples(index=False, name=None)
        ),
        provenance=describe_provenance(collected),
        environment=describe_environment(collected),
        files=find_files(judged),
        effects=judged.trace.facts,
        history=collected.history,
        plan=collected.repair,
        grants=find_grants(tracking),
        records=len(tracking.rows) if tracking and tracking.versions is not None else None,
        unread=find_unread(live),
        selftest=read_selftest(collected.target.name),
    )


def find_files(judged: Judged) -> tuple[FileFact, ...]:
    """Return one fact per migration file, in the order in which they are applied."""
    results = {result.file: result for result in judged.replayed.result.files}
    facts = []
    for file in judged.directory.files:
        result = results.get(file.path.name)  # a file whose version is another's is not replayed
        facts.append(
            FileFact(
                version=file.version,
                file=file.path.name,
                status=result.status if result else "skipped",
                statements=result.statements if result else 0,
                size=len(file.data),
                seconds=round(result.seconds, 3) if result else 0.0,
                controls=holds_control(file.data),
                subtransactions=holds_block(file.data),
            )
        )
    return tuple(facts)


def find_grants(tracking: Tracking | None) -> tuple[GrantFact, ...]:
    """Return who besides its owner holds what on the tracking table."""
    return tuple(
        GrantFact(grantee=grant.grantee, privilege=grant.privilege, on=grant.on)
        for grant in (tracking.grants if tracking else ())
    )


def find_unread(live: LiveSide | None) -> tuple[GapFact, ...]:
    """Return what the server remembers and did not tell."""
    return tuple(
        GapFact(what=f"What the server remembers: {one.exhibit}", why=one.why, fix=one.fix)
        for one in (live.exhibited.unread if live else ())
    )


def _find_lacking(scoped: Scoped | None) -> tuple[GapFact, ...]:
    """Return what was not read, or not compared although somebody asked for it."""
    if scoped is None:
        return ()
    unread = find_unread_gaps((scoped.expected, scoped.live))
    return (*unread, *find_role_gaps(scoped.left_out))


def find_left_out(scoped: Scoped | None) -> tuple[LeftOutFact, ...]:
    """Return how many objects of each kind are not compared, and why."""
    if scoped is None:
        return ()
    return tuple(
        LeftOutFact(reason=str(reason), kind=str(kind), objects=int(str(objects)))
        for reason, kind, objects in scoped.left_out.itertuples(index=False, name=None)
    )


def find_takeover(plan: Plan) -> tuple[InterceptionFact, ...]:
    """Return the fact that live's platform is somebody's own, if it is."""
    if plan.stand_in is None:
        return ()
    return (
        InterceptionFact(
            kind="platform-rebuilt",
            file="",
            line=0,
            object=plan.role,
            done="live's platform was rebuilt by somebody: default privileges of this role and "
            "the places of extensions were taken from live",
            effect="what live lacks of the platform's default privileges is not compared",
        ),
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


def describe_provenance(collected: Collected) -> Pairs:
    """Return what the report was made from, label by label, in the order of the header."""
    target, live, directory = collected.target, collected.live, collected.judged.directory
    git = git_state(directory.path)
    server = f" (PostgreSQL {describe_version(live.snapshot.version_num)})" if live else ""
    return (
        ("target", f"{target.title}{server or ' (files alone: it names no database)'}"),
        ("captured at", f"{collected.now:%Y-%m-%d %H:%M:%S} UTC{TOLD if collected.told else ''}"),
        ("migrations", f"{len(directory.files)} files{', git ' + git if git else ''}"),
        ("tracking table", _describe_tracking(collected)),
        ("expected state", _describe_expected(collected)),
        ("shadow", _describe_shadow(collected)),
        ("schemas", ", ".join(target.schemas) or "all but the platform's"),
        ("audit", collected.audit_id),
    )


def _describe_tracking(collected: Collected) -> str:
    tracking = collected.judged.tracking
    if tracking.status is TrackingStatus.ASSUMED:
        return "none: every file is taken as applied"
    if tracking.versions is None:
        return "not readable" if collected.live else "no database was asked"
    states = [entry.state for entry in collected.judged.versions]
    missing = sum(state in WITHOUT_FILE for state in states)
    return f"{len(tracking.rows)} recorded" + (f", {missing} without a file" if missing else "")


def _describe_expected(collected: Collected) -> str:
    run = [file for file in collected.replayed.files if file.status in {"applied", "failed"}]
    states = Counter(entry.state for entry in collected.judged.versions)
    counts = (
        (sum(states[state] for state in VersionState if state.is_pending), "pending"),
        (states[VersionState.APPLIED_UNRECORDED], "live without a record"),
        (states[VersionState.PARTLY_APPLIED_UNRECORDED], "live in part without a record"),
    )
    others = [f"{count} {words}" for count, words in counts if count]
    return "; ".join([f"{len(run)} {'applied ' if collected.live else ''}files", *others])


def _describe_shadow(collected: Collected) -> str:
    live, replayed, server = collected.live, collected.replayed, collected.server
    crosses = live is not None and major_of(live.snapshot) != major_of(replayed.expected)
    major = f", cross-major: the target is of {major_of(live.snapshot)}" if live and crosses else ""
    run = [file for file in replayed.files if file.status in {"applied", "failed"}]
    applied = sum(file.status == "applied" for file in run)
    return f"{server}{major}; {applied} of {len(run)} files replayed"


def describe_environment(collected: Collected) -> Pairs:
    """Return versions, hashes, and the settings of the audit's session as they were read back."""
    live, replayed, server = collected.live, collected.replayed, collected.server
    settings = sorted(live.session.items()) if live else ()
    session = ", ".join(f"{name}={value}" for name, value in settings)
    return (
        ("driftbook", __version__),
        ("python", machine.python_version()),
        ("live server", describe_version(live.snapshot.version_num) if live else "none"),
        ("shadow server", describe_version(replayed.expected.version_num)),
        ("shadow server from", f"{server.source}: {server.reason}"),
        ("platform prelude", replayed.prelude),
        ("files run as", replayed.role),
        ("live snapshot", live.snapshot.root_hash if live else "none"),
        ("expected snapshot", replayed.expected.root_hash),
        ("audit session", session or "none"),
    )
