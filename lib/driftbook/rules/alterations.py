"""SQL that gives an object of both sides the properties that one of them has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.ddl import build
from driftbook.rules.ddl_rows import alter_bucket, alter_job
from driftbook.rules.ddl_standalone import sequence_options
from driftbook.rules.definitions import owner, privilege, revoke
from driftbook.rules.quoting import ident, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.ddl_access import Statements
    from driftbook.rules.facts import ChangedObject, Side

LABEL = re.compile(r"'(?:[^']|'')*'")
FLAGS = {
    ("rls_enabled", "true"): "enable row level security",
    ("rls_enabled", "false"): "disable row level security",
    ("rls_forced", "true"): "force row level security",
    ("rls_forced", "false"): "no force row level security",
    ("persistence", "unlogged"): "set unlogged",
    ("persistence", "permanent"): "set logged",
    ("replica_identity", "default"): "replica identity default",
    ("replica_identity", "full"): "replica identity full",
    ("replica_identity", "nothing"): "replica identity nothing",
}
TRIGGER_STATES = {
    "origin": "enable trigger",
    "disabled": "disable trigger",
    "replica": "enable replica trigger",
    "always": "enable always trigger",
}


def alter(thing: ChangedObject, side: Side) -> Statements:
    """Return what gives the object the properties that ``side`` has; empty: not simple."""
    change = ALTERATIONS.get(thing.ref.kind)
    return change(thing, side) if change else []


def _values(thing: ChangedObject, side: Side) -> dict[str, str | None]:
    row = side.row(thing.ref.kind, thing.ref.parts) or {}
    return {
        entry.property: entry.live
        if _text(row.get(entry.property)) == entry.live
        else entry.expected
        for entry in thing.differences
    }


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _alter_table(thing: ChangedObject, side: Side) -> Statements:
    wanted = _values(thing, side)
    clauses = [FLAGS.get((name, str(value))) for name, value in wanted.items()]
    if None in clauses:
        return []
    table = ident(*thing.ref.parts)
    return [sql.SQL("alter table {} {};").format(table, text(clause)) for clause in clauses]


def _alter_column(thing: ChangedObject, side: Side) -> Statements:
    clauses: dict[str, Callable[[str | None], sql.Composable]] = {
        "type": lambda value: sql.SQL("set data type {0} using {1}::{0}").format(
            text(value), ident(key[2])
        ),
        "default": lambda value: (
            sql.SQL("drop default") if value is None else sql.SQL("set default ") + text(value)
        ),
        "identity": lambda value: sql.SQL("set generated ") + text(value),
        "not_null": lambda value: (
            sql.SQL("set not null") if value == "true" else sql.SQL("drop not null")
        ),
    }
    key = thing.ref.parts
    wanted = _values(thing, side)
    identity = thing.find("identity")
    if not set(wanted) <= set(clauses) or (identity and None in {identity.expected, identity.live}):
        return []
    order = sorted(wanted, key=("type", "default", "identity", "not_null").index)
    made: Statements = [
        sql.SQL("alter table {} alter column {} {};").format(
            ident(*key[:2]), ident(key[2]), clauses[name](wanted[name])
        )
        for name in order
    ]
    if "type" in wanted and "default" in wanted:
        # The old default may have no cast to the new type.
        drop = sql.SQL("alter table {} alter column {} drop default;")
        made.insert(0, drop.format(ident(*key[:2]), ident(key[2])))
    return made


def _rebuild(thing: ChangedObject, side: Side) -> Statements:
    """Drop and make again: what holds no rows of its own."""
    kind, key = thing.ref.kind, thing.ref.parts
    made = build(side, kind, key, guard=True)
    if kind == "index":
        return [sql.SQL("drop index if exists {};").format(ident(*key)), *made]
    if kind == "constraint":
        row = side.row("constraint", key) or {}
        of = sql.SQL("domain") if row.get("of") == "domain" else sql.SQL("table")
        drop = sql.SQL("alter {} {} drop constraint if exists {};")
        return [drop.format(of, ident(*key[:2]), ident(key[2])), *build(side, kind, key)]
    if kind == "materialized_view":
        return [sql.SQL("drop materialized view if exists {};").format(ident(*key)), *made]
    if kind == "view" and thing.find("columns"):
        return [sql.SQL("drop view if exists {};").format(ident(*key)), *made]
    return made


def _alter_function(thing: ChangedObject, side: Side) -> Statements:
    row = side.row("function", thing.ref.parts) or {}
    made = build(side, "function", thing.ref.parts, guard=True)
    if thing.find("result") or thing.find("arguments"):
        drop = sql.SQL("drop function if exists {};").format(text(row.get("signature")))
        return [drop, *made]
    return made[:1]


def _alter_index(thing: ChangedObject, side: Side) -> Statements:
    simple = {"definition", "unique"}
    is_simple = {entry.property for entry in thing.differences} <= simple
    backs = (side.row("index", thing.ref.parts) or {}).get("constraint")
    return _rebuild(thing, side) if is_simple and not backs else []


def _alter_trigger(thing: ChangedObject, side: Side) -> Statements:
    wanted = _values(thing, side)
    if set(wanted) == {"enabled"}:
        table, name = ident(*thing.ref.parts[:2]), ident(thing.ref.parts[2])
        state = text(TRIGGER_STATES[str(wanted["enabled"])])
        return [sql.SQL("alter table {} {} {};").format(table, state, name)]
    return _rebuild(thing, side)


def _alter_enum(thing: ChangedObject, side: Side) -> Statements:
    """Return ADD VALUE for labels that were added; PostgreSQL cannot take one away."""
    labels = thing.find("labels")
    if labels is None:
        return []
    before = LABEL.findall(labels.expected or "")
    after = LABEL.findall(_values(thing, side)["labels"] or "")
    if [label for label in after if label in before] != before:
        return []
    made: Statements = []
    for place, label in enumerate(after):
        if label not in before:
            at = (
                sql.SQL(" after ") + text(after[place - 1])
                if place
                else (sql.SQL(" before ") + text(before[0]))
            )
            add = sql.SQL("alter type {} add value if not exists {}{};")
            made.append(add.format(ident(*thing.ref.parts), text(label), at))
    return made


def _alter_sequence(thing: ChangedObject, side: Side) -> Statements:
    row = side.row("sequence", thing.ref.parts) or {}
    names = {"type", "start", "increment", "min", "max", "cache", "cycle"}
    if not {entry.property for entry in thing.differences} <= names:
        return []
    name = ident(*thing.ref.parts)
    return [sql.SQL("alter sequence {} {};").format(name, sequence_options(row))]


def _alter_domain(thing: ChangedObject, side: Side) -> Statements:
    made: Statements = []
    for name, value in _values(thing, side).items():
        if name == "default":
            clause = sql.SQL("set default ") + text(value) if value else sql.SQL("drop default")
        elif name == "not_null":
            clause = sql.SQL("set not null") if value == "true" else sql.SQL("drop not null")
        else:
            return []
        made.append(sql.SQL("alter domain {} {};").format(ident(*thing.ref.parts), clause))
    return made


def _alter_comment(thing: ChangedObject, side: Side) -> Statements:
    return build(side, "comment", thing.ref.parts)


def _alter_owner(thing: ChangedObject, side: Side) -> Statements:
    row = side.row("owner", thing.ref.parts) or {}
    return [owner(thing.ref.parts, str(row.get("role")), side)]


def _alter_privilege(thing: ChangedObject, side: Side) -> Statements:
    return [*revoke(thing, side), *privilege(thing, side)]


ALTERATIONS: dict[str, Callable[[ChangedObject, Side], Statements]] = {
    "table": _alter_table,
    "column": _alter_column,
    "constraint": _rebuild,
    "index": _alter_index,
    "policy": _rebuild,
    "trigger": _alter_trigger,
    "function": _alter_function,
    "view": _rebuild,
    "materialized_view": _rebuild,
    "enum": _alter_enum,
    "sequence": _alter_sequence,
    "domain": _alter_domain,
    "comment": _alter_comment,
    "owner": _alter_owner,
    "privilege": _alter_privilege,
    "storage_bucket": alter_bucket,
    "cron_job": alter_job,
}
