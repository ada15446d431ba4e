"""JUnit XML: a suite per rule, a case per object; CI systems show it as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from driftbook.model import Verdict
from driftbook.redact import display_name, display_text

if TYPE_CHECKING:
    from driftbook.report.formats.joined import Joined
    from driftbook.report.result import AcceptedPart, FindingPart, GapPart, Result, RulePart


def build_junit(joined: Joined) -> str:
    """Return the JUnit report of an audit."""
    root = ET.Element("testsuites", name=display_name(f"driftbook {joined.target}"))
    for rule in joined.rules:
        root.append(_build_rule(rule, joined))
    known = {rule.id for rule in joined.rules}
    for report in joined.reports:
        if report.verdict is Verdict.ERROR:
            root.append(_count(_build_error(report)))
    if joined.incomplete:
        suite = ET.Element("testsuite", name="not-checked")
        suite.extend(_build_gap(gap) for gap in joined.incomplete)
        root.append(_count(suite))
    for name in sorted({one.rule for one in joined.findings} - known):
        root.append(_build_suite(name, joined))
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _build_rule(rule: RulePart, joined: Joined) -> ET.Element:
    suite = _build_suite(rule.id, joined)
    if not len(suite):
        name = "not run" if rule.outcome == "not_run" else f"clean: judged {rule.judged}"
        case = ET.SubElement(
            suite, "testcase", name=display_name(name), classname=suite.get("name", "")
        )
        if rule.outcome == "not_run":
            ET.SubElement(case, "skipped", message=display_name(rule.reason or "not run"))
    return _count(suite)


def _build_suite(rule: str, joined: Joined) -> ET.Element:
    suite = ET.Element("testsuite", name=display_name(rule))
    failing = {one.id for one in joined.failing}
    for finding in joined.findings:
        if finding.rule == rule:
            suite.append(_build_case(finding, fails=finding.id in failing))
    suite.extend(_build_accepted(one) for one in joined.accepted if one.rule == rule)
    return _count(suite)


def _build_case(finding: FindingPart, *, fails: bool) -> ET.Element:
    detail = f" {finding.detail}" if finding.detail else ""
    name = display_name(f"{finding.kind} {finding.name}{detail}")
    case = ET.Element("testcase", name=name, classname=display_name(finding.rule))
    place = f"\nwhere: {finding.where}" if finding.where else ""
    text = f"{finding.id}{place}\n{finding.consequence}\nfix: {finding.fix}\n"
    if fails:
        message = display_name(f"{finding.severity.value}: {finding.title}")
        fault = ET.SubElement(case, "failure", type=finding.severity.value, message=message)
        fault.text = display_text(text)
    else:
        out = ET.SubElement(case, "system-out")
        out.text = display_text(f"{finding.severity.value}: {finding.title}\n{text}")
    return case


def _build_accepted(one: AcceptedPart) -> ET.Element:
    case = ET.Element("testcase", name=display_name(one.object), classname=display_name(one.rule))
    why = f"accepted by {one.owner} until {one.until}: {one.reason}"
    ET.SubElement(case, "skipped", message=display_name(why))
    return case


def _build_gap(gap: GapPart) -> ET.Element:
    case = ET.Element("testcase", name=display_name(gap.what), classname="not-checked")
    skipped = ET.SubElement(case, "skipped", message=display_name(gap.why))
    skipped.text = display_text(f"fix: {gap.fix}")
    return case


def _build_error(report: Result) -> ET.Element:
    suite = ET.Element("testsuite", name=display_name(report.report))
    case = ET.SubElement(suite, "testcase", name="the report was made", classname="report")
    ET.SubElement(case, "error", message=display_name(report.reason))
    return suite


def _count(suite: ET.Element) -> ET.Element:
    counts = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for name, number in counts.items():
        suite.set(name, str(number))
    return suite
