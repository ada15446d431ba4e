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
    FailureFact,
    InterceptionFact,
    LeftOutFact,
    build_audit_id,
)
from driftbook.audit.gaps import find_gaps
from driftbook.migrations.git import git_state
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from driftbook.audit.plan import Plan
    from driftbook.audit.sides import LiveSide
    from driftbook.config import Target
    from driftbook.drift.scope import Scoped
    from driftbook.migrations.directory import Directory
    from driftbook.shadow.replay import ReplayResult
    from driftbook.versions import Version

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """Both sides of a target, joined: what was read, replayed, compared and tried."""

    target: Target
    directory: Directory
    live: LiveSide
    plan: Plan
    replayed: ReplayResult
    scoped: Scoped
    equal: list[tuple[str, tuple[str, ...], str]]  # kind, key, property: differ in form only
    versions: tuple[Version, ...]


def build_facts(collected: Collected) -> Facts:
    """Return the facts of ``collected``, everything in a fixed order."""
    live, replayed, scoped = collected.live, collected.replayed, collected.scoped
    unaccounted = scoped.live.unaccounted
    return Facts(
        audit_id=build_audit_id(live.snapshot.captured_at, live.snapshot.root_hash),
        captured_at=live.snapshot.captured_at,
        target=collected.target,
        versions=collected.versions,
        never_runs=tuple((entry.name, entry.why) for entry in collected.directory.skipped),
        failures=find_failures(replayed),
        interceptions=(*find_takeover(collected.plan), *find_interceptions(replayed)),
        left_out=tuple(
            LeftOutFact(reason=str(reason), kind=str(kind), objects=int(str(objects)))
            for reason, kind, objects in scoped.left_out.itertuples(index=False, name=None)
        ),
        gaps=find_gaps(live.tracking, replayed, unaccounted),
        equal=tuple(
            EqualFact(kind=kind, key=key, property=name)
            for kind, key, name in sorted(collected.equal)
        ),
        unaccounted=tuple(
            (str(row[0]), str(row[1]), str(row[2]))
            for row in unaccounted.itertuples(index=False, name=None)
        ),
        provenance=describe_provenance(collected),
        environment=describe_environment(live, replayed),
    )


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
    target, live, directory = collected.target, collected.live, collected.directory
    git = "" if target.is_demo else git_state(directory.path)
    return (
        ("target", f"{target.title} (PostgreSQL {describe_version(live.snapshot.version_num)})"),
        ("captured at", f"{live.snapshot.captured_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("migrations", f"{len(directory.files)} files{', git ' + git if git else ''}"),
        ("tracking table", _describe_tracking(collected)),
        ("expected state", _describe_expected(collected)),
        ("shadow", _describe_shadow(live, collected.replayed)),
        ("schemas", ", ".join(target.schemas) or "all but the platform's"),
        ("audit", build_audit_id(live.snapshot.captured_at, live.snapshot.root_hash)),
    )


def _describe_tracking(collected: Collected) -> str:
    tracking = collected.live.tracking
    if tracking.versions is None:
        return "not readable"
    missing = sum(entry.state is VersionState.MISSING_FILE for entry in collected.versions)
    return f"{len(tracking.rows)} recorded" + (f", {missing} without a file" if missing else "")


def _describe_expected(collected: Collected) -> str:
    run = [file for file in collected.replayed.files if file.status in {"applied", "failed"}]
    states = Counter(entry.state for entry in collected.versions)
    counts = (
        (sum(states[state] for state in VersionState if state.is_pending), "pending"),
        (states[VersionState.APPLIED_UNRECORDED], "live without a record"),
        (states[VersionState.PARTLY_APPLIED_UNRECORDED], "live in part without a record"),
    )
    others = [f"{count} {words}" for count, words in counts if count]
    return "; ".join([f"{len(run)} applied files", *others])


def _describe_shadow(live: LiveSide, replayed: ReplayResult) -> str:
    live_num, shadow_num = live.snapshot.version_num, replayed.expected.version_num
    run = [file for file in replayed.files if file.status in {"applied", "failed"}]
    applied = sum(file.status == "applied" for file in run)
    major = "" if live_num // 10_000 == shadow_num // 10_000 else ", other major than the target"
    version = describe_version(shadow_num)
    return f"PostgreSQL {version}{major}; {applied} of {len(run)} files replayed"


def describe_environment(live: LiveSide, replayed: ReplayResult) -> Pairs:
    """Return versions, hashes, and the settings of the audit's session as they were read back."""
    session = ", ".join(f"{name}={value}" for name, value in sorted(live.session.items()))
    return (
        ("driftbook", __version__),
        ("python", machine.python_version()),
        ("live server", describe_version(live.snapshot.version_num)),
        ("shadow server", describe_version(replayed.expected.version_num)),
        ("platform prelude", replayed.prelude),
        ("files run as", replayed.role),
        ("live snapshot", live.snapshot.root_hash),
        ("expected snapshot", replayed.expected.root_hash),
        ("audit session", session),
    )
