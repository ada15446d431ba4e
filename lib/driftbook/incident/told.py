"""Telling events from the evidence: what each source says, in the words that it allows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from driftbook.forensics.attribution import WHOLE
from driftbook.forensics.classify import Confidence
from driftbook.forensics.frames import read_ref
from driftbook.forensics.signatures import Shape
from driftbook.incident.book import Proof, cite_step, find_bounds
from driftbook.incident.events import Event, Lane
from driftbook.incident.said import read_at, read_said
from driftbook.incident.watched import Watcher
from driftbook.incident.words import find_weakest, name_object, name_objects, start
from driftbook.model import ChangeKind
from driftbook.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase
    from driftbook.incident.said import Said
    from driftbook.model import ObjectRef

RESTORES = {Shape.RESTORE, Shape.RESTORE_ONE}
ACTING = ("actor", "channel")
PROVING = ("ddl_log", "pgaudit", "log", "wal")  # others only hint at who did it


class _Since(NamedTuple):
    """What kind of difference, and between when and when it came."""

    change: str
    low: datetime | None
    high: datetime | None


@dataclass(frozen=True)
class Teller:
    """Tells the events of one case, and writes down the evidence of each."""

    case: IncidentCase
    book: Book

    @cached_property
    def said(self) -> Mapping[ObjectRef, Said]:
        """Object → what forensics says of it."""
        return {one.ref: one for one in read_said(self.case.attributed.attribution)}

    @property
    def clues(self) -> pd.DataFrame:
        """The clues of forensics."""
        return self.case.attributed.clues

    def tell(self) -> Iterator[Event]:
        """Yield every event that reaches into the window, in no order."""
        yield from Watcher(self.case, self.book, self.said, self._list_drops()).tell()
        yield from self.tell_restores()
        yield from self.tell_sessions()
        yield from self.tell_wounds()
        yield from self.tell_drops()

    def tell_restores(self) -> Iterator[Event]:
        """Yield when the database was made anew: between audits, or by the catalog alone."""
        horizon, window = self.case.attributed.horizon, self.case.window
        shown = horizon.shape in RESTORES
        what = "The database was restored from a dump" if shown else "The database was made anew"
        whole = self.clues[self.clues["aspect"] == "horizon"]
        moves: list[tuple[datetime | None, datetime | None]] = [
            (datetime.fromisoformat(one.after), datetime.fromisoformat(one.by))
            for one in self.case.moves
        ]
        when = (horizon.when.earliest_at, horizon.when.latest_at)
        if shown and when not in moves:
            moves.append(when)
        for low, high in moves:
            if not window.overlaps(low, high):
                continue
            here = (whole["earliest_at"] == low) & (whole["latest_at"] == high)
            clues = find_bounds(self.clues, list(whole.loc[here, "id"]), low, high)
            if not clues:
                value = "made anew" if low or high else horizon.why
                proof = Proof("horizon", "snapshot", value, WHOLE, "", low, high)
                clues = (self.book.cite(proof),)
            xids = (horizon.first_xid, horizon.last_xid) if when == (low, high) else (0, 0)
            sure = self.book.limit(Confidence.HIGH, clues)
            yield Event(
                Lane.DATABASE, what, sure, clues, low, high, first_xid=xids[0], last_xid=xids[1]
            )

    def tell_sessions(self) -> Iterator[Event]:
        """Yield human actions out of band, each a transaction or a run of them."""
        for row in self.case.attributed.sessions.to_dict("records"):
            low, high = read_at(row["earliest_at"]), read_at(row["latest_at"])
            members = [one for one in self.said.values() if one.session == row["session"]]
            if not members or not self.case.window.overlaps(low, high):
                continue
            clues = [clue for one in members for clue in one.clues]
            sure = find_weakest([one.confidence for one in members])
            yield Event(
                Lane.DATABASE,
                self._word_session(row, members),
                self.book.limit(sure, clues),
                find_bounds(self.clues, clues, low, high),
                low,
                high,
                str(row["after_version"]),
                str(row["before_version"]),
                int(row["first_xid"]),
                int(row["last_xid"]),
                tuple(one.ref for one in members),
                str(row["session"]),
            )

    def _word_session(self, row: Mapping[object, object], members: Sequence[Said]) -> str:
        born = [one.born_class == "out_of_band" and one.change == "only_live" for one in members]
        verb = "made" if all(born) else "made or changed" if any(born) else "changed"
        times = count(int(str(row["transactions"])), "transaction")
        refs = [one.ref for one in members]
        return f"{start(times)} of no file {verb} {name_objects(refs)}{self._word_actor(members)},"

    def _word_actor(self, members: Sequence[Said]) -> str:
        """Return who and through what, where all agree; what only hints say is called so."""
        roles = sorted({one.role for one in members} - {""})
        channels = sorted({one.channel for one in members} - {"", "unknown"})
        by = [f"role {roles[0]}"] if len(roles) == 1 else []
        by += [f"channel {channels[0].replace('_', ' ')}"] if len(channels) == 1 else []
        if not by:
            return ""
        ids = [clue for one in members for clue in one.clues]
        own = self.clues[self.clues["id"].isin(ids) & self.clues["aspect"].isin(ACTING)]
        proven = not set(PROVING).isdisjoint(own["source"])
        return f", by {' through '.join(by)}" if proven else f", consistent with {' and '.join(by)}"

    def tell_wounds(self) -> Iterator[Event]:
        """Yield what differs from the files and belongs to no session, by what is known of it."""
        grouped = defaultdict[_Since, list[tuple["ObjectRef", tuple[str, ...]]]](list)
        for ref, change in self.case.drifted:
            one = self.said.get(ref)
            if one is None or one.session:
                continue
            low, high, clues = self._date_wound(one)
            if self.case.window.overlaps(low, high):
                grouped[_Since(change, low, high)].append((ref, clues))
        for since, pairs in grouped.items():
            refs = tuple(ref for ref, _ in pairs)
            clues = tuple(dict.fromkeys(clue for _, found in pairs for clue in found))
            bounds = find_bounds(self.clues, clues, since.low, since.high)
            added = tuple(clue for clue in clues if clue not in bounds)
            verb = "went" if since.change == ChangeKind.ONLY_EXPECTED else "came or changed"
            if since.low is None:  # nobody saw it otherwise: the files may be what changed
                verb = "came to differ from the files"
            what = f"{start(name_objects(refs))} {verb}, by a door that no row tells,"
            sure = self.book.limit(Confidence.HIGH, clues) if since.high else Confidence.NONE
            ids = (*added, *bounds)
            yield Event(Lane.DATABASE, what, sure, ids, since.low, since.high, objects=refs)

    def _date_wound(self, one: Said) -> tuple[datetime | None, datetime | None, tuple[str, ...]]:
        """Return the interval of a difference, from forensics or else from the audits."""
        if one.latest_at is not None:
            return one.earliest_at, one.latest_at, one.clues
        low, high = self.case.date_by_looks(one.ref)
        if high is None:
            note = "no row of the catalog and no audit tells since when"
            proof = Proof("touched", "snapshot", "differs from the files", one.ref, note=note)
            return one.earliest_at, None, (*one.clues, self.book.cite(proof))
        value = "other, then so" if low else "so already at the first audit of the window"
        clue = cite_step(self.book, "touched", "snapshot", value, (low, high), one.ref)
        return low, high, (clue, *one.clues)

    def tell_drops(self) -> Iterator[Event]:
        """Yield what logs saw go, and is asked for nowhere: it came and went unseen by audits."""
        for ref, row in self._list_drops():
            at, ids = read_at(row["earliest_at"]), (str(row["id"]),)
            if not self.case.window.overlaps(at, at):
                continue
            what = f"{start(name_object(ref))} was dropped, as a log says,"
            yield Event(
                Lane.DATABASE,
                what,
                self.book.limit(Confidence.HIGH, ids),
                ids,
                at,
                at,
                objects=(ref,),
            )

    def _list_drops(self) -> list[tuple[ObjectRef, dict[Any, Any]]]:
        """Return what logs saw go at a known time, and nothing else tells of."""
        proven = (self.clues["aspect"] == "dropped") & self.clues["source"].isin(PROVING)
        rows = self.clues[proven & self.clues["earliest_at"].notna()].to_dict("records")
        pairs = [(read_ref(row["kind"], row["key"]), row) for row in rows]
        return [(ref, row) for ref, row in pairs if ref not in self.said]
