"""What each role may do with one object, and what roles reach live that the files do not give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.access.facts import (
    CALLER,
    OWNER,
    AccessFacts,
    Thing,
    adopt_policies,
)
from driftbook.access.groups import group_moves
from driftbook.access.moves import find_moves, find_roles
from driftbook.access.reach import SUPERUSER, Reach, Rows, judge_right
from driftbook.access.read import read_access
from driftbook.access.roles import EVERYBODY, SUPABASE_BYPASSING
from driftbook.access.words import write_group
from driftbook.audit.frames.columns import build_frame, declare
from driftbook.model import ObjectRef, quote_part
from driftbook.words import join_names

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from driftbook.access.groups import Group
    from driftbook.access.moves import Move
    from driftbook.access.reach import Right
    from driftbook.audit.result import Json
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.config import Target

ACCESS = declare("role privilege allowed:bool rows through")
POLICIES = declare("policy command roles permissive:bool using with_check")
MOVES = declare("reach what_it_means objects:int")
RELATIONS = frozenset({"table", "view", "materialized_view"})
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Kinds of which one row decides of many objects, and of one: its name is the second part of a key.
EVERYWHERE = frozenset({"schema", "role", "membership"})
DECIDING = frozenset({"table", "view", "materialized_view", "sequence", "function", "policy"})
NEEDED = "schema table view materialized_view sequence function policy privilege owner".split()
ROWS = {
    Rows.OFF: "all: row level security is off",
    Rows.OWNER: "all: its owner",
    Rows.BYPASS: "all: row level security does not hold for it",
}
RUNS_AS = {CALLER: "as its tables let the reader", OWNER: "as its tables let the view's owner"}
UNREAD = (
    "Memberships of roles and the right to bypass row level security were not read: a role that "
    "has either may do more than its row says."
)


def read_side(
    snapshot: Snapshot, target: Target, names: Collection[str] | None = None
) -> AccessFacts:
    """Return what decides access in ``snapshot``, as the platform of ``target`` has it.

    Args:
        snapshot: One side.
        target: Its API roles and its platform.
        names: Only objects that are called so; ``None``: all.
    """
    is_supabase = target.platform == "supabase"
    free = SUPABASE_BYPASSING if is_supabase else frozenset[str]()
    return read_access(snapshot, free, target.api_roles if is_supabase else (), names)


@dataclass(frozen=True)
class Access:
    """What roles reach on the second side of a comparison, and not on the first, or otherwise.

    Attributes:
        moves: Each right of each role that is not the same on both sides.
        before: What the first side is called.
        why_unknown: Why nothing could be judged; empty: it was.
    """

    moves: tuple[Move, ...]
    before: str = "the files"
    why_unknown: str = ""

    @property
    def judged(self) -> tuple[Move, ...] | None:
        """The moves; ``None`` when nothing could be judged."""
        return None if self.why_unknown else self.moves

    @cached_property
    def groups(self) -> list[Group]:
        """The moves that one sentence tells, worst first."""
        return group_moves(self.moves)

    @property
    def table(self) -> pd.DataFrame:
        """One row per sentence, worst first.

        Returns:
            ``reach`` (more, less or other rows), ``what_it_means`` (str), ``objects`` (int64).
        """
        rows = (
            (group.direction, write_group(group, self.before), len(group.refs))
            for group in self.groups
        )
        return build_frame(rows, MOVES)

    @property
    def why_empty(self) -> str:
        """Return what stands where there is no row."""
        none = f"None: every role reaches what {self.before} let it."
        return f"Not judged: {self.why_unknown}." if self.why_unknown else none

    def as_json(self) -> list[Json]:
        """Return the sentences as JSON values, with every object."""
        return [
            {
                "direction": group.direction,
                "roles": list(group.roles),
                "privileges": list(group.privileges),
                "kind": group.refs[0].kind,
                "objects": [ref.name for ref in group.refs],
                "before": group.first.before.reach.name.lower(),
                "after": group.first.after.reach.name.lower(),
                "sentence": write_group(group, self.before),
            }
            for group in self.groups
        ]


def compare_access(
    expected: Snapshot,
    live: Snapshot,
    changes: pd.DataFrame,
    target: Target,
    before: str = "the files",
) -> Access:
    """Return what roles reach live and not by the files, or the other way.

    Args:
        expected: The side of the files.
        live: The side that was found.
        changes: What differs between them, without what differs in form only.
        target: Its API roles are told of first.
        before: What the side of the files is called.
    """
    sides = (expected, live)
    unread = [
        name
        for name in NEEDED
        if any(name not in side.frames or name in side.unread for side in sides)
    ]
    if unread:
        return Access((), before, f"{join_names(unread)} could not be read")
    names = find_touched(changes)
    first, second = read_side(expected, target, names), read_side(live, target, names)
    changed = set(changes.loc[changes["kind"] == "policy", "key"])
    first = adopt_policies(first, second, changed)
    named = find_roles(first, second)
    there = [role for role in target.api_roles if target.platform == "supabase" or role in named]
    roles = dict.fromkeys((*there, *named))
    return Access(tuple(find_moves(first, second, tuple(roles))), before)


def find_touched(changes: pd.DataFrame) -> frozenset[str] | None:
    """Return the names of objects whose access may have changed; ``None``: of all."""
    kinds, keys = list(changes["kind"]), list(changes["key"])
    names = set[str]()
    for kind, key in zip(kinds, keys, strict=True):
        about = kind in {"privilege", "initial_privilege", "owner"}
        if kind in EVERYWHERE or (about and key[0] == "schema"):
            return None
        if about:
            names.add(key[2])
        elif kind in DECIDING:
            names.add(key[1])
    return frozenset(names)


def list_access(snapshot: Snapshot, thing: ObjectRef, target: Target) -> pd.DataFrame:
    """Return what each role may do: one row per role and privilege.

    Args:
        snapshot: Where the object is.
        thing: Any object; what has no privileges has no rows.
        target: Whose API roles are told of also where they hold nothing.

    Returns:
        ``role``, ``privilege`` (str), ``allowed`` (bool), ``rows`` (which rows of a table: all,
        those of the named policies, none), ``through`` (granted to it, to PUBLIC, its owner).
    """
    facts = read_side(snapshot, target)
    found = facts.things.get(thing)
    if found is None or not (found.grants or thing.kind in RELATIONS):
        return build_frame((), ACCESS)
    held = {grant.privilege for grant in found.grants}
    wanted = COMMANDS if thing.kind in RELATIONS else tuple(sorted(held))
    named = {grant.grantee for grant in found.grants}
    roles = dict.fromkeys(
        (EVERYBODY, *target.api_roles, *sorted(named | facts.roles.heirs_of(named)))
    )
    rows = (
        (role, privilege, *_describe(judge_right(facts, role, privilege, found), found, role))
        for role in roles
        for privilege in wanted
    )
    return build_frame(rows, ACCESS)


def list_policies(snapshot: Snapshot, thing: ObjectRef) -> pd.DataFrame:
    """Return the policies of a table: policy, command, roles, permissive, using, with_check."""
    frame = snapshot.frames.get("policy")
    if frame is None or thing.kind not in RELATIONS:
        return build_frame((), POLICIES)
    mine = frame[(frame["schema"] == thing.parts[0]) & (frame["table"] == thing.parts[1])]
    names = ["name", "command", "roles", "permissive", "using", "with_check"]
    rows = mine.sort_values("name")[names].fillna({"permissive": True}).fillna("")
    return build_frame(rows.itertuples(index=False, name=None), POLICIES)


def describe_limits(snapshot: Snapshot) -> str:
    """Return what a judgement of access cannot take into account; empty: nothing."""
    return "" if {"role", "membership"} <= snapshot.frames.keys() else UNREAD


def _describe(right: Right, thing: Thing, role: str) -> tuple[bool, str, str]:
    """Return whether a right is held, on which rows, and through what."""
    if not right.holder or right.no_usage:
        return False, "", "the schema may not be used" if right.no_usage else ""
    return True, _name_rows(right, thing), _name_holder(right, role)


def _name_holder(right: Right, role: str) -> str:
    if right.worn:
        through = f"by SET ROLE {quote_part(right.worn)}"
    elif right.holder == SUPERUSER:
        through = "superuser"
    elif right.holder == EVERYBODY:
        through = EVERYBODY
    elif right.holder != role:
        through = f"member of {quote_part(right.holder)}"
    else:
        through = "owner" if right.is_owner else "granted"
    return f"{through}, columns {', '.join(right.columns)}" if right.columns else through


def _name_rows(right: Right, thing: Thing) -> str:
    if thing.ref.kind == "view":
        return RUNS_AS[thing.runs_as]
    if right.rows in ROWS or thing.ref.kind != "table":
        return ROWS.get(right.rows, "")
    if right.reach is Reach.NO_ROWS:
        return "none: no policy lets it"
    allowing = [quote_part(one.name) for one in right.policies if one.permissive]
    limiting = [quote_part(one.name) for one in right.policies if not one.permissive]
    text = f"those of {', '.join(allowing)}"
    return text + (f", limited by {', '.join(limiting)}" if limiting else "")
