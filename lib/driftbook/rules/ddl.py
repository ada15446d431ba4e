"""SQL that makes one object of a snapshot, from its rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.facts import Grant, name_parts
from driftbook.rules.quoting import dollar_quote, ident, literal, role, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftbook.rules.facts import Key, Row, Side

Statements = list[sql.Composable]
INDEX_HEAD = re.compile(r"^(CREATE (?:UNIQUE )?INDEX )")
INDEX_ONLY = re.compile(r'^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON )ONLY ')
RELATIONS = frozenset({"table", "view", "materialized_view", "foreign_table"})
KIND_WORDS = {
    "materialized_view": "materialized view",
    "foreign_table": "foreign table",
    "composite_type": "type",
    "enum": "type",
    "range_type": "type",
    "event_trigger": "event trigger",
    "foreign_server": "server",
    "foreign_data_wrapper": "foreign data wrapper",
    "default_privilege": "default privilege",
    "base_type": "type",
}
ENABLED = {"disabled": "disable", "replica": "enable replica", "always": "enable always"}


def words(kind: str) -> str:
    """Return the words that SQL and people use for ``kind``."""
    return KIND_WORDS.get(kind, kind.replace("_", " "))


def table(side: Side, key: Key, *, guard: bool = False) -> Statements:
    """Return a table with everything that belongs to it, its comments and grants included."""
    row = side.row("table", key) or {}
    owned = owned_sequences(side, key)
    made = [*_make_sequences(side, owned, guard=guard), _table_head(side, key, row, guard=guard)]
    made += _own_sequences(side, owned)
    own = [index for index in side.children("index", key) if not _backs_constraint(side, index)]
    made += [statement for index in own for statement in build(side, "index", index, guard=guard)]
    if row.get("rls_enabled") is True:
        made.append(sql.SQL("alter table {} enable row level security;").format(ident(*key)))
    if row.get("rls_forced") is True:
        made.append(sql.SQL("alter table {} force row level security;").format(ident(*key)))
    for kind in ("policy", "trigger"):
        for child in side.children(kind, key):
            made += build(side, kind, child, guard=guard)
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
    return [
        statement
        for each in sequences
        for statement in BUILDERS["sequence"](side, each, guard=guard)[:1]
    ]


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


def when(condition: sql.Composable, statement: sql.Composable) -> sql.Composable:
    """Return ``statement`` inside a block that runs it only under ``condition``."""
    body = sql.SQL("\nbegin\n    if {} then\n        {}\n    end if;\nend;\n").format(
        condition, statement
    )
    return sql.SQL("do {};").format(dollar_quote(body))


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


def _function(side: Side, key: Key, *, guard: bool) -> Statements:  # noqa: ARG001 - OR REPLACE
    row = side.row("function", key) or {}
    return [
        text(str(row.get("definition")).rstrip()) + sql.SQL(";"),
        *grants(side, "function", key),
    ]


def _view(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("view", key) or {}
    head = sql.SQL("create or replace view") if guard else sql.SQL("create view")
    return [_as_query(head, key, row), *grants(side, "view", key), *comments(side, key)]


def _materialized_view(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("materialized_view", key) or {}
    head = sql.SQL("create materialized view")
    if guard:
        head = sql.SQL("create materialized view if not exists")
    made: Statements = [_as_query(head, key, row, populated=row.get("populated") is not False)]
    for index in side.children("index", key):
        made += _index(side, index, guard=guard)
    return [*made, *grants(side, "materialized_view", key), *comments(side, key)]


def _as_query(head: sql.SQL, key: Key, row: Row, *, populated: bool = True) -> sql.Composable:
    options = row.get("options")
    with_options = sql.SQL(" with (") + text(options) + sql.SQL(")") if options else sql.SQL("")
    query = text(str(row.get("definition")).rstrip().removesuffix(";"))
    tail = sql.SQL(";") if populated else sql.SQL("\nwith no data;")
    return head + sql.SQL(" ") + ident(*key) + with_options + sql.SQL(" as\n") + query + tail


def grants(side: Side, object_kind: str, key: Key) -> Statements:
    """Return the grants on an object, one per grantee, without what its owner holds anyway."""
    held: dict[tuple[str, bool], list[Grant]] = {}
    for grant in side.grants(object_kind, *key):
        if not grant.is_owner:
            held.setdefault((grant.grantee, grant.grantable), []).append(grant)
    on = object_name(side, object_kind, key)
    return [
        grant_statement(on, grantee, privileges, grantable=grantable)
        for (grantee, grantable), privileges in sorted(held.items(), key=lambda item: item[0])
    ]


def grant_statement(
    on: sql.Composable, grantee: str, held: Iterable[Grant], *, grantable: bool = False
) -> sql.Composable:
    """Return GRANT for one grantee."""
    option = sql.SQL(" with grant option") if grantable else sql.SQL("")
    return sql.SQL("grant {} on {} to {}{};").format(_privileges(held), on, role(grantee), option)


def revoke_statement(on: sql.Composable, grantee: str, held: Iterable[Grant]) -> sql.Composable:
    """Return REVOKE for one grantee."""
    return sql.SQL("revoke {} on {} from {};").format(_privileges(held), on, role(grantee))


def _privileges(held: Iterable[Grant]) -> sql.Composable:
    each = sorted({(grant.privilege, grant.column) for grant in held})
    return sql.SQL(", ").join(
        text(name.lower())
        + (sql.SQL(" (") + ident(column) + sql.SQL(")") if column else sql.SQL(""))
        for name, column in each
    )


def object_name(side: Side, object_kind: str, key: Key) -> sql.Composable:
    """Return an object as GRANT, COMMENT and OWNER TO name it: ``function public.f(integer)``."""
    if object_kind in {"function", "procedure", "aggregate"}:
        row = side.row("function", key) or {}
        kind = "procedure" if row.get("kind") == "procedure" else "function"
        return text(kind) + sql.SQL(" ") + text(row.get("signature") or ".".join(key))
    kind = "table" if object_kind == "column" else words(object_kind)
    if kind in {"view", "materialized view", "foreign table"}:
        kind = "table"
    return text(kind) + sql.SQL(" ") + ident(*key)


def comments(side: Side, key: Key, *, column: str = "") -> Statements:
    """Return the comments on a relation and its columns, or on one column alone."""
    found = [
        each
        for each in side.comments[key]
        if not column or name_parts("comment", each)["sub"] == column
    ]
    return [statement for each in found for statement in comment(side, each)]


def comment(side: Side, key: Key, *, guard: bool = False) -> Statements:  # noqa: ARG001
    """Return COMMENT ON for one comment."""
    parts = name_parts("comment", key)
    row = side.row("comment", key) or {}
    on = comment_target(side, parts)
    return [sql.SQL("comment on {} is {};").format(on, literal(str(row.get("text"))))]


def comment_target(side: Side, parts: dict[str, str]) -> sql.Composable:
    """Return what a comment is on."""
    kind, sub = parts["object_kind"], parts["sub"]
    name = (parts["schema"], parts["name"])
    if kind == "column":
        return sql.SQL("column ") + ident(*name, sub)
    if sub:
        return sql.SQL("{} {} on {}").format(text(words(kind)), ident(sub), ident(*name))
    if kind in {"function", "procedure", "aggregate"}:
        return object_name(side, kind, name)
    return text(words(kind)) + sql.SQL(" ") + ident(*name)


BUILDERS: dict[str, Callable[..., Statements]] = {
    "table": table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "policy": _policy,
    "trigger": _trigger,
    "function": _function,
    "view": _view,
    "materialized_view": _materialized_view,
    "comment": comment,
}


def build(side: Side, kind: str, key: Key, *, guard: bool = False) -> Statements:
    """Return the statements that make one object; none where only words would be right.

    Args:
        side: Where the object is.
        kind: Kind of the object.
        key: Its key.
        guard: Make statements that can run twice.
    """
    builder = BUILDERS.get(kind)
    return builder(side, key, guard=guard) if builder else []
