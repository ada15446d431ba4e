"""What an incident teaches: rules that found it, when it could have been seen, what was missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.incident.events import Lane
from driftbook.incident.header import select_spells
from driftbook.incident.words import DAY, write_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.history.past import Spell
    from driftbook.incident.case import IncidentCase
    from driftbook.incident.events import Event

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
UNITS |= {"w": timedelta(weeks=1)}
DAILY = timedelta(days=1)
CHANGED = frozenset({Lane.DATABASE, Lane.TRACKING})


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What one rule found in the window: how much, since when, and for how long it was open."""

    rule: str
    findings: int
    worst: str
    first_at: datetime
    resolved: int
    open_days: float  # of all its findings together


def cost_rules(case: IncidentCase) -> list[RuleCost]:
    """Return the rules whose findings began in the window, those open longest first."""
    grouped: dict[str, list[Spell]] = {}
    for spell in select_spells(case):
        grouped.setdefault(spell.rule, []).append(spell)
    costs = [_cost(rule, spells, case.looks[-1].at) for rule, spells in grouped.items()]
    return sorted(costs, key=lambda one: (-one.open_days, one.rule))


def _cost(rule: str, spells: Sequence[Spell], now: datetime) -> RuleCost:
    worst = min((one.severity for one in spells), key=lambda one: one.rank)
    seconds = sum(
        (
            (datetime.fromisoformat(one.resolved_at) if one.resolved_at else now)
            - datetime.fromisoformat(one.opened_at)
        ).total_seconds()
        for one in spells
    )
    return RuleCost(
        rule=rule,
        findings=len(spells),
        worst=worst.value,
        first_at=min(datetime.fromisoformat(one.opened_at) for one in spells),
        resolved=sum(bool(one.resolved_at) for one in spells),
        open_days=round(seconds / DAY, 1),
    )


@dataclass(frozen=True, slots=True)
class Blind:
    """The time between two audits, in which nobody looked.

    Attributes:
        after: The earlier audit.
        before: The later one.
        events: What happened in between, of the database and its tracking table.
        late: How much longer than the schedule, or than a day without one; zero: in time.
    """

    after: datetime
    before: datetime
    events: tuple[int, ...]
    late: timedelta

    @property
    def length(self) -> timedelta:
        """Return how long nobody looked."""
        return self.before - self.after


def find_blind(case: IncidentCase, events: Sequence[Event]) -> list[Blind]:
    """Return the times between audits, longest first."""
    wanted = read_every(case.every) or DAILY
    found = []
    for before, after in pairwise(look.at for look in case.looks):
        inside = tuple(
            event.number
            for event in events
            if event.lane in CHANGED
            and event.latest_at is not None
            and before < event.latest_at <= after
        )
        late = max(after - before - wanted, timedelta())
        found.append(Blind(before, after, inside, late))
    return sorted(found, key=lambda one: (-one.length, one.after))


def read_every(text: str) -> timedelta | None:
    """Return the length of ``1d`` or ``12h``; ``None`` for an empty text."""
    return int(text[:-1]) * UNITS[text[-1]] if text else None


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that would have narrowed an interval of this incident.

    Attributes:
        what: What to have.
        events: The numbers of the events that it would have told more of.
        gain: What it would have told.
        how: A command or SQL that brings it.
    """

    what: str
    events: tuple[int, ...]
    gain: str
    how: str


def find_remedies(case: IncidentCase, events: Sequence[Event]) -> list[Remedy]:
    """Return what would have answered more, only where it would have: most events first."""
    changed = [one for one in events if one.lane in CHANGED]
    wide = [one for one in changed if not one.is_dated or _width(one) > timedelta()]
    long = [one for one in wide if not one.is_dated or _width(one) > DAILY]
    told = {number for number, _ in _list_logged(case, changed)}
    of_rows = [
        one
        for one in wide
        if one.first_xid and one.lane is Lane.DATABASE and not _has_clock(case.exhibits)
    ]
    unlogged = [one for one in wide if one.lane is Lane.DATABASE and one.number not in told]
    widest = max((_width(one) for one in long if one.is_dated), default=timedelta())
    narrower = f", not {write_duration(widest)}" if widest else ""
    remedies = [
        Remedy(
            "an audit every day",
            _numbers(long),
            f"each of these within a day{narrower}",
            f"15 2 * * *  driftbook audit {case.target} --quiet",
        ),
        Remedy(
            "commit timestamps",
            _numbers(of_rows),
            "the instant of each transaction whose rows are still there",
            "alter system set track_commit_timestamp = on; -- then restart the server",
        ),
        Remedy(
            "the log of DDL events",
            _numbers(unlogged),
            "the instant, the role and the application; of dropped objects as well",
            "driftbook init --ddl-log",
        ),
        Remedy(
            "pgaudit in the server's log",
            _numbers(unlogged),
            "the instant, the role and the statement, also inside functions",
            "alter system set pgaudit.log = 'ddl, role'; -- with pgaudit loaded",
        ),
    ]
    useful = [one for one in remedies if one.events]
    return sorted(useful, key=lambda one: -len(one.events))


def _list_logged(case: IncidentCase, events: Sequence[Event]) -> list[tuple[int, str]]:
    """Return the events that a log tells of: number and source."""
    clues = case.attributed.clues
    by_log = dict(
        zip(
            *(
                clues.loc[clues["source"].isin(["ddl_log", "pgaudit", "log"]), name]
                for name in ("id", "source")
            ),
            strict=True,
        )
    )
    return [(one.number, by_log[c]) for one in events for c in one.clues if c in by_log]


def _has_clock(exhibits: Mapping[str, object]) -> bool:
    clock = exhibits.get("clock")
    values = getattr(clock, "commit_timestamps", None)
    return values is not None and len(values) > 0 and bool(values.fillna(value=False).any())


def _width(event: Event) -> timedelta:
    assert event.earliest_at is not None  # noqa: S101 - asked of dated events
    assert event.latest_at is not None  # noqa: S101
    return event.latest_at - event.earliest_at


def _numbers(events: Sequence[Event]) -> tuple[int, ...]:
    return tuple(one.number for one in events)
