"""What earlier audits saw of an object: since when it is there, since when it is as it is."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import list_rows
from driftbook.history.exhibits import list_exhibit_rows
from driftbook.history.past import Move, Past, Sighting, Watermark
from driftbook.history.rows import Concealer, decompress
from driftbook.history.spans import EXHIBITS, LIVE
from driftbook.history.tables import AUDITS, OBJECTS, SIDES, SPANS
from driftbook.keys import read_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from driftbook.history.record import Entry

Thing = tuple[str, tuple[str, ...]]  # kind and key
MOST = 0.5  # of the tables that two audits share: when so many have another OID, all were made anew
TABLE = "table"


@dataclass(frozen=True, slots=True)
class _Span:
    """From which audit on, and until which, a row was held."""

    first: int
    end: int | None  # the first audit that did not hold it
    digest: bytes
    row: Sequence[object]

    def covers(self, number: int) -> bool:
        return self.first <= number and (self.end is None or number < self.end)


@dataclass(slots=True)
class _Looks:
    """The audits of a target that looked at its database, oldest first; the last is the new one."""

    numbers: list[int]
    times: list[str]
    states: list[bytes | None] = field(default_factory=list)

    def watch(self, spans: Iterable[_Span], now: bytes | None) -> _Looks:
        """Return what each look saw of one object, the new one ``now``."""
        known = list(spans)
        seen = [next((s.digest for s in known if s.covers(n)), None) for n in self.numbers]
        return _Looks(self.numbers, self.times, [*seen, now])

    def find_change(self, *, of_presence: bool) -> tuple[str, str]:
        """Return the looks between which the present state began; empty: before the first one."""
        now = self.states[-1]
        for at in range(len(self.states) - 2, -1, -1):
            then = self.states[at]
            same = (then is None) == (now is None) if of_presence else then == now
            if not same:
                return self.times[at], self.times[at + 1]
        return "", self.times[0]


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
    held = defaultdict[Thing, list[_Span]](list)
    for kind in sorted({kind for kind, _ in wanted}):
        for span in _read_spans(connection, entry.target, LIVE, kind):
            thing = (kind, tuple(map(str, span.row[: len(KINDS[kind].key)])))
            if thing in wanted:
                held[thing].append(span)
    present = _list_present(entry, wanted)
    for kind, key in sorted(wanted):
        seen = looks.watch(held[kind, key], present.get((kind, key)))
        there = seen.find_change(of_presence=True)
        if (kind, key) not in present:
            if there[0]:
                yield Sighting(kind=kind, parts=key, gone_after=there[0], gone_by=there[1])
            continue
        shape = seen.find_change(of_presence=False)
        yield Sighting(
            kind=kind,
            parts=key,
            absent_at=there[0],
            seen_at=there[1],
            other_at=shape[0],
            same_at=shape[1],
        )


def _list_present(entry: Entry, wanted: set[Thing]) -> dict[Thing, bytes]:
    assert entry.live is not None  # noqa: S101 - asked for audits of a database only
    concealer = Concealer(read_key() or b"")
    present = {}
    for kind in {kind for kind, _ in wanted}:
        for row in list_rows(entry.live.frames[kind]):
            item = concealer.build_item(kind, row)
            key = tuple(map(str, json.loads(item.text)[: len(KINDS[kind].key)]))
            if (kind, key) in wanted:
                present[kind, key] = item.digest
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
        select(SPANS.c.valid_from, SPANS.c.valid_to, OBJECTS.c.digest, OBJECTS.c.body)
        .join(OBJECTS, SPANS.c.object == OBJECTS.c.id)
        .join(SIDES, SIDES.c.id == SPANS.c.side)
        .where(SIDES.c.target == target, SIDES.c.side == side, OBJECTS.c.kind == kind)
    )
    for first, end, digest, body in connection.execute(query):
        yield _Span(first, end, digest, json.loads(decompress(body)))
