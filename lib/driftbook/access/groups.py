"""Moves that one sentence can tell: the same right, gained for the same reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.access.reach import Rows
from driftbook.access.roles import EVERYBODY
from driftbook.access.why import explain_move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftbook.access.moves import Move
    from driftbook.model import ObjectRef

# Privileges in the order of a sentence; the first four are about rows.
ROW_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
ORDER = (*ROW_PRIVILEGES, *"TRUNCATE REFERENCES TRIGGER MAINTAIN EXECUTE USAGE CREATE".split())
STRUCTURAL = frozenset({"REFERENCES", "TRIGGER", "MAINTAIN", "TRUNCATE"})
OUTSIDERS = {EVERYBODY: 0, "anon": 1, "authenticated": 2}  # the nearer to the street the first
DIRECTIONS = ("more", "other", "less")


@dataclass(frozen=True, slots=True)
class Group:
    """Roles that came to reach as much of the same objects for the same reasons.

    Attributes:
        roles: The nearest to the street first.
        privileges: By which rights, in the order of a sentence.
        refs: With what, all of one kind.
        first: One of the moves; the others say the same.
    """

    roles: tuple[str, ...]
    privileges: tuple[str, ...]
    refs: tuple[ObjectRef, ...]
    first: Move

    @property
    def direction(self) -> str:
        """Return whether ``more``, ``less`` or ``other`` is reached than before."""
        return "more" if self.first.is_gain else "less" if self.first.is_loss else "other"

    def tells(self, move: Move) -> bool:
        """Return whether the sentence of this group is about ``move``."""
        return (
            move.role in self.roles and move.privilege in self.privileges and move.ref in self.refs
        )

    @property
    def likeness(self) -> tuple[object, ...]:
        """Return what has to be the same of moves that one sentence tells."""
        move = self.first
        is_row = is_about_rows(move)
        extents = [(one.reach, one.columns) for one in (move.before, move.after)]
        return move.ref.kind, is_row, *extents, move.is_new, move.runners, explain_move(move)


def group_moves(moves: Iterable[Move]) -> list[Group]:
    """Return the moves as groups of one sentence each, worst first."""
    groups = [Group((move.role,), (move.privilege,), (move.ref,), move) for move in moves]
    groups = _merge(groups, lambda one: (one.roles, one.refs))
    groups = _merge(groups, lambda one: (one.roles, one.privileges))
    groups = _merge(groups, lambda one: (one.privileges, one.refs))
    return sorted(groups, key=rank_group)


def _merge(groups: Sequence[Group], same: Callable[[Group], object]) -> list[Group]:
    """Return ``groups``, those made one that are alike and have the ``same``."""
    found = defaultdict[object, list[Group]](list)
    for group in groups:
        found[same(group), group.likeness].append(group)
    return [
        Group(
            tuple(sorted({role for one in alike for role in one.roles}, key=rank_role)),
            tuple(sorted({name for one in alike for name in one.privileges}, key=_rank_privilege)),
            tuple(dict.fromkeys(ref for one in alike for ref in one.refs)),
            alike[0].first,
        )
        for alike in found.values()
    ]


def is_about_rows(move: Move) -> bool:
    """Return whether a right is one on rows, of which row level security decides."""
    return move.ref.kind == "table" and move.privilege in ROW_PRIVILEGES


def rank_role(role: str) -> tuple[int, str]:
    """Return what sorts roles, the nearest to the street first."""
    return OUTSIDERS.get(role, len(OUTSIDERS)), role


def _rank_privilege(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER)), name


def rank_group(group: Group) -> tuple[object, ...]:
    """Return what sorts groups, the worst first."""
    first = group.first
    passes = first.after.rows in {Rows.BYPASS, Rows.OWNER}
    reads_only = group.privileges == ("SELECT",)
    return (
        DIRECTIONS.index(group.direction),
        passes,  # whom row level security never held is no news
        rank_role(group.roles[0])[0],
        first.privilege in STRUCTURAL,
        -first.after.reach,
        reads_only,
        -len(group.refs),
        group.roles,
        group.privileges,
        first.ref.kind,
        first.ref.parts,
    )
