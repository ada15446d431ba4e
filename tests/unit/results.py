"""Results of audits as tests need them, with names that try to break out."""

from __future__ import annotations

from driftbook.model import Severity

Json = dict[str, object]
AUDIT = "20261127T014225Z-5be1"
HOSTILE = (
    "plain",
    "bell\a and null\0 and \x1b[31mred",
    "]]>&<script>alert(1)</script>",
    "two\nlines\r\n::error file=x,line=1::owned",
    "%0A::error::owned",
    "pipe | and [link](javascript:alert(1)) and `code` and ```",
    "\N{PILE OF POO}\N{ZERO WIDTH JOINER} emoji",
    "right\N{RIGHT-TO-LEFT OVERRIDE}left",
    "lone \udcff surrogate and \ufffe",
    "quote \" and ' and back\\slash",
    "l" + "o" * 5000 + "ng",
    '"} 1\ndriftbook_owned{x="',
)


def build_finding(number: int = 0, severity: str = "high", **more: object) -> Json:
    """Return a finding of ``untracked-object`` about a table."""
    return {
        "id": f"drift-{number:08x}",
        "key": f"untracked-object:table:public.t{number}",
        "rule": "untracked-object",
        "group": "drift",
        "severity": severity,
        "kind": "table",
        "schema": "public",
        "name": f"public.t{number}",
        "title": f"table public.t{number} is in no applied migration",
        "consequence": "An environment built from the migrations will not have it.",
        "fix": f"create table public.t{number} ();",
        **more,
    }


def build_rule(name: str, outcome: str = "found", **more: object) -> Json:
    """Return what a rule did."""
    return {"id": name, "outcome": outcome, "meaning": "It matters.", "fix": "Mend it.", **more}


def build_result(*findings: Json, report: str = "drift_audit", **more: object) -> Json:
    """Return a result of target ``prod`` that fails at high."""
    severities = [finding["severity"] for finding in findings]
    failing = {"critical", "high"} & {*map(str, severities)}
    return {
        "schema_version": 1,
        "report": report,
        "title": "Drift audit: Production",
        "verdict": "fail" if failing else "pass",
        "reason": f"{len(findings)} differences.",
        "fail_on": "high",
        "counts": {one.value: severities.count(one.value) for one in Severity},
        "target": {"name": "prod", "label": "Production"},
        "audit_id": AUDIT,
        "captured_at": "2026-11-27T01:42:25Z",
        "findings": list(findings),
        "rules": [
            build_rule("untracked-object", "found" if findings else "clean"),
            build_rule("missing-object", "clean", judged="62 tables"),
            build_rule("history-edited", "not_run", reason="git was not read"),
        ],
        "objects": {"table": 62},
        "environment": {"driftbook": "0.1.0"},
        **more,
    }


def build_accepted(finding: Json, until: str = "2027-01-31") -> Json:
    """Return ``finding`` as an accepted one."""
    return {
        "id": finding["id"],
        "object": f"table {finding['name']}",
        "rule": finding["rule"],
        "reason": "made by the extension",
        "owner": "data-platform",
        "until": until,
        "ends_in_days": 65,
        "finding": finding,
    }


def build_hostile() -> Json:
    """Return a result in which every text tries to break out of its format."""
    findings = [
        build_finding(
            number,
            severity=list(Severity)[number % 5].value,
            key=f"untracked-object:table:{text}",
            name=text,
            title=text,
            consequence=text,
            fix=text,
            detail=text,
            where=f"{text}.sql:3",
        )
        for number, text in enumerate(HOSTILE)
    ]
    accepted = [
        {**build_accepted(build_finding(100 + number, name=text)), "object": text, "reason": text}
        for number, text in enumerate(HOSTILE)
    ]
    gaps = [{"what": text, "why": text, "fix": text} for text in HOSTILE]
    rules = [build_rule("untracked-object"), *(build_rule(text, "clean") for text in HOSTILE)]
    return build_result(
        *findings, accepted=accepted, incomplete=gaps, rules=rules, reason="|".join(HOSTILE)
    )
