"""An audit as notebooks see it: frozen, everything a DataFrame, never a connection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from driftbook.audit import frames
from driftbook.audit.access import Access, compare_access
from driftbook.audit.attribution import attribute_changes
from driftbook.audit.comparison import find_state, rules_of
from driftbook.audit.context import Context
from driftbook.audit.dress import dress
from driftbook.audit.entries import find_obstacle_to, select_entries
from driftbook.audit.gaps import gaps_of
from driftbook.audit.majors import mark_majors
from driftbook.audit.result import Json, build_result
from driftbook.audit.tested import LastSelfTest
from driftbook.audit.unrecorded import credit_files
from driftbook.audit.versions import build_version_facts
from driftbook.drift.diff import diff_snapshots, drop_equal
from driftbook.model import Finding, Severity
from driftbook.rules import (
    RULES,
    RuleContext,
    find_drift,
    find_entries,
    find_versions,
    sort_findings,
)
from driftbook.rules.accepted.facts import Fate, Judged, judge_entries

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.accepted import Accepted
    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.forensics.attribution import Attributed
    from driftbook.forensics.signatures import Horizon
    from driftbook.repairs import RepairPlan
    from driftbook.versions import Version

RESULT_MIME = "application/vnd.driftbook.result+json"


@dataclass(frozen=True)
class Audit:
    """One audit: its frames, its findings, its result.

    Attributes:
        notebook: Name of the report.
        evidence: Both snapshots and the facts.
        fail_on: Lowest severity that fails.
        since_version: Where the frames of history begin; empty: with the first version.
    """

    notebook: str
    evidence: Evidence
    fail_on: Severity
    since_version: str = ""

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every difference, as ``drift.diff`` describes it, without those of form only."""
        equal = {(fact.kind, fact.key, fact.property) for fact in self.evidence.facts.equal}
        return drop_equal(diff_snapshots(*self._sides), equal)

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """Every finding that counts, with its definitions and fix, worst first.

        What is accepted does not; an entry that holds no longer does.
        """
        held = {one.finding for one in self.accepted}
        counted = [finding for finding in self.judged if finding not in held]
        found = sort_findings([*counted, *find_entries(self._entries)])
        context = Context(self)
        return tuple(context.add(finding) for finding in found)

    @property
    def accepted(self) -> list[Judged]:
        """The findings that somebody answers for, with their entries; those ending soon first."""
        held = [one for one in self._entries if one.fate is Fate.HOLDS]
        return sorted(held, key=lambda one: (one.entry.until, one.entry.key))

    @cached_property
    def _entries(self) -> tuple[Judged, ...]:
        entries = select_entries(self.notebook, self.evidence.facts)
        today = self.evidence.facts.captured_at.date()

        def can_look(entry: Accepted) -> bool:
            return not find_obstacle_to(entry, self.evidence)

        return judge_entries(entries, self.judged, today, can_look)

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """Every finding of the report's rules, accepted or not, worst first."""
        ids = rules_of(self.notebook)
        drift = self._drift() if ids & {rule.ID for rule in RULES} else ()
        versions = find_versions(build_version_facts(self.evidence.facts))
        return tuple(
            sort_findings([*drift, *(finding for finding in versions if finding.rule in ids)])
        )

    @property
    def _sides(self) -> tuple[Snapshot, Snapshot]:
        """Both sides; without a database the expected one twice, which differs in nothing."""
        return self.evidence.expected, self.evidence.live or self.evidence.expected

    def _drift(self) -> list[Finding]:
        target = self.evidence.facts.target
        context = RuleContext(
            exposed_schemas=target.exposed_schemas, api_roles=(*target.api_roles, "PUBLIC")
        )
        found = find_drift(self.changes, *self._sides, context, self.access.judged)
        found = mark_majors(found, self.changes, *self._sides)
        return credit_files(found, self.evidence.facts.versions, target)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row per finding, worst first: see ``frames.build_findings``."""
        return frames.build_findings(self.found, self._states)

    @cached_property
    def _states(self) -> dict[str, tuple[str, str]]:
        return {finding.id: find_state(finding, self.evidence.past) for finding in self.found}

    @property
    def trend(self) -> pd.DataFrame:
        """Findings of this audit and up to 29 before: see ``frames.build_trend``."""
        return frames.build_trend(self.evidence.past, rules_of(self.notebook))

    @property
    def ages(self) -> pd.DataFrame:
        """How long each finding is known, the oldest first: see ``frames.build_ages``."""
        return frames.build_ages(self.found, self._states, self._facts.captured_at)

    @property
    def reconciled(self) -> pd.DataFrame:
        """How long each resolved finding was open: see ``frames.build_reconciled``."""
        return frames.build_reconciled(self.evidence.past, rules_of(self.notebook))

    @property
    def worst(self) -> list[Finding]:
        """The critical and high findings, in full."""
        return [finding for finding in self.found if finding.severity.reaches(Severity.HIGH)]

    def of_group(self, *groups: str) -> list[Finding]:
        """Return the findings of drift, tracking, file, live or code, in full."""
        return [finding for finding in self.found if finding.group in groups]

    def since(self, version: str) -> Audit:
        """Return this audit with frames of history that begin at ``version``; empty: with all."""
        return replace(self, since_version=version)

    @property
    def versions(self) -> pd.DataFrame:
        """One row per version, in the order of the files: see ``frames.build_versions``."""
        return frames.build_versions(self._facts.versions)

    @property
    def pending(self) -> pd.DataFrame:
        """Files that are not recorded and not live, in file order: version, file, note."""
        return frames.build_pending(self._facts.versions)

    @property
    def unsettled(self) -> pd.DataFrame:
        """Versions on which the three sources disagree: see ``frames.build_unsettled``."""
        return frames.build_unsettled(self._facts.versions)

    @property
    def state_counts(self) -> pd.DataFrame:
        """One row per state that occurs: state, versions, meaning."""
        return frames.build_state_counts(self._facts.versions)

    @property
    def edited(self) -> list[Version]:
        """Versions whose file and record hold other texts, in full."""
        return frames.find_edited(self._facts.versions)

    @property
    def trust(self) -> pd.DataFrame:
        """What the records are evidence of: trust, records, meaning."""
        return frames.build_trust(self._facts.versions)

    @property
    def grants(self) -> pd.DataFrame:
        """Who else may touch the tracking table: grantee, privilege, on."""
        return frames.build_grants(self._facts.grants)

    @property
    def missing(self) -> pd.DataFrame:
        """What live lacks of versions that are not pending: see ``frames.build_missing``."""
        return frames.build_missing(self._facts.effects, self._facts.versions)

    @property
    def effects(self) -> pd.DataFrame:
        """One row per thing that a file did to the schema: see ``frames.build_effects``."""
        return frames.build_effects(self._facts.effects)

    @property
    def effect_matrix(self) -> pd.DataFrame:
        """One row per file and kind of object: see ``frames.build_effect_matrix``."""
        return frames.build_effect_matrix(self._facts.effects, self._facts.versions)

    @property
    def growth(self) -> pd.DataFrame:
        """Objects by kind after each file: see ``frames.build_growth``."""
        facts = self._facts
        return frames.build_growth(facts.effects, facts.versions, self.since_version)

    @cached_property
    def touches(self) -> pd.DataFrame:
        """One row per file and object that it touched: see ``frames.build_touches``."""
        facts = self._facts
        return frames.build_touches(facts.effects, facts.versions, self.since_version)

    @property
    def lifelines(self) -> pd.DataFrame:
        """One row per table, most altered first: see ``frames.build_lifelines``."""
        return frames.build_lifelines(self.touches)

    @property
    def most_altered(self) -> pd.DataFrame:
        """Objects that several files touched: kind, object, files, first, last."""
        return frames.build_most_altered(self.touches)

    @property
    def why_no_history(self) -> str:
        """Why there is nothing to tell of commits; empty when there is something."""
        return frames.explain_history(self._facts.history)

    @property
    def commits(self) -> pd.DataFrame:
        """Commits that touched the migration files, newest first: see ``frames.build_commits``."""
        return frames.build_commits(self._facts.history)

    @property
    def edits(self) -> pd.DataFrame:
        """One row per file that git knows, most edits first: see ``frames.build_edits``."""
        return frames.build_edits(self._facts.history, self.since_version)

    @property
    def edit_events(self) -> pd.DataFrame:
        """One row per edit after the first commit: file, edited_at, commit, author."""
        return frames.build_edit_events(self._facts.history)

    @property
    def cadence(self) -> pd.DataFrame:
        """Files per week, month or year: see ``frames.build_cadence``."""
        versions, history = self._facts.versions, self._facts.history
        return frames.build_cadence(versions, history, self.since_version)

    @property
    def migrations(self) -> pd.DataFrame:
        """One row per migration file: see ``frames.build_migrations``."""
        return frames.build_migrations(self._facts, self.since_version)

    @property
    def slow(self) -> pd.DataFrame:
        """The files that took longest in the shadow: file, seconds, statements."""
        return frames.build_slow(self._facts.files)

    @property
    def plan(self) -> RepairPlan:
        """The repair plan, its steps in full."""
        return self._facts.plan

    @property
    def steps(self) -> pd.DataFrame:
        """One row per step of the repair plan: see ``frames.build_plan``."""
        return frames.build_plan(self._facts.plan)

    @property
    def forecast(self) -> pd.DataFrame:
        """What the tool would do now and after the plan: what, now, after_the_plan."""
        return frames.build_forecast(self._facts.plan)

    @property
    def never_runs(self) -> pd.DataFrame:
        """Files that the migration tool passes over, always: file, why."""
        return frames.build_never_runs(self._facts.never_runs)

    @property
    def failures(self) -> pd.DataFrame:
        """What keeps files from being replayed, one row per root: ``frames.build_failures``."""
        return frames.build_failures(self._facts.failures)

    @property
    def cascades(self) -> pd.DataFrame:
        """Files that fail because another one does: file, line, root, why, sqlstate."""
        return frames.build_cascades(self._facts.failures)

    @property
    def replay(self) -> pd.DataFrame:
        """The replay in numbers: what, number (str)."""
        return frames.build_replay(self._facts)

    @property
    def interceptions(self) -> pd.DataFrame:
        """Statements not sent as written: kind, place, object, done, effect (str)."""
        return frames.build_interceptions(self._facts.interceptions)

    @property
    def left_out(self) -> pd.DataFrame:
        """Objects outside the comparison: reason, kind, objects."""
        return frames.build_left_out(self._facts.left_out)

    @cached_property
    def _attributed(self) -> Attributed:
        return attribute_changes(self.evidence, self.changes)

    @cached_property
    def access(self) -> Access:
        """Who can reach what live, and not by the files."""
        return compare_access(*self._sides, self.changes, self._facts.target)

    @property
    def selftest(self) -> LastSelfTest:
        """What the last self-test of the target says an audit sees."""
        replayed = (file for file in self._facts.files if file.status == "applied")
        versions = frozenset(file.version for file in replayed)
        return LastSelfTest(self._facts.selftest, versions, self._facts.target.name)

    @property
    def attribution(self) -> pd.DataFrame:
        """When each drifted object was born, touched, and came to differ: ``ATTRIBUTION``."""
        return self._attributed.attribution

    @property
    def clues(self) -> pd.DataFrame:
        """Every piece of evidence that an attribution rests on: ``CLUE``."""
        return self._attributed.clues

    @property
    def sessions(self) -> pd.DataFrame:
        """Human actions out of band, in the order of transactions: ``SESSION``."""
        return self._attributed.sessions

    @property
    def actions(self) -> pd.DataFrame:
        """The same for people: see ``frames.build_actions``."""
        return frames.build_actions(self.sessions)

    @property
    def horizon(self) -> Horizon:
        """How far back the catalog can tell: a restore hides what was before it."""
        return self._attributed.horizon

    @property
    def gaps(self) -> pd.DataFrame:
        """What could not be checked: what, why, fix."""
        return frames.build_gaps(gaps_of(self.notebook, self._facts))

    @property
    def _facts(self) -> Facts:
        return self.evidence.facts

    @cached_property
    def result(self) -> Json:
        """The value that header, exit code and every other format are made from."""
        made = build_result(self.notebook, self.evidence, self.found, self.fail_on, self.accepted)
        if self.notebook != "drift_audit":
            return made
        return made | {"access": self.access.as_json(), "selftest": self.selftest.as_json() or None}

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        banner = Markup("<p><b>{}</b> {}</p>").format(
            str(self.result["verdict"]).upper(), self.result["reason"]
        )
        return {
            RESULT_MIME: self.result,
            "text/html": dress(banner),
            "text/plain": f"{self.result['verdict']}: {self.result['reason']}",
        }
