"""What is to be done after an incident: numbered, each with the command or SQL that does it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.history.past import storable
from driftbook.incident.header import select_spells
from driftbook.incident.lessons import find_remedies
from driftbook.model import Severity
from driftbook.words import count

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
    return [*_close(case), *_settle(case), *_look(case, events)]


def _close(case: IncidentCase) -> Iterator[Action]:
    """Yield a statement per critical finding of the window that takes the change back."""
    began = {spell.key for spell in select_spells(case) if not spell.resolved_at}
    for finding in case.findings:
        if finding.severity is not Severity.CRITICAL or storable(finding.key) not in began:
            continue
        if finding.fix_is_sql and finding.fix_reverts and finding.fix:
            yield Action(f"Take back: {finding.title}", finding.fix, is_sql=True)


def _settle(case: IncidentCase) -> Iterator[Action]:
    """Yield what is left for each report that shows open findings of the window."""
    groups = {finding.rule: finding.group for finding in case.findings}
    open_now = Counter(spell.rule for spell in select_spells(case) if not spell.resolved_at)
    for report, of_drift in (("drift_audit", True), ("tracking_audit", False)):
        rules = [
            one for one in sorted(open_now) if (groups.get(one, "drift") == "drift") is of_drift
        ]
        if not rules:
            continue
        counts = ", ".join(f"{open_now[rule]} {rule}" for rule in rules)
        total = count(sum(open_now[rule] for rule in rules), "open finding")
        command = f"driftbook run {report} -p target {case.target}"
        command += f" -p audit_id {case.looks[-1].audit_id}"
        yield Action(
            f"Settle {total} ({counts}), each by a migration or by its repair step",
            command,
            is_sql=False,
        )


def _look(case: IncidentCase, events: Sequence[Event]) -> Iterator[Action]:
    for remedy in find_remedies(case, events):
        is_sql = remedy.how.startswith("alter system")
        yield Action(f"Have {remedy.what}: {remedy.gain}", remedy.how, is_sql=is_sql)
