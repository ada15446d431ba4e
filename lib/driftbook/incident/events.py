"""The events of an incident: one per thing that happened, from all evidence, in one order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from driftbook.incident.words import Sentence, write_interval, write_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from driftbook.forensics.classify import Confidence
    from driftbook.model import ObjectRef


class Lane(StrEnum):
    """Where something happened."""

    GIT = "git"
    DEPLOYMENT = "deployment"
    DATABASE = "database"
    TRACKING = "tracking"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        lane: Where.
        what: A sentence without its time.
        confidence: How sure it is that it happened so, within these bounds.
        clues: Ids of the evidence, those that give the bounds first.
        earliest_at: Not before; ``None``: open.
        latest_at: Not after; ``None``: open.
        after_version: The last version that was recorded before, where only the order is known.
        before_version: The first one that was recorded after.
        first_xid: Its first transaction; 0: unknown.
        last_xid: Its last one.
        objects: What it made, changed or dropped.
        session: Of forensics; empty: none.
        number: Its place, from 1; 0 before events are put in order.
    """

    lane: Lane
    what: str
    confidence: Confidence
    clues: tuple[str, ...]
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    after_version: str = ""
    before_version: str = ""
    first_xid: int = 0
    last_xid: int = 0
    objects: tuple[ObjectRef, ...] = ()
    session: str = ""
    number: int = 0

    @property
    def title(self) -> str:
        """Return the event without its time."""
        return self.what.rstrip(",")

    @property
    def is_dated(self) -> bool:
        """Return whether both bounds are known."""
        return self.earliest_at is not None and self.latest_at is not None

    @property
    def has_time(self) -> bool:
        """Return whether any bound is known."""
        return self.earliest_at is not None or self.latest_at is not None

    @property
    def when(self) -> str:
        """Return when it happened, in words."""
        return write_interval(self.earliest_at, self.latest_at)

    @property
    def order(self) -> str:
        """Return where it stands among versions and transactions; empty: unknown."""
        return write_order(self.after_version, self.before_version, self.first_xid, self.last_xid)

    @property
    def sentence(self) -> Sentence:
        """Return the event as a statement with its evidence."""
        order = f" ({self.order})" if self.order else ""
        return Sentence(f"{self.what} {self.when}{order}", self.confidence, self.clues)


def number_events(events: Iterable[Event]) -> list[Event]:
    """Return ``events`` in order and numbered: by time, then those without one by transaction.

    An interval stands where it begins; one whose beginning is open, where it ends.
    """
    ordered = sorted(events, key=_sort_key)
    return [replace(event, number=number) for number, event in enumerate(ordered, start=1)]


def _sort_key(event: Event) -> tuple[object, ...]:
    lane = list(Lane).index(event.lane)
    start = event.earliest_at or event.latest_at
    if start is None:
        return 1, 0.0, 0.0, event.first_xid or float("inf"), lane, event.what
    end = event.latest_at or start
    return 0, start.timestamp(), end.timestamp(), event.first_xid or float("inf"), lane, event.what


def find_undated(events: Sequence[Event]) -> list[Event]:
    """Return the events that no evidence gives both bounds of, in their order."""
    return [event for event in events if not event.is_dated]
