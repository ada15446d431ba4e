"""The language of a postmortem: intervals, counts, and sentences that carry their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from driftbook.forensics.classify import Confidence
from driftbook.forensics.words import describe_order, describe_time
from driftbook.model import ObjectRef
from driftbook.words import count, name_some, pluralise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

DAY, HOUR, MINUTE = 86_400, 3_600, 60  # seconds
WEAKEST_FIRST = tuple(reversed(Confidence))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement of a report, how sure it is, and the clues that it rests on.

    Raises:
        ValueError: It names no clue: nothing is said without evidence.
    """

    text: str
    confidence: Confidence
    clues: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a statement without evidence."""
        if not self.clues:
            raise ValueError(f"no evidence for: {self.text}")


def write_time(at: datetime) -> str:
    """Return ``2026-01-22 02:15 UTC``, with seconds where there are any."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at.second else f"{at:%Y-%m-%d %H:%M} UTC"


def write_interval(earliest: datetime | None, latest: datetime | None) -> str:
    """Return when something happened, as far as that is known; an unknown bound has no word."""
    return describe_time(earliest, latest) or "at an unknown time"


def write_order(after: str, before: str, first_xid: int = 0, last_xid: int = 0) -> str:
    """Return where something stands in the order of versions and transactions; empty: unknown."""
    xids = f"transaction {first_xid}" if first_xid == last_xid else ""
    xids = xids or f"transactions {first_xid} to {last_xid}"
    parts = (describe_order(after, before), xids if first_xid else "")
    return ", ".join(filter(None, parts))


def write_duration(span: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = int(span.total_seconds())
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    if days:
        return count(days, "day") + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {rest // MINUTE} min" if rest // MINUTE else "")
    return f"{rest // MINUTE} min" if rest >= MINUTE else f"{rest} s"


def name_numbers(numbers: Sequence[int]) -> str:
    """Return numbers with commas, runs of them short: ``3, 5-9``."""
    pairs = [(number, number - at) for at, number in enumerate(sorted(numbers))]
    runs = [[number for number, _ in run] for _, run in groupby(pairs, key=itemgetter(1))]
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def name_objects(refs: Sequence[ObjectRef]) -> str:
    """Return objects of one kind by name, of several kinds each with its kind."""
    if len({ref.kind for ref in refs}) == 1 and len(refs) > 1:
        kind = refs[0].kind.replace("_", " ")
        return (
            f"{count(len(refs), kind, pluralise(kind))}: {name_some([name_bare(r) for r in refs])}"
        )
    return name_some([name_object(ref) for ref in refs])


def name_object(ref: ObjectRef) -> str:
    """Return an object as people say it: a privilege by role and object."""
    return f"{ref.kind.replace('_', ' ')} {name_bare(ref)}"


def name_bare(ref: ObjectRef) -> str:
    """Return an object without its kind; a privilege as ``SELECT on table public.a for anon``."""
    if ref.kind == "privilege" and len(ref.parts) == len(("kind", "s", "n", "c", "role", "what")):
        kind, *names, role, privilege = ref.parts
        return f"{privilege} on {ObjectRef(kind, tuple(names))} for {role}"
    if ref.kind in {"comment", "owner"}:
        return str(ObjectRef(ref.parts[0], ref.parts[1:]))
    return ref.name


def start(text: str) -> str:
    """Return ``text`` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def find_weakest(words: Sequence[Confidence]) -> Confidence:
    """Return the least sure of ``words``; of none, ``none``."""
    return min(words, key=WEAKEST_FIRST.index, default=Confidence.NONE)
