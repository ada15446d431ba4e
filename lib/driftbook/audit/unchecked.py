"""A finding that is gone is resolved only where an audit could have found it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.obstacles import find_obstacle
from driftbook.audit.sides import scope_of
from driftbook.catalog.kinds import KINDS
from driftbook.drift.scope import build_filter
from driftbook.rules import ALL_RULES, RULES

if TYPE_CHECKING:
    from driftbook.audit.evidence import Evidence
    from driftbook.history import Spell

BY_ID = {rule.ID: rule for rule in ALL_RULES}
DRIFT = {rule.ID for rule in RULES}
NOT_REPLAYED = {"failed", "not-reached"}


def find_reason(spell: Spell, evidence: Evidence) -> str:
    """Return why ``evidence`` says nothing of a finding that it lacks; empty: it is resolved.

    Args:
        spell: An earlier finding.
        evidence: Of an audit that does not have it.
    """
    rule = BY_ID.get(spell.rule)
    if rule is None:
        return "its rule is not part of this driftbook"
    if why := find_obstacle(rule, evidence):
        return why
    if rule.GROUP == "accepted" and evidence.facts.gaps:
        return "not everything could be checked: what the entry is about may still be there"
    if spell.rule in DRIFT:
        return _find_blind_spot(spell, evidence)
    return _find_unreplayed(spell, evidence) if rule.GROUP == "tracking" else ""


def _find_blind_spot(spell: Spell, evidence: Evidence) -> str:
    facts = evidence.facts
    if facts.records is None:
        return "the tracking table was not read: all files were taken as applied"
    if spell.kind not in KINDS or len(spell.parts) != len(KINDS[spell.kind].key):
        return "its kind of object is not part of this driftbook"
    if reason := build_filter(scope_of(facts.target))(spell.kind, spell.parts):
        return f"out of scope now: {reason}"
    if evidence.live is None or spell.kind not in evidence.live.frames:
        return "its kind of object was not read"
    expects = evidence.expected.row(spell.kind, spell.parts) is not None
    # What the files would make is known only if they replay; what they make is compared.
    if spell.rule != "untracked-object" and not expects and _has_replay_gap(evidence):
        return "files failed in the shadow: whether they make the object is not known"
    return ""


def _has_replay_gap(evidence: Evidence) -> bool:
    return any(gap.about == "replay" for gap in evidence.facts.gaps)


def _find_unreplayed(spell: Spell, evidence: Evidence) -> str:
    names = {
        name
        for file in evidence.facts.files
        if file.status in NOT_REPLAYED
        for name in (file.file, file.version)
    }
    if names & {*spell.parts}:
        return "its file failed in the shadow: what it does is not known"
    return ""
