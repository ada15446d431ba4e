"""What can be said of an object that is not there any more: little, and never from its own row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import Bracket
from driftbook.forensics.classify import Claim, Confidence, Door
from driftbook.forensics.clues import Clue
from driftbook.history.exhibits import list_exhibit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.forensics.case import Case
    from driftbook.forensics.classify import Judge
    from driftbook.model import ObjectRef

NO_ROW = "a dropped object leaves no row; only earlier audits and logs remember it"


def find_gone(ref: ObjectRef, case: Case, judge: Judge) -> tuple[Claim, Iterable[Clue]]:
    """Return when ``ref`` was dropped, as far as anything tells, and the evidence."""
    if ref.kind != "column":
        return _follow_audits(ref, case), ()
    schema, table, _ = ref.parts
    drops = [
        (int(str(xid)), at)
        for of_schema, of_table, _, xid, at in list_exhibit_rows(case.exhibit("dropped_column"))
        if (of_schema, of_table) == (schema, table)
    ]
    placed = [(xid, judge.order.place(xid)) for xid, _ in drops if not judge.horizon.covers(xid)]
    by_hand = [(xid, place) for xid, place in placed if xid not in case.together]
    clues = [
        Clue(ref, "dropped", "witness", f"transaction {xid}", "pg_attribute[attisdropped]", place)
        for xid, place in by_hand
    ]
    if len(by_hand) != 1:
        return _follow_audits(ref, case), clues
    (xid, place), at = by_hand[0], dict(drops)[by_hand[0][0]]
    if at is not None:
        place = judge.order.place(xid, _read(at))
    why = "the one column of the table that was dropped outside of all versions"
    return Claim(Door.OUT_OF_BAND, Confidence.MEDIUM, why, xid=xid, bracket=place), clues


def _follow_audits(ref: ObjectRef, case: Case) -> Claim:
    seen = case.sightings.get(ref)
    if seen is None or not seen.gone_by:
        never = "; no audit ever saw it: it may never have been there" if case.past.previous else ""
        return Claim(Door.UNKNOWN, Confidence.NONE, f"{NO_ROW}{never}")
    why = "an audit saw it, and the next one did not; by which door it went, no row tells"
    bracket = Bracket("", "", _read(seen.gone_after), _read(seen.gone_by), "snapshot")
    return Claim(Door.UNKNOWN, Confidence.LOW, why, bracket=bracket)


def _read(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
