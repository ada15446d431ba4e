"""By which door an object came, or was touched last: one claim, with the sureness it deserves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import NOWHERE, Bracket
from driftbook.forensics.case import FIRST_NORMAL, Record
from driftbook.forensics.signatures import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.forensics.bracket import Order
    from driftbook.forensics.case import Case
    from driftbook.forensics.signatures import Horizon
    from driftbook.model import ObjectRef


class Door(StrEnum):
    """How an object got to be there, or as it is."""

    PUSHED = "pushed"  # by the migration tool, with its record
    MANUAL_RUN = "manual_run"  # a file that somebody ran, recorded afterwards
    OUT_OF_BAND = "out_of_band"  # by no file
    RETOUCHED = "retouched"  # made by a file, touched outside of all files since
    RESTORED = "restored"  # by a restore: what was before cannot be told
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a claim is."""

    EXACT = "exact"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"

    @property
    def weaker(self) -> Confidence:
        """Return the next less sure one."""
        steps = list(Confidence)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]


XID = attrgetter("xid")
NAMING = frozenset({Door.PUSHED, Door.MANUAL_RUN})  # doors that come with a version


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of one aspect of an object, and why.

    Attributes:
        door: How.
        confidence: How sure.
        why: The reason of the confidence, one sentence.
        version: Of the file, where one did it.
        xid: The transaction; 0: unknown.
        bracket: Between what and what.
        at_or_before: It may have happened long before the transaction, which wrote the row last.
    """

    door: Door
    confidence: Confidence
    why: str
    version: str = ""
    xid: int = 0
    bracket: Bracket = NOWHERE
    at_or_before: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One aspect of one object.

    Attributes:
        ref: The object, or the one that holds it.
        xid: The transaction that its witness names; 0: there is no witness.
        at: When that committed, if the server knows.
        blamed: The version whose file does it, by the shadow; empty: none.
        moves: Whether something else than this aspect writes the witness anew.
        fresh: Whether nothing wrote the row anew since its birth, as another row shows.
    """

    ref: ObjectRef
    xid: int
    at: datetime | None
    blamed: str
    moves: bool
    fresh: bool = False


