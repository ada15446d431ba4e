"""A repair plan and its proof: the steps are taken on copies, and everything is judged again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg

from driftbook.audit.judge import compare_contents, find_orders, judge
from driftbook.migrations.blobs import find_blobs
from driftbook.repairs import Forecast, RepairPlan, StepKind
from driftbook.rules.restore import write_restores
from driftbook.tools import BY_NAME, TOOLS
from driftbook.tracking.pending import forecast
from driftbook.tracking.pending_tools import forecast_tool
from driftbook.tracking.repair import plan_steps
from driftbook.tracking.simulate import take_file_steps, take_row_steps
from driftbook.tracking.table import Outcome, TrackingStatus
from driftbook.tracking.tables.layout import invent
from driftbook.tracking.wounds import Wounds
from driftbook.versions import Deed, FactStatus, VersionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftbook.audit.judge import Judged
    from driftbook.audit.trace import Tracer
    from driftbook.migrations.directory import Directory
    from driftbook.migrations.history import History
    from driftbook.repairs import RepairStep
    from driftbook.tracking.table import Tracking
    from driftbook.versions import Version

LOST = (VersionState.NEVER_EFFECTIVE, VersionState.PARTLY_EFFECTIVE)
WITHOUT_TEXT = (
    VersionState.MISSING_FILE,
    VersionState.MISSING_FILE_UNKNOWN,
    VersionState.EDITED_AFTER_APPLY,
)
NOT_TRIED = "its steps are questions and commands of the tool, which were not tried on a copy"
# Better or worse: what is settled, what does no harm, and everything else.
HARMLESS = frozenset({VersionState.EDITED_HARMLESS, VersionState.CONFIRMED_BY_EFFECT})


@dataclass(frozen=True, slots=True)
class Repair:
    """What a plan is made with.

    Attributes:
        tracer: The shadow and the live side.
        history: What git knows of the files.
        now: When the evidence was captured.
        target: What commands call the target.
    """

    tracer: Tracer
    history: History
    now: datetime
    target: str = "TARGET"

    def plan(self, judged: Judged) -> RepairPlan:
        """Return the steps for what ``judged`` shows, and what taking them on copies gave."""
        if judged.tracking.status is TrackingStatus.UNREADABLE:
            return RepairPlan(doubts=(f"the tracking table was not read: {judged.tracking.why}",))
        if judged.tracking.status is TrackingStatus.UNDECIDED:
            return RepairPlan(doubts=(f"which files ran is not known: {judged.tracking.why}",))
        steps = plan_steps(self._read_wounds(judged))
        before = _foresee(judged.directory, judged.tracking, ())
        if not TOOLS[judged.directory.convention].keeps_text:
            return self._plan_for_tool(judged, steps, before)
        if not any(step.kind is not StepKind.APPLY for step in steps):
            foreseen = _foresee(judged.directory, judged.tracking, steps)
            doubts = tuple(_doubt_forecast(foreseen, steps))
            return RepairPlan(
                steps, before, foreseen, not doubts, doubts, judged.count, judged.count
            )
        assert self.tracer.live is not None  # noqa: S101 - wounds are of a tracking table
        self.tracer.progress("taking the steps of the plan on a copy")
        try:
            tracking = take_row_steps(
                self.tracer.server, judged.replayed.result.role, judged.tracking, steps
            )
        except psycopg.Error as error:
            doubt = f"the SQL of a step does not run: {error.diag.message_primary}"
            return RepairPlan(steps, before, before, proven=False, doubts=(doubt,))
        directory = take_file_steps(judged.directory, steps)
        live = replace(self.tracer.live, tracking=tracking)
        after = judge(replace(self.tracer, live=live), directory, self.history, self.now)
        foreseen = _foresee(directory, tracking, steps)
        doubts = (*_find_doubts(judged, after, steps), *_doubt_forecast(foreseen, steps))
        return RepairPlan(steps, before, foreseen, not doubts, doubts, judged.count, after.count)

    def _plan_for_tool(
        self, judged: Judged, steps: tuple[RepairStep, ...], before: Forecast
    ) -> RepairPlan:
        """Return the plan for a tool that writes its table itself: its rows are in memory."""
        recorded = [
            invent(version, Outcome.ASSUMED)
            for step in steps
            if step.kind is StepKind.RECORD
            for version in step.versions
        ]
        if not recorded or self.tracer.live is None:
            asks = any(step.kind is not StepKind.APPLY for step in steps)
            untried = (NOT_TRIED,) if asks else ()
            return RepairPlan(steps, before, before, not asks, untried, judged.count, judged.count)
        self.tracer.progress("taking the steps of the plan in memory")
        tracking = replace(
            judged.tracking,
            status=TrackingStatus.READABLE,
            rows=(*judged.tracking.rows, *recorded),
        )
        live = replace(self.tracer.live, tracking=tracking)
        after = judge(replace(self.tracer, live=live), judged.directory, self.history, self.now)
        foreseen = _foresee(judged.directory, tracking, steps)
        doubts = tuple(_find_doubts(judged, after, steps))
        return RepairPlan(steps, before, foreseen, not doubts, doubts, judged.count, after.count)

    def _read_wounds(self, judged: Judged) -> Wounds:
        wanted = {one.version for one in judged.versions if one.state in WITHOUT_TEXT}
        past = {}
        if wanted and self.history.commits:
            found = find_blobs(judged.directory.path, wanted)
            past = {version: texts.texts for version, texts in found.items()}
        cures = {}
        lost = any(version.state in LOST for version in judged.versions)
        if lost and judged.scoped is not None and judged.changes is not None:
            cures = write_restores(judged.changes, judged.scoped.expected, judged.scoped.live)
        return Wounds(
            judged.versions,
            judged.directory,
            judged.tracking,
            self.now,
            judged.directory.convention == "supabase",
            self.target,
            past,
            cures,
            tuple(judged.replayed.diary.failures),
            {
                fact.thing: fact.other_name
                for fact in judged.trace.facts
                if fact.other_name
                and fact.status is FactStatus.MISSING
                and fact.deed is not Deed.DROPPED
            },
        )


def _foresee(directory: Directory, tracking: Tracking, steps: Sequence[RepairStep]) -> Forecast:
    if directory.convention not in BY_NAME:
        orders, contents = find_orders(directory, tracking), compare_contents(directory, tracking)
        return forecast_tool(directory, tracking, orders, contents)
    files = [(file.path.name, file.version) for file in directory.files]
    everything = any(step.command.endswith("--include-all") for step in steps)
    return forecast(files, tracking.versions or frozenset(), include_all=everything)


def _find_doubts(before: Judged, after: Judged, steps: Sequence[RepairStep]) -> list[str]:
    """Return why the steps may do harm: a version that is worse off, or more differences."""
    ranks: dict[str, int] = {}
    for version in before.versions:
        ranks[version.version] = max(_rank(version), ranks.get(version.version, 0))
    made = {step.file.partition("_")[0] for step in steps if step.file}
    doubts = [
        f"{version.version} is {_words(version)} afterwards"
        for version in after.versions
        if _rank(version) > ranks.get(version.version, 0) and version.version not in made
    ]
    failed, fails = (judged.replayed.diary.failures for judged in (before, after))
    doubts += [
        f"{name} fails afterwards, when a database is made from the files: {fails[name]}"
        for name in sorted(fails.keys() - failed.keys())
    ]
    if after.count > before.count:
        doubts.append(
            f"files and live differ in {after.count} objects afterwards, in {before.count} now"
        )
    return doubts


def _doubt_forecast(foreseen: Forecast, steps: Sequence[RepairStep]) -> list[str]:
    asked = any(step.kind is StepKind.DECIDE for step in steps)
    if foreseen.refuses and not asked:
        return [f"the tool refuses to run afterwards: {foreseen.refuses}"]
    meant = {step.file for step in steps if step.file}
    applied = {
        version for step in steps if step.kind is StepKind.APPLY for version in step.versions
    }
    stray = [
        name
        for name in foreseen.runs
        if name not in meant and name.partition("_")[0] not in applied
    ]
    return [f"the tool would run {name}, which the plan does not mean to" for name in stray]


def _rank(version: Version) -> int:
    if version.state.is_settled:
        return 0
    return 1 if version.state in HARMLESS else 2


def _words(version: Version) -> str:
    return version.state.value.replace("_", " ")
