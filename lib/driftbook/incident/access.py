"""Who gained or lost which access between two audits, each with its evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from driftbook.access.groups import group_moves, rank_group
from driftbook.access.moves import find_moves
from driftbook.access.reach import Reach
from driftbook.access.read import read_access
from driftbook.access.words import write_group
from driftbook.forensics.classify import Confidence
from driftbook.incident.book import Proof
from driftbook.incident.words import write_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.access.groups import Group
    from driftbook.access.moves import Move
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase, Step
    from driftbook.incident.words import Sentence
    from driftbook.model import ObjectRef

# Row level security does not hold for it, on the platform that has it.
BYPASSING = frozenset({"service_role"})
# What the API does for its callers, and with what.
SERVED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"})
KINDS = frozenset({"table", "view", "materialized_view", "function"})
WORDS = {
    Reach.NOTHING: "nothing",
    Reach.NO_ROWS: "no row",
    Reach.SOME_ROWS: "the rows that policies let",
    Reach.AS_CALLER: "it, with rights of its own",
    Reach.AS_OWNER: "it, with the rights of its owner",
    Reach.EVERYTHING: "every row",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What one role may do with one object that it could not before, or no more.

    Attributes:
        moves: By each of its rights, all of them with the same reach before and after.
        step: The audits between which it came so.
        clue: Id of the evidence.
    """

    moves: tuple[Move, ...]
    step: Step
    clue: str

    @property
    def role(self) -> str:
        """Return who."""
        return self.moves[0].role

    @property
    def ref(self) -> ObjectRef:
        """Return with what."""
        return self.moves[0].ref

    @property
    def privileges(self) -> tuple[str, ...]:
        """Return by which rights."""
        return tuple(move.privilege for move in self.moves)

    @property
    def before(self) -> Reach:
        """Return how much was reached at the first audit."""
        return self.moves[0].before.reach

    @property
    def after(self) -> Reach:
        """Return how much is reached at the last one."""
        return self.moves[0].after.reach


def diff_rights(step: Step, roles: Sequence[str], schemas: Sequence[str]) -> list[Move]:
    """Return what changed of the reach of ``roles`` in ``schemas`` between two audits."""
    assert step.before.live is not None  # noqa: S101 - steps are made of looks with one
    assert step.after.live is not None  # noqa: S101
    if step.is_quiet:
        return []
    return find_rights(step.before.live, step.after.live, roles, schemas)


def find_rights(
    before: Snapshot, after: Snapshot, roles: Sequence[str], schemas: Sequence[str]
) -> list[Move]:
    """Return what ``roles`` reach in ``schemas`` after, and not or otherwise before."""
    earlier, later = (read_access(side, BYPASSING) for side in (before, after))
    moves = find_moves(earlier, later, roles)
    return [
        move
        for move in moves
        if move.privilege in SERVED and move.ref.kind in KINDS and move.ref.parts[0] in schemas
    ]


def find_moved(case: IncidentCase, book: Book) -> list[Moved]:
    """Return who gained or lost what in the window, each with its evidence.

    What was gained and lost again in between is not among them.
    """
    if case.whole is None:
        return []
    last = {
        (move.role, move.privilege, move.ref): step
        for step in case.steps
        for move in diff_rights(step, case.api_roles, case.exposed)
    }
    grouped: dict[tuple[object, ...], tuple[Step, list[Move]]] = {}
    for move in diff_rights(case.whole, case.api_roles, case.exposed):
        # Dropped and made again with less: no two audits in a row tell of it.
        step = last.get((move.role, move.privilege, move.ref), case.whole)
        reach = (move.before.reach, move.after.reach)
        key = (move.role, move.ref, reach, step.before.at, step.after.at)
        grouped.setdefault(key, (step, []))[1].append(move)
    return [_prove(tuple(moves), step, book) for step, moves in grouped.values()]


def _prove(moves: tuple[Move, ...], step: Step, book: Book) -> Moved:
    moved = Moved(moves, step, "")
    rights = ", ".join(moved.privileges)
    was, now = WORDS[moved.before], WORDS[moved.after]
    if moves[0].runners:
        was, now = (f"it, with the rights of {name}" for name in moves[0].runners)
    value = f"{moved.role}, {rights}: {was}, then {now}"
    at = (step.before.at, step.after.at)
    clue = book.cite(Proof("touched", "snapshot", value, moved.ref, "audits", *at))
    return Moved(moves, step, clue)


def word_moved(moved: Sequence[Moved], book: Book) -> Iterator[Sentence]:
    """Yield one sentence per group of moves and interval, worst first."""
    told: list[tuple[Group, Step, list[str]]] = []
    by_step = defaultdict[tuple[datetime, datetime], list[Moved]](list)
    for one in moved:
        by_step[one.step.before.at, one.step.after.at].append(one)
    for mine in by_step.values():
        clues = {move: one.clue for one in mine for move in one.moves}
        for group in group_moves(clues):
            cited = [clue for move, clue in clues.items() if group.tells(move)]
            told.append((group, mine[0].step, cited))
    for group, step, cited in sorted(told, key=lambda one: rank_group(one[0])):
        when = write_interval(step.before.at, step.after.at)
        text = f"{write_group(group, before='')}; this came {when}"
        yield book.say(text, Confidence.HIGH, list(dict.fromkeys(cited)))
