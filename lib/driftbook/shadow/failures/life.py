"""The life of one object up to a failure: who made it, dropped it, or would have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from driftbook.shadow.failures.index import Event
    from driftbook.shadow.failures.subject import Subject
    from driftbook.shadow.result import Status

Place = tuple[int, int]  # file from 0, statement from 1


@dataclass(slots=True)
class Life:
    """What the files before a failure did to an object, and those after it would do.

    Attributes:
        maker: Who made what is there; ``None``: no file did.
        dropper: Who took it away.
        masked: Would have made it, had IF NOT EXISTS not passed over it; of a part.
        table_maker: Who made the table of a part.
        lost_makers: In files that fail before.
        lost_droppers: In files that fail before.
        left_out: Not sent, for the server lacks what they need.
        not_run: In files before that are not run.
        later: Makers behind the failure.
    """

    maker: Event | None = None
    dropper: Event | None = None
    masked: Event | None = None
    table_maker: Event | None = None
    lost_makers: list[Event] = field(default_factory=list)
    lost_droppers: list[Event] = field(default_factory=list)
    left_out: list[Event] = field(default_factory=list)
    not_run: list[Event] = field(default_factory=list)
    later: list[Event] = field(default_factory=list)

    def make(self, event: Event) -> None:
        """Take in a statement that ran and makes the object."""
        if self.maker is None or not event.making.is_guarded:
            self.maker, self.dropper = event, None

    def drop(self, event: Event) -> None:
        """Take in a statement that ran and drops the object."""
        self.maker, self.dropper, self.masked = None, event, None
        self.lost_makers.clear()


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the files, by their place, and of statements that were not sent."""

    statuses: Sequence[Status]
    left_out: Collection[Place]


def trace_life(subject: Subject, events: Sequence[Event], place: Place, ran: Ran) -> Life:
    """Return the life of ``subject``, whose ``events`` are in order, up to ``place``."""
    life = Life()
    for event in events:
        is_table = bool(subject.table) and event.making.kind != subject.kind
        if event.place >= place:
            if event.making.deed is Deed.CREATED and event.place != place:
                _foresee(life, event, is_table=is_table, is_part=bool(subject.table))
        elif is_table:
            _follow_table(life, event, place, ran)
        elif event.place in ran.left_out:
            life.left_out.append(event)
        elif event.file == place[0] or ran.statuses[event.file] == "applied":
            _follow(life, event, is_part=bool(subject.table))
        else:
            _miss(life, event, ran.statuses[event.file])
    return life


def _foresee(life: Life, event: Event, *, is_table: bool, is_part: bool) -> None:
    """Take in a maker behind the failure; one that would pass over the table makes nothing."""
    if is_table:
        return
    if is_part and event.making.is_guarded and life.table_maker is not None:
        life.masked = life.masked or event
    else:
        life.later.append(event)


def _follow(life: Life, event: Event, *, is_part: bool) -> None:
    if event.making.deed is Deed.DROPPED:
        life.drop(event)
    elif is_part and event.making.is_guarded and not _made_there(life.table_maker, event):
        life.masked = event
    else:
        life.make(event)


def _follow_table(life: Life, event: Event, place: Place, ran: Ran) -> None:
    if event.file != place[0] and ran.statuses[event.file] != "applied":
        return
    if event.making.deed is Deed.DROPPED:
        life.table_maker = None
        life.drop(event)
    elif life.table_maker is None or not event.making.is_guarded:
        life.table_maker = event


def _made_there(maker: Event | None, event: Event) -> bool:
    return maker is not None and maker.place == event.place


def _miss(life: Life, event: Event, status: Status) -> None:
    makes = event.making.deed is Deed.CREATED
    if status != "failed":
        if makes:
            life.not_run.append(event)
    elif makes and event.making.table and event.making.is_guarded and life.table_maker:
        life.masked = event
    elif makes:
        life.lost_makers.append(event)
    else:
        life.lost_droppers.append(event)
