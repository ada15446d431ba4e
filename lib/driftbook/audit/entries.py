"""Entries of ``accepted.toml`` in an audit: which of them concern it, and where it could look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.accepted import read_accepted
from driftbook.audit.comparison import rules_of
from driftbook.audit.obstacles import find_obstacle
from driftbook.rules import ALL_RULES

if TYPE_CHECKING:
    from driftbook.accepted import Accepted
    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.config import Settings

BY_ID = {rule.ID: rule for rule in ALL_RULES}


def add_accepted(evidence: Evidence, settings: Settings) -> Evidence:
    """Return ``evidence`` with the entries for its target as they stand now.

    Raises:
        ConfigError: The file of entries is malformed.
    """
    name = evidence.facts.target.name
    mine = tuple(entry for entry in read_accepted(settings) if name in entry.targets)
    return replace(evidence, facts=evidence.facts.model_copy(update={"accepted": mine}))


def select_entries(report: str, facts: Facts) -> list[Accepted]:
    """Return the entries whose rule ``report`` shows; one of an unknown rule is in every report.

    A report that judges nothing has none.
    """
    shown = rules_of(report)
    entries = facts.accepted if shown else ()
    return [one for one in entries if one.rule in shown or one.rule not in BY_ID]


def find_obstacle_to(entry: Accepted, evidence: Evidence) -> str:
    """Return why the audit could not look for the finding of ``entry``; empty: it could.

    An entry keeps no parts of names: any gap of the audit counts, so that none is called stale
    which is only out of sight.
    """
    rule = BY_ID.get(entry.rule)
    if rule is None:
        return ""
    if why := find_obstacle(rule, evidence):
        return why
    return evidence.facts.gaps[0].what if evidence.facts.gaps else ""
