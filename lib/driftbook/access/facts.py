"""What a snapshot says that decides who reaches what, by object."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.access.roles import EVERYBODY, Roles, read_roles
from driftbook.catalog.snapshot import list_rows
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from driftbook.catalog.snapshot import Snapshot

    # By object kind, schema and name.
    Grants = Mapping[tuple[str, str, str], tuple["Grant", ...]]
    Owners = Mapping[tuple[str, str, str], str]

Name = tuple[str, str]
RELATIONS = ("table", "view", "materialized_view", "sequence")
ROLE = re.compile(r'"((?:[^"]|"")*)"|([^,\s][^,]*)')
CALLER, OWNER = "caller", "owner"
# What the platform grants on its own tables, whose rows a snapshot in scope does not hold.
PLATFORM_GRANTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
NOT_CALLABLE = frozenset({"trigger", "event_trigger"})


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
        assumed: It is the platform's: what is not said here is as the platform has it.
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
    """

    things: Mapping[ObjectRef, Thing]
    users: Mapping[str, frozenset[str]]
    roles: Roles


def read_access(
    snapshot: Snapshot,
    bypassing: frozenset[str] = frozenset(),
    api_roles: tuple[str, ...] = (),
    names: Collection[str] | None = None,
) -> AccessFacts:
    """Return what decides access in ``snapshot``.

    Args:
        snapshot: With or without the rows of the platform.
        bypassing: Roles that the platform lets bypass row level security.
        api_roles: Who holds the platform's grants on tables of the platform itself.
        names: Only objects that are called so, and schemas; ``None``: all.
    """
    snapshot = _select(snapshot, names) if names is not None else snapshot
    grants = _read_grants(snapshot)
    owners = _read_owners(snapshot)
    policies = _read_policies(snapshot)
    things = {
        thing.ref: thing
        for thing in (
            *_read_schemas(snapshot, grants, owners),
            *_read_relations(snapshot, grants, owners, policies),
            *_read_functions(snapshot, grants, owners),
        )
    }
    told = {("function", *map(str, row)) for row in _rows(snapshot, "function", "schema name")}
    others = {place: held for place, held in grants.items() if place not in told}
    things |= _read_others(things, others, owners, policies, api_roles)
    users = {
        ref.parts[0]: frozenset(one.grantee for one in thing.grants if one.privilege == "USAGE")
        for ref, thing in things.items()
        if ref.kind == "schema" and thing.grants
    }
    return AccessFacts(things, users, read_roles(snapshot, bypassing))


def _select(snapshot: Snapshot, names: Collection[str]) -> Snapshot:
    """Return the rows about objects called one of ``names``, and those of schemas and roles."""
    frames = dict(snapshot.frames)
    for kind in {*RELATIONS, "function", "policy", "privilege", "owner"} & frames.keys():
        frame = frames[kind]
        wanted = frame["table" if kind == "policy" else "name"].isin(list(names))
        if "object_kind" in frame:
            wanted |= frame["object_kind"] == "schema"
        frames[kind] = frame[wanted]
    return replace(snapshot, frames=frames)


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


def _read_others(
    things: Mapping[ObjectRef, Thing],
    grants: Grants,
    owners: Owners,
    policies: Mapping[Name, tuple[Policy, ...]],
    api_roles: tuple[str, ...],
) -> dict[ObjectRef, Thing]:
    """Return what has grants or policies and no row of its own: types, and the platform's."""
    found = {}
    platform = {Grant(role, name) for role in api_roles for name in PLATFORM_GRANTS}
    for place in sorted(grants.keys() | {("table", *name) for name in policies}):
        ref = ObjectRef(place[0], tuple(filter(None, place[1:])))
        if ref in things:
            continue
        held, owner = {*grants.get(place, ())}, owners.get(place, "")
        if ref.kind != "table":
            runs_as = OWNER if ref.kind in {"view", "function"} else ""
            found[ref] = Thing(ref, owner, _sort(held), runs_as=runs_as)
            continue
        mine = policies.get((place[1], place[2]), ())
        held |= platform
        found[ref] = Thing(ref, owner, _sort(held), secured=True, policies=mine, assumed=True)
    return found


def _rows(snapshot: Snapshot, kind: str, columns: str) -> list[tuple[object, ...]]:
    frame = snapshot.frames.get(kind)
    return [] if frame is None else list_rows(frame[columns.split()])


