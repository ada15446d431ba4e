"""From the frames of a snapshot to what decides access."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.access.facts import (
    CALLER,
    OWNER,
    AccessFacts,
    Grant,
    Policy,
    Thing,
    sort_grants,
)
from driftbook.access.roles import EVERYBODY, read_roles
from driftbook.catalog.snapshot import list_rows
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from driftbook.catalog.snapshot import Snapshot

    # By object kind, schema and name.
    Grants = Mapping[tuple[str, str, str], tuple[Grant, ...]]
    Owners = Mapping[tuple[str, str, str], str]

Name = tuple[str, str]
RELATIONS = ("table", "view", "materialized_view", "sequence")
ROLE = re.compile(r'"((?:[^"]|"")*)"|([^,\s][^,]*)')
# What the platform grants on its own tables, whose rows a snapshot in scope does not hold.
PLATFORM_GRANTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
NOT_CALLABLE = frozenset({"trigger", "event_trigger"})


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
    given = frozenset(Grant(role, name) for role in api_roles for name in PLATFORM_GRANTS)
    things |= {thing.ref: thing for thing in _read_others(things, others, owners, policies, given)}
    users = {
        ref.parts[0]: frozenset(one.grantee for one in thing.grants if one.privilege == "USAGE")
        for ref, thing in things.items()
        if ref.kind == "schema" and thing.grants
    }
    return AccessFacts(things, users, read_roles(snapshot, bypassing), given)


def _select(snapshot: Snapshot, names: Collection[str]) -> Snapshot:
    """Return the rows about objects called one of ``names``, and those of schemas and roles."""
    frames = dict(snapshot.frames)
    kinds = {*RELATIONS, "function", "policy", "privilege", "initial_privilege", "owner"}
    for kind in kinds & frames.keys():
        frame = frames[kind]
        wanted = frame["table" if kind == "policy" else "name"].isin(list(names))
        if "object_kind" in frame:
            wanted |= frame["object_kind"] == "schema"
        frames[kind] = frame[wanted]
    return replace(snapshot, frames=frames)


def _read_others(
    things: Mapping[ObjectRef, Thing],
    grants: Grants,
    owners: Owners,
    policies: Mapping[Name, tuple[Policy, ...]],
    given: frozenset[Grant],
) -> Iterator[Thing]:
    """Yield what has grants or policies and no row here: types, and what is not the project's."""
    for place in sorted(grants.keys() | {("table", *name) for name in policies}):
        ref = ObjectRef(place[0], tuple(filter(None, place[1:])))
        if ref in things:
            continue
        own = (ref, owners.get(place, ""))
        held = {*grants.get(place, ())}
        if ref.kind != "table" or is_of_server(ref):
            is_theirs = ref.kind in {*RELATIONS, "function", "schema"}
            yield Thing(
                *own, sort_grants(held), runs_as=OWNER * (ref.kind == "view"), assumed=is_theirs
            )
        else:
            mine = policies.get((place[1], place[2]), ())
            yield Thing(*own, sort_grants(held | given), secured=True, policies=mine, assumed=True)


def is_of_server(ref: ObjectRef) -> bool:
    """Return whether an object is the server's own, on which no row level security is."""
    return ref.parts[0].startswith("pg_") or ref.parts[0] == "information_schema"


def _rows(snapshot: Snapshot, kind: str, columns: str) -> list[tuple[object, ...]]:
    frame = snapshot.frames.get(kind)
    return [] if frame is None else list_rows(frame[columns.split()])


def _read_grants(snapshot: Snapshot) -> dict[tuple[str, str, str], tuple[Grant, ...]]:
    found = defaultdict[tuple[str, str, str], set[tuple[str, str, str]]](set)
    columns = "object_kind schema name grantee privilege column"
    rows = _rows(snapshot, "privilege", columns)
    # Of objects of extensions and of the server, what was granted since.
    brought = _rows(snapshot, "initial_privilege", f"{columns} granted")
    rows += [row[:-1] for row in brought if row[-1] is True]
    for kind, schema, name, *held in rows:
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
