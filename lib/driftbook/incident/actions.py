"""What is to be done after an incident: numbered, each with the command or SQL that does it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.incident.events import Lane
from driftbook.incident.header import select_spells
from driftbook.incident.lessons import find_remedies
from driftbook.incident.words import count
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.incident.case import IncidentCase
    from driftbook.incident.events import Event


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do; who and until when is for people to write.

    Attributes:
        what: In words.
        how: A command or SQL; empty: there is none to copy.
        is_sql: Whether ``how`` is SQL.
    """

    what: str
    how: str
    is_sql: bool


def list_actions(case: IncidentCase, events: Sequence[Event]) -> list[Action]:
    """Return what is to be done, in the order in which to do it."""
    return [*_close(case), *_settle(case), *_repair(case, events), *_look(case, events)]


def _close(case: IncidentCase) -> Iterator[Action]:
    """Yield a statement per critical finding of the window that takes the change back."""
    began = {spell.key for spell in select_spells(case) if not spell.resolved_at}
    for finding in case.findings:
        if finding.severity is not Severity.CRITICAL or finding.key not in began:
            continue
        if finding.fix_is_sql and finding.fix_reverts and finding.fix:
            yield Action(f"Take back: {finding.title}", finding.fix, is_sql=True)


def _settle(case: IncidentCase) -> Iterator[Action]:
    open_now = Counter(spell.rule for spell in select_spells(case) if not spell.resolved_at)
    report = f"driftbook run drift_audit -p target {case.target}"
    report += f" -p audit_id {case.looks[-1].audit_id}"
    for rule, number in sorted(open_now.items(), key=lambda one: (-one[1], one[0])):
        group = next((f.group for f in case.findings if f.rule == rule), "drift")
        command = report.replace("drift_audit", "tracking_audit") if group == "tracking" else report
        what = f"Settle {count(number, 'finding')} of {rule}: a migration for each, or accept it"
        yield Action(what, command, is_sql=False)


def _repair(case: IncidentCase, events: Sequence[Event]) -> Iterator[Action]:
    numbers = [str(event.number) for event in events if event.lane is Lane.TRACKING]
    if numbers:
        report = f"driftbook run tracking_audit -p target {case.target}"
        what = f"Repair the tracking table (event {', '.join(numbers)}): its report has the steps"
        yield Action(what, report, is_sql=False)


def _look(case: IncidentCase, events: Sequence[Event]) -> Iterator[Action]:
    for remedy in find_remedies(case, events):
        is_sql = remedy.how.startswith("alter system")
        yield Action(f"Have {remedy.what}: {remedy.gain}", remedy.how, is_sql=is_sql)
