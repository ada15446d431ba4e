"""Who or what touched each object, and when: claims, the evidence of each, and human actions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.forensics.bracket import NOWHERE, Bracket, Order, build_order, read_time
from driftbook.forensics.case import find_holder
from driftbook.forensics.classify import Claim, Confidence, Door, Judge, Question
from driftbook.forensics.clues import (
    ClueBook,
    find_horizon_clues,
    find_shadow_clues,
    find_sighting_clues,
    find_witness_clues,
)
from driftbook.forensics.frames import ATTRIBUTION, SESSION, write_key
from driftbook.forensics.gone import find_gone
from driftbook.forensics.heard import NOTHING, Heard, claim_drop, fit_line, hear_lines
from driftbook.forensics.sessions import Touch, find_sessions, list_session_rows
from driftbook.forensics.signatures import Horizon, find_horizon
from driftbook.history.exhibits import build_exhibit
from driftbook.model import ChangeKind, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from driftbook.forensics.case import Case, Testimony
    from driftbook.forensics.clues import Clue

WHOLE = ObjectRef("database", ("database",))
FOREIGN = frozenset({Door.OUT_OF_BAND, Door.RETOUCHED})
CHANNELS = {
    Door.PUSHED: "cli_push",
    Door.MANUAL_RUN: "manual_sql",
    Door.RESTORED: "restore",
}
ON_TABLE = frozenset({"constraint", "policy", "trigger", "rule"})
UNTOLD = Claim(Door.UNKNOWN, Confidence.NONE, "no row of the catalog remembers it")


@dataclass(frozen=True, slots=True)
class Drifted:
    """An object to attribute: what differs is a change of the diff; empty: any object."""

    ref: ObjectRef
    change: str = ""


@dataclass(frozen=True)
class Attributed:
    """What is known of some objects.

    Attributes:
        attribution: Frame ``ATTRIBUTION``, a row per object, in the order asked.
        clues: Frame ``CLUE``: every piece of evidence that a row rests on.
        sessions: Frame ``SESSION``: human actions out of band.
        horizon: How far back the catalog can tell.
    """

    attribution: pd.DataFrame
    clues: pd.DataFrame
    sessions: pd.DataFrame
    horizon: Horizon


@dataclass(frozen=True)
class _Answer:
    """Everything that is said of one object."""

    asked: Drifted
    born: Claim
    touched: Claim
    drift: Bracket
    owner: str
    places: tuple[int, ...]  # of its clues
    contradictions: tuple[str, ...] = ()
    actor: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""


def attribute(case: Case, drifted: Sequence[Drifted]) -> Attributed:
    """Return what is known of the birth and the last touch of each of ``drifted``."""
    investigation = _Investigation(case)
    answers = [investigation.answer(one) for one in drifted]
    investigation.note_dropped({one.ref for one in drifted})
    sessions = find_sessions(_list_touches(answers))
    clues, ids = investigation.book.build()
    named = {ref: one.name for one in reversed(sessions) for ref in one.objects}
    rows = [_list_cells(one, case, named, ids) for one in answers]
    return Attributed(
        _build_frame(rows),
        clues,
        build_exhibit(list_session_rows(sessions), SESSION),
        investigation.horizon,
    )


class _Investigation:
    """One case, while its objects are looked at one by one."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.order: Order = build_order(case)
        self.horizon = find_horizon(case, self.order)
        self.judge = Judge(case, self.order, self.horizon)
        self.book = ClueBook()
        self.book.add(find_horizon_clues(self.horizon, WHOLE, case))

    @cached_property
    def heard(self) -> Mapping[ObjectRef, Heard]:
        """What logs say, by object."""
        return hear_lines(self.case)

    def answer(self, asked: Drifted) -> _Answer:
        """Return everything that is said of one object."""
        ref = asked.ref
        holder = find_holder(ref)
        one = self.case.testimony.get(holder)
        heard = self.heard.get(holder, NOTHING)
        clues = [*find_shadow_clues(ref, self.case), *find_sighting_clues(ref, self.case)]
        if asked.change == ChangeKind.ONLY_EXPECTED or one is None:
            return self._answer_gone(asked, heard, clues)
        line = heard.find("touched")
        born, no = fit_line(self._claim_birth(ref, one), heard.find("born"))
        touched, neither = fit_line(self._claim_touch(ref, one), line)
        clues += heard.clues
        for aspect, claim in (("born", born), ("touched", touched)):
            if claim.xid:
                clues += find_witness_clues(replace(one, ref=ref), aspect, claim, self.judge)
        if touched.door is Door.RETOUCHED and born.confidence is Confidence.EXACT:
            # A file that made it again is what the touch came after.
            touched = replace(touched, version=max(touched.version, born.version))
        drift, nor = self._date_drift(asked, born, touched)
        places, contradictions = self.book.add(clues), tuple(dict.fromkeys((*no, *neither, *nor)))
        actor, channel = heard.find_actor(line), heard.find_channel(line)
        return _Answer(
            asked, born, touched, drift, one.owner, places, contradictions, actor, channel
        )

    def note_dropped(self, asked: Collection[ObjectRef]) -> None:
        """Write down what logs say of objects that came and went, and nobody asks for."""
        for ref, heard in sorted(self.heard.items(), key=lambda pair: str(pair[0])):
            if ref not in asked and heard.find("dropped"):
                self.book.add(heard.clues)

    def _answer_gone(self, asked: Drifted, heard: Heard, clues: Sequence[Clue]) -> _Answer:
        """Return what is said of an object that is not there."""
        ref, line = asked.ref, heard.find("dropped")
        gone, more = find_gone(ref, self.case, self.judge)
        if line:
            gone = claim_drop(line, heard, self.case)
        places = self.book.add([*clues, *more, *heard.clues])
        drift, owner = self._date_gone(ref, gone), self._find_owner(ref)
        actor, channel = heard.find_actor(line), heard.find_channel(line)
        return _Answer(asked, UNTOLD, gone, drift, owner, places, (), actor, channel)

    def _claim_birth(self, ref: ObjectRef, one: Testimony) -> Claim:
        if ref != one.ref:
            return replace(UNTOLD, why="an entry of another object's row has no birth of its own")
        # A part cannot be older than its table, which may have been made again.
        table = self.case.testimony.get(ObjectRef("table", ref.parts[:2]))
        since = table.born_xid if table and ref.kind in ON_TABLE else 0
        known = bool(one.born_xid) or since == one.touched_xid
        record = self.case.record_of.get(self.case.find_creator(ref))
        again = not known and record is not None and record.xid < since
        question = Question(
            ref=ref,
            xid=one.made_xid,
            at=one.born_at if one.born_xid else one.touched_at,
            blamed=self.case.find_creator(ref),
            moves=not known and not again,
            fresh=known,
        )
        claim = self.judge.classify(question)
        if again:
            claim = replace(claim, at_or_before=True)
        seen = self.case.sightings.get(ref)
        if claim.door is Door.RESTORED:
            # What was there before the restore is known from audits only.
            old = Bracket(basis="snapshot") if seen else claim.bracket
            low, high = (
                (read_time(seen.absent_at), read_time(seen.seen_at)) if seen else (None, None)
            )
            return replace(claim, bracket=old.narrow(low, high, "snapshot"))
        if claim.at_or_before or (not known and claim.door is Door.OUT_OF_BAND):
            bracket = replace(claim.bracket, after_version="", earliest_at=None)
            claim = replace(claim, bracket=bracket)
        if seen:
            latest = read_time(seen.seen_at) if claim.at_or_before else None
            bracket = claim.bracket.narrow(read_time(seen.absent_at), latest, "snapshot")
            claim = replace(claim, bracket=bracket)
        return claim

    def _claim_touch(self, ref: ObjectRef, one: Testimony) -> Claim:
        question = Question(
            ref=one.ref,
            xid=one.touched_xid,
            at=one.touched_at,
            blamed=self.case.find_toucher(one.ref),
            moves=False,
            fresh=one.touched_xid == one.born_xid,
        )
        claim = self.judge.classify(question)
        if ref != one.ref and claim.confidence in {Confidence.EXACT, Confidence.HIGH}:
            why = f"{claim.why}; the row is that of {one.ref.kind}, which others touch too"
            claim = replace(claim, confidence=Confidence.MEDIUM, why=why)
        return claim

    def _date_drift(
        self, asked: Drifted, born: Claim, touched: Claim
    ) -> tuple[Bracket, tuple[str, ...]]:
        """Return when what differs came to be, which may be long before the last touch."""
        if asked.change == ChangeKind.ONLY_LIVE and asked.ref == find_holder(asked.ref):
            return born.bracket, ()
        seen = self.case.sightings.get(asked.ref)
        low, high = (read_time(seen.other_at), read_time(seen.same_at)) if seen else (None, None)
        if touched.door in FOREIGN | {Door.MANUAL_RUN}:
            bracket = touched.bracket
            early = high and bracket.earliest_at and high < bracket.earliest_at
            if early:
                said = "audits saw it as it is now before the transaction that touched it last"
                return Bracket(earliest_at=low, latest_at=high, basis="snapshot"), (said,)
            return bracket.narrow(low, high, "snapshot"), ()
        # The last touch was not what made it differ: that was before.
        before = Bracket("", touched.bracket.before_version, None, touched.bracket.latest_at)
        if touched.door is Door.RESTORED:
            before = NOWHERE
        return before.narrow(low, high, "snapshot"), ()

    def _find_owner(self, gone: ObjectRef) -> str:
        """Return who owns the table that ``gone`` was on; empty: nothing tells."""
        table = self.case.testimony.get(ObjectRef("table", gone.parts[:2]))
        return table.owner if table else ""

    def _date_gone(self, ref: ObjectRef, gone: Claim) -> Bracket:
        seen = self.case.sightings.get(ref)
        if seen is None:
            return gone.bracket
        low, high = read_time(seen.gone_after), read_time(seen.gone_by)
        return gone.bracket.narrow(low, high, "snapshot")


