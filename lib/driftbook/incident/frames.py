"""A postmortem's nouns as DataFrames: every column declared, also without a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from driftbook.forensics.frames import read_ref
from driftbook.history.exhibits import TIME, build_exhibit
from driftbook.incident.access import WORDS as REACH_WORDS
from driftbook.incident.words import name_bare, name_numbers, write_duration, write_interval
from driftbook.model import ChangeKind, ObjectRef
from driftbook.words import name_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from driftbook.incident.access import Moved
    from driftbook.incident.blast import Dependent
    from driftbook.incident.case import IncidentCase
    from driftbook.incident.events import Event
    from driftbook.incident.lessons import Blind, Remedy, RuleCost
    from driftbook.incident.said import Said

SHOWN = 200  # characters of a definition in a table
LIVE_WORDS = {
    ChangeKind.ONLY_LIVE.value: "came",
    ChangeKind.ONLY_EXPECTED.value: "went",
    ChangeKind.ALTERED.value: "changed",
}


def _declare(columns: str) -> dict[str, str]:
    kinds = {"": "str", "int": "Int64", "utc": TIME, "float": "float64", "bool": "bool"}
    pairs = (column.partition(":") for column in columns.split())
    return {name: kinds[kind] for name, _, kind in pairs}


EVENTS = _declare("no:int lane what earliest:utc latest:utc order confidence evidence")
MARKS = _declare(
    "no:int lane label earliest_at:utc latest_at:utc first_xid:int dated:bool confidence"
)
CHANGES = _declare("kind object change property before after came event")
WOUNDS = _declare("kind object change after:utc by:utc event last_touch channel confidence")
ACCESS = _declare("role rights kind object before after after_audit:utc by_audit:utc evidence")
DEPENDENTS = _declare("kind object needs how changed distance:int")
RULES = _declare("rule findings:int worst first_seen:utc resolved:int open_days:float")
BLIND = _declare("after:utc until:utc nobody_looked_for events late")
REMEDIES = _declare("what would_have_told events how")
UNKNOWN = _declare("no:int what known would_have_told")
LINES = _declare(
    "observed_at:utc source tag object db_role application client request_path xid:int raw_ref"
)
CONTRADICTIONS = _declare("kind object contradiction")


def build_events(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row per event, in their order.

    Returns:
        ``no`` (Int64), ``lane``, ``what``, ``order`` (versions, transactions), ``confidence``,
        ``evidence`` (ids of clues, some of many) (str), ``earliest``, ``latest`` (UTC; missing:
        that bound is not known).
    """
    rows = [
        (
            one.number,
            one.lane.value,
            one.title,
            _iso(one.earliest_at),
            _iso(one.latest_at),
            one.order,
            one.confidence.value,
            name_some(one.clues),
        )
        for one in events
    ]
    return build_exhibit(rows, EVENTS)


