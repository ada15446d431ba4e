"""What decides who reaches what on one side, by object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftbook.access.roles import Roles
    from driftbook.model import ObjectRef

CALLER, OWNER = "caller", "owner"


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege that somebody holds; ``column`` is empty for the whole object."""

    grantee: str
    privilege: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a table; ``roles`` may be PUBLIC, and an expression may be missing."""

    name: str
    command: str
    roles: frozenset[str]
    permissive: bool
    using: str | None
    with_check: str | None

    @property
    def check(self) -> str | None:
        """Return the expression that a written row has to meet."""
        return self.using if self.with_check is None else self.with_check


@dataclass(frozen=True, slots=True)
class Thing:
    """An object and everything about it that decides who reaches it.

    Attributes:
        ref: The object.
        owner: The role that owns it; empty: not known.
        grants: Who holds what, sorted; the owner's own privileges are among them.
        secured: Whether row level security is on.
        forced: Whether it holds for the owner, too.
        policies: Of the table, sorted by name.
        runs_as: ``owner`` or ``caller`` for views and functions, else empty.
        assumed: It is the platform's or an extension's: what is not said here is as they have it.
    """

    ref: ObjectRef
    owner: str = ""
    grants: tuple[Grant, ...] = ()
    secured: bool = False
    forced: bool = False
    policies: tuple[Policy, ...] = ()
    runs_as: str = ""
    assumed: bool = False


@dataclass(frozen=True)
class AccessFacts:
    """One side.

    Attributes:
        things: By object: schemas, tables, views, sequences, functions.
        users: Schema → roles that may use it; a schema of the platform is none of them, and
            counts as open.
        roles: Memberships, as far as they were read.
        given: What the platform grants on its own tables.
    """

    things: Mapping[ObjectRef, Thing]
    users: Mapping[str, frozenset[str]]
    roles: Roles
    given: frozenset[Grant] = frozenset()

    def assume(self, thing: Thing) -> Thing:
        """Return ``thing`` as this side has it, which says nothing of it."""
        grants = sort_grants(self.given) if thing.secured else ()
        return replace(thing, policies=(), grants=grants)


def adopt_policies(
    before: AccessFacts, after: AccessFacts, changed: Collection[tuple[str, ...]]
) -> AccessFacts:
    """Return ``before`` with the texts that ``after`` has of policies that did not change.

    Two servers may write one expression in two ways.

    Args:
        before: The side to return.
        after: The side whose texts count.
        changed: Schema, table and name of every policy that differs.
    """
    things = dict(before.things)
    for ref, thing in before.things.items():
        later = after.things.get(ref)
        if later is None or thing.policies == later.policies:
            continue
        other = {one.name: one for one in later.policies if (*ref.parts, one.name) not in changed}
        adopted = tuple(other.get(one.name, one) for one in thing.policies)
        things[ref] = replace(thing, policies=adopted)
    return replace(before, things=things)


def sort_grants(grants: Collection[Grant]) -> tuple[Grant, ...]:
    """Return grants by grantee, privilege and column."""
    return tuple(sorted(grants, key=lambda one: (one.grantee, one.privilege, one.column)))
