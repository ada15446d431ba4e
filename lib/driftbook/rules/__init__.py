"""Rules judge facts and yield findings; the order of ``ALL_RULES`` is that of reports."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from driftbook.rules import altered_object, missing_object, untracked_object
from driftbook.rules.accepted import ACCEPTED_RULES
from driftbook.rules.facts import RuleContext, build_facts
from driftbook.rules.grouping import group_changes
from driftbook.rules.versions import (
    FILE_RULES,
    TRACKING_RULES,
    VERSION_RULES,
    comment_only,
    duplicate_version,
    file_uncommitted,
    never_runs,
    version_in_future,
)
from driftbook.rules.versions.facts import VersionFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    import pandas as pd

    from driftbook.access.moves import Move
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.model import Finding
    from driftbook.rules.accepted.facts import Judged

__all__ = [
    "ACCEPTED_RULES",
    "ALL_RULES",
    "RULES",
    "RULES_OF",
    "VERSION_RULES",
    "RuleContext",
    "VersionFacts",
    "find_drift",
    "find_entries",
    "find_versions",
    "sort_findings",
]

RULES = (untracked_object, missing_object, altered_object)
ALL_RULES: tuple[ModuleType, ...] = (*RULES, *VERSION_RULES, *ACCEPTED_RULES)
# Report → the rules whose findings it shows.
RULES_OF: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType(
    {
        "drift_audit": (*RULES, *ACCEPTED_RULES),
        "tracking_audit": (
            *TRACKING_RULES,
            never_runs,
            duplicate_version,
            version_in_future,
            comment_only,
            file_uncommitted,
            *ACCEPTED_RULES,
        ),
        "migration_history": (*FILE_RULES, *ACCEPTED_RULES),
        "incident_postmortem": (),  # it tells of findings and judges nothing
        "explore": (),  # it shows what the other reports judge
    }
)


def find_drift(
    changes: pd.DataFrame,
    expected: Snapshot,
    live: Snapshot,
    context: RuleContext,
    moves: Iterable[Move] | None = None,
) -> list[Finding]:
    """Return one finding per changed object, worst first, then by key.

    Args:
        changes: As ``drift.diff`` gives them; parts are folded in what contains them.
        expected: The side of the files.
        live: The side that was found.
        context: What is exposed, and to whom.
        moves: Who reaches what on one side only; ``None``: nobody judged.
    """
    facts = build_facts(expected, live, context, moves)
    things = group_changes(changes)
    return sort_findings(finding for rule in RULES for finding in rule.find(things, facts))


def find_versions(facts: VersionFacts) -> list[Finding]:
    """Return what is wrong with versions, files and tracking table, worst first, then by key."""
    return sort_findings(finding for rule in VERSION_RULES for finding in rule.find(facts))


def find_entries(judged: Iterable[Judged]) -> list[Finding]:
    """Return what is wrong with entries of ``accepted.toml``, worst first, then by key."""
    judged = tuple(judged)
    return sort_findings(finding for rule in ACCEPTED_RULES for finding in rule.find(judged))


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` worst first, then by key."""
    return sorted(findings, key=lambda finding: (finding.severity.rank, finding.key))
