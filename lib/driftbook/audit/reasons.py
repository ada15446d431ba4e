"""The one sentence of a report's header: numbers and the worst consequence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.audit.gaps import NO_DATABASE, gaps_of
from driftbook.model import Severity
from driftbook.tools import TOOLS
from driftbook.versions import Flag, VersionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.model import Finding

# State → what happened to one version, and to several, as the rest of a sentence.
WORDS = {
    VersionState.APPLIED_UNRECORDED: "ran without a record",
    VersionState.PARTLY_APPLIED_UNRECORDED: "ran in part without a record",
    VersionState.NEVER_EFFECTIVE: "recorded with nothing live",
    VersionState.PARTLY_EFFECTIVE: "recorded with a part live",
    VersionState.EDITED_AFTER_APPLY: "edited after it ran",
    VersionState.EDITED_HARMLESS: "edited without harm",
    VersionState.UNCONFIRMED: "recorded without SQL and unproven",
    VersionState.CONFIRMED_BY_EFFECT: "recorded without SQL and live",
    VersionState.MOVED: "recorded under another version",
    VersionState.MISSING_FILE: "recorded without a file",
    VersionState.MISSING_FILE_UNKNOWN: "recorded without file and SQL",
    VersionState.DUPLICATE_VERSION: "one of two files with one version",
}


def explain_verdict(
    report: str,
    evidence: Evidence,
    findings: Sequence[Finding],
    fail_on: Severity,
    accepted: int = 0,
) -> str:
    """Return the sentence for ``report``, of which ``accepted`` findings do not count."""
    return _explain(report, evidence, findings, fail_on, accepted) + _explain_accepted(accepted)


def _explain(
    report: str,
    evidence: Evidence,
    findings: Sequence[Finding],
    fail_on: Severity,
    accepted: int,
) -> str:
    if report == "tracking_audit":
        return _explain_tracking(evidence, findings, fail_on)
    if report == "explore":
        return _explain_exploration(evidence)
    if report == "migration_history":
        return _explain_history(evidence.facts, findings, fail_on)
    if accepted and evidence.live is not None and not findings:
        gaps = len(gaps_of(report, evidence.facts))
        unknown = f" {_count(gaps, 'thing')} could not be checked." if gaps else ""
        return f"No drift beyond what is accepted.{unknown}"
    return _explain_drift(report, evidence, findings, fail_on)


def _explain_exploration(evidence: Evidence) -> str:
    facts = evidence.facts
    side = evidence.live or evidence.expected
    rows = sum(len(frame) for frame in side.frames.values())
    where = "the live database" if evidence.live else "the migration files"
    gaps = len(gaps_of("explore", facts))
    unknown = f" {_count(gaps, 'thing')} could not be checked." if gaps else ""
    return f"What is known of one object, out of {rows:,} rows of {where}'s catalog.{unknown}"


def _explain_accepted(number: int) -> str:
    if not number:
        return ""
    return f" {_count(number, 'accepted finding')} {'does' if number == 1 else 'do'} not count."


def _explain_drift(
    report: str, evidence: Evidence, findings: Sequence[Finding], fail_on: Severity
) -> str:
    facts = evidence.facts
    if evidence.live is None and not any(finding.group == "drift" for finding in findings):
        return (
            f"{NO_DATABASE}: {_count(len(facts.files), 'migration file')} replayed, and nothing "
            "to compare them with."
        )
    if not findings:
        return _explain_agreement(report, evidence)
    unknown = any(version.state is VersionState.UNKNOWN for version in facts.versions)
    applied = "migration files, all taken as applied" if unknown else "applied migration files"
    text = (
        f"{_count(len(findings), 'difference')} between the live database and "
        f"{facts.applied_files} {applied}; {_count_failing(findings, fail_on)}."
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
        versions = _count(unsettled, "version")
        text += f" Files, tracking table and database disagree on {versions}."
    return text + _name_worst(findings)


def _explain_agreement(report: str, evidence: Evidence) -> str:
    facts = evidence.facts
    frames = evidence.live.frames if evidence.live else {}
    objects = sum(len(frame) for frame in frames.values())
    replayed = facts.applied_files - len({failure.file for failure in facts.failures})
    gaps = len(gaps_of(report, facts))
    return (
        f"No drift{' in what could be checked' if gaps else ''}. "
        f"{replayed} of {facts.applied_files} applied files replayed, {objects:,} rows of "
        f"{len(frames)} kinds equal, "
        f"{len(facts.unaccounted)} unaccounted objects."
        + (f" {gaps} things could not be checked." if gaps else "")
    )


def _explain_tracking(evidence: Evidence, findings: Sequence[Finding], fail_on: Severity) -> str:
    facts = evidence.facts
    if evidence.live is None:
        text = f"{NO_DATABASE}: which of {_count(len(facts.versions), 'file')} ran is unknown."
    elif facts.records is None:
        files = _count(len(facts.versions), "file")
        text = f"The tracking table was not read: which of {files} ran is unknown."
    else:
        text = _compare_versions(facts)
    run, refuses = TOOLS[facts.target.convention].run, facts.plan.before.refuses
    if run and refuses and facts.records is not None:
        text += f" {run} refuses: {refuses}."
    if findings:
        text += f" {_count(len(findings), 'finding')}; {_count_failing(findings, fail_on)}."
    return text + _name_worst(findings)


def _compare_versions(facts: Facts) -> str:
    known = _count(len(facts.versions), "version")
    states = Counter(version.state for version in facts.versions)
    unsettled = {state: states[state] for state in WORDS if states[state]}
    pending = sum(number for state, number in states.items() if state.is_pending)
    drift = facts.plan.changes_before
    text = f"Files, tracking table and live database agree on {known}"
    if drift:
        text = (
            f"Files and tracking table agree on {known}, and live differs from them in "
            f"{_count(drift, 'object')}"
        )
    if unsettled:
        words = ", ".join(f"{number} {WORDS[state]}" for state, number in unsettled.items())
        wrong = sum(unsettled.values())
        text = f"{wrong} of {known} {'disagrees' if wrong == 1 else 'disagree'}: {words}"
    return text + (f"; {pending} pending." if pending else ".")


def _explain_history(facts: Facts, findings: Sequence[Finding], fail_on: Severity) -> str:
    statuses = Counter(file.status for file in facts.files)
    run = statuses["applied"] + statuses["failed"]
    failed = f", {statuses['failed']} failed" if statuses["failed"] else ""
    text = f"{statuses['applied']} of {_count(run, 'file')} replayed{failed}"
    if len(facts.files) > run:
        text += f", {len(facts.files) - run} not run"
    if any(version.file and Flag.EDITED_IN_GIT in version.flags for version in facts.versions):
        edited = {one.file for one in facts.versions if Flag.EDITED_IN_GIT in one.flags}
        text += f"; {len(edited)} edited after the first commit"
    elif facts.history.why_unknown and not facts.history.commits:
        text += f"; git was not read: {facts.history.why_unknown}"
    text += "."
    if findings:
        text += f" {_count(len(findings), 'finding')}; {_count_failing(findings, fail_on)}."
    return text + _name_worst(findings)


def _name_worst(findings: Sequence[Finding]) -> str:
    worst = [finding for finding in findings if finding.severity is Severity.CRITICAL]
    if not worst:
        return ""
    others = f" (and {len(worst) - 1} more critical)" if len(worst) > 1 else ""
    return f" Worst: {worst[0].title}{others}."


def _count_failing(findings: Sequence[Finding], fail_on: Severity) -> str:
    failing = sum(finding.severity.reaches(fail_on) for finding in findings)
    return f"{failing:,} {'reaches' if failing == 1 else 'reach'} {fail_on.value}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
