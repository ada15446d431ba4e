"""SQL that makes tables and what belongs to them, from their rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.ddl_access import Statements, comments, grants, when
from driftbook.rules.ddl_standalone import as_query, sequence
from driftbook.rules.quoting import ident, literal, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftbook.rules.facts import Key, Row, Side


INDEX_HEAD = re.compile(r"^(CREATE (?:UNIQUE )?INDEX )")
INDEX_ONLY = re.compile(r'^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON )ONLY ')
ENABLED = {"disabled": "disable", "replica": "enable replica", "always": "enable always"}


def table(side: Side, key: Key, *, guard: bool = False) -> Statements:
    """Return a table with everything that belongs to it, its comments and grants included."""
    row = side.row("table", key) or {}
    owned = owned_sequences(side, key)
    made = [*_make_sequences(side, owned, guard=guard), _table_head(side, key, row, guard=guard)]
    made += _own_sequences(side, owned)
    own = [index for index in side.children("index", key) if not _backs_constraint(side, index)]
    made += [statement for index in own for statement in _index(side, index, guard=guard)]
    if row.get("rls_enabled") is True:
        made.append(sql.SQL("alter table {} enable row level security;").format(ident(*key)))
    if row.get("rls_forced") is True:
        made.append(sql.SQL("alter table {} force row level security;").format(ident(*key)))
    for child in side.children("policy", key):
        made += _policy(side, child, guard=guard)
    for child in side.children("trigger", key):
        made += _trigger(side, child, guard=guard)
    return made + grants(side, "table", key) + comments(side, key)


def _table_head(side: Side, key: Key, row: Row, *, guard: bool) -> sql.Composable:
    unlogged = sql.SQL("unlogged ") if row.get("persistence") == "unlogged" else sql.SQL("")
    head = sql.SQL("create {}table {}{}").format(
        unlogged, sql.SQL("if not exists ") if guard else sql.SQL(""), ident(*key)
    )
    parents = row.get("parents")
    if row.get("partition_bound") is not None:
        tail = text(row["partition_bound"]) + _partition_by(row)
        return head + sql.SQL(" partition of ") + text(parents) + sql.SQL(" ") + tail + _end(row)
    columns = sorted(side.children("column", key), key=lambda each: _position(side, each))
    lines = [column_clause(side, each) for each in columns if not _is_inherited(side, each)]
    lines += [
        sql.SQL("constraint {} {}").format(ident(each[2]), text(found["definition"]))
        for each in sorted(side.children("constraint", key))
        if (found := side.row("constraint", each)) and found.get("inherited") is not True
    ]
    body = sql.SQL(" (\n    ") + sql.SQL(",\n    ").join(lines) + sql.SQL("\n)")
    inherits = sql.SQL(" inherits (") + text(parents) + sql.SQL(")") if parents else sql.SQL("")
    return head + (body if lines else sql.SQL(" ()")) + inherits + _partition_by(row) + _end(row)


def _partition_by(row: Row) -> sql.Composable:
    key = row.get("partition_key")
    return sql.SQL(" partition by ") + text(key) if key else sql.SQL("")


def _end(row: Row) -> sql.Composable:
    options = [
        part for part in str(row.get("options") or "").split(", ") if part and "toast." not in part
    ]
    with_options = sql.SQL(" with (") + text(", ".join(options)) + sql.SQL(")")
    return (with_options if options else sql.SQL("")) + sql.SQL(";")


def _position(side: Side, key: Key) -> tuple[int, str]:
    position = (side.row("column", key) or {}).get("position")
    return (position if isinstance(position, int) else 0, key[2])


def _is_inherited(side: Side, key: Key) -> bool:
    row = side.row("column", key) or {}
    return row.get("inherited") is True and row.get("local") is not True


def _backs_constraint(side: Side, key: Key) -> bool:
    row = side.row("index", key) or {}
    return bool(row.get("constraint")) or bool(row.get("parent_index"))


def column_clause(side: Side, key: Key) -> sql.Composable:
    """Return a column as it stands in CREATE TABLE."""
    row = side.row("column", key) or {}
    parts: list[sql.Composable] = [ident(key[2]), text(row.get("type"))]
    if row.get("collation"):
        parts += [sql.SQL("collate"), text(row["collation"])]
    if row.get("default") is not None:
        parts += [sql.SQL("default"), text(row["default"])]
    if row.get("generation") is not None:
        stored = sql.SQL("stored") if row.get("generated") == "stored" else sql.SQL("virtual")
        parts += [sql.SQL("generated always as ("), text(row["generation"]), sql.SQL(")"), stored]
    if row.get("identity"):
        parts += [sql.SQL("generated"), text(row["identity"]), sql.SQL("as identity")]
    if row.get("not_null") is True:
        parts.append(sql.SQL("not null"))
    return sql.SQL(" ").join(parts)


def _column(side: Side, key: Key, *, guard: bool) -> Statements:
    exists = sql.SQL("if not exists ") if guard else sql.SQL("")
    clause = column_clause(side, key)
    owned = [each for each in owned_sequences(side, key[:2]) if _owner_column(side, each) == key]
    add = sql.SQL("alter table {} add column {}{};").format(ident(*key[:2]), exists, clause)
    about = comments(side, key[:2], column=key[2])
    return [
        *_make_sequences(side, owned, guard=guard),
        add,
        *_own_sequences(side, owned),
        *about,
    ]


def owned_sequences(side: Side, table_key: Key) -> list[Key]:
    """Return the sequences that go with a table: what ``serial`` made."""
    return [each for each in side.owned_sequences if _owner_column(side, each)[:2] == table_key]


def _owner_column(side: Side, sequence: Key) -> Key:
    return side.owned_sequences[sequence]


def _make_sequences(side: Side, sequences: Iterable[Key], *, guard: bool) -> Statements:
    return [statement for each in sequences for statement in sequence(side, each, guard=guard)[:1]]


def _own_sequences(side: Side, sequences: Iterable[Key]) -> Statements:
    return [
        sql.SQL("alter sequence {} owned by {};").format(
            ident(*each), ident(*_owner_column(side, each))
        )
        for each in sequences
    ]


def _constraint(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("constraint", key) or {}
    of = sql.SQL("domain") if row.get("of") == "domain" else sql.SQL("table")
    add = sql.SQL("alter {} {} add constraint {} {};").format(
        of, ident(*key[:2]), ident(key[2]), text(row.get("definition"))
    )
    if not guard:
        return [add]
    column, kind = (
        ("contypid", "regtype") if row.get("of") == "domain" else ("conrelid", "regclass")
    )
    missing = sql.SQL(
        "not exists (select from pg_catalog.pg_constraint where {} = {}::{} and conname = {})"
    ).format(text(column), literal(ident(*key[:2]).as_string(None)), text(kind), literal(key[2]))
    return [when(missing, add)]


def _index(side: Side, key: Key, *, guard: bool) -> Statements:
    definition = str((side.row("index", key) or {}).get("definition"))
    # The server writes a partitioned index as if its partitions had none.
    definition = INDEX_ONLY.sub(r"\1", definition)
    if guard:
        definition = INDEX_HEAD.sub(r"\1IF NOT EXISTS ", definition)
    return [text(definition) + sql.SQL(";"), *comments(side, key)]


def _policy(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("policy", key) or {}
    name, on = ident(key[2]), ident(*key[:2])
    parts: list[sql.Composable] = [sql.SQL("create policy {} on {}").format(name, on)]
    if row.get("permissive") is not True:
        parts.append(sql.SQL("as restrictive"))
    parts.append(sql.SQL("for {} to {}").format(text(row.get("command")), text(row.get("roles"))))
    if row.get("using") is not None:
        parts.append(sql.SQL("using (") + text(row["using"]) + sql.SQL(")"))
    if row.get("with_check") is not None:
        parts.append(sql.SQL("with check (") + text(row["with_check"]) + sql.SQL(")"))
    create = sql.SQL("\n    ").join(parts) + sql.SQL(";")
    drop = sql.SQL("drop policy if exists {} on {};").format(name, on)
    return [drop, create] if guard else [create]


def _trigger(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("trigger", key) or {}
    name, on = ident(key[2]), ident(*key[:2])
    made: Statements = [text(row.get("definition")) + sql.SQL(";")]
    if guard:
        made.insert(0, sql.SQL("drop trigger if exists {} on {};").format(name, on))
    state = ENABLED.get(str(row.get("enabled")))
    if state:
        made.append(sql.SQL("alter table {} {} trigger {};").format(on, text(state), name))
    return made


def _materialized_view(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("materialized_view", key) or {}
    head = sql.SQL("create materialized view")
    if guard:
        head = sql.SQL("create materialized view if not exists")
    made: Statements = [as_query(head, key, row, populated=row.get("populated") is not False)]
    for index in side.children("index", key):
        made += _index(side, index, guard=guard)
    return [*made, *grants(side, "materialized_view", key), *comments(side, key)]


ON_TABLES: dict[str, Callable[..., Statements]] = {
    "table": table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "policy": _policy,
    "trigger": _trigger,
    "materialized_view": _materialized_view,
}
