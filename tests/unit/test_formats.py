from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xmlschema
from jsonschema import Draft7Validator
from junitparser import Error, Failure, JUnitXml, Skipped
from prometheus_client.parser import text_string_to_metric_families
from tests.unit.results import (
    AUDIT,
    HOSTILE,
    build_accepted,
    build_finding,
    build_hostile,
    build_result,
    build_rule,
)

from driftbook.model import Severity, Verdict
from driftbook.report.formats.annotations import build_annotations
from driftbook.report.formats.joined import find_file, join_results
from driftbook.report.formats.junit import build_junit
from driftbook.report.formats.markdown import LIMIT_BYTES, build_markdown
from driftbook.report.formats.prometheus import build_metrics
from driftbook.report.formats.sarif import build_sarif, hash_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.report.formats.joined import Joined

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = Draft7Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
ERROR = {
    "schema_version": 1,
    "report": "tracking_audit",
    "title": "Tracking audit",
    "verdict": "error",
    "reason": "The kernel died.",
    "target": {"name": "prod", "label": "prod"},
    "audit_id": AUDIT,
    "captured_at": "",
}
GAP = {"what": "Which migrations are applied", "why": "no right to read", "fix": "grant select"}
AUDITS = {
    "clean": [build_result()],
    "drift": [build_result(build_finding(1), build_finding(2, "low"))],
    "twice": [
        build_result(build_finding(1)),
        build_result(build_finding(1), build_finding(2, "critical"), report="tracking_audit"),
    ],
    "accepted": [build_result(accepted=[build_accepted(build_finding(3))])],
    "incomplete": [build_result(verdict="incomplete", incomplete=[GAP])],
    "failed notebook": [build_result(), ERROR],
    "nothing ran": [ERROR],
    "hostile": [build_hostile()],
    "many": [build_result(*(build_finding(number) for number in range(300)))],
}


def build_lines(joined: Joined) -> str:
    return "\n".join(build_annotations(joined))


FORMATS: list[Callable[[Joined], str]] = [
    build_sarif,
    build_junit,
    build_markdown,
    build_metrics,
    build_lines,
]


@pytest.fixture(params=AUDITS)
def joined(request: pytest.FixtureRequest) -> Joined:
    return join_results(AUDITS[request.param], "supabase/migrations")


@pytest.mark.parametrize("build", FORMATS)
def test_equal_results_give_equal_bytes_in_any_order(
    joined: Joined, build: Callable[[Joined], str]
) -> None:
    results = [one.model_dump(mode="json", by_alias=True) for one in joined.reports]
    turned = [{**result, "findings": result["findings"][::-1]} for result in reversed(results)]
    again = join_results(turned, "supabase/migrations")
    assert build(again).encode() == build(joined).encode()


def test_each_finding_appears_once_and_the_worst_verdict_speaks() -> None:
    joined = join_results(AUDITS["twice"])
    assert [finding.id for finding in joined.findings] == ["drift-00000002", "drift-00000001"]
    assert join_results(AUDITS["failed notebook"]).verdict is Verdict.ERROR
    assert joined.run_at == 1795743745


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("20250101_a.sql:12", ("db/20250101_a.sql", 12)),
        ("20250101_a.sql", ("db/20250101_a.sql", 0)),
        ("20250101", ("", 0)),
        ("", ("", 0)),
        ("a:b.sql:3", ("db/a:b.sql", 3)),
    ],
)
def test_places_are_seen_from_the_root(where: str, expected: tuple[str, int]) -> None:
    assert find_file(where, "db") == expected


def read_sarif(joined: Joined) -> dict[str, list[dict[str, object]]]:
    log = json.loads(build_sarif(joined))
    SARIF.validate(log)
    run: dict[str, list[dict[str, object]]] = log["runs"][0]
    return run


def test_sarif_matches_the_official_schema(joined: Joined) -> None:
    run = read_sarif(joined)
    with_finding = sum(one.finding is not None for one in joined.accepted)
    assert len(run["results"]) == len(joined.findings) + with_finding


def test_the_official_schema_refuses_what_is_wrong() -> None:
    log = json.loads(build_sarif(join_results(AUDITS["drift"])))
    log["runs"][0]["results"][0]["level"] = "critical"
    assert not SARIF.is_valid(log)


def test_sarif_says_where_how_bad_and_since_when() -> None:
    place = build_finding(1, where="20250101_a b.sql:12", state="known")
    policy = build_finding(2, "medium", kind="policy", state="reopened")
    joined = join_results(
        [build_result(place, policy, accepted=[build_accepted(build_finding(3))])], "db/migrations"
    )
    first, second, accepted = read_sarif(joined)["results"]
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "db/migrations/20250101_a%20b.sql"},
                "region": {"startLine": 12},
            },
            "logicalLocations": [
                {"name": "public.t1", "fullyQualifiedName": "table public.t1", "kind": "table"}
            ],
        }
    ]
    assert first["partialFingerprints"] == {"driftbook/v1": hash_key(str(place["key"]))}
    assert (first["level"], first["baselineState"]) == ("error", "unchanged")
    assert (second["level"], second["baselineState"]) == ("warning", "new")
    assert "params/targets.toml" in json.dumps(second["locations"])
    assert "security-severity" not in json.dumps(first)
    assert second["properties"] == {
        "id": "drift-00000002",
        "severity": "medium",
        "security-severity": "5.0",
    }
    assert accepted["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "made by the extension (accepted by data-platform until 2027-01-31)",
        }
    ]
    assert "baselineState" not in accepted