def _find_channel(one: _Answer) -> str:
    """Return the channel that the door comes with, else the one that a log tells or hints at."""
    return CHANNELS.get(one.touched.door) or one.channel or "unknown"


def _list_touches(answers: Iterable[_Answer]) -> Iterable[Touch]:
    for one in answers:
        for claim in (one.born, one.touched):
            # A birth that its row hides is no other touch than the last one.
            seen = claim is one.born and claim.xid == one.touched.xid
            if claim.door in FOREIGN and claim.xid and not seen:
                yield Touch(claim.xid, one.asked.ref, one.owner, claim.bracket, one.channel)


def _list_cells(
    one: _Answer, case: Case, sessions: Mapping[ObjectRef, str], ids: Mapping[int, str]
) -> tuple[object, ...]:
    claim = one.touched
    basis = next((b for b in (one.drift.basis, claim.bracket.basis) if b != "none"), "none")
    if basis == "none" and claim.xid:
        basis = "xid_bracket"
    return (
        one.asked.ref.kind,
        write_key(one.asked.ref),
        one.asked.change,
        case.find_creator(one.asked.ref),
        case.find_toucher(one.asked.ref),
        *_list_claim(one.born),
        one.born.confidence.value,
        *_list_claim(claim),
        basis,
        sessions.get(one.asked.ref, ""),
        _find_channel(one),
        *(one.actor.get(name, "") for name in ("role", "application", "client")),
        claim.confidence.value,
        claim.why,
        *_list_bracket(one.drift),
        one.contradictions,
        tuple(ids[place] for place in one.places),
    )


def _list_claim(claim: Claim) -> tuple[object, ...]:
    return (claim.door.value, claim.version, *_list_bracket(claim.bracket), claim.xid or None)


def _list_bracket(bracket: Bracket) -> tuple[object, ...]:
    times = [at.isoformat() if at else None for at in (bracket.earliest_at, bracket.latest_at)]
    return (bracket.after_version, bracket.before_version, *times)


def _build_frame(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    plain = {name: dtype for name, dtype in ATTRIBUTION.items() if dtype != "object"}
    keep = [place for place, dtype in enumerate(ATTRIBUTION.values()) if dtype != "object"]
    frame = build_exhibit([[row[place] for place in keep] for row in rows], plain)
    for place, (name, dtype) in enumerate(ATTRIBUTION.items()):
        if dtype == "object":
            frame[name] = pd.Series([row[place] for row in rows], dtype="object")
    return frame[list(ATTRIBUTION)]
