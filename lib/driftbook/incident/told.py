"""Telling events from the evidence: what each source says, in the words that it allows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from driftbook.forensics.attribution import WHOLE
from driftbook.forensics.classify import Confidence
from driftbook.forensics.frames import read_ref
from driftbook.forensics.signatures import Shape
from driftbook.incident.book import Proof, find_bounds
from driftbook.incident.events import Event, Lane
from driftbook.incident.words import (
    count,
    find_weakest,
    name_object,
    name_objects,
    name_some,
    start,
)
from driftbook.migrations.history import FileEventKind
from driftbook.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase, Step
    from driftbook.model import ObjectRef

RESTORES = {Shape.RESTORE, Shape.RESTORE_ONE}
ACTING = ("actor", "channel")
PROVING = ("ddl_log", "pgaudit", "log", "wal")  # others only hint at who did it
SEVERITIES = "critical high medium low info".split()


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the frame ``ATTRIBUTION``, as far as events need it."""

    ref: ObjectRef
    change: str
    born_class: str
    born_version: str
    touched_class: str
    session: str
    channel: str
    role: str
    confidence: Confidence
    earliest_at: datetime | None
    latest_at: datetime | None
    clues: tuple[str, ...]


class _Since(NamedTuple):
    """What kind of difference, and between when and when it came."""

    change: str
    low: datetime | None
    high: datetime | None


def read_said(attribution: pd.DataFrame) -> list[Said]:
    """Return the rows of a frame ``ATTRIBUTION``."""
    return [
        Said(
            ref=read_ref(row["kind"], row["key"]),
            change=row["change"],
            born_class=row["born_class"],
            born_version=row["born_version"],
            touched_class=row["touched_class"],
            session=row["session"],
            channel=row["channel"],
            role=row["actor_role"],
            confidence=Confidence(row["confidence"]),
            earliest_at=read_at(row["drift_earliest_at"]),
            latest_at=read_at(row["drift_latest_at"]),
            clues=tuple(row["clues"]),
        )
        for row in attribution.to_dict("records")
    ]