def test_sarif_says_what_could_not_be_looked_at() -> None:
    (invocation,) = read_sarif(join_results(AUDITS["failed notebook"]))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "The kernel died." in json.dumps(invocation)
    (invocation,) = read_sarif(join_results(AUDITS["incomplete"]))["invocations"]
    assert invocation["executionSuccessful"] is True
    assert "no right to read" in json.dumps(invocation)


def read_junit(joined: Joined) -> JUnitXml:
    text = build_junit(joined)
    JUNIT.validate(text)
    return JUnitXml.fromstring(text.encode())


def test_junit_matches_a_schema_and_is_read_by_a_second_parser(joined: Joined) -> None:
    suites = read_junit(joined)
    assert suites.failures == len(joined.failing)
    cases = [case for suite in suites for case in suite]
    assert suites.tests == len(cases)
    assert len(cases) >= len(joined.findings) + len(joined.accepted)


def test_junit_fails_at_the_limit_alone() -> None:
    findings = [build_finding(number, severity.value) for number, severity in enumerate(Severity)]
    joined = join_results(
        [build_result(*findings, accepted=[build_accepted(build_finding(9))], incomplete=[GAP])]
    )
    cases = {case.name: case for suite in read_junit(joined) for case in suite}
    failed = [
        name for name, case in cases.items() if any(isinstance(one, Failure) for one in case.result)
    ]
    assert failed == ["table public.t0", "table public.t1"]
    assert "medium: table public.t2" in (cases["table public.t2"].system_out or "")
    skipped = {
        name: case.result[0].message
        for name, case in cases.items()
        if case.result and isinstance(case.result[0], Skipped)
    }
    assert skipped == {
        "not run": "git was not read",
        "table public.t9": "accepted by data-platform until 2027-01-31: made by the extension",
        GAP["what"]: GAP["why"],
    }
    assert cases["clean: judged 62 tables"].result == []


def test_a_notebook_that_failed_is_an_error_of_junit() -> None:
    suites = read_junit(join_results(AUDITS["nothing ran"]))
    (case,) = [case for suite in suites for case in suite]
    assert isinstance(case.result[0], Error)
    assert case.result[0].message == "The kernel died."


def read_metrics(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name.removeprefix("driftbook_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_are_read_by_the_client_and_name_no_object(joined: Joined) -> None:
    text = build_metrics(joined)
    samples = read_metrics(text)
    assert all(name in text for name, _ in samples)
    assert {key for _, labels in samples for key, _ in labels} <= {
        "target",
        "report",
        "severity",
        "verdict",
        "kind",
    }
    assert not [word for word in ("public", "owned", "script") if word in text]
    assert samples["last_run_timestamp_seconds", (("target", "prod"),)] == joined.run_at


def test_metrics_count_and_remember_the_last_pass() -> None:
    target = (("target", "prod"),)
    report = ("report", "drift_audit")
    fail = read_metrics(build_metrics(join_results(AUDITS["drift"]), 1000))
    assert fail["findings", (report, ("severity", "high"), *target)] == 1
    assert fail["verdict", (report, *target, ("verdict", "fail"))] == 1
    assert fail["verdict", (report, *target, ("verdict", "pass"))] == 0
    assert fail["objects", (("kind", "table"), *target)] == 62
    assert fail["last_pass_timestamp_seconds", target] == 1000
    passed = read_metrics(build_metrics(join_results(AUDITS["clean"]), 1000))
    assert passed["last_pass_timestamp_seconds", target] == 1795743745
    never = read_metrics(build_metrics(join_results(AUDITS["drift"])))
    assert ("last_pass_timestamp_seconds", target) not in never
    # What was not judged is no zero.
    assert not [
        name
        for name, _ in read_metrics(build_metrics(join_results([ERROR])))
        if name in {"findings", "incomplete"}
    ]


def test_a_summary_is_short_and_says_the_rest(joined: Joined) -> None:
    text = build_markdown(joined)
    assert len(text.encode()) <= LIMIT_BYTES
    assert text.startswith("## ")
    assert joined.verdict.upper() in text.splitlines()[0]
    rows = [line for line in text.splitlines() if line.startswith("| ") and "drift\\-" in line]
    assert len(rows) == min(20, len(joined.findings))
    if len(joined.findings) > 20:
        assert f"{len(joined.findings) - 20} more are in the reports." in text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_in_its_cell(text: str) -> None:
    page = build_markdown(join_results([build_result(build_finding(1, title=text))]))
    (row,) = [line for line in page.splitlines() if "drift\\-00000001" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not re.search(r"(?<!\\)[<`\[]", row)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_starts_no_command(text: str) -> None:
    finding = build_finding(1, title=text, where=f"{text}.sql:3", rule=f"rule{text}")
    (line,) = build_annotations(join_results([build_result(finding)], "db"))
    assert line.isprintable()
    command, properties, message = (
        line.removeprefix("::").split(" ", 1)[0],
        *line[2:].split(" ", 1)[1].split("::", 1),
    )
    assert command == "error"
    assert [pair.partition("=")[0] for pair in properties.split(",")] == ["file", "line", "title"]
    assert "\n" not in message


def test_the_ten_worst_of_each_kind_are_annotated() -> None:
    findings = [build_finding(number, "high") for number in range(15)]
    findings += [build_finding(99, "critical"), build_finding(100, "low")]
    lines = build_annotations(join_results([build_result(*findings)]))
    assert len(lines) == 11
    assert "drift-00000063" in lines[0]
    assert lines[-1].startswith("::notice title=untracked-object drift-00000064::")


def test_a_rule_found_in_one_report_is_not_clean_in_another() -> None:
    one = build_result(rules=[build_rule("never-runs", "not_run")])
    two = build_result(rules=[build_rule("never-runs", "clean")], report="migration_history")
    assert [rule.outcome for rule in join_results([one, two]).rules] == ["clean"]
