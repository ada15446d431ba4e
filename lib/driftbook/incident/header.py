"""The head of a postmortem: since when, seen when, mended when, and how well each is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from driftbook.forensics.attribution import WHOLE
from driftbook.forensics.classify import Confidence
from driftbook.incident.book import Proof
from driftbook.incident.events import Lane
from driftbook.incident.words import Sentence, write_duration, write_time
from driftbook.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.history.past import Spell
    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase
    from driftbook.incident.events import Event


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of the incident.

    Attributes:
        name: started, detected, mitigated or resolved.
        sentence: What is known of it; ``None``: it has not come, as far as audits tell.
        earliest_at: Not before.
        latest_at: Not after.
        note: What the word means here, or why there is no time.
    """

    name: str
    sentence: Sentence | None
    earliest_at: datetime | None
    latest_at: datetime | None
    note: str


def find_moments(case: IncidentCase, events: Sequence[Event], book: Book) -> list[Moment]:
    """Return started, detected, mitigated and resolved, in this order."""
    spells = select_spells(case)
    started = _find_start(events)
    detected = _find_detection(spells, started, book)
    severe = [one for one in spells if one.severity.value == "critical"]
    mitigated = _find_end(
        "mitigated", "every critical finding of the window was gone", severe, case, book
    )
    resolved = _find_end("resolved", "every finding of the window was gone", spells, case, book)
    return [started, detected, mitigated, resolved]


def select_spells(case: IncidentCase) -> list[Spell]:
    """Return the times that a finding was open which began in the window, in that order.

    What the first audit saw already began before it.
    """
    first = case.looks[0].at
    return [
        spell
        for spell in sorted(case.spells, key=lambda one: (one.opened_at, one.key))
        if first < datetime.fromisoformat(spell.opened_at) <= case.looks[-1].at
    ]


def _find_start(events: Sequence[Event]) -> Moment:
    changed = [one for one in events if one.lane in {Lane.DATABASE, Lane.TRACKING}]
    known = [one for one in changed if one.has_time]
    note = "the first change of the database or its tracking table that no push explains"
    if not known:
        why = "no change outside of pushes is dated" if changed else "no such change is known"
        return Moment("started", None, None, None, why)
    first = known[0]
    text = f"It began {first.when}, with event {first.number}"
    sentence = Sentence(text, first.confidence, first.clues)
    return Moment("started", sentence, first.earliest_at, first.latest_at, note)


def _find_detection(spells: Sequence[Spell], started: Moment, book: Book) -> Moment:
    if not spells:
        return Moment("detected", None, None, None, "no audit of the window saw a new finding")
    at = datetime.fromisoformat(spells[0].opened_at)
    seen = [one for one in spells if one.opened_at == spells[0].opened_at]
    value = f"first saw {count(len(seen), 'finding')}"
    proof = Proof("horizon", "audit", value, WHOLE, "findings", at, at)
    text = f"An audit {value} that began in the window, at {write_time(at)}"
    note = "an audit saw it; when a person did, no audit knows"
    if started.latest_at and started.latest_at <= at:
        least = write_duration(at - started.latest_at)
        span = f"{least} after it began at the latest"
        if started.earliest_at and started.earliest_at != started.latest_at:
            most = write_duration(at - started.earliest_at)
            span = f"between {least} and {most} after it began"
            span = span if at > started.latest_at else f"up to {most} after it began"
        note = f"{span}; {note}"
    return Moment("detected", book.say(text, Confidence.EXACT, [book.cite(proof)]), at, at, note)


def _find_end(
    name: str, what: str, spells: Sequence[Spell], case: IncidentCase, book: Book
) -> Moment:
    if not spells:
        return Moment(name, None, None, None, "there was no such finding to mend")
    open_still = [one for one in spells if not one.resolved_at]
    if open_still:
        last = case.looks[-1]
        value = f"{count(len(open_still), 'finding')} still open"
        proof = Proof("horizon", "audit", f"{name}: {value}", WHOLE, "findings", last.at, last.at)
        text = f"Not {name}: {value} at the audit of {write_time(last.at)}"
        sentence = book.say(text, Confidence.EXACT, [book.cite(proof)])
        return Moment(name, sentence, last.at, None, "not yet, when the last audit looked")
    high = max(datetime.fromisoformat(one.resolved_at) for one in spells)
    low = max((look.at for look in case.looks if look.at < high), default=None)
    proof = Proof("horizon", "audit", f"{name}: {what}", WHOLE, "findings", low, high)
    text = f"By the audit of {write_time(high)} {what}"
    note = "between that audit and the one before it"
    return Moment(name, book.say(text, Confidence.HIGH, [book.cite(proof)]), low, high, note)
