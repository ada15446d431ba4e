"""Following the files one by one: what each did, and whether that is in the live database."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import apply_scope
from driftbook.places import replays_dir
from driftbook.shadow.replay import replay
from driftbook.shadow.steps import step_beyond
from driftbook.tools import BY_NAME
from driftbook.tracking.effects import judge_facts, read_facts, sum_effects, supersede
from driftbook.tracking.recorded import compare_facts, read_recorded
from driftbook.versions import FactStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import pandas as pd

    from driftbook.audit.plan import Plan
    from driftbook.audit.sides import LiveSide
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.scope import Scoped
    from driftbook.migrations.directory import Directory
    from driftbook.model import ObjectRef
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.replay import ReplayResult
    from driftbook.shadow.steps import Step
    from driftbook.tracking.effects import Effect
    from driftbook.versions import Content, Fact


@dataclass(slots=True)
class Diary:
    """What steps said, in their order."""

    facts: list[Fact] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)  # of each fact; 0: the whole file
    failures: dict[str, str] = field(default_factory=dict)

    def note(self, step: Step) -> None:
        """Write down what one file did."""
        facts = read_facts(step)
        self.facts += facts
        self.statements += [step.statement] * len(facts)
        if step.result.error:
            self.failures[step.result.file] = step.result.error.message


@dataclass(frozen=True, slots=True)
class Replayed:
    """Files that were replayed, with every step."""

    result: ReplayResult
    diary: Diary


@dataclass(frozen=True, slots=True)
class Trace:
    """What every file did.

    Attributes:
        facts: Judged, in file order: the recorded versions, by their records where these say
            otherwise than the files, then the files without a record.
        effects: File name → effect of the file.
        retold: Version → effect of the SQL in its record, where that is not the file's.
        edits: Version → what its file does otherwise than its record, a line each.
    """

    facts: tuple[Fact, ...]
    effects: Mapping[str, Effect]
    retold: Mapping[str, Effect] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retold:
    """What the records did that say otherwise than their files; see :class:`Trace`."""

    facts: tuple[Fact, ...] = ()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tracer:
    """Everything that a replay needs besides its files; ``live`` may be missing."""

    server: ShadowServer
    plan: Plan
    live: LiveSide | None
    progress: Progress

    def replay(
        self,
        directory: Directory,
        versions: Collection[str] | None,
        piecewise: Collection[str] = (),
    ) -> Replayed:
        """Replay ``directory`` at ``versions`` and follow each file, some by their statements."""
        diary = Diary()
        result = replay(
            self.server,
            directory,
            versions=versions,
            platform=self.plan.platform,
            replay_role=self.plan.role,
            progress=self.progress,
            stand_in=self.plan.stand_in,
            records=self.plan.records,
            observe=diary.note,
            piecewise=piecewise,
            cache=replays_dir(),
        )
        return Replayed(result, diary)

    def compare(
        self, expected: Snapshot, platform: Snapshot, withheld: Collection[ObjectRef] = ()
    ) -> tuple[Scoped, pd.DataFrame] | None:
        """Return both sides in scope and their differences; ``None`` without live."""
        if self.live is None:
            return None
        scoped = apply_scope(expected, self.live.snapshot, platform, self.plan.scope, withheld)
        return scoped, diff_snapshots(scoped.expected, scoped.live)

    def judge_diary(self, diary: Diary, expected: Snapshot, platform: Snapshot) -> tuple[Fact, ...]:
        """Return the facts of ``diary``, which led to ``expected``, as live shows them."""
        compared = self.compare(expected, platform)
        if compared is None:
            return judge_facts(diary.facts, expected, None)
        return judge_facts(diary.facts, compared[0].expected, compared[1], self._unread)

    @property
    def _unread(self) -> frozenset[str]:
        return frozenset(self.live.snapshot.unread) if self.live else frozenset()

    def trace(
        self,
        directory: Directory,
        replayed: Replayed,
        sides: tuple[Snapshot, pd.DataFrame | None],
        contents: Mapping[str, Content],
        everything: Directory,
    ) -> Trace:
        """Return what every file of ``directory`` did, and every record that says otherwise.

        Args:
            directory: The files, without those whose version another file has by its record.
            replayed: Those that are recorded.
            sides: What they give, in scope, and its differences to live.
            contents: File name → how the file compares with its record.
            everything: All files.
        """
        beyond, failures = self._try_beyond(directory, replayed.result, everything)
        place_of = _find_places(everything)
        facts = supersede(judge_facts(replayed.diary.facts, *sides, self._unread), beyond, place_of)
        failures = replayed.diary.failures | failures
        effects = sum_effects((*facts, *beyond), failures)
        retold = self._retell(directory, replayed, contents)
        if retold.effects:
            told = supersede(retold.facts, beyond, place_of)
            versions = {fact.version for fact in told}
            kept = [fact for fact in facts if fact.version not in versions | retold.effects.keys()]
            facts = tuple(sorted((*kept, *told), key=lambda fact: place_of(fact.file)))
            # What a record without its file undid is undone for the files before it as well.
            same = [fact for fact in told if fact.version not in retold.effects]
            effects |= sum_effects(same, {})
        return Trace((*facts, *beyond), effects, retold.effects, retold.edits)

    def _try_beyond(
        self, directory: Directory, replayed: ReplayResult, everything: Directory
    ) -> tuple[tuple[Fact, ...], dict[str, str]]:
        """Return what the files do that are not recorded, each at its place in the order."""
        recorded = self.live.tracking.versions if self.live else None
        if recorded is None:
            return (), {}
        beyond = {one.path.name for one in directory.files if one.version not in recorded}
        facts: tuple[Fact, ...] = ()
        known = {one.path.name for one in directory.files}
        twins = {one.path.name for one in everything.files} - known
        left = beyond | twins
        if _has_older(directory, beyond, max(recorded, default="")):
            # Only in its place it shows that a later file undid what an older one did.
            self.progress("replaying all files")
            facts, failures = self._judge_all(directory, beyond)
            left = (beyond & failures.keys()) | twins
        if not left:
            return facts, {}
        diary = Diary()
        names = beyond | twins
        files = tuple(one for one in everything.files if one.path.name in names)
        others = replace(everything, files=files)
        after = step_beyond(self.server, others, replayed, diary.note, self.progress)
        tried = self.judge_diary(diary, after, replayed.platform)
        facts += tuple(_doubt(fact) for fact in tried if fact.file in left)
        return facts, {file: why for file, why in diary.failures.items() if file in left}

    def _judge_all(
        self, directory: Directory, beyond: Collection[str]
    ) -> tuple[tuple[Fact, ...], dict[str, str]]:
        """Return what the files called ``beyond`` do among all, and which of them fail there."""
        run = self.replay(directory, None)
        self.server.drop_database(run.result.database)
        judged = self.judge_diary(run.diary, run.result.expected, run.result.platform)
        failures = {file: why for file, why in run.diary.failures.items() if file in beyond}
        return tuple(_doubt(fact) for fact in judged if fact.file in beyond), failures

    def _retell(
        self, directory: Directory, replayed: Replayed, contents: Mapping[str, Content]
    ) -> Retold:
        """Replay what is recorded; return what records do that say otherwise than files."""
        tracking = self.live.tracking if self.live else None
        told = read_recorded(directory, tracking, contents) if tracking else None
        if tracking is None or told is None:
            return Retold()
        self.progress("replaying what is recorded")
        other = self.replay(told.directory, tracking.versions)
        self.server.drop_database(other.result.database)
        judged = self.judge_diary(other.diary, other.result.expected, other.result.platform)
        effects = sum_effects(judged, other.diary.failures)
        names = {file.path.name: file.version for file in told.directory.files}
        mine, theirs = _by_version(replayed.diary.facts), _by_version(judged)
        files = {file.version for file in directory.files}
        retold = {
            version: effects[file]
            for file, version in names.items()
            if version in told.versions and file in effects
        }
        edits = {
            version: compare_facts(mine[version], theirs[version])
            for version in sorted(told.versions & files)
        }
        # Where records fail that did not fail as files, the files tell more of the others.
        whole = other.diary.failures.keys() <= replayed.diary.failures.keys()
        facts = tuple(fact for fact in judged if whole or fact.version in told.versions)
        return Retold(facts, retold, edits)


def _doubt(fact: Fact) -> Fact:
    """Return a fact of a file without a record: another shape does not show that it ran."""
    if fact.status is FactStatus.DIFFERENT:
        return replace(fact, status=FactStatus.MISSING)
    return fact


def _by_version(facts: Iterable[Fact]) -> defaultdict[str, list[Fact]]:
    by_version: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_version[fact.version].append(fact)
    return by_version


def _find_places(directory: Directory) -> Callable[[str], bytes]:
    """Return what sorts the files as the tool runs them."""
    if directory.convention in BY_NAME:
        return os.fsencode
    places = {file.path.name: b"%09d" % place for place, file in enumerate(directory.files)}
    return lambda file: places.get(file, b"")


def _has_older(directory: Directory, beyond: Collection[str], newest: str) -> bool:
    """Return whether a file called in ``beyond`` is older than what is recorded."""
    if directory.convention in BY_NAME:
        return any(one.version < newest for one in directory.files if one.path.name in beyond)
    places = [one.path.name in beyond for one in directory.files]
    return any(first and not second for first, second in pairwise(places))
