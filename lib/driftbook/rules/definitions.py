"""The definition of an object as a person reads it, from the rows of one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.ddl import build
from driftbook.rules.ddl_access import (
    Statements,
    comment_target,
    grant_statement,
    name_here,
    object_name,
    revoke_statement,
    words,
)
from driftbook.rules.facts import Grant, name_parts, rows_of
from driftbook.rules.quoting import ident, role, show, text

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Key, Side

FUTURE = {"type": "types", "large_object": "large objects"}


def define(thing: ChangedObject, side: Side) -> str:
    """Return what ``side`` has of a changed object, empty when it has nothing."""
    kind, key = thing.ref.kind, thing.ref.parts
    if kind == "privilege":
        return show(*privilege(thing, side))
    if kind == "default_privilege":
        return show(*default_privilege(thing, side))
    row = side.row(kind, key)
    if row is None:
        return ""
    if kind == "owner":
        return show(owner(key, str(row["role"]), side))
    return show(*build(side, kind, key)) or _list_properties(row)


def privilege(thing: ChangedObject, side: Side) -> Statements:
    """Return the grants of one grantee that differ, as ``side`` has them."""
    held: dict[bool, list[Grant]] = {}
    for member, parts in zip(thing.members, rows_of(thing.members), strict=True):
        row = side.row("privilege", member.parts)
        if row is not None:
            grantable = row.get("grantable") is True
            held.setdefault(grantable, []).append(_grant(parts, grantable=grantable))
    on, grantee = privilege_target(thing, side)
    return [
        grant_statement(on, grantee, grants, grantable=grantable)
        for grantable, grants in sorted(held.items())
    ]


def revoke(thing: ChangedObject, side: Side) -> Statements:
    """Return REVOKE for the grants of one grantee that ``side`` has."""
    on, grantee = privilege_target(thing, side)
    return [revoke_statement(on, grantee, [_grant(parts) for parts in rows_of(thing.members)])]


def privilege_target(thing: ChangedObject, side: Side) -> tuple[sql.Composable, str]:
    """Return what a group of privileges is on, and who holds them."""
    parts = name_parts("privilege", thing.ref.parts)
    key = tuple(filter(None, (parts["schema"], parts["name"])))
    if parts["object_kind"] == "schema":
        key = (parts["name"] or parts["schema"],)
    return object_name(side, parts["object_kind"], key), parts["grantee"]


def default_privilege(thing: ChangedObject, side: Side, *, undo: bool = False) -> Statements:
    """Return ALTER DEFAULT PRIVILEGES for one grantee; ``undo`` turns it round."""
    parts = name_parts("default_privilege", thing.ref.parts)
    made: Statements = []
    for member, each in zip(thing.members, rows_of(thing.members), strict=True):
        row = side.row("default_privilege", member.parts)
        if row is None:
            continue
        gives = (row.get("granted") is not False) is not undo
        made.append(
            sql.SQL("alter default privileges for role {}{} {} {} on {} {} {};").format(
                ident(parts["role"]),
                sql.SQL(" in schema ") + ident(parts["schema"]) if parts["schema"] else sql.SQL(""),
                sql.SQL("grant") if gives else sql.SQL("revoke"),
                text(each["privilege"].lower()),
                text(FUTURE.get(parts["object_kind"], parts["object_kind"] + "s")),
                sql.SQL("to") if gives else sql.SQL("from"),
                role(parts["grantee"]),
            )
        )
    return made


def owner(key: Key, name: str, side: Side) -> sql.Composable:
    """Return ALTER … OWNER TO."""
    parts = name_parts("owner", key)
    about = {**parts, "sub": ""}
    if parts["object_kind"] == "schema":
        about = {**about, "schema": "", "name": parts["name"] or parts["schema"]}
    made = sql.SQL("alter {} owner to {};").format(comment_target(side, about), ident(name))
    return name_here(made)


def _grant(parts: dict[str, str], *, grantable: bool = False) -> Grant:
    return Grant(parts["grantee"], parts["privilege"], parts["column"], grantable, is_owner=False)


def _list_properties(row: dict[str, object]) -> str:
    return "\n".join(f"{words(name)}: {value}" for name, value in row.items() if value is not None)
