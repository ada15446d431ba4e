"""Objects made out of band that belong together: one transaction, or a run of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import Bracket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbook.model import ObjectRef

PAUSE = timedelta(minutes=10)  # a longer one parts two sessions
NAMED = 3


@dataclass(frozen=True, slots=True)
class Touch:
    """One object that one transaction made or changed out of band."""

    xid: int
    ref: ObjectRef
    owner: str
    bracket: Bracket
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Touches that are one human action, or one run of them.

    Attributes:
        name: ``S1`` and so on, in the order of transactions.
        touches: In this order.
    """

    name: str
    touches: tuple[Touch, ...]

    @property
    def transactions(self) -> int:
        """Return how many transactions it took."""
        return len({touch.xid for touch in self.touches})

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """Return its objects, each once."""
        return tuple(dict.fromkeys(touch.ref for touch in self.touches))

    @property
    def bracket(self) -> Bracket:
        """Return between what and what all of it happened."""
        first, last = self.touches[0].bracket, self.touches[-1].bracket
        times = [touch.bracket.latest_at for touch in self.touches]
        latest = None if None in times else max(filter(None, times))
        return Bracket(
            first.after_version, last.before_version, first.earliest_at, latest, first.basis
        )

    @property
    def channel(self) -> str:
        """Return the channel of its touches where they agree."""
        channels = {touch.channel for touch in self.touches} - {""}
        return channels.pop() if len(channels) == 1 else ""

    @property
    def what(self) -> str:
        """Return its objects in words: the first ones by name, the others counted."""
        refs = self.objects
        if len(refs) <= NAMED:
            return ", ".join(map(str, refs))
        counts = Counter(ref.kind for ref in refs)
        return ", ".join(f"{count} of kind {kind}" for kind, count in sorted(counts.items()))


def find_sessions(touches: Iterable[Touch]) -> list[Session]:
    """Return the sessions of ``touches``, in the order of transactions.

    Transactions are of one session when they have one owner and lie in one bracket; with times,
    when no longer pause lies between them.
    """
    ordered = sorted(touches, key=lambda one: (one.xid, one.ref.kind, one.ref.parts))
    groups: list[list[Touch]] = []
    for touch in ordered:
        if groups and _continues(groups[-1][-1], touch):
            groups[-1].append(touch)
        else:
            groups.append([touch])
    return [Session(f"S{number}", tuple(group)) for number, group in enumerate(groups, start=1)]


def _continues(before: Touch, touch: Touch) -> bool:
    if before.xid == touch.xid:
        return True
    if before.owner != touch.owner or _versions(before) != _versions(touch):
        return False
    one, other = before.bracket, touch.bracket
    if one.is_instant and other.is_instant:
        assert one.latest_at is not None  # noqa: S101 - that is what an instant has
        assert other.earliest_at is not None  # noqa: S101
        return other.earliest_at - one.latest_at <= PAUSE
    return (one.earliest_at, one.latest_at) == (other.earliest_at, other.latest_at)


def _versions(touch: Touch) -> tuple[str, str]:
    return touch.bracket.after_version, touch.bracket.before_version


def list_session_rows(sessions: Sequence[Session]) -> list[tuple[object, ...]]:
    """Return the rows of the frame ``SESSION``."""
    rows: list[tuple[object, ...]] = []
    for one in sessions:
        bracket = one.bracket
        times = [at.isoformat() if at else None for at in (bracket.earliest_at, bracket.latest_at)]
        rows.append(
            (
                one.name,
                one.transactions,
                len(one.objects),
                one.touches[0].owner,
                bracket.after_version,
                bracket.before_version,
                *times,
                one.touches[0].xid,
                one.touches[-1].xid,
                one.channel,
                one.what,
            )
        )
    return rows
