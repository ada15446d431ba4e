"""Why a rule had nothing to judge in an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.rules import RULES

if TYPE_CHECKING:
    from types import ModuleType

    from driftbook.audit.evidence import Evidence

GIT_RULES = frozenset({"history-edited", "file-uncommitted"})


def find_obstacle(rule: ModuleType, evidence: Evidence) -> str:
    """Return why ``rule`` had nothing to judge: no finding says nothing then."""
    facts = evidence.facts
    if evidence.live is None and (rule in RULES or rule.GROUP == "tracking"):
        return "the target names no database"
    if rule.GROUP == "tracking" and facts.records is None:
        return "the tracking table was not read"
    if rule.ID in GIT_RULES and facts.history.why_unknown and not facts.history.commits:
        return f"git was not read: {facts.history.why_unknown}"
    return ""
