"""SARIF 2.1.0: findings for code scanning, with file and line of the migration."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from driftbook.model import Severity, Verdict
from driftbook.redact import display_name, display_text
from driftbook.report.formats.joined import find_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.report.formats.joined import Joined
    from driftbook.report.result import AcceptedPart, FindingPart, RulePart

Json = dict[str, object]
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# What code scanning sorts by, of findings about access alone.
SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "3.0",
    Severity.INFO: "3.0",
}
ACCESS_KINDS = frozenset({"policy", "privilege", "default_privilege", "owner"})
ACCESS_RULES = frozenset({"tracking-exposed"})
ACCESS_PROPERTIES = frozenset({"rls_enabled", "rls_forced", "security_definer"})
BASELINE = {"new": "new", "reopened": "new", "known": "unchanged"}
FALLBACK = "params/targets.toml"  # a location must be a file; this one names the target


def build_sarif(joined: Joined) -> str:
    """Return the SARIF log of an audit."""
    shown = (*joined.findings, *(one.finding for one in joined.accepted if one.finding))
    rules = [_rule_json(rule, shown) for rule in joined.rules]
    places = {rule.id: number for number, rule in enumerate(joined.rules)}
    results = [_result_json(finding, joined, places) for finding in joined.findings]
    results += [
        {**_result_json(one.finding, joined, places), "suppressions": [_suppress(one)]}
        for one in joined.accepted
        if one.finding
    ]
    environment = next((one.environment for one in joined.reports if one.environment), {})
    driver = {
        "name": "driftbook",
        "version": environment.get("driftbook", "unknown"),
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"driftbook/{joined.target}/{joined.audit_id}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation_json(joined)],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def is_about_access(finding: FindingPart) -> bool:
    """Return whether ``finding`` says who may read, write or run something."""
    return (
        finding.severity is Severity.CRITICAL  # what opens something now
        or finding.kind in ACCESS_KINDS
        or finding.rule in ACCESS_RULES
        or bool(ACCESS_PROPERTIES & {*finding.properties})
    )


def _rule_json(rule: RulePart, findings: Iterable[FindingPart]) -> Json:
    mine = [finding for finding in findings if finding.rule == rule.id]
    worst = min((one.severity for one in mine), key=lambda one: one.rank, default=Severity.MEDIUM)
    access = [one.severity for one in mine if is_about_access(one)]
    properties: Json = {"tags": ["schema-drift"]}
    if access:
        score = SCORES[min(access, key=lambda one: one.rank)]
        properties = {"tags": ["schema-drift", "security"], "security-severity": score}
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.id.replace("-", " ").capitalize()},
        "fullDescription": {"text": _words(rule.meaning)},
        "help": {"text": _words(rule.fix)},
        "defaultConfiguration": {"level": LEVELS[worst]},
        "properties": properties,
    }


def _result_json(finding: FindingPart, joined: Joined, places: dict[str, int]) -> Json:
    text = f"{finding.title}. {finding.consequence}".rstrip(". ") + "."
    properties: Json = {"id": finding.id, "severity": finding.severity.value}
    if finding.class_:
        properties["class"] = finding.class_
    if finding.used_by is not None:
        properties["usedBy"] = finding.used_by.model_dump()
    if is_about_access(finding):
        properties["security-severity"] = SCORES[finding.severity]
    result: Json = {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _words(text)},
        "locations": [_location_json(finding, joined.migrations)],
        "partialFingerprints": {"driftbook/v1": hash_key(finding.key)},
        "properties": properties,
    }
    if finding.rule in places:
        result["ruleIndex"] = places[finding.rule]
    if finding.state:
        result["baselineState"] = BASELINE[finding.state]
    return result


def hash_key(key: str) -> str:
    """Return the fingerprint of a finding: the same in every audit."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _location_json(finding: FindingPart, migrations: str) -> Json:
    file, line = find_file(finding.where, migrations)
    path = (file or FALLBACK).encode("utf-8", "surrogateescape")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path)},
            "region": {"startLine": max(line, 1)},
        },
        "logicalLocations": [
            {
                "name": _words(finding.name),
                "fullyQualifiedName": _words(f"{finding.kind} {finding.name}"),
                "kind": _words(finding.kind),
            }
        ],
    }


def _suppress(one: AcceptedPart) -> Json:
    text = f"{one.reason} (accepted by {one.owner} until {one.until})"
    return {"kind": "external", "status": "accepted", "justification": _words(text)}


def _invocation_json(joined: Joined) -> Json:
    notes = [
        {"level": "warning", "message": {"text": _words(f"Not checked: {gap.what}: {gap.why}")}}
        for gap in joined.incomplete
    ]
    notes += [
        {"level": "error", "message": {"text": _words(f"{report.report}: {report.reason}")}}
        for report in joined.reports
        if report.verdict is Verdict.ERROR
    ]
    done = joined.verdict is not Verdict.ERROR
    return {"executionSuccessful": done, "toolExecutionNotifications": notes}


def _words(text: str) -> str:
    """Return ``text`` for people; an empty one is not allowed here."""
    return display_text(text) if text.strip() else display_name(text) or "-"
