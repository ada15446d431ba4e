"""Between what and what a transaction ran: versions on both sides, and times on both sides."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.forensics.case import Case, Record


@dataclass(frozen=True, slots=True)
class Bracket:
    """An interval in the order of transactions and in time; what is open is empty or ``None``.

    Attributes:
        after_version: The last version that was recorded before.
        before_version: The first one that was recorded after.
        earliest_at: Not before.
        latest_at: Not after.
        basis: What the times come from: ``commit_ts``, ``snapshot`` or ``none``.
    """

    after_version: str = ""
    before_version: str = ""
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    basis: str = "none"

    def narrow(self, earliest: datetime | None, latest: datetime | None, basis: str) -> Bracket:
        """Return the part of the bracket within these times; one that would be empty is kept."""
        low = max((at for at in (self.earliest_at, earliest) if at is not None), default=None)
        high = min((at for at in (self.latest_at, latest) if at is not None), default=None)
        if low is not None and high is not None and low > high:
            return self
        if (low, high) == (self.earliest_at, self.latest_at):
            return self
        return replace(self, earliest_at=low, latest_at=high, basis=basis)

    @property
    def is_instant(self) -> bool:
        """Return whether the time is known exactly."""
        return self.earliest_at is not None and self.earliest_at == self.latest_at


NOWHERE = Bracket()


@dataclass(frozen=True)
class Order:
    """The order of transactions of one server, with every time that is known of it."""

    records: tuple[Record, ...]  # by transaction
    together: Mapping[int, int]  # transaction → how many records it wrote
    marks: tuple[tuple[int, datetime], ...]  # where the counter stood at an audit, by counter

    def place(self, xid: int, at: datetime | None = None) -> Bracket:
        """Return where transaction ``xid`` lies; ``at``: when it committed, if that is known."""
        before = bisect_left(self.records, xid, key=_xid_of)
        after = bisect_right(self.records, xid, key=_xid_of)
        passed = bisect_right(self.marks, xid, key=itemgetter(0))
        counters = self.marks
        # Of records that were written together none is the first one after something.
        alone = (one for one in self.records[after:] if self.together[one.xid] == 1)
        bracket = Bracket(
            self.records[before - 1].version if before else "",
            next((one.version for one in alone), ""),
        )
        if at is not None:
            return replace(bracket, earliest_at=at, latest_at=at, basis="commit_ts")
        low = self.marks[passed - 1][1] if passed else None
        high = self.marks[passed][1] if passed < len(counters) else None
        return bracket.narrow(low, high, "snapshot")


def build_order(case: Case) -> Order:
    """Return the order of transactions as records, audits and the clock of ``case`` give it.

    An audit of another cluster counted other transactions, and tells nothing here.
    """
    cluster = case.clock.get("cluster")
    marks = [
        (mark.next_xid, datetime.fromisoformat(mark.audited_at))
        for mark in case.past.watermarks
        if isinstance(cluster, str) and mark.cluster == cluster
    ]
    if isinstance(now := case.clock.get("next_xid"), int):
        marks.append((now, datetime.fromisoformat(str(case.clock["read_at"]))))
    marks.sort()
    # Times that go back while the counter goes on are of a copy that lived on by itself.
    times = [at for _, at in marks]
    kept = marks if times == sorted(times) else marks[-1:]
    return Order(case.records, case.together, tuple(kept))


def _xid_of(record: Record) -> int:
    return record.xid


def read_time(text: str) -> datetime | None:
    """Return the time that the history wrote; ``None`` for an empty text."""
    return datetime.fromisoformat(text) if text else None
