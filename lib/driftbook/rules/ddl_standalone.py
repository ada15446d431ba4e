"""SQL that makes what stands by itself: types, sequences, views, functions, schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.ddl_access import Statements, comments, grants, when
from driftbook.rules.quoting import ident, literal, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.facts import Key, Row, Side


def _schema(side: Side, key: Key, *, guard: bool) -> Statements:  # noqa: ARG001 - a name is all
    return [sql.SQL("create schema {}{};").format(_if_not_exists(guard=guard), ident(*key))]


def _extension(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("extension", key) or {}
    return [
        sql.SQL("create extension {}{} with schema {};").format(
            _if_not_exists(guard=guard), ident(*key), ident(str(row.get("schema")))
        )
    ]


def _enum(side: Side, key: Key, *, guard: bool) -> Statements:
    labels = text((side.row("enum", key) or {}).get("labels") or "")
    made = sql.SQL("create type {} as enum ({});").format(ident(*key), labels)
    return [_unless_type(key, made) if guard else made]


def _composite(side: Side, key: Key, *, guard: bool) -> Statements:
    attributes = text((side.row("composite_type", key) or {}).get("attributes") or "")
    made = sql.SQL("create type {} as ({});").format(ident(*key), attributes)
    return [_unless_type(key, made) if guard else made]


def _domain(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("domain", key) or {}
    parts: list[sql.Composable] = [
        sql.SQL("create domain {} as {}").format(ident(*key), text(row.get("base_type")))
    ]
    if row.get("collation"):
        parts.append(sql.SQL("collate ") + text(row["collation"]))
    if row.get("default") is not None:
        parts.append(sql.SQL("default ") + text(row["default"]))
    if row.get("not_null") is True:
        parts.append(sql.SQL("not null"))
    for each in sorted(side.children("constraint", key)):
        check = side.row("constraint", each) or {}
        parts.append(
            sql.SQL("constraint {} {}").format(ident(each[2]), text(check.get("definition")))
        )
    made = sql.SQL("\n    ").join(parts) + sql.SQL(";")
    return [_unless_type(key, made) if guard else made]


def sequence(side: Side, key: Key, *, guard: bool) -> Statements:
    """Return a sequence, and which column owns it."""
    row = side.row("sequence", key) or {}
    made = sql.SQL("create sequence {}{} {};").format(
        _if_not_exists(guard=guard), ident(*key), sequence_options(row)
    )
    owned_by = row.get("owned_by")
    if not owned_by:
        return [made]
    owned = sql.SQL("alter sequence {} owned by {};").format(ident(*key), text(owned_by))
    return [made, owned]


def sequence_options(row: dict[str, object]) -> sql.Composable:
    """Return the options of a sequence as CREATE and ALTER SEQUENCE take them."""
    template = sql.SQL(
        "as {type} start {start} increment {increment} minvalue {min} maxvalue {max} cache {cache}"
    )
    names = ("type", "start", "increment", "min", "max", "cache")
    options = template.format(**{name: text(str(row.get(name))) for name in names})
    return options + (sql.SQL(" cycle") if row.get("cycle") is True else sql.SQL(" no cycle"))


def _if_not_exists(*, guard: bool) -> sql.SQL:
    return sql.SQL("if not exists ") if guard else sql.SQL("")


def _unless_type(key: Key, made: sql.Composable) -> sql.Composable:
    named = literal(ident(*key).as_string(None))
    return when(sql.SQL("pg_catalog.to_regtype({}) is null").format(named), made)


def _function(side: Side, key: Key, *, guard: bool) -> Statements:  # noqa: ARG001 - OR REPLACE
    row = side.row("function", key) or {}
    return [
        text(str(row.get("definition")).rstrip()) + sql.SQL(";"),
        *grants(side, "function", key),
    ]


def _view(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("view", key) or {}
    head = sql.SQL("create or replace view") if guard else sql.SQL("create view")
    return [as_query(head, key, row), *grants(side, "view", key), *comments(side, key)]


def as_query(head: sql.SQL, key: Key, row: Row, *, populated: bool = True) -> sql.Composable:
    """Return a view or materialized view after its first words."""
    options = row.get("options")
    with_options = sql.SQL(" with (") + text(options) + sql.SQL(")") if options else sql.SQL("")
    query = text(str(row.get("definition")).rstrip().removesuffix(";"))
    tail = sql.SQL(";") if populated else sql.SQL("\nwith no data;")
    return head + sql.SQL(" ") + ident(*key) + with_options + sql.SQL(" as\n") + query + tail


STANDALONE: dict[str, Callable[..., Statements]] = {
    "schema": _schema,
    "extension": _extension,
    "enum": _enum,
    "composite_type": _composite,
    "domain": _domain,
    "sequence": sequence,
    "function": _function,
    "view": _view,
}