@dataclass(frozen=True)
class Judge:
    """Answers questions about one case."""

    case: Case
    order: Order
    horizon: Horizon

    @cached_property
    def _by_xid(self) -> dict[int, list[Record]]:
        found = defaultdict[int, list[Record]](list)
        for record in self.case.records:
            found[record.xid].append(record)
        return found

    @cached_property
    def _by_time(self) -> dict[datetime, list[Record]]:
        found = defaultdict[datetime, list[Record]](list)
        for record in self.case.records:
            if record.at is not None:
                found[record.at].append(record)
        return found

    @cached_property
    def _alone(self) -> list[Record]:
        """Records that were written one by one, in the order of their transactions."""
        rewritten = self.horizon.rewritten
        return [record for record in self.case.records if record.xid not in rewritten]

    @cached_property
    def _made(self) -> set[int]:
        told = self.case.scoped & self.case.testimony.keys()
        return {self.case.testimony[ref].made_xid for ref in told}

    def classify(self, question: Question) -> Claim:
        """Return what the evidence says of the aspect; ``unknown`` is an answer."""
        if self.horizon.shape is Shape.UNKNOWN:
            return Claim(Door.UNKNOWN, Confidence.NONE, self.horizon.why)
        if question.xid < FIRST_NORMAL:
            why = (
                "it came with the server" if question.xid else "no row of the catalog remembers it"
            )
            return Claim(Door.UNKNOWN, Confidence.NONE, why)
        found = (
            self._find_restore(question)
            or self._find_push(question)
            or self._find_near_record(question)
            or (self._follow_blame(question) if question.blamed else self._call_foreign(question))
        )
        if question.moves and found.door in NAMING and found.version != question.blamed:
            # That version wrote the row last; it need not be the one that made the object.
            found = self._look_behind(question)
        if question.xid in self.horizon.close and found.confidence is Confidence.HIGH:
            why = f"{found.why}; so close behind a restore or a rewrite it may be part of it"
            found = replace(found, confidence=Confidence.MEDIUM, why=why)
        place = self.order.place(question.xid, question.at)
        record = self.case.record_of.get(found.version)
        if found.door is Door.PUSHED and record and self.case.together[record.xid] == 1:
            # Whatever transactions it took, it lies between the versions around it.
            place = self.order.place(record.xid, record.at)
        bracket = found.bracket if found.bracket != NOWHERE else place
        return replace(found, xid=question.xid, bracket=bracket)

    def _find_restore(self, question: Question) -> Claim | None:
        if not self.horizon.covers(question.xid):
            return None
        # Behind what the order proves it may be of somebody who worked on right after it.
        proven = question.blamed and question.xid <= self.horizon.sure_xid
        sure = Confidence.HIGH if proven else Confidence.MEDIUM
        return Claim(Door.RESTORED, sure, self.horizon.why, bracket=self.horizon.when)

    def _find_push(self, question: Question) -> Claim | None:
        """Say that the tool made it: the record was written in the same transaction."""
        found = self._by_xid.get(question.xid, [])
        if len(found) > 1:
            return self._find_bulk(question, found)
        if found and self._proves(found[0]):
            why = "the same transaction wrote the object's row and the record of the version"
            return Claim(Door.PUSHED, Confidence.EXACT, why, found[0].version)
        if found:
            why = "the same transaction wrote the record, and everything else in the database"
            return Claim(Door.PUSHED, Confidence.MEDIUM, why, found[0].version)
        if question.at is None:
            return None
        same = self._by_time.get(question.at, [])
        if len(same) == 1 and self._proves(same[0]):
            why = "committed with the record of the version, in a subtransaction"
            return Claim(Door.PUSHED, Confidence.EXACT, why, same[0].version)
        return None

    def _find_bulk(self, question: Question, records: list[Record]) -> Claim:
        versions = {record.version for record in records}
        why = f"the same transaction wrote {len(records)} records: equality tells no version"
        if question.blamed in versions:
            return Claim(Door.PUSHED, Confidence.MEDIUM, why, question.blamed)
        return Claim(Door.UNKNOWN, Confidence.LOW, why)

    def _proves(self, record: Record) -> bool:
        """Return whether equality with ``record`` proves a push: it tells objects apart."""
        if record.xid in self.horizon.rewritten or record.version in self._renewed:
            return False
        if self._made != {record.xid}:
            return True
        told = self.case.scoped & self.case.testimony.keys()
        return told <= self.case.makers.get(record.version, frozenset())

    @cached_property
    def _renewed(self) -> frozenset[str]:
        """Versions whose record was written again: late, and what their file makes is older."""
        found, newest = set[str](), ""
        for xid in sorted(self._by_xid):
            versions = [record.version for record in self._by_xid[xid]]
            newest = max(newest, *versions)
            found.update(v for v in versions if v != newest and self._makes_older(v, xid))
        return frozenset(found)

    def _makes_older(self, version: str, xid: int) -> bool:
        return any(
            0 < one.born_xid < xid and self.case.find_creator(ref) == version
            for ref in self.case.makers.get(version, ())
            if (one := self.case.testimony.get(ref))
        )

    def _find_near_record(self, question: Question) -> Claim | None:
        """Say that a file did it whose record is next to the object, in a transaction of its own.

        Between the two nothing else may have been written that is still there.
        """
        after, before = self._find_neighbours(question.xid)
        if after and self._is_next_to(question, after):
            return self._judge_before(question, after)
        if (
            before
            and self._is_next_to(question, before)
            and not self._is_other_commit(question, before)
        ):
            file = self.case.file_of.get(before.version, "")
            if file in self.case.subtransactions:
                why = "right behind the record of a version whose file has a block with EXCEPTION"
                return Claim(Door.PUSHED, Confidence.MEDIUM, why, before.version)
        return None

    def _judge_before(self, question: Question, record: Record) -> Claim:
        file = self.case.file_of.get(record.version, "")
        if file in self.case.controls:
            why = "right before the record of a version whose file ends transactions itself"
            return Claim(Door.PUSHED, Confidence.MEDIUM, why, record.version)
        if record.xid in self.case.written:
            why = "right before the record, other objects of the version with it"
            return Claim(Door.PUSHED, Confidence.MEDIUM, why, record.version)
        why = "right before the record of the version, which stands alone in its transaction"
        # A row that was written anew may be so by a hand that changed what the file had made.
        sure = question.fresh and record.version in self.case.placeholders
        confidence = Confidence.HIGH if sure else Confidence.MEDIUM
        return Claim(Door.MANUAL_RUN, confidence, why, record.version)

    def _find_neighbours(self, xid: int) -> tuple[Record | None, Record | None]:
        """Return the record after ``xid`` and the one before; those written in bulk are none."""
        after = bisect_right(self._alone, xid, key=XID)
        before = bisect_left(self._alone, xid, key=XID)
        return (
            self._alone[after] if after < len(self._alone) else None,
            self._alone[before - 1] if before else None,
        )

    def _is_next_to(self, question: Question, record: Record) -> bool:
        makes = self.case.makers.get(record.version, frozenset())
        low, high = sorted((question.xid, record.xid))
        together = self.case.written.get(question.xid, frozenset())
        return question.ref in makes and makes.issuperset((*together, *self._between(low, high)))

    def _between(self, low: int, high: int) -> Iterator[ObjectRef]:
        for xid in self.case.list_written(low, high):
            yield from self.case.written[xid]

    @staticmethod
    def _is_other_commit(question: Question, record: Record) -> bool:
        return question.at is not None and record.at is not None and question.at != record.at

    def _follow_blame(self, question: Question) -> Claim:
        """Say what is left when a file does it and its record is elsewhere."""
        version = question.blamed
        record = self.case.record_of.get(version)
        if record is None:
            why = (
                "a file does it, and the tracking table has no record of that version"
                if self.case.records
                else "a file does it, and no record of the tracking table was read"
            )
            return Claim(Door.UNKNOWN, Confidence.LOW, why, version)
        renewed = version in self._renewed
        anew = renewed or record.xid in self.horizon.rewritten
        if anew and record.xid > question.xid:
            place = self.order.place(question.xid, question.at)
            return replace(self._follow_order(question), bracket=place)
        if question.moves and record.xid < question.xid:
            return self._explain_hidden(version, record)
        witnessed = record.xid in self.case.written and not renewed
        witnessed = witnessed or record.xid in self.horizon.rewritten
        sure = Confidence.HIGH if witnessed else Confidence.MEDIUM
        why = "neither a version's record nor a restore was written in its transaction"
        return Claim(Door.RETOUCHED, sure, why, version)

    def _look_behind(self, question: Question) -> Claim:
        record = self.case.record_of.get(question.blamed)
        if record and record.xid < question.xid:
            return self._explain_hidden(question.blamed, record)
        why = "its row was written again since, which hides its birth"
        return Claim(Door.UNKNOWN, Confidence.LOW, why, question.blamed, at_or_before=True)

    def _explain_hidden(self, version: str, record: Record) -> Claim:
        """Say what is left of a birth when the row was written again since."""
        why = "its row was written again after the version was recorded, which hides its birth"
        if record.xid in self.horizon.rewritten:
            return Claim(Door.UNKNOWN, Confidence.LOW, why, version, at_or_before=True)
        place = self.order.place(record.xid, record.at)
        return Claim(Door.PUSHED, Confidence.MEDIUM, why, version, bracket=place)

    def _follow_order(self, question: Question) -> Claim:
        """Say what the order of transactions tells where all records were written anew."""
        version = question.blamed
        if self.case.is_in_order(version, question.xid):
            why = (
                "the record was written anew; everything the file makes is of this one "
                "transaction, between those of the files before and after"
            )
            return Claim(Door.PUSHED, Confidence.MEDIUM, why, version)
        why = "the record was written anew, and the order of transactions tells no version"
        return Claim(Door.UNKNOWN, Confidence.LOW, why, version)

    def _call_foreign(self, question: Question) -> Claim:
        why = "no file does it, and no version's record was written in its transaction"
        return Claim(Door.OUT_OF_BAND, Confidence.HIGH, why, at_or_before=question.moves)
