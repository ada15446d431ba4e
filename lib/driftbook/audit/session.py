"""An audit as notebooks see it: frozen, everything a DataFrame, never a connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from driftbook.audit.collect import collect_evidence
from driftbook.audit.evidence import Evidence, read_evidence
from driftbook.audit.gaps import gaps_of
from driftbook.audit.result import Json, build_result
from driftbook.audit.unrecorded import credit_files
from driftbook.audit.versions import build_version_facts
from driftbook.config import read_settings
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.platform import find_schema
from driftbook.errors import ConfigError
from driftbook.model import Finding, Severity
from driftbook.rules import (
    ALL_RULES,
    RULES,
    RULES_OF,
    RuleContext,
    find_drift,
    find_versions,
    sort_findings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.versions import Version

RESULT_MIME = "application/vnd.driftbook.result+json"
FINDING_COLUMNS = ("id", "severity", "kind", "change", "schema", "object", "title", "rule")
VERSION_TIME = re.compile(r"[0-9]{14}")


def begin(
    notebook: str, *, target: str = "demo", audit_id: str = "", fail_on: str = "high"
) -> Audit:
    """Return the audit that ``notebook`` reports on.

    Args:
        notebook: Name of the notebook, and of its report.
        target: A name in ``params/targets.toml``; ``demo`` is bundled.
        audit_id: A stored audit to report on again; empty: capture now.
        fail_on: Lowest severity that fails: critical, high, medium, low or info.

    Raises:
        ConfigError: A value is wrong: it is checked here because bare papermill checks nothing.
        AuditError: A side cannot be read.
    """
    limit = _check_fail_on(fail_on)
    if not isinstance(target, str) or not isinstance(audit_id, str):
        raise ConfigError("target and audit_id are texts", fix="quote them in the parameters")
    chosen = read_settings().target(target)
    evidence = read_evidence(audit_id) if audit_id else collect_evidence(chosen)
    if evidence.facts.target.name != target:
        raise ConfigError(
            f"audit {audit_id} is of target {evidence.facts.target.name!r}",
            fix=f"give -p target {evidence.facts.target.name}",
        )
    return Audit(notebook, evidence, limit)


@dataclass(frozen=True)
class Audit:
    """One audit: its frames, its findings, its result.

    Attributes:
        notebook: Name of the report.
        evidence: Both snapshots and the facts.
        fail_on: Lowest severity that fails.
    """

    notebook: str
    evidence: Evidence
    fail_on: Severity

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every difference, as ``drift.diff`` describes it, without those of form only."""
        changes = diff_snapshots(*self._sides)
        equal = {(fact.kind, fact.key, fact.property) for fact in self.evidence.facts.equal}
        keep = [
            (kind, key, name) not in equal
            for kind, key, name in zip(
                changes["kind"], changes["key"], changes["property"], strict=True
            )
        ]
        return changes[keep].reset_index(drop=True)

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """Every finding of the report's rules, with its definitions and fix, worst first."""
        ids = {rule.ID for rule in RULES_OF.get(self.notebook, ALL_RULES)}
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
        found = find_drift(self.changes, *self._sides, context)
        return credit_files(found, self.evidence.facts.versions, target)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row per finding, worst first (all str).

        id, severity, kind, change, schema, object, title, rule.
        """
        rows = [
            (
                finding.id,
                finding.severity.value,
                finding.object.kind,
                str(finding.change),
                find_schema(finding.object.kind, finding.object.parts),
                finding.object.name,
                finding.title,
                finding.rule,
            )
            for finding in self.found
        ]
        return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype="str")

    @property
    def worst(self) -> list[Finding]:
        """The critical and high findings, in full."""
        return [finding for finding in self.found if finding.severity.reaches(Severity.HIGH)]

    @property
    def versions(self) -> pd.DataFrame:
        """One row per version, in the order of the files.

        version, file, state, note (str), recorded, in_files (bool), found, testable (int64):
        so many effects of a file without a record are live; version_at (UTC or missing).
        """
        return _build_versions(self.evidence.facts.versions)

    @property
    def pending(self) -> pd.DataFrame:
        """Files that are not recorded and not live, in file order: version, file, note."""
        pending = [fact for fact in self.evidence.facts.versions if fact.state.is_pending]
        return _build_versions(pending)[["version", "file", "note"]]

    @property
    def unsettled(self) -> pd.DataFrame:
        """Versions on which the three sources disagree: version, state, effects, file, note."""
        versions = [fact for fact in self.evidence.facts.versions if not fact.state.is_settled]
        frame = _build_versions(versions)[["version", "state", "file", "note"]]
        live = [f"{one.found} of {one.testable}" if one.testable else "" for one in versions]
        frame.insert(2, "live_effects", pd.Series(live, dtype="str"))
        return frame.assign(state=frame["state"].str.replace("_", " "))

    @property
    def never_runs(self) -> pd.DataFrame:
        """Files that the migration tool passes over, always: file, why."""
        return pd.DataFrame(self.evidence.facts.never_runs, columns=["file", "why"], dtype="str")

    @property
    def failures(self) -> pd.DataFrame:
        """Files that failed in the shadow: version, file, line, sqlstate, message."""
        return _frame(self.evidence.facts.failures, "version file line sqlstate message")

    @property
    def interceptions(self) -> pd.DataFrame:
        """Statements not sent as written: kind, place, object, done, effect (str)."""
        columns = "kind file line object done effect"
        frame = _frame(self.evidence.facts.interceptions, columns)
        places = frame["file"] + ":" + frame["line"].astype("str")
        frame.insert(1, "place", places.where(frame["file"] != "", "the platform itself"))
        return frame.drop(columns=["file", "line"])

    @property
    def left_out(self) -> pd.DataFrame:
        """Objects outside the comparison: reason, kind, objects."""
        return _frame(self.evidence.facts.left_out, "reason kind objects")

    @property
    def gaps(self) -> pd.DataFrame:
        """What could not be checked: what, why, fix."""
        return _frame(gaps_of(self.notebook, self.evidence.facts), "what why fix")

    @cached_property
    def result(self) -> Json:
        """The value that header, exit code and every other format are made from."""
        return build_result(self.notebook, self.evidence, self.found, self.fail_on)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        banner = Markup("<p><b>{}</b> {}</p>").format(
            str(self.result["verdict"]).upper(), self.result["reason"]
        )
        return {
            RESULT_MIME: self.result,
            "text/html": str(banner),
            "text/plain": f"{self.result['verdict']}: {self.result['reason']}",
        }


def parse_version_time(version: str) -> datetime | None:
    """Return the UTC time that the 14 digits of ``version`` spell, or ``None``."""
    if not VERSION_TIME.fullmatch(version):
        return None
    try:
        return datetime.strptime(version, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _build_versions(versions: Sequence[Version]) -> pd.DataFrame:
    texts = {name: [getattr(one, name) for one in versions] for name in ("version", "file", "note")}
    texts["state"] = [one.state.value for one in versions]
    counts = {name: [getattr(one, name) for one in versions] for name in ("found", "testable")}
    times = [parse_version_time(one.version) for one in versions]
    return pd.DataFrame(
        {name: pd.Series(values, dtype="str") for name, values in texts.items()}
        | {"recorded": pd.Series([one.recorded for one in versions], dtype="bool")}
        | {"in_files": pd.Series([bool(one.file) for one in versions], dtype="bool")}
        | {name: pd.Series(values, dtype="int64") for name, values in counts.items()}
        | {"version_at": pd.to_datetime(pd.Series(times, dtype="object"), utc=True)}
    )


def _check_fail_on(text: str) -> Severity:
    try:
        return Severity(text)
    except ValueError:
        raise ConfigError(
            f"fail_on cannot be {text!r}", fix=f"use one of {', '.join(Severity)}"
        ) from None


def _frame(facts: tuple[BaseModel, ...], columns: str) -> pd.DataFrame:
    names = columns.split()
    rows = [[getattr(fact, name) for name in names] for fact in facts]
    numbers = {"line": "int64", "objects": "int64"}
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({name: numbers.get(name, "str") for name in names})
