"""A postmortem as its notebook sees it: frames and sentences, each with its evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from driftbook.audit.dress import dress
from driftbook.audit.evidence import GapFact
from driftbook.audit.frames import build_gaps
from driftbook.audit.gaps import find_unread_gaps
from driftbook.audit.result import Json, build_result
from driftbook.audit.session import RESULT_MIME
from driftbook.audit.sides import scope_of
from driftbook.incident import frames
from driftbook.incident.access import Moved, find_moved, word_moved
from driftbook.incident.actions import Action, list_actions
from driftbook.incident.blast import find_dependents
from driftbook.incident.book import Book
from driftbook.incident.events import Event, find_undated, number_events
from driftbook.incident.header import Moment, find_moments
from driftbook.incident.lessons import cost_rules, find_blind, find_remedies
from driftbook.incident.said import read_said
from driftbook.incident.told import Teller
from driftbook.incident.words import write_time
from driftbook.model import Severity, Verdict
from driftbook.words import count

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.audit.evidence import Evidence
    from driftbook.forensics.signatures import Horizon
    from driftbook.incident.case import IncidentCase
    from driftbook.incident.words import Sentence

NOTEBOOK = "incident_postmortem"
NO_DEPENDENCIES = GapFact(
    what="What depends on what changed",
    why="the audit took no dependencies",
    fix="audit the target again with this driftbook",
)


@dataclass(frozen=True)
class Incident:
    """One incident: its events, its evidence, its result.

    Attributes:
        evidence: Of the audit that ends the story.
        case: Everything that is told from.
        fail_on: Lowest severity that would fail an audit; a postmortem never fails.
        title: What people call it; empty: nothing.
        notes: Markdown of people.
        captured: Whether the database was read now; else the history alone was.
        unread: What of the logs could not be read.
    """

    evidence: Evidence
    case: IncidentCase
    fail_on: Severity
    title: str = ""
    notes: str = ""
    captured: bool = False
    unread: tuple[GapFact, ...] = ()

    @cached_property
    def _book(self) -> Book:
        return Book(self.case.attributed.clues)

    @cached_property
    def told(self) -> list[Event]:
        """Every event, in order and numbered."""
        return number_events(Teller(self.case, self._book).tell())

    @cached_property
    def moments(self) -> list[Moment]:
        """Started, detected, mitigated and resolved."""
        return find_moments(self.case, self.told, self._book)

    @cached_property
    def _moved(self) -> list[Moved]:
        return find_moved(self.case, self._book)

    @cached_property
    def reach(self) -> list[Sentence]:
        """Who of the API reaches more, less or something else than before, as sentences."""
        return list(word_moved(self._moved, self._book))

    @property
    def access(self) -> pd.DataFrame:
        """One row per role and object whose rights changed: see ``frames.build_access``."""
        return frames.build_access(self._moved)

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: see ``frames.build_events``."""
        return frames.build_events(self.told)

    @property
    def marks(self) -> pd.DataFrame:
        """The events as a chart needs them: see ``frames.build_marks``."""
        return frames.build_marks(self.told)

    @property
    def changes(self) -> pd.DataFrame:
        """What differs between the first and the last audit: see ``frames.build_changes``."""
        return frames.build_changes(self.case, self.told)

    @property
    def wounds(self) -> pd.DataFrame:
        """Since when each difference from the files is there: see ``frames.build_wounds``."""
        said = {one.ref: one for one in read_said(self.case.attributed.attribution)}
        return frames.build_wounds(self.case, said, self.told)

    @property
    def dependents(self) -> pd.DataFrame:
        """What needs something that changed: kind, object, needs, how, changed, distance."""
        edges = self.case.exhibits.get("dependency")
        if edges is None:
            return frames.build_dependents(())
        changed = [ref for event in self.told for ref in event.objects]
        return frames.build_dependents(find_dependents(edges, changed))

    @property
    def rules(self) -> pd.DataFrame:
        """Rules whose findings began in the window, and for how long those were open."""
        return frames.build_rules(cost_rules(self.case))

    @property
    def blind(self) -> pd.DataFrame:
        """The times between audits, longest first: what happened while nobody looked."""
        return frames.build_blind(find_blind(self.case, self.told))

    @property
    def remedies(self) -> pd.DataFrame:
        """What would have told more of the events, most events first."""
        return frames.build_remedies(find_remedies(self.case, self.told))

    @property
    def unknown(self) -> pd.DataFrame:
        """Events without both bounds: number, what, known, would_have_told."""
        return frames.build_unknown(find_undated(self.told), find_remedies(self.case, self.told))

    @property
    def lines(self) -> pd.DataFrame:
        """What logs say within the window, by time: see ``frames.build_lines``."""
        return frames.build_lines(self.case)

    @property
    def contradictions(self) -> pd.DataFrame:
        """Where two pieces of evidence disagree: object, contradiction."""
        return frames.build_contradictions(self.case.attributed.attribution)

    @cached_property
    def actions(self) -> list[Action]:
        """What is to be done, in this order."""
        return list_actions(self.case, self.told)

    @property
    def horizon(self) -> Horizon:
        """How far back the catalog can tell."""
        return self.case.attributed.horizon

    @property
    def clues(self) -> pd.DataFrame:
        """Every piece of evidence: ``CLUE``, and the number of the first event that names it."""
        # Whatever is said writes down its evidence.
        assert self.told is not None  # noqa: S101
        assert self.moments is not None  # noqa: S101
        assert self.reach is not None  # noqa: S101
        return frames.number_clues(self._book.build(), self.told)

    @property
    def sentences(self) -> list[Sentence]:
        """Every statement of the report, in its order."""
        moments = [one.sentence for one in self.moments if one.sentence]
        return [*moments, *(event.sentence for event in self.told), *self.reach]

    @property
    def gaps(self) -> pd.DataFrame:
        """What is not known: what, why, fix; each keeps the postmortem from passing."""
        return build_gaps(self._gaps)

    @property
    def _gaps(self) -> tuple[GapFact, ...]:
        remedies = find_remedies(self.case, self.told)
        undated = [
            GapFact(
                what=f"When event {event.number} happened, {event.title}",
                why="no evidence gives both bounds of its time",
                fix=frames.name_remedies(event.number, remedies) or "nothing that driftbook knows",
            )
            for event in find_undated(self.told)
        ]
        facts = self.evidence.facts
        edges = () if "dependency" in self.case.exhibits else (NO_DEPENDENCIES,)
        sides = (look.live for look in self.case.looks)
        older = find_unread_gaps(sides, scope_of(facts.target))
        return (*undated, *self.unread, *facts.unread, *older, *edges)

    @property
    def verdict(self) -> Verdict:
        """``pass`` when every event is dated and nothing was left unread; never a fail."""
        return Verdict.INCOMPLETE if self._gaps else Verdict.PASS

    @property
    def reason(self) -> str:
        """The sentence of the header: what is known, in numbers; nobody's fault."""
        dated = len(self.told) - len(find_undated(self.told))
        lanes = Counter(event.lane.value for event in self.told)
        parts = ", ".join(f"{number} {lane}" for lane, number in sorted(lanes.items()))
        window = self.case.window
        when = f"between {write_time(window.started_at)} and {write_time(window.ended_at)}"
        if window.started_at == window.ended_at:
            when = f"as one audit knows them, of {write_time(window.ended_at)}"
        events = f"{count(len(self.told), 'event')} {when} ({parts})"
        text = f"{events}; {dated} of them dated on both sides."
        source = (
            "The database was read now"
            if self.captured
            else (
                f"Told from {count(len(self.case.looks), 'recorded audit')} alone: "
                "no database was asked"
            )
        )
        return f"{text} {source}."

    @cached_property
    def result(self) -> Json:
        """The value that header, exit code and every other format are made from."""
        window = self.case.window
        result = build_result(NOTEBOOK, self.evidence, (), self.fail_on)
        name = self.title or "Incident postmortem"
        provenance = [
            [
                "window",
                f"{write_time(window.started_at)} to {write_time(window.ended_at)}, {window.why}",
            ],
            ["audits", f"{len(self.case.looks)}, first {self.case.looks[0].audit_id}"],
            ["told from", "a capture of now" if self.captured else "the history alone"],
        ]
        return {
            **result,
            "title": f"{name}: {self.evidence.facts.target.title}",
            "verdict": self.verdict.value,
            "reason": self.reason,
            "incomplete": [gap.model_dump(exclude={"about"}) for gap in self._gaps],
            "events": [_write_event(event) for event in self.told],
            "provenance": [*result["provenance"], *provenance],  # type: ignore[misc]
        }

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        banner = Markup("<p><b>{}</b> {}</p>").format(self.verdict.value.upper(), self.reason)
        return {
            RESULT_MIME: self.result,
            "text/html": dress(banner),
            "text/plain": f"{self.verdict.value}: {self.reason}",
        }


def _write_event(event: Event) -> Json:
    bounds = {"earliest_at": event.earliest_at, "latest_at": event.latest_at}
    return {
        "number": event.number,
        "lane": event.lane.value,
        "what": event.title,
        **{name: f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "" for name, at in bounds.items()},
        "confidence": event.confidence.value,
        "clues": list(event.clues),
    }
