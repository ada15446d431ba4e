"""The reports of one audit as one value: each finding once, by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.model import Severity, Verdict
from driftbook.report.result import Result, complete_result
from driftbook.report.run import PRECEDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftbook.report.result import AcceptedPart, FindingPart, GapPart, RulePart

TIME_OF_ID = "%Y%m%dT%H%M%SZ"
OUTCOMES = ("found", "clean", "not_run")
LIMITS = {severity.value: severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Joined:
    """One audit.

    Attributes:
        reports: Its results, by name.
        findings: Of all reports, each once, worst first, then by key.
        accepted: Findings that somebody answers for; they do not count.
        rules: What each rule did: found something, else was clean, else did not run.
        incomplete: What could not be checked.
        migrations: The directory of the migration files, seen from the repository's root.
    """

    reports: tuple[Result, ...]
    findings: tuple[FindingPart, ...]
    accepted: tuple[AcceptedPart, ...]
    rules: tuple[RulePart, ...]
    incomplete: tuple[GapPart, ...]
    migrations: str = ""

    @property
    def target(self) -> str:
        """Return the name of the target."""
        return self.reports[0].target.name

    @property
    def label(self) -> str:
        """Return what people call the target."""
        return self.reports[0].target.label or self.target

    @property
    def audit_id(self) -> str:
        """Return the id of the audit."""
        return self.reports[0].audit_id

    @property
    def fail_on(self) -> Severity:
        """Return the lowest severity that fails."""
        told = [one.fail_on for one in self.reports if one.verdict is not Verdict.ERROR]
        return LIMITS.get(told[0] if told else "", Severity.HIGH)

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of the reports."""
        return min((one.verdict for one in self.reports), key=PRECEDENCE.index)

    @property
    def run_at(self) -> int:
        """Return when the audit looked: seconds since 1970, as its id tells; 0: no id tells it.

        Notebooks of the user's own may name what they like.
        """
        times = (_read_time(one.audit_id) for one in self.reports)
        return max(times, default=0)

    @property
    def failing(self) -> tuple[FindingPart, ...]:
        """Return the findings at or above ``fail_on``."""
        return tuple(one for one in self.findings if one.severity.reaches(self.fail_on))

    def count(self) -> dict[Severity, int]:
        """Return the findings by severity, none left out."""
        return {
            severity: sum(one.severity is severity for one in self.findings)
            for severity in Severity
        }


def join_results(results: Iterable[Mapping[str, object]], migrations: str = "") -> Joined:
    """Return the results of one audit, at least one, as one value; order makes no difference.

    Raises:
        NotebookFailed: A value is no result of this version.
    """
    reports = sorted(
        (Result.model_validate(complete_result(dict(result))) for result in results),
        key=lambda one: one.report,
    )
    findings = {one.id: one for report in reports for one in report.findings}
    accepted = {one.id: one for report in reports for one in report.accepted}
    gaps = {(gap.what, gap.why): gap for report in reports for gap in report.incomplete}
    rules: dict[str, RulePart] = {}
    for rule in (rule for report in reports for rule in report.rules):
        last = rules.get(rule.id)
        if last is None or OUTCOMES.index(rule.outcome) < OUTCOMES.index(last.outcome):
            rules[rule.id] = rule
    return Joined(
        reports=tuple(reports),
        findings=tuple(sorted(findings.values(), key=lambda one: (one.severity.rank, one.key))),
        accepted=tuple(accepted[name] for name in sorted(accepted)),
        rules=tuple(rules[name] for name in sorted(rules)),
        incomplete=tuple(gaps[name] for name in sorted(gaps)),
        migrations=migrations,
    )


def split_place(where: str) -> tuple[str, int]:
    """Return file and line of a finding's ``where``; no file: empty, no line: 0."""
    file, colon, line = where.rpartition(":")
    if colon and line.isdecimal():
        return file, int(line)
    return (where, 0) if where.endswith((".sql", ".toml")) else ("", 0)


def find_file(where: str, migrations: str) -> tuple[str, int]:
    """Return path of the migration file, seen from the repository's root, and line."""
    file, line = split_place(where)
    if file and migrations and "/" not in file:
        return f"{migrations.rstrip('/')}/{file}", line
    return file, line


def _read_time(audit_id: str) -> int:
    try:
        at = datetime.strptime(audit_id.partition("-")[0], TIME_OF_ID).replace(tzinfo=UTC)
    except ValueError:
        return 0
    return int(at.timestamp())
