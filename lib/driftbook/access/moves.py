"""What roles reach on one side and not on the other, object by object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.access.facts import Thing
from driftbook.access.reach import COMMANDS, NONE, Reach, Right, judge_right
from driftbook.access.roles import ALL_DATA, EVERYBODY
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from driftbook.access.facts import AccessFacts

# Privileges that can be granted on a view, and let nobody do anything with one.
IDLE = frozenset({"TRUNCATE", "REFERENCES", "MAINTAIN"})


ANY = ObjectRef("", ())
Judged = tuple[str, str, Right, Right]  # role, privilege, before, after


@dataclass(frozen=True, slots=True)
class Move:
    """One right that a role has on one side and not, or within other limits, on the other.

    Attributes:
        role: Who.
        privilege: By which right.
        ref: With what.
        before: On the first side: expected, or earlier.
        after: On the second side: live, or later.
        is_new: Whether the first side has no such object.
    """

    role: str
    privilege: str
    ref: ObjectRef
    before: Right
    after: Right
    is_new: bool = False

    @property
    def is_gain(self) -> bool:
        """Return whether more is reached than before."""
        return self.after.reach > self.before.reach

    @property
    def runners(self) -> tuple[str, str] | None:
        """With whose rights its code or query runs, if an owner took the place of another."""
        both = (self.before, self.after)
        swapped = (self.before.runner, self.after.runner)
        if any(one.reach is not Reach.AS_OWNER or not one.runner for one in both):
            return None
        return swapped if swapped[0] != swapped[1] else None

    @property
    def is_loss(self) -> bool:
        """Return whether less is reached than before."""
        return self.after.reach < self.before.reach


def find_moves(before: AccessFacts, after: AccessFacts, roles: Sequence[str] = ()) -> list[Move]:
    """Return every right of a role that is not the same on both sides.

    Args:
        before: The first side.
        after: The second side; what it has not at all nobody reaches, which is no move.
        roles: Whose rights are compared.

    Returns:
        By object, role and privilege. Of a new object neither its owner's
        rights are one, nor those that reach no row.
    """
    same_roles = before.roles == after.roles
    moves: list[Move] = []
    judged: dict[object, list[Judged]] = {}  # most objects are as others are
    for ref in dict.fromkeys((*after.things, *before.things)):
        earlier, thing = _pair(before, after, ref)
        if thing is None:
            continue
        schema = ref.parts[0]
        same_use = before.users.get(schema) == after.users.get(schema)
        if earlier == thing and same_roles and same_use:
            continue
        key = (ref.kind, schema, _forget_ref(earlier), _forget_ref(thing))
        if key not in judged:
            judged[key] = list(_compare_thing((before, after), (earlier, thing), roles))
        is_new = earlier is None
        moves += [Move(*one[:2], ref, *one[2:], is_new) for one in judged[key]]
    return moves


def _forget_ref(thing: Thing | None) -> Thing | None:
    return replace(thing, ref=ANY) if thing else None


def find_roles(*sides: AccessFacts) -> list[str]:
    """Return everybody who may reach something: grantees, owners, roles of policies, members.

    Who is a superuser on every side reaches the same on each.
    """
    found: set[str] = {EVERYBODY}
    for side in sides:
        for thing in side.things.values():
            found |= {grant.grantee for grant in thing.grants}
            found |= {role for policy in thing.policies for role in policy.roles}
            found |= {thing.owner} - {""}
        found |= side.roles.heirs_of({*found, *ALL_DATA})
    superusers = [side.roles.superusers for side in sides]
    found |= frozenset.union(*superusers)
    return sorted(found - frozenset.intersection(*superusers))


def _pair(
    before: AccessFacts, after: AccessFacts, ref: ObjectRef
) -> tuple[Thing | None, Thing | None]:
    """Return both; what is not the project's is on both sides, whatever one says of it."""
    earlier, thing = before.things.get(ref), after.things.get(ref)
    if earlier is None and thing is not None and thing.assumed:
        return before.assume(thing), thing
    if thing is None and earlier is not None and earlier.assumed:
        return earlier, after.assume(earlier)
    return earlier, thing


def _compare_thing(
    sides: tuple[AccessFacts, AccessFacts],
    things: tuple[Thing | None, Thing],
    roles: Collection[str],
) -> Iterator[Judged]:
    earlier, thing = things
    blank = earlier or Thing(thing.ref)
    held = {grant.privilege for one in (blank, thing) for grant in one.grants}
    held -= IDLE if thing.ref.kind == "view" else frozenset()
    for role in roles:
        for privilege in sorted(held | _list_preset(thing)):
            before = judge_right(sides[0], role, privilege, blank) if earlier else NONE
            after = judge_right(sides[1], role, privilege, thing)
            # Who made something owns it, and a right without rows on what is new is none yet.
            is_implied = after.is_owner or after.reach is Reach.NO_ROWS
            if _differs(before, after) and not (earlier is None and is_implied):
                yield role, privilege, before, after


def _list_preset(thing: Thing) -> set[str]:
    """Return the rights that some role has on it without a grant."""
    if thing.ref.kind == "sequence":
        return {"SELECT", "UPDATE"}
    return {*COMMANDS} if thing.ref.kind in {"table", "view", "materialized_view"} else set()


BEHIND = frozenset({Reach.AS_CALLER, Reach.AS_OWNER})


def _differs(before: Right, after: Right) -> bool:
    """Return whether a role reaches more, less or other rows; through what does not matter."""
    if not before.reach and not after.reach:
        return False
    if {before.reach, after.reach} <= BEHIND and before.runner and after.runner:
        # The owner as the caller reaches what the owner does.
        return (before.runner, before.columns) != (after.runner, after.columns)
    limits = (before.reach, before.columns, _list_limits(before))
    return limits != (after.reach, after.columns, _list_limits(after))


def _list_limits(right: Right) -> list[tuple[bool, str | None, str | None]]:
    """Return the expressions of the policies: a name decides nothing."""
    if right.reach is Reach.NO_ROWS:
        return []
    return sorted(
        {(one.permissive, one.using, one.with_check) for one in right.policies},
        key=repr,
    )
