"""The result of an audit: one value from which header, exit code and every format are made."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from driftbook.accepted import hash_observed
from driftbook.audit.comparison import build_comparison, find_state
from driftbook.audit.gaps import gaps_of
from driftbook.audit.obstacles import find_obstacle
from driftbook.audit.reasons import explain_verdict
from driftbook.drift.platform import find_schema
from driftbook.model import Finding, Severity, Verdict
from driftbook.rules import ACCEPTED_RULES, ALL_RULES, RULES, RULES_OF
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.history import Past
    from driftbook.rules.accepted.facts import Judged
    from driftbook.versions import Version

Json = dict[str, object]


def decide_verdict(
    report: str, findings: Sequence[Finding], facts: Facts, fail_on: Severity
) -> Verdict:
    """Return the verdict: fail, else incomplete while anything is unchecked, else pass."""
    if any(finding.severity.reaches(fail_on) for finding in findings):
        return Verdict.FAIL
    return Verdict.INCOMPLETE if gaps_of(report, facts) else Verdict.PASS


def build_result(
    report: str,
    evidence: Evidence,
    findings: Sequence[Finding],
    fail_on: Severity,
    accepted: Sequence[Judged] = (),
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
        "verdict": decide_verdict(report, findings, facts, fail_on).value,
        "reason": explain_verdict(report, evidence, findings, fail_on, len(accepted)),
        "fail_on": fail_on.value,
        "counts": {severity.value: counts[severity.value] for severity in Severity},
        "target": {
            "name": facts.target.name,
            "label": facts.target.title,
            "every": facts.target.every,
        },
        "audit_id": facts.audit_id,
        "captured_at": f"{facts.captured_at:%Y-%m-%dT%H:%M:%SZ}",
        "provenance": [list(pair) for pair in facts.provenance],
        "incomplete": [gap.model_dump(exclude={"about"}) for gap in gaps_of(report, facts)],
        **build_comparison(report, evidence.past, findings),
        "findings": [_finding_json(finding, evidence.past) for finding in findings],
        "accepted": [_accepted_json(one, evidence) for one in accepted],
        "rules": _rules_json(report, evidence, findings, accepted),
        "scope": [entry.model_dump() for entry in facts.left_out],
        "interceptions": [entry.model_dump() for entry in facts.interceptions],
        "versions": [
            _version_json(entry)
            for entry in facts.versions
            if entry.state is not VersionState.APPLIED
        ],
        "never_runs": [{"file": file, "why": why} for file, why in facts.never_runs],
        "unaccounted": len(facts.unaccounted),
        "objects": _count_objects(evidence),
        "parameters": {"target": facts.target.name, "fail_on": fail_on.value},
        "environment": dict(facts.environment),
    }


def _count_objects(evidence: Evidence) -> dict[str, int]:
    frames = evidence.live.frames if evidence.live else {}
    return {kind: len(frames[kind]) for kind in sorted(frames) if len(frames[kind])}


def _version_json(version: Version) -> Json:
    return {
        "version": version.version,
        "file": version.file,
        "state": version.state.value,
        "note": version.note,
        "found": version.found,
        "testable": version.testable,
    }


def _finding_json(finding: Finding, past: Past) -> Json:
    state, first_seen_at = find_state(finding, past)
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
        "class": finding.cls,
        "used_by": asdict(finding.used_by) if finding.used_by else None,
        "fix": finding.fix,
        "fix_is_sql": finding.fix_is_sql,
        "fix_reverts": finding.fix_reverts,
        "where": finding.where,
        "expected": finding.expected,
        "live": finding.live,
        "properties": list(finding.properties),
        "origin": finding.origin,
        "cross_major": finding.cross_major,
        "state": state,
        "first_seen_at": first_seen_at,
        "observed": hash_observed(finding),
    }


def _accepted_json(judged: Judged, evidence: Evidence) -> Json:
    entry, finding = judged.entry, judged.finding
    assert finding is not None  # noqa: S101 - an entry holds for a finding
    return {
        "id": finding.id,
        "object": str(finding.object),
        "reason": entry.reason,
        "owner": entry.owner,
        "until": f"{entry.until}",
        "rule": finding.rule,
        "ends_in_days": (entry.until - evidence.facts.captured_at.date()).days,
        "finding": _finding_json(finding, evidence.past),
    }


def _rules_json(
    report: str,
    evidence: Evidence,
    findings: Sequence[Finding],
    accepted: Sequence[Judged],
) -> list[Json]:
    found = Counter(finding.rule for finding in findings)
    held = Counter(one.entry.rule for one in accepted)
    return [
        _rule_json(rule, evidence, found[rule.ID], held[rule.ID])
        for rule in RULES_OF.get(report, ALL_RULES)
    ]


def _rule_json(rule: ModuleType, evidence: Evidence, found: int, held: int) -> Json:
    # What is accepted was found: its rule is not clean.
    why_not = "" if found or held else find_obstacle(rule, evidence)
    reason = f"{found} findings" + (f", {held} accepted" if held else "")
    return {
        "id": rule.ID,
        "outcome": "found" if found or held else "not_run" if why_not else "clean",
        "judged": "" if why_not else _describe_judged(rule, evidence),
        "reason": reason if found or held else why_not,
        "meaning": rule.MEANING,
        "fix": rule.FIX,
    }


def _describe_judged(rule: ModuleType, evidence: Evidence) -> str:
    if rule in ACCEPTED_RULES:
        return f"{len(evidence.facts.accepted):,} accepted findings"
    if rule not in RULES:
        return f"{len(evidence.facts.versions):,} versions"
    live, expected = (
        sum(len(frame) for frame in side.frames.values()) if side else 0
        for side in (evidence.live, evidence.expected)
    )
    return f"{live:,} live and {expected:,} expected rows of the catalog"
