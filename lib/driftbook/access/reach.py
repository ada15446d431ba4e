"""The judgement: how much of one object a role reaches with one privilege, and why.

What is said to reach nothing reaches nothing: where a snapshot does not tell, more is said.
A partition or a child is read through its parent with the parent's rights: that is a right on the
parent, and so it is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from driftbook.access.facts import CALLER, OWNER
from driftbook.access.roles import ALL_DATA, EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.access.facts import AccessFacts, Grant, Policy, Thing

# The commands of policies; other privileges pass row level security.
SUPERUSER = "(superuser)"  # through whom it has every right, without a grant
COMMANDS = {"SELECT": "select", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete"}


class Reach(IntEnum):
    """How much of an object a privilege reaches."""

    NOTHING = 0
    NO_ROWS = 1  # it is held, and no policy lets a row through
    SOME_ROWS = 2
    AS_CALLER = 3  # as far as the one who asks reaches what is behind it
    AS_OWNER = 4  # as far as the owner of the view or function does
    EVERYTHING = 5


class Rows(IntEnum):
    """Why rows are let through or kept."""

    NOT_ASKED = 0  # no table, or nothing is held
    OFF = 1  # row level security is off
    POLICIES = 2
    OWNER = 3  # it is not forced on the owner
    BYPASS = 4
    OPEN = 5  # a policy lets every row through


BY_POLICY = frozenset({Rows.POLICIES, Rows.OPEN})


@dataclass(frozen=True, slots=True)
class Right:
    """What one role may do with one object by one privilege.

    Attributes:
        reach: How much of it.
        holder: Through which role: itself, PUBLIC, or one whose member it is; empty: none.
        owner: Who owns the object, whoever holds the right; empty: not known.
        runner: Whose rights count for what is behind it: its owner's or the caller's own.
        columns: Those that a right is limited to; empty: the whole object.
        rows: Why rows are let through or kept.
        policies: Those for the role: that let rows through, then those that limit them.
        others: Names of policies of the table that are not for the role, or not for this.
        worn: The role that it has to become first, with SET ROLE; empty: none.
        no_usage: Whether it is held in vain: the schema may not be used.
    """

    reach: Reach = Reach.NOTHING
    holder: str = ""
    owner: str = ""
    runner: str = ""
    columns: tuple[str, ...] = ()
    rows: Rows = Rows.NOT_ASKED
    policies: tuple[Policy, ...] = ()
    others: tuple[str, ...] = ()
    worn: str = ""
    no_usage: bool = False

    @property
    def is_owner(self) -> bool:
        """Return whether the holder owns the object."""
        return bool(self.owner) and self.holder == self.owner


NONE = Right()


def judge_right(facts: AccessFacts, role: str, privilege: str, thing: Thing) -> Right:
    """Return what ``role`` may do with ``thing`` by ``privilege``, itself or as another role."""
    best = _judge_as(facts, role, privilege, thing, "")
    for other in facts.roles.worn_by(role)[1:]:
        found = _judge_as(facts, other, privilege, thing, other)
        if found.reach > best.reach:
            best = found
    return best


def _judge_as(facts: AccessFacts, role: str, privilege: str, thing: Thing, worn: str) -> Right:
    mine = facts.roles.held_by(role)
    if role in facts.roles.superusers:
        rows = Rows.BYPASS if thing.secured else Rows.NOT_ASKED
        reach = _widest(thing, privilege)
        runner = _find_runner(thing, role, reach)
        return Right(reach, SUPERUSER, thing.owner, runner, rows=rows, worn=worn)
    held = [one for one in thing.grants if one.privilege == privilege and one.grantee in mine]
    preset = _find_preset(mine, privilege, thing)
    if not held and not preset:
        return Right(owner=thing.owner)
    whole = [one for one in held if not one.column]
    columns = () if whole or preset else tuple(sorted({one.column for one in held}))
    holder = _find_holder(whole or held, role, thing) if held else preset
    if not may_use(facts, mine, thing):
        return Right(Reach.NOTHING, holder, thing.owner, columns=columns, no_usage=True)
    reach, rows, policies = _find_rows(facts, role, privilege, thing)
    runner = _find_runner(thing, role, reach)
    others = () if rows not in BY_POLICY else _name_others(thing, policies)
    return Right(reach, holder, thing.owner, runner, columns, rows, policies, others, worn)


def may_use(facts: AccessFacts, mine: frozenset[str], thing: Thing) -> bool:
    """Return whether the schema of ``thing`` may be used; the platform's schemas may."""
    users = facts.users.get(thing.ref.parts[0]) if thing.ref.kind != "schema" else None
    return users is None or bool((users | ALL_DATA.keys()) & mine)


