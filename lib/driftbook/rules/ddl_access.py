"""SQL about objects: their names, grants and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.catalog.kinds.cluster import THIS_DATABASE
from driftbook.rules.facts import Grant, name_parts
from driftbook.rules.quoting import dollar_quote, ident, literal, role, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.rules.facts import Key, Side


Statements = list[sql.Composable]
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

ROUTINES = frozenset({"function", "procedure", "aggregate"})
# What has two names, and no schema.
PAIRS = {
    "cast": sql.SQL("cast ({} as {})"),
    "transform": sql.SQL("transform for {} language {}"),
}


def words(kind: str) -> str:
    """Return the words that SQL and people use for ``kind``."""
    return KIND_WORDS.get(kind, kind.replace("_", " "))


def when(condition: sql.Composable, statement: sql.Composable) -> sql.Composable:
    """Return ``statement`` inside a block that runs it only under ``condition``."""
    body = sql.SQL("\nbegin\n    if {} then\n        {}\n    end if;\nend;\n").format(
        condition, statement
    )
    return sql.SQL("do {};").format(dollar_quote(body))


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
    made = sql.SQL("grant {} on {} to {}{};").format(_privileges(held), on, role(grantee), option)
    return name_here(made)


def revoke_statement(on: sql.Composable, grantee: str, held: Iterable[Grant]) -> sql.Composable:
    """Return REVOKE for one grantee."""
    made = sql.SQL("revoke {} on {} from {};").format(_privileges(held), on, role(grantee))
    return name_here(made)


def name_here(statement: sql.Composable) -> sql.Composable:
    """Return ``statement``; what is about the database is about the one that it runs in."""
    before, found, after = statement.as_string(None).partition(f'database "{THIS_DATABASE}"')
    if not found:
        return statement
    body = sql.SQL("\nbegin\n    execute concat({}, quote_ident(current_database()), {});\nend;\n")
    return sql.SQL("do {};").format(
        dollar_quote(body.format(literal(f"{before}database "), literal(after)))
    )


def _privileges(held: Iterable[Grant]) -> sql.Composable:
    each = sorted({(grant.privilege, grant.column) for grant in held})
    return sql.SQL(", ").join(
        text(name.lower())
        + (sql.SQL(" (") + ident(column) + sql.SQL(")") if column else sql.SQL(""))
        for name, column in each
    )


def object_name(side: Side, object_kind: str, key: Key) -> sql.Composable:
    """Return an object as GRANT names it: ``function public.f(integer)``."""
    if object_kind in ROUTINES:
        return _name_routine(side, key)
    kind = "table" if object_kind == "column" else words(object_kind)
    if kind in {"view", "materialized view", "foreign table"}:
        kind = "table"
    if kind == "server":
        kind = "foreign server"
    return text(kind) + sql.SQL(" ") + ident(*key)


def _name_routine(side: Side, key: Key) -> sql.Composable:
    row = side.row("function", key) or {}
    kind = "procedure" if row.get("kind") == "procedure" else "function"
    return text(kind) + sql.SQL(" ") + text(row.get("signature") or ".".join(key))


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
    """Return an object as COMMENT, SECURITY LABEL and OWNER TO name it."""
    kind, sub = parts["object_kind"], parts.get("sub", "")
    name = (parts["schema"], parts["name"])
    if kind == "column":
        return sql.SQL("column ") + ident(*name, sub)
    if kind in PAIRS:
        # Types are as the server wrote them, and quoted where they have to be.
        return PAIRS[kind].format(text(parts["name"]), text(sub))
    if sub:
        is_domain = kind == "constraint" and side.row("domain", name) is not None
        on = sql.SQL("domain ") if is_domain else sql.SQL("")
        return sql.SQL("{} {} on {}{}").format(text(words(kind)), ident(sub), on, ident(*name))
    return _name_routine(side, name) if kind in ROUTINES else _name_whole(side, kind, name)


def _name_whole(side: Side, kind: str, name: Key) -> sql.Composable:
    if kind == "operator":
        return sql.SQL("operator ") + ident(name[0]) + sql.SQL(".") + text(name[1])
    if kind in {"operator_class", "operator_family"}:
        own, _, method = name[1].removesuffix(")").rpartition("(")
        of = (text(words(kind)), ident(name[0], own), ident(method))
        return sql.SQL("{} {} using {}").format(*of)
    is_foreign = kind == "table" and (side.row("table", name) or {}).get("kind") == "foreign"
    return text("foreign table" if is_foreign else words(kind)) + sql.SQL(" ") + ident(*name)