def build_marks(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row per event for the chart.

    Returns:
        ``no``, ``first_xid`` (Int64; 0: unknown), ``lane``, ``label``, ``confidence`` (str),
        ``earliest_at``, ``latest_at`` (UTC; missing: open), ``dated`` (bool: both are known).
    """
    rows = [
        (
            one.number,
            one.lane.value,
            one.title,
            _iso(one.earliest_at),
            _iso(one.latest_at),
            one.first_xid,
            one.is_dated,
            one.confidence.value,
        )
        for one in events
    ]
    return build_exhibit(rows, MARKS)


def build_changes(case: IncidentCase, events: Sequence[Event]) -> pd.DataFrame:
    """Return what differs between the first and the last audit of the window, by kind and name.

    Returns:
        ``kind``, ``object``, ``change`` (came, went, changed), ``property`` (empty: the object
        as a whole), ``before``, ``after`` (cut), ``came`` (between which audits), ``event``
        (its number; empty: none tells of it), all str. Empty means equal, or only one audit.
    """
    if case.whole is None:
        return build_exhibit((), CHANGES)
    told = {ref: event.number for event in events for ref in event.objects}
    changes = case.whole.changes
    own = changes[changes["part_of"].isna()]
    rows = []
    for row in own.to_dict("records"):
        ref = ObjectRef(str(row["kind"]), tuple(row["key"]))
        whole = row["change"] != ChangeKind.ALTERED
        rows.append(
            (
                ref.kind,
                name_bare(ref),
                LIVE_WORDS[str(row["change"])],
                "" if whole else str(row["property"]),
                "" if whole else _cut(row["expected"]),
                "" if whole else _cut(row["live"]),
                write_interval(*case.date_by_looks(ref)),
                str(told.get(ref, "")),
            )
        )
    return build_exhibit(rows, CHANGES)


def build_wounds(
    case: IncidentCase, said: Mapping[ObjectRef, Said], events: Sequence[Event]
) -> pd.DataFrame:
    """Return since when each object differs from the files, as the last audit found it.

    Returns:
        ``kind``, ``object``, ``change``, ``event`` (its number; empty: it is older than the
        window), ``last_touch`` (its class), ``channel``, ``confidence`` (str), ``after``, ``by``
        (UTC, between which it came to differ; missing: not known), in the order of the changes.
    """
    told = {ref: event for event in events for ref in event.objects}
    rows = []
    for ref, change in case.drifted:
        one, event = said.get(ref), told.get(ref)
        low, high = (one.earliest_at, one.latest_at) if one else (None, None)
        if event is not None:
            low, high = event.earliest_at, event.latest_at
        elif high is None:
            low, high = case.date_by_looks(ref)
        rows.append(
            (
                ref.kind,
                name_bare(ref),
                change,
                _iso(low),
                _iso(high),
                str(event.number) if event else "",
                one.touched_class.replace("_", " ") if one else "",
                one.channel if one else "",
                event.confidence.value if event else one.confidence.value if one else "",
            )
        )
    return build_exhibit(rows, WOUNDS)


def build_access(moved: Iterable[Moved]) -> pd.DataFrame:
    """Return one row per role and object whose rights changed.

    Returns:
        ``role``, ``rights``, ``kind``, ``object``, ``before``, ``after`` (how much it
        reaches), ``evidence`` (str), ``after_audit``, ``by_audit`` (UTC, between which it came).
    """
    rows = [
        (
            one.role,
            ", ".join(one.privileges),
            one.ref.kind,
            one.ref.name,
            REACH_WORDS[one.before],
            REACH_WORDS[one.after],
            _iso(one.step.before.at),
            _iso(one.step.after.at),
            one.clue,
        )
        for one in moved
    ]
    return build_exhibit(rows, ACCESS)


def build_dependents(dependents: Iterable[Dependent]) -> pd.DataFrame:
    """Return what needs something that changed: see ``DEPENDENTS``; nearest first."""
    rows = [
        (one.ref.kind, name_bare(one.ref), str(one.on), one.how, str(one.changed), one.distance)
        for one in dependents
    ]
    return build_exhibit(rows, DEPENDENTS)


def build_rules(costs: Iterable[RuleCost]) -> pd.DataFrame:
    """Return one row per rule: findings, worst, first seen, resolved, days open of all together."""
    rows = [
        (one.rule, one.findings, one.worst, _iso(one.first_at), one.resolved, one.open_days)
        for one in costs
    ]
    return build_exhibit(rows, RULES)


def build_blind(blind: Iterable[Blind]) -> pd.DataFrame:
    """Return the times between audits: after, until (UTC), how long, events in them, how late."""
    rows = [
        (
            _iso(one.after),
            _iso(one.before),
            write_duration(one.length),
            name_numbers(one.events),
            write_duration(one.late) if one.late else "in time",
        )
        for one in blind
    ]
    return build_exhibit(rows, BLIND)


def build_remedies(remedies: Iterable[Remedy]) -> pd.DataFrame:
    """Return what would have told more: what, would_have_told, events, how (str)."""
    rows = [(one.what, one.gain, name_numbers(one.events), one.how) for one in remedies]
    return build_exhibit(rows, REMEDIES)


def build_unknown(events: Iterable[Event], remedies: Sequence[Remedy]) -> pd.DataFrame:
    """Return the events without both bounds: no, what, known (of time and order), what helps."""
    rows = [
        (
            one.number,
            one.title,
            "; ".join(part for part in (one.when if one.has_time else "", one.order) if part),
            name_remedies(one.number, remedies),
        )
        for one in events
    ]
    return build_exhibit(rows, UNKNOWN)


def name_remedies(number: int, remedies: Iterable[Remedy]) -> str:
    """Return what would have told more of one event, with commas."""
    return ", ".join(one.what for one in remedies if number in one.events)


def build_lines(case: IncidentCase) -> pd.DataFrame:
    """Return what logs say within the window, of the files given and the log of DDL events.

    Returns:
        ``observed_at`` (UTC), ``source``, ``tag``, ``object``, ``db_role``, ``application``,
        ``client``, ``request_path``, ``raw_ref`` (str), ``xid`` (Int64; missing: not told), by
        time. Empty means that no line says anything, or that there is no log.
    """
    given = [one for one in (case.lines, case.exhibits.get("ddl_line")) if one is not None]
    filled = [one for one in given if len(one)]
    if not filled:
        return build_exhibit((), LINES)
    lines = pd.concat(filled, ignore_index=True).rename(columns={"object_identity": "object"})
    window, at = case.window, lines["observed_at"]
    if window.started_at != window.ended_at:
        inside = at.between(window.started_at, window.ended_at) | at.isna()
        lines = lines[inside]
    return lines.sort_values(["observed_at", "raw_ref"], ignore_index=True)[list(LINES)]


def build_contradictions(attribution: pd.DataFrame) -> pd.DataFrame:
    """Return where two pieces of evidence disagree: kind, object, contradiction (str)."""
    rows = [
        (kind, name_bare(read_ref(kind, key)), text)
        for kind, key, texts in zip(
            attribution["kind"], attribution["key"], attribution["contradictions"], strict=True
        )
        for text in texts
    ]
    return build_exhibit(rows, CONTRADICTIONS)


def number_clues(clues: pd.DataFrame, events: Iterable[Event]) -> pd.DataFrame:
    """Return ``clues`` with the numbers of the events that they are evidence of (str)."""
    told: dict[str, list[int]] = {}
    for event in events:
        for clue in event.clues:
            told.setdefault(clue, []).append(event.number)
    numbers = [name_numbers(told.get(str(name), ())) for name in clues["id"]]
    return clues.assign(events=pd.Series(numbers, dtype="str", index=clues.index))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _cut(value: object) -> str:
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124 - missing
    text = " ".join(text.split())  # a body in a cell of a table has no lines
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