def read_at(value: object) -> datetime | None:
    """Return a cell of a frame as a time; ``None`` where it is missing."""
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else None


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
        yield from self.tell_commits()
        yield from self.tell_restores()
        for step in self.case.steps:
            yield from self.tell_records(step)
            yield from self.tell_strangers(step)
        yield from self.tell_sessions()
        yield from self.tell_wounds()
        yield from self.tell_drops()
        yield from self.tell_audits()

    def tell_commits(self) -> Iterator[Event]:
        """Yield the commits of the window that touched migration files."""
        files = defaultdict[str, dict[FileEventKind, list[str]]](dict)
        for event in self.case.history.events:
            files[event.commit].setdefault(event.kind, []).append(event.file)
        window = self.case.window
        for one in self.case.history.commits:
            if not window.started_at <= one.at <= window.ended_at:
                continue
            deeds = [f"{kind} {name_some(files[one.hash][kind])}" for kind in files[one.hash]]
            note = "the time is what the committer's clock said"
            proof = Proof("version", "git", one.subject, WHOLE, "", one.at, one.at, one.hash, note)
            clues = (self.book.cite(proof),)
            what = (
                f"Commit {one.hash}, dated by git, {'; '.join(deeds) or 'touched no file of now'}"
            )
            sure = self.book.limit(Confidence.MEDIUM, clues)
            yield Event(Lane.GIT, what, sure, clues, one.at, one.at)

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

    def tell_records(self, step: Step) -> Iterator[Event]:
        """Yield what happened to the tracking table between two audits."""
        low, high = step.before.at, step.after.at
        for version in step.recorded:
            yield self._tell_version(version, step)
        for versions, what, value in (
            (step.lost, "lost {}", "recorded, then not"),
            (step.rewritten, "had {} written anew", "recorded by another transaction"),
        ):
            if not versions:
                continue
            told = f"{value}: {name_some(versions)}"
            clues = (self._cite_step("version", "tracking", told, low, high),)
            xids = {(step.after.records or {}).get(version, 0) for version in versions} - {0}
            words = what.format(f"{count(len(versions), 'record')} ({name_some(versions)})")
            sure = self.book.limit(Confidence.HIGH, clues)
            yield Event(
                Lane.TRACKING,
                f"The tracking table {words}",
                sure,
                clues,
                low,
                high,
                first_xid=min(xids, default=0),
                last_xid=max(xids, default=0),
            )

    def _tell_version(self, version: str, step: Step) -> Event:
        record = self._find_record(version)
        at = read_at(record.get("recorded_at"))
        low, high = (at, at) if at else (step.before.at, step.after.at)
        xid = (step.after.records or {}).get(version, 0)
        value = f"version {version}: not recorded, then recorded" + (f", {xid}" if xid else "")
        clues = [self._cite_step("version", "tracking", value, low, high)]
        made = [self.said[ref] for ref in self.case.makes.get(version, ()) if ref in self.said]
        proven = [one for one in made if one.born_version == version]
        pushed = [one for one in proven if one.born_class == "pushed"]
        by_hand = [one for one in proven if one.born_class == "manual_run"]
        what, chosen = f"Version {version} was recorded", []
        if pushed:
            what = f"Version {version} was pushed: {count(len(pushed), 'object')} with its record"
            chosen = pushed
        elif by_hand:
            what = f"The file of version {version} was run by hand, and recorded apart"
            chosen = by_hand
        clues += [clue for one in chosen for clue in one.clues]
        sure = find_weakest([one.confidence for one in chosen] or [Confidence.HIGH])
        return Event(
            Lane.DEPLOYMENT,
            what,
            self.book.limit(sure, clues),
            tuple(dict.fromkeys(clues)),
            low,
            high,
            first_xid=xid,
            last_xid=xid,
            objects=tuple(one.ref for one in chosen),
        )

    def _find_record(self, version: str) -> Mapping[str, object]:
        records = self.case.exhibits.get("record")
        if records is None:
            return {}
        rows = records[records["version"] == version].to_dict("records")
        return {str(name): value for name, value in rows[0].items()} if rows else {}

    def tell_strangers(self, step: Step) -> Iterator[Event]:
        """Yield what came, went or changed between two audits and is no drift at the end.

        No version that was recorded meanwhile does it: it was made, and undone, by hand.
        """
        drifted = {ref for ref, _ in self.case.drifted}
        new = set(step.recorded)
        found = defaultdict[str, list["ObjectRef"]](list)
        for ref, change in step.list_objects():
            if ref not in drifted and not self.case.made_by.get(ref, frozenset()) & new:
                found[change].append(ref)
        words = {
            ChangeKind.ONLY_LIVE.value: ("came", "not there, then there"),
            ChangeKind.ONLY_EXPECTED.value: ("went", "there, then gone"),
            ChangeKind.ALTERED.value: ("changed", "in another shape, then in this one"),
        }
        for change, refs in sorted(found.items()):
            verb, value = words[change]
            low, high = step.before.at, step.after.at
            clues = tuple(self._cite_step("touched", "snapshot", value, low, high, r) for r in refs)
            what = f"{start(name_objects(refs))} {verb}, though no version recorded then does it,"
            sure = self.book.limit(Confidence.HIGH, clues)
            yield Event(Lane.DATABASE, what, sure, clues, low, high, objects=tuple(refs))

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
        clue = self._cite_step("touched", "snapshot", value, low, high, one.ref)
        return low, high, (clue, *one.clues)

    def tell_drops(self) -> Iterator[Event]:
        """Yield what logs saw go, and is asked for nowhere: it came and went unseen by audits."""
        rows = self.clues[(self.clues["aspect"] == "dropped") & self.clues["source"].isin(PROVING)]
        for row in rows.to_dict("records"):
            ref, at = read_ref(row["kind"], row["key"]), read_at(row["earliest_at"])
            if ref in self.said or at is None or not self.case.window.overlaps(at, at):
                continue
            ids = (str(row["id"]),)
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

    def tell_audits(self) -> Iterator[Event]:
        """Yield the audits of the window, and what each saw first or in vain."""
        for look in self.case.looks:
            at = f"{look.at:%Y-%m-%dT%H:%M:%SZ}"
            opened = [one for one in self.case.spells if one.opened_at == at]
            resolved = [one for one in self.case.spells if one.resolved_at == at]
            worst = [
                f"{number:,} {word}"
                for word in SEVERITIES
                if (number := sum(one.severity.value == word for one in opened))
            ]
            told = f"first saw {count(len(opened), 'finding')}" if opened else "saw nothing new"
            told += f" ({', '.join(worst)})" if worst else ""
            told += f", and found {len(resolved)} resolved" if resolved else ""
            proof = Proof("horizon", "audit", told, WHOLE, "", look.at, look.at, look.audit_id)
            clues = (self.book.cite(proof),)
            sure = self.book.limit(Confidence.EXACT, clues)
            yield Event(Lane.DETECTION, f"An audit {told}", sure, clues, look.at, look.at)

    def _cite_step(  # noqa: PLR0913, PLR0917 - the columns of a clue
        self,
        aspect: str,
        source: str,
        value: str,
        low: datetime | None,
        high: datetime | None,
        ref: ObjectRef = WHOLE,
    ) -> str:
        row = "schema_migrations" if source == "tracking" else "audits"
        return self.book.cite(Proof(aspect, source, value, ref, row, low, high))
