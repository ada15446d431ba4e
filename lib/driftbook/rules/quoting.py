"""Pieces of SQL: names as plain as they can be and quoted where they must be."""

from __future__ import annotations

import re
from typing import LiteralString, cast

from psycopg import sql

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# Reserved words of PostgreSQL 18: Appendix C, "reserved" and "reserved (can be function or type)".
RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable
    desc distinct do else end except false fetch for foreign freeze from full grant group having
    ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some symmetric
    system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with between bigint bit boolean char character coalesce dec decimal exists
    extract float greatest grouping inout int integer interval json_array json_exists json_object
    json_query json_scalar json_serialize json_table json_value least merge_action national nchar
    none normalize nullif numeric out overlay position precision real row setof smallint
    substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement
    xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()
)


def ident(*parts: str) -> sql.Composable:
    """Return a qualified name; empty parts are left out."""
    return sql.SQL(".").join(map(_ident, filter(None, parts)))


def _ident(part: str) -> sql.Composable:
    if PLAIN.fullmatch(part) and part not in RESERVED:
        return text(part)
    return sql.Identifier(part)


def text(deparsed: object) -> sql.SQL:
    """Return SQL that the server itself wrote: a definition, a type, an expression."""
    # The one place where text that is no literal of ours becomes SQL.
    return sql.SQL(cast("LiteralString", deparsed))


def literal(value: str) -> sql.Composable:
    """Return ``value`` as a quoted text."""
    return sql.Literal(value)


def role(name: str) -> sql.Composable:
    """Return a grantee: PUBLIC is a word of the grammar, not a role."""
    return sql.SQL("public") if name == "PUBLIC" else ident(name)


def show(*statements: sql.Composable) -> str:
    """Return the text of ``statements``, one after the other."""
    return "\n".join(statement.as_string(None) for statement in statements)


def dollar_quote(body: sql.Composable) -> sql.Composable:
    """Return ``body`` in dollar quotes whose tag does not occur in it."""
    content = body.as_string(None)
    tags = ("$$", "$do$", *(f"$driftbook_{number}$" for number in range(100)))
    tag = next(tag for tag in tags if tag not in content)
    return text(tag) + text(content) + text(tag)