def _find_preset(mine: frozenset[str], privilege: str, thing: Thing) -> str:
    if thing.ref.kind == "schema":
        return next((name for name in ALL_DATA if name in mine and privilege == "USAGE"), "")
    if thing.ref.kind not in {"table", "view", "materialized_view", "sequence"}:
        return ""
    return next((name for name, can in ALL_DATA.items() if name in mine and privilege in can), "")


def _find_holder(held: list[Grant], role: str, thing: Thing) -> str:
    """Return the nearest holder: the role itself, the owner, PUBLIC, then others by name."""
    order = {role: 0, thing.owner: 1, EVERYBODY: 2}
    return min((order.get(one.grantee, 3), one.grantee) for one in held)[1]


def _widest(thing: Thing, privilege: str) -> Reach:
    if privilege not in {*COMMANDS, "EXECUTE"}:
        return Reach.EVERYTHING
    return {CALLER: Reach.AS_CALLER, OWNER: Reach.AS_OWNER}.get(thing.runs_as, Reach.EVERYTHING)


def _find_runner(thing: Thing, role: str, reach: Reach) -> str:
    return {Reach.AS_CALLER: role, Reach.AS_OWNER: thing.owner}.get(reach, "")


def _name_others(thing: Thing, policies: Sequence[Policy]) -> tuple[str, ...]:
    return tuple(one.name for one in thing.policies if one not in policies)


def _find_rows(
    facts: AccessFacts, role: str, privilege: str, thing: Thing
) -> tuple[Reach, Rows, tuple[Policy, ...]]:
    if thing.ref.kind != "table":
        return _widest(thing, privilege), Rows.NOT_ASKED, ()
    if privilege not in COMMANDS:
        return Reach.EVERYTHING, Rows.NOT_ASKED, ()
    if not thing.secured:
        return Reach.EVERYTHING, Rows.OFF, ()
    if role in facts.roles.bypassing:
        return Reach.EVERYTHING, Rows.BYPASS, ()
    mine = facts.roles.held_by(role)
    if thing.owner in mine and not thing.forced:
        return Reach.EVERYTHING, Rows.OWNER, ()
    return _ask_policies(mine, privilege, thing)


def _ask_policies(
    mine: frozenset[str], privilege: str, thing: Thing
) -> tuple[Reach, Rows, tuple[Policy, ...]]:
    applied = [
        one
        for one in thing.policies
        if one.command in {"all", COMMANDS[privilege]} and one.roles & mine
    ]
    tests = [[(one, one.using) for one in applied], [(one, one.check) for one in applied]]
    asked = {"INSERT": tests[1:], "UPDATE": tests}.get(privilege, tests[:1])
    reach = min(_pass(test) for test in asked)
    if thing.assumed:  # the platform may have policies of its own
        reach = max(reach, Reach.SOME_ROWS)
    named = sorted(applied, key=lambda one: not one.permissive)
    return reach, Rows.OPEN if reach is Reach.EVERYTHING else Rows.POLICIES, tuple(named)


def _pass(test: list[tuple[Policy, str | None]]) -> Reach:
    """Return how many rows pass policies, each with its expression.

    The server takes a permissive policy without an expression for one that lets nothing through.
    """
    letting = {limit for one, limit in test if one.permissive} - {None, "false"}
    limits = {limit for one, limit in test if not one.permissive} - {None, "true"}
    if not letting or "false" in limits:
        return Reach.NO_ROWS
    return Reach.EVERYTHING if "true" in letting and not limits else Reach.SOME_ROWS
