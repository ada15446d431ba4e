"""Rules judge facts and yield findings; the order of ``RULES`` is that of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.rules import altered_object, missing_object, untracked_object
from driftbook.rules.facts import Facts, RuleContext, Side
from driftbook.rules.grouping import group_changes

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.model import Finding

__all__ = ["RULES", "RuleContext", "find_drift"]

RULES = (untracked_object, missing_object, altered_object)


def find_drift(
    changes: pd.DataFrame, expected: Snapshot, live: Snapshot, context: RuleContext
) -> list[Finding]:
    """Return one finding per changed object, worst first, then by key.

    Args:
        changes: As ``drift.diff`` gives them; parts are folded in what contains them.
        expected: The side of the files.
        live: The side that was found.
        context: What is exposed, and to whom.
    """
    facts = Facts(Side(expected), Side(live), context)
    things = group_changes(changes)
    findings = [finding for rule in RULES for finding in rule.find(things, facts)]
    return sorted(findings, key=lambda finding: (finding.severity.rank, finding.key))
