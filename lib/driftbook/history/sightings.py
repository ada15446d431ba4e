"""What earlier audits saw of an object: since when it is there, since when it is as it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import list_rows
from driftbook.history.exhibits import list_exhibit_rows
from driftbook.history.past import Move, Past, Sighting, Watermark
from driftbook.history.rows import COLUMNS, Concealer, decompress
from driftbook.history.spans import EXHIBITS, FACTS, LIVE
from driftbook.history.tables import AUDITS, OBJECTS, SIDES, SPANS
from driftbook.keys import read_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from driftbook.history.record import Entry

Thing = tuple[str, tuple[str, ...]]  # kind and key
Values = tuple[tuple[str, ...], Sequence[object]]  # columns, and what a row has in each
State = Values | None  # of one object at one audit; None: it was not there
MOST = 0.5  # of the tables that two audits share: when so many have another OID, all were made anew
TABLE = "table"


@dataclass(frozen=True, slots=True)
class _Span:
    """From which audit on, and until which, a row was held."""

    first: int
    end: int | None  # the first audit that did not hold it
    row: Sequence[object]

    def covers(self, number: int) -> bool:
        return self.first <= number and (self.end is None or number < self.end)


@dataclass(slots=True)
class _Looks:
    """The audits of a target that looked at its database, oldest first; the last is the new one."""

    numbers: list[int]
    times: list[str]
    states: list[State] = field(default_factory=list)

    def read(self, kind: str, spans: Sequence[_Span], columns: Sequence[_Span]) -> _Looks:
        """Return the looks that read objects of ``kind``, of which ``spans`` are all.

        ``columns`` say what each audit read; those of an older driftbook are in no span.
        """
        kept = []
        for number, time in zip(self.numbers, self.times, strict=False):
            known = [span.row for span in columns if span.covers(number)]
            read = any(_names(row) == kind for row in known)
            if read or (not known and any(span.covers(number) for span in spans)):
                kept.append((number, time))
        return _Looks([number for number, _ in kept], [*(time for _, time in kept), self.times[-1]])

    def watch(self, spans: Sequence[_Span], columns: Sequence[_Span], now: State) -> _Looks:
        """Return what each look saw of one object, the new one ``now``."""
        seen = [_find_state(n, spans, columns) for n in self.numbers]
        return _Looks(self.numbers, self.times, [*seen, now])

    def find_change(self, *, of_presence: bool) -> tuple[str, str]:
        """Return the looks between which the present state began; empty: before the first one."""
        now = self.states[-1]
        for at in range(len(self.states) - 2, -1, -1):
            then = self.states[at]
            if of_presence or then is None or now is None:
                same: bool | None = (then is None) == (now is None)
            else:
                same = _compare(then, now)
            if same is None:  # nobody knows what its values mean
                return "", self.times[at + 1]
            if not same:
                return self.times[at], self.times[at + 1]
        return "", self.times[0]


def _names(row: Sequence[object]) -> object:
    """Return the kind that a row of columns is about; empty: that of another side."""
    path = row[0]
    return path[-1] if isinstance(path, list) and path[:1] == [LIVE] else ""


def _find_state(number: int, spans: Sequence[_Span], columns: Sequence[_Span]) -> State:
    row = next((span.row for span in spans if span.covers(number)), None)
    if row is None:
        return None
    names = next((span.row[2] for span in columns if span.covers(number)), None)
    return tuple(map(str, names)) if isinstance(names, list) else (), row


def _compare(then: Values, now: Values) -> bool | None:
    """Return whether two rows are equal in what both have; ``None``: that cannot be said."""
    (before, old), (after, new) = then, now
    if not before:
        return list(old) == list(new) if len(old) == len(new) else None
    values = dict(zip(before, old, strict=True))
    return all(
        values[name] == value for name, value in zip(after, new, strict=True) if name in values
    )


def add_sightings(connection: Connection, entry: Entry, past: Past) -> Past:
    """Return ``past`` with what earlier audits saw of the objects of its findings."""
    if entry.live is None:
        return past
    query = (
        select(AUDITS.c.id, AUDITS.c.captured_at)
        .where(AUDITS.c.target == entry.target, AUDITS.c.live_hash != "")
        .order_by(AUDITS.c.id)
    )
    audits = connection.execute(query).all()
    looks = _Looks([row[0] for row in audits], [*(row[1] for row in audits), entry.captured_at])
    wanted = {(one.kind, one.parts) for one in entry.found if one.kind in KINDS}
    return past.model_copy(
        update={
            "sightings": tuple(_find_sightings(connection, entry, looks, wanted)),
            "watermarks": tuple(_find_watermarks(connection, entry, looks)),
            "moves": tuple(_find_moves(connection, entry, looks)),
        }
    )


def _find_sightings(
    connection: Connection, entry: Entry, looks: _Looks, wanted: set[Thing]
) -> Iterator[Sighting]:
    present = _list_present(entry, wanted)
    columns = list(_read_spans(connection, entry.target, FACTS, COLUMNS))
    for kind in sorted({kind for kind, _ in wanted}):
        spans = list(_read_spans(connection, entry.target, LIVE, kind))
        held = defaultdict[tuple[str, ...], list[_Span]](list)
        for span in spans:
            held[tuple(map(str, span.row[: len(KINDS[kind].key)]))].append(span)
        of_kind = [span for span in columns if _names(span.row) == kind]
        read = looks.read(kind, spans, columns)
        for key in sorted(key for other, key in wanted if other == kind):
            seen = read.watch(held[key], of_kind, present.get((kind, key)))
            yield from _sight((kind, key), seen)


def _sight(thing: Thing, seen: _Looks) -> Iterator[Sighting]:
    kind, key = thing
    there = seen.find_change(of_presence=True)
    if seen.states[-1] is None:
        if there[0]:
            yield Sighting(kind=kind, parts=key, gone_after=there[0], gone_by=there[1])
        return
    shape = seen.find_change(of_presence=False)
    yield Sighting(
        kind=kind,
        parts=key,
        absent_at=there[0],
        seen_at=there[1],
        other_at=shape[0],
        same_at=shape[1],
    )


def _list_present(entry: Entry, wanted: set[Thing]) -> dict[Thing, Values]:
    assert entry.live is not None  # noqa: S101 - asked for audits of a database only
    concealer = Concealer(read_key() or b"")
    present = {}
    for kind in {kind for kind, _ in wanted} & entry.live.frames.keys():
        names = tuple(map(str, entry.live.frames[kind].columns))
        for row in list_rows(entry.live.frames[kind]):
            values = json.loads(concealer.build_item(kind, row).text)
            key = tuple(map(str, values[: len(KINDS[kind].key)]))
            if (kind, key) in wanted:
                present[kind, key] = (names, values)
    return present


def _find_watermarks(connection: Connection, entry: Entry, looks: _Looks) -> Iterator[Watermark]:
    spans = list(_read_spans(connection, entry.target, EXHIBITS, "clock"))
    for number, at in zip(looks.numbers, looks.times, strict=False):
        found = next((span.row for span in spans if span.covers(number)), None)
        if found:
            yield _build_watermark(at, entry, found)


def _build_watermark(at: str, entry: Entry, row: Sequence[object]) -> Watermark:
    names = list(entry.exhibits["clock"].columns)
    clock = dict(zip(names, row, strict=True))
    return Watermark(
        audited_at=at,
        next_xid=int(str(clock["next_xid"])),
        cluster=str(clock["cluster"] or ""),
        database=str(clock["database"] or ""),
    )


def _find_moves(connection: Connection, entry: Entry, looks: _Looks) -> Iterator[Move]:
    """Yield between which audits most tables were made anew: a restore, a move to another host."""
    if "witness" not in entry.exhibits:
        return
    spans = [s for s in _read_spans(connection, entry.target, EXHIBITS, "witness") if _is_table(s)]
    now = {str(r[1]): r[2] for r in list_exhibit_rows(entry.exhibits["witness"]) if r[0] == TABLE}
    seen = [{str(s.row[1]): s.row[2] for s in spans if s.covers(n)} for n in looks.numbers]
    for at, (before, after) in enumerate(pairwise([*seen, now])):
        if _are_other(before, after):
            yield Move(after=looks.times[at], by=looks.times[at + 1])


def _is_table(span: _Span) -> bool:
    return span.row[0] == TABLE


def _are_other(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    shared = before.keys() & after.keys()
    other = sum(before[key] != after[key] for key in shared)
    return bool(shared) and other > MOST * len(shared)


def _read_spans(connection: Connection, target: str, side: str, kind: str) -> Iterator[_Span]:
    query = (
        select(SPANS.c.valid_from, SPANS.c.valid_to, OBJECTS.c.body)
        .join(OBJECTS, SPANS.c.object == OBJECTS.c.id)
        .join(SIDES, SIDES.c.id == SPANS.c.side)
        .where(SIDES.c.target == target, SIDES.c.side == side, OBJECTS.c.kind == kind)
    )
    for first, end, body in connection.execute(query):
        yield _Span(first, end, json.loads(decompress(body)))
