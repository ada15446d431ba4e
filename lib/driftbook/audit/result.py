"""The result of an audit: one value from which header, exit code and every format are made."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.drift.platform import find_schema
from driftbook.model import Finding, Severity, Verdict
from driftbook.rules import RULES
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.versions import Version

Json = dict[str, object]


def decide_verdict(findings: Sequence[Finding], facts: Facts, fail_on: Severity) -> Verdict:
    """Return the verdict: fail, else incomplete while anything is unchecked, else pass."""
    if any(finding.severity.reaches(fail_on) for finding in findings):
        return Verdict.FAIL
    return Verdict.INCOMPLETE if facts.gaps else Verdict.PASS


def build_result(
    report: str, evidence: Evidence, findings: Sequence[Finding], fail_on: Severity
) -> Json:
    """Return the result of ``report`` as JSON values, everything sorted.

    Its shape is published as ``driftbook/report/result.schema.json``.
    """
    facts = evidence.facts
    counts = Counter(finding.severity.value for finding in findings)
    title = report.replace("_", " ").capitalize()
    return {
        "schema_version": 1,
        "report": report,
        "title": f"{title}: {facts.target.title}",
        "verdict": decide_verdict(findings, facts, fail_on).value,
        "reason": explain_verdict(evidence, findings, fail_on),
        "fail_on": fail_on.value,
        "counts": {severity.value: counts[severity.value] for severity in Severity},
        "target": {"name": facts.target.name, "label": facts.target.title},
        "audit_id": facts.audit_id,
        "captured_at": f"{facts.captured_at:%Y-%m-%dT%H:%M:%SZ}",
        "provenance": [list(pair) for pair in facts.provenance],
        "incomplete": [gap.model_dump() for gap in facts.gaps],
        "since": None,
        "trend": [],
        "findings": [_finding_json(finding) for finding in findings],
        "accepted": [],
        "rules": _rules_json(evidence, findings),
        "scope": [entry.model_dump() for entry in facts.left_out],
        "interceptions": [entry.model_dump() for entry in facts.interceptions],
        "versions": [
            _version_json(entry)
            for entry in facts.versions
            if entry.state is not VersionState.APPLIED
        ],
        "never_runs": [{"file": file, "why": why} for file, why in facts.never_runs],
        "unaccounted": len(facts.unaccounted),
        "parameters": {"target": facts.target.name, "fail_on": fail_on.value},
        "environment": dict(facts.environment),
    }


def explain_verdict(evidence: Evidence, findings: Sequence[Finding], fail_on: Severity) -> str:
    """Return the one sentence of the header: numbers and the worst consequence."""
    facts = evidence.facts
    if not findings:
        objects = sum(len(frame) for frame in evidence.live.frames.values())
        failed = {failure.file for failure in facts.failures}
        replayed = facts.applied_files - len(failed)
        gaps = f" {len(facts.gaps)} things could not be checked." if facts.gaps else ""
        return (
            f"No drift{' in what could be checked' if facts.gaps else ''}. "
            f"{replayed} of {facts.applied_files} applied files replayed, {objects:,} rows of "
            f"{len(evidence.live.frames)} kinds equal, "
            f"{len(facts.unaccounted)} unaccounted objects.{gaps}"
        )
    failing = sum(finding.severity.reaches(fail_on) for finding in findings)
    worst = [finding for finding in findings if finding.severity is Severity.CRITICAL]
    plural = "differences" if len(findings) > 1 else "difference"
    unknown = any(version.state is VersionState.UNKNOWN for version in facts.versions)
    applied = "migration files, all taken as applied" if unknown else "applied migration files"
    text = (
        f"{len(findings):,} {plural} between the live database and "
        f"{facts.applied_files} {applied}; {failing:,} reach {fail_on.value}."
    )
    untracked = sum(
        finding.rule == "untracked-object" and finding.object.kind == "table"
        for finding in findings
    )
    if untracked:
        tables = "tables are" if untracked > 1 else "table is"
        text += f" {untracked} {tables} in no applied migration."
    unsettled = sum(not version.state.is_settled for version in facts.versions)
    if unsettled:
        versions = "versions" if unsettled > 1 else "version"
        text += f" Files, tracking table and database disagree on {unsettled} {versions}."
    if worst:
        others = f" (and {len(worst) - 1} more critical)" if len(worst) > 1 else ""
        text += f" Worst: {worst[0].title}{others}."
    return text


def _version_json(version: Version) -> Json:
    return {
        "version": version.version,
        "file": version.file,
        "state": version.state.value,
        "note": version.note,
        "found": version.found,
        "testable": version.testable,
    }


def _finding_json(finding: Finding) -> Json:
    return {
        "id": finding.id,
        "key": finding.key,
        "rule": finding.rule,
        "group": finding.group,
        "severity": finding.severity.value,
        "kind": finding.object.kind,
        "schema": find_schema(finding.object.kind, finding.object.parts),
        "name": finding.object.name,
        "detail": finding.detail,
        "change": str(finding.change),
        "title": finding.title,
        "consequence": finding.consequence,
        "fix": finding.fix,
        "fix_is_sql": finding.fix_is_sql,
        "fix_reverts": finding.fix_reverts,
        "where": finding.where,
        "expected": finding.expected,
        "live": finding.live,
        "properties": list(finding.properties),
    }


def _rules_json(evidence: Evidence, findings: Sequence[Finding]) -> list[Json]:
    found = Counter(finding.rule for finding in findings)
    live = sum(len(frame) for frame in evidence.live.frames.values())
    expected = sum(len(frame) for frame in evidence.expected.frames.values())
    return [
        {
            "id": rule.ID,
            "outcome": "found" if found[rule.ID] else "clean",
            "judged": f"{live:,} live and {expected:,} expected rows of the catalog",
            "reason": f"{found[rule.ID]} findings" if found[rule.ID] else "",
            "meaning": rule.MEANING,
            "fix": rule.FIX,
        }
        for rule in RULES
    ]
