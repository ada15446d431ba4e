"""One audit compared with those before it: new, known, reopened, resolved, not checked. Pure."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from driftbook.keys import read_key
from driftbook.model import Severity
from driftbook.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

TREND = 30  # audits that a report looks back on, its own among them
RECONCILED = 50  # resolved findings whose time a report tells, the latest
NOT_ASKED = "no history was asked"

Counts = dict[str, dict[Severity, int]]


class FindingState(StrEnum):
    """What earlier audits say of a finding."""

    NEW = "new"
    KNOWN = "known"  # the audit before saw it too
    REOPENED = "reopened"  # it was resolved once


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Found(_Fact):
    """A finding as the history keeps it; ``parts`` are the raw names of its object."""

    key: str
    id: str
    rule: str
    severity: Severity
    kind: str
    parts: tuple[str, ...]
    title: str


class Spell(Found):
    """One time that a finding was open; times are ISO 8601, UTC."""

    first_seen_at: str  # ever, also before it was resolved once
    opened_at: str
    last_seen_at: str
    resolved_at: str = ""  # empty: it is open
    why: str = ""  # why an audit that did not see it says nothing of it


class TrendPoint(_Fact):
    """What one audit found."""

    audit_id: str
    audited_at: str
    counts: Counts

    def count(self, rules: Collection[str]) -> dict[Severity, int]:
        """Return the findings of ``rules`` by severity, none left out."""
        total = Counter[Severity]()
        for rule in rules:
            total.update(self.counts.get(rule, {}))
        return {severity: total[severity] for severity in Severity}


class Sighting(_Fact):
    """What earlier audits of a target saw of one object; times are ISO 8601, empty: none.

    Attributes:
        kind: Of the object.
        parts: Its key.
        absent_at: The last audit without it, before the first of those that see it until now.
        seen_at: The first of these.
        other_at: The last audit that saw it in another shape, or not at all.
        same_at: The first one that saw it as it is now.
        gone_after: Of an object that is not there: the last audit that saw it.
        gone_by: The first one that did not.
    """

    kind: str
    parts: tuple[str, ...]
    absent_at: str = ""
    seen_at: str = ""
    other_at: str = ""
    same_at: str = ""
    gone_after: str = ""
    gone_by: str = ""


class Watermark(_Fact):
    """Where the server's counter of transactions stood when an audit looked."""

    audited_at: str
    next_xid: int
    cluster: str  # hash of the system identifier; empty: unknown
    database: str  # OID


class Move(_Fact):
    """Two audits between which most tables were made anew."""

    after: str
    by: str


class Past(_Fact):
    """What an audit knows of those before it, at the time when it was made.

    Attributes:
        previous: Id of the audit before; empty: there is none, or nothing is known.
        previous_at: When that one looked.
        why_unknown: Why nothing is known; empty when the history was read.
        states: Key, state and time of the first sight of every finding.
        resolved: Findings that the audit before had and this one looked for in vain.
        unchecked: Findings that are gone where this audit could not look; never resolved.
        reconciled: Earlier findings that are resolved, the latest first, those of now as well.
        trend: What up to thirty audits found, oldest first; this one is the last.
        sightings: What earlier audits saw of the objects of all findings, by kind and key.
        watermarks: Where the counter of transactions stood at earlier audits, oldest first.
        moves: Between which audits the database was made anew, oldest first.
    """

    previous: str = ""
    previous_at: str = ""
    why_unknown: str = ""
    states: tuple[tuple[str, FindingState, str], ...] = ()
    resolved: tuple[Spell, ...] = ()
    unchecked: tuple[Spell, ...] = ()
    reconciled: tuple[Spell, ...] = ()
    trend: tuple[TrendPoint, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    watermarks: tuple[Watermark, ...] = ()
    moves: tuple[Move, ...] = ()

    @cached_property
    def of_key(self) -> Mapping[str, tuple[FindingState, str]]:
        """Return state and first sight by key."""
        return {key: (state, first) for key, state, first in self.states}

    def count_states(self) -> Counter[FindingState]:
        """Return how many findings are in which state."""
        return Counter(state for _, state, _ in self.states)


NO_PAST = Past(why_unknown=NOT_ASKED)


class Memory(_Fact):
    """What the store knows of a target before an audit.

    Attributes:
        trend: Earlier audits, oldest first.
        open: Findings that are open, by key.
        closed: Of findings that are not, the last time each was, by key.
        reconciled: The latest resolved ones, latest first.
    """

    trend: tuple[TrendPoint, ...] = ()
    open: dict[str, Spell] = {}
    closed: dict[str, Spell] = {}
    reconciled: tuple[Spell, ...] = ()


def compare_audit(
    memory: Memory,
    found: Sequence[Found],
    now: TrendPoint,
    why_unchecked: Callable[[Spell], str],
) -> Past:
    """Return what changed between the audits of ``memory`` and one that found ``found`` now.

    Args:
        memory: Of the same target.
        found: Every finding of every rule.
        now: The audit itself.
        why_unchecked: Returns why a finding that is gone cannot be called resolved; empty: the
            audit looked for it.
    """
    keys = {one.key for one in found}
    gone = [spell for key, spell in sorted(memory.open.items()) if key not in keys]
    judged = [spell.model_copy(update={"why": why_unchecked(spell)}) for spell in gone]
    ended = {"resolved_at": now.audited_at}
    resolved = tuple(spell.model_copy(update=ended) for spell in judged if not spell.why)
    last = memory.trend[-1] if memory.trend else None
    return Past(
        previous=last.audit_id if last else "",
        previous_at=last.audited_at if last else "",
        states=tuple((one.key, *_find_state(memory, one, now.audited_at)) for one in found),
        resolved=resolved,
        unchecked=tuple(spell for spell in judged if spell.why),
        reconciled=(*resolved, *memory.reconciled)[:RECONCILED],
        trend=(*memory.trend, now)[-TREND:],
    )


def _find_state(memory: Memory, found: Found, now: str) -> tuple[FindingState, str]:
    if found.key in memory.open:
        return FindingState.KNOWN, memory.open[found.key].first_seen_at
    if found.key in memory.closed:
        return FindingState.REOPENED, memory.closed[found.key].first_seen_at
    return FindingState.NEW, now


def storable(text: str) -> str:
    """Return ``text`` as every database can hold it, secrets redacted."""
    visible = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return redact(visible, read_key())


def count_found(found: Sequence[Found]) -> Counts:
    """Return rule → severity → findings."""
    counts: Counts = {}
    for one in found:
        of_rule = counts.setdefault(one.rule, {})
        of_rule[one.severity] = of_rule.get(one.severity, 0) + 1
    return counts
