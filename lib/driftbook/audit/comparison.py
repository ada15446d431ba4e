"""What a report says of the audits before: only findings of its own rules count."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.history.past import FindingState, storable
from driftbook.rules import ALL_RULES, RULES_OF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.history import Past, Spell, TrendPoint
    from driftbook.model import Finding

Json = dict[str, object]


def rules_of(report: str) -> frozenset[str]:
    """Return the ids of the rules whose findings ``report`` shows."""
    return frozenset(rule.ID for rule in RULES_OF.get(report, ALL_RULES))


def find_state(finding: Finding, past: Past) -> tuple[str, str]:
    """Return state and first sight of ``finding``; both empty when the past is not known."""
    state, first_seen_at = past.of_key.get(storable(finding.key), ("", ""))
    return str(state), first_seen_at


def select_spells(spells: Iterable[Spell], report: str) -> list[Spell]:
    """Return those of the rules of ``report``."""
    rules = rules_of(report)
    return [spell for spell in spells if spell.rule in rules]


def build_comparison(report: str, past: Past, findings: Iterable[Finding]) -> Json:
    """Return the parts ``since`` and ``trend`` of the result of ``report``.

    A report without rules of its own has nothing to compare, and neither part.
    """
    if not rules_of(report):
        return {}
    states = Counter(find_state(finding, past)[0] for finding in findings)
    resolved = select_spells(past.resolved, report)
    unchecked = select_spells(past.unchecked, report)
    rules = rules_of(report)
    return {
        "since": {
            "previous": past.previous,
            "previous_at": past.previous_at,
            "why_unknown": past.why_unknown,
            "new": states[FindingState.NEW],
            "known": states[FindingState.KNOWN],
            "reopened": states[FindingState.REOPENED],
            "resolved": len(resolved),
            "not_checked": len(unchecked),
            "resolved_findings": [_spell_json(spell) for spell in resolved],
            "unchecked_findings": [_spell_json(spell) for spell in unchecked],
        },
        "trend": [_point_json(point, rules) for point in past.trend],
    }


def _point_json(point: TrendPoint, rules: frozenset[str]) -> Json:
    counts = point.count(rules)
    return {
        "audit_id": point.audit_id,
        "audited_at": point.audited_at,
        "total": sum(counts.values()),
        "counts": {severity.value: count for severity, count in counts.items()},
    }


def _spell_json(spell: Spell) -> Json:
    return {
        "id": spell.id,
        "key": spell.key,
        "rule": spell.rule,
        "severity": spell.severity.value,
        "title": spell.title,
        "first_seen_at": spell.first_seen_at,
        "last_seen_at": spell.last_seen_at,
        "resolved_at": spell.resolved_at,
        "why": spell.why,
    }