def _sort(grants: set[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda one: (one.grantee, one.privilege, one.column)))


def _read_grants(snapshot: Snapshot) -> dict[tuple[str, str, str], tuple[Grant, ...]]:
    found = defaultdict[tuple[str, str, str], set[tuple[str, str, str]]](set)
    columns = "object_kind schema name grantee privilege column"
    for kind, schema, name, *held in _rows(snapshot, "privilege", columns):
        found[str(kind), str(schema), str(name)].add(tuple(held))  # type: ignore[arg-type]  # three
    # Most objects have the same ones.
    made = {one: Grant(*one) for one in {one for held in found.values() for one in held}}
    return {place: tuple(made[one] for one in sorted(held)) for place, held in found.items()}


def _read_owners(snapshot: Snapshot) -> dict[tuple[str, str, str], str]:
    """Return who owns what; of a column's sequence its privileges alone tell."""
    held = _rows(snapshot, "privilege", "object_kind schema name grantee is_owner")
    owners = [row[:4] for row in held if row[4] is True]
    owners += _rows(snapshot, "owner", "object_kind schema name role")
    return {(str(kind), str(schema), str(name)): str(role) for kind, schema, name, role in owners}


def _read_policies(snapshot: Snapshot) -> dict[Name, tuple[Policy, ...]]:
    found = defaultdict[Name, list[Policy]](list)
    columns = "schema table name command roles permissive using with_check"
    for row in _rows(snapshot, "policy", columns):
        schema, table, name, command, roles, permissive, using, with_check = row
        policy = Policy(
            str(name),
            str(command).lower(),
            frozenset(split_roles(str(roles or ""))),
            permissive is not False,
            None if using is None else str(using),
            None if with_check is None else str(with_check),
        )
        found[str(schema), str(table)].append(policy)
    return {
        place: tuple(sorted(policies, key=lambda one: one.name))
        for place, policies in found.items()
    }


def split_roles(text: str) -> Iterator[str]:
    """Yield the roles of a policy from ``anon, "Some One"``; none at all is everybody."""
    if not text.strip():
        yield EVERYBODY
    for quoted, plain in ROLE.findall(text):
        name = quoted.replace('""', '"') or plain.strip()
        yield EVERYBODY if plain.strip().upper() == EVERYBODY else name


def _read_schemas(
    snapshot: Snapshot,
    grants: Grants,
    owners: Owners,
) -> Iterator[Thing]:
    for (name,) in _rows(snapshot, "schema", "name"):
        place = ("schema", "", str(name))
        ref = ObjectRef("schema", (str(name),))
        yield Thing(ref, owners.get(place, ""), grants.get(place, ()))


def _read_relations(
    snapshot: Snapshot,
    grants: Grants,
    owners: Owners,
    policies: Mapping[Name, tuple[Policy, ...]],
) -> Iterator[Thing]:
    extra = {"table": " rls_enabled rls_forced", "view": " options"}
    for kind in RELATIONS:
        for row in _rows(snapshot, kind, f"schema name{extra.get(kind, '')}"):
            name = (str(row[0]), str(row[1]))
            place = (kind, *name)
            own = (ObjectRef(kind, name), owners.get(place, ""), grants.get(place, ()))
            if kind == "table":
                secured, forced = row[2] is True, row[3] is True
                yield Thing(*own, secured, forced, policies.get(name, ()) if secured else ())
            else:
                yield Thing(*own, runs_as=_find_runner(row[2]) if kind == "view" else "")


def _find_runner(options: object) -> str:
    """Return whose rights a view reads with; the server takes ``on``, ``1`` and ``yes`` alike."""
    found = re.search(r"security_invoker=(\w+)", str(options or "").lower())
    return CALLER if found and found[1] in {"true", "on", "yes", "1"} else OWNER


def _read_functions(
    snapshot: Snapshot,
    grants: Grants,
    owners: Owners,
) -> Iterator[Thing]:
    for row in _rows(snapshot, "function", "schema name result security_definer"):
        name = (str(row[0]), str(row[1]))
        if row[2] in NOT_CALLABLE:
            continue
        place = ("function", *name)
        runs_as = OWNER if row[3] is True else CALLER
        own = (ObjectRef("function", name), owners.get(place, ""), grants.get(place, ()))
        yield Thing(*own, runs_as=runs_as)
