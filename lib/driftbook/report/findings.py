"""Findings in full: what, why it matters, both definitions, the fix."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.redact import is_redacted
from driftbook.report.definitions import render_ddl_diff, render_sql
from driftbook.report.edits import render_texts
from driftbook.report.markup import EMPTY, Fragment, join, render_severity, shown
from driftbook.report.privacy import conceal
from driftbook.words import pluralise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from driftbook.model import Finding

PAGE_BUDGET = 72_000  # characters of definitions and fixes; the findings after that stay short
LONG_FOLD = 12  # findings alike, from which on a fold is closed even when they are critical
PREVIEW = 3  # names that the summary of a fold shows
FOLDED = 5  # findings alike, from which on they share one fold
CHANGES = {
    "only_live": "only in the live database",
    "only_expected": "missing in the live database",
    "altered": "altered",
}
LONG_DEFINITION = 10  # lines, from which an equal definition is named instead of repeated


def render_findings(
    findings: Iterable[Finding],
    limit: int | None = None,
    severities: Collection[Severity] = tuple(Severity),
    empty: str = "None: nothing is this severe.",
) -> Fragment:
    """Return ``findings`` in full, folded; critical ones are open.

    Args:
        findings: In the order to show.
        limit: How many at most; the rest is counted.
        severities: Only these.
        empty: The sentence that stands where there is none.
    """
    chosen = [finding for finding in findings if finding.severity in severities]
    if not chosen:
        return Fragment('<p class="note">{}</p>').format(shown(empty))
    limited = chosen[:limit]
    bodies = _render_bodies(limited)
    parts = [
        _render_alike(list(alike), bodies) for _, alike in groupby(limited, key=_find_likeness)
    ]
    if len(chosen) > len(limited):
        more = Fragment('<p class="note">{:,} more are in the table of all findings.</p>')
        parts.append(more.format(len(chosen) - len(limited)))
    return join(parts)


def _find_likeness(finding: Finding) -> tuple[str, ...]:
    return (finding.severity, finding.rule, finding.object.kind, finding.change)


def _render_alike(findings: list[Finding], bodies: Mapping[str, Fragment]) -> Fragment:
    """Return findings of one rule, kind and change: many of them behind one summary."""
    first = findings[0]
    critical = first.severity is Severity.CRITICAL
    if len(findings) <= FOLDED:
        return join(
            _render_details(finding, bodies[finding.id], is_open=critical) for finding in findings
        )
    return Fragment(
        '<details class="finding"{open}><summary>{chip} <b>{count:,} {kinds}{change}</b>'
        ' <span class="note">{names}, …</span></summary>'
        '<p class="note">rule <a href="#rule-{rule}">{rule}</a></p>{findings}</details>\n'
    ).format(
        open=Fragment(' open=""' if critical and len(findings) < LONG_FOLD else ""),
        names=", ".join(shown(finding.object.name) for finding in findings[:PREVIEW]),
        chip=render_severity(first.severity.value),
        count=len(findings),
        kinds=pluralise(first.object.kind.replace("_", " ")),
        change=f" {CHANGES[first.change]}"
        if first.change in CHANGES
        else _find_common_words(findings),
        rule=shown(first.rule),
        findings=join(
            _render_details(finding, bodies[finding.id], is_open=False) for finding in findings
        ),
    )


def _find_common_words(findings: list[Finding]) -> str:
    """Return what all titles say after the name of their object; empty when they differ."""
    words = {shown(finding.title).partition(": ")[2] for finding in findings}
    return f": {words.pop()}" if len(words) == 1 else ""


def _render_bodies(findings: list[Finding]) -> dict[str, Fragment]:
    """Return what each finding shows when opened, by id; the last ones short on a long page."""
    bodies = dict[str, Fragment]()
    spent, seen = 0, dict[tuple[str, str], str]()
    for finding in findings:
        if spent > PAGE_BUDGET:
            bodies[finding.id] = _render_short(finding)
            continue
        both = (finding.expected, finding.live)
        bodies[finding.id] = _render_body(finding, seen.get(both, ""))
        spent += len(bodies[finding.id])
        if max(text.count("\n") for text in both) >= LONG_DEFINITION:
            seen.setdefault(both, finding.id)
    return bodies


def render_finding(finding: Finding) -> Fragment:
    """Return one finding: what, why it matters, both definitions, the fix."""
    is_open = finding.severity is Severity.CRITICAL
    return _render_details(finding, _render_body(finding, ""), is_open=is_open)


def _render_details(finding: Finding, body: Fragment, *, is_open: bool) -> Fragment:
    return Fragment(
        '<details class="finding" id="{id}"{open}><summary>{chip} <b>{title}</b>'
        " <code>{id}</code></summary><p>{consequence}</p>{used}{origin}{place}{body}</details>\n"
    ).format(
        id=finding.id,
        open=Fragment(' open=""' if is_open else ""),
        chip=render_severity(finding.severity.value),
        title=shown(finding.title),
        consequence=shown(finding.consequence),
        used=_render_used(finding),
        origin=Fragment("<p>{}</p>").format(shown(finding.origin)) if finding.origin else EMPTY,
        place=_render_place(finding),
        body=body,
    )


def _render_used(finding: Finding) -> Fragment:
    if finding.used_by is None or not finding.used_by.direct:
        return EMPTY
    return Fragment("<p>{}</p>").format(shown(str(finding.used_by)))


def _render_place(finding: Finding) -> Fragment:
    parts = [Fragment("{}").format(finding.cls)] if finding.cls else []
    if finding.properties:
        names = ", ".join(finding.properties)
        parts.append(Fragment("differs in {}").format(shown(names)))
    if finding.where:
        parts.append(Fragment("<code>{}</code>").format(shown(finding.where)))
    parts.append(Fragment('rule <a href="#rule-{0}">{0}</a>').format(shown(finding.rule)))
    return Fragment('<p class="note">{}</p>').format(Fragment(" · ").join(parts))


def _render_body(finding: Finding, twin: str) -> Fragment:
    if twin:
        same = Fragment('<p class="note">The definitions are those of <a href="#{0}">{0}</a>.</p>')
        return join([same.format(twin), _render_fix(finding)])
    definitions = (finding.expected, finding.live)
    # The fix of an object that one side lacks is often its definition: once is enough.
    alone = "" in definitions
    if alone and finding.fix_is_sql and _squeeze("".join(definitions)) in _squeeze(finding.fix):
        return _render_fix(finding)
    if _squeeze(finding.expected) == _squeeze(finding.live):
        return _render_fix(finding)
    if finding.group == "tracking":
        return join([render_texts(finding.live, finding.expected), _render_fix(finding)])
    return join([render_ddl_diff(finding.expected, finding.live), _render_fix(finding)])


def _render_short(finding: Finding) -> Fragment:
    if not finding.fix_is_sql:
        return _render_fix(finding)
    return Fragment('<p class="note">Definitions and fix are in result.json.</p>')


def _render_fix(finding: Finding) -> Fragment:
    if not finding.fix:
        return EMPTY
    if not finding.fix_is_sql:
        return Fragment("<p>Fix: {}</p>").format(shown(finding.fix))
    if finding.group == "tracking":
        return Fragment("<p>Fix, SQL for the tracking table:</p>{}").format(render_sql(finding.fix))
    warning = ""
    if is_redacted(conceal(finding.fix)):
        warning = " it holds a secret, redacted here: put the value back before running it."
    goal = (
        "brings the database back to the files"
        if finding.fix_reverts
        else "gives the files what the database has, closed where it is open"
        if finding.change == "only_live" and finding.severity is Severity.CRITICAL
        else "gives the files what the database has"
    )
    return Fragment("<p>Fix, a migration that {}:{}</p>{}").format(
        goal, warning, render_sql(finding.fix)
    )


def _squeeze(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip().rstrip(";").lower()
