"""SQL that changes rows of a tracking table: written to be read, run by people, never by us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

AUDITOR = sql.Identifier("driftbook_auditor")


def write_table(table: str) -> str:
    """Return the statements that make the table as the migration tool makes it."""
    schema, name = _part(table)
    return _text(
        sql.SQL(
            "create schema if not exists {};\n"
            "create table if not exists {} (version text primary key, statements text[], "
            "name text);"
        ).format(sql.Identifier(schema), sql.Identifier(schema, name))
    )


def write_grants(table: str) -> str:
    """Return the statement that lets the role of the audit read the table, where it exists."""
    schema, _ = _part(table)
    grants = sql.SQL("grant usage on schema {} to {};\n    grant select on table {} to {};").format(
        sql.Identifier(schema), AUDITOR, _name(table), AUDITOR
    )
    return (
        "do $$ begin\n  if exists (select from pg_catalog.pg_roles where rolname = "
        f"'driftbook_auditor') then\n    {_text(grants)}\n  end if;\nend $$;"
    )


def write_name(table: str, version: str, name: str) -> str:
    """Return the UPDATE that gives a record the title of its file."""
    return _text(
        sql.SQL("update {} set name = {} where version = {};").format(
            _name(table), sql.Literal(name), sql.Literal(version)
        )
    )


def write_columns(table: str) -> str:
    """Return the statements that give a table of an old tool the columns of today, as it does."""
    return "\n".join(
        _text(
            sql.SQL("alter table {} add column if not exists {} {};").format(
                _name(table), sql.Identifier(name), sql.SQL(kind)
            )
        )
        for name, kind in (("statements", "text[]"), ("name", "text"))
    )


def write_record(
    table: str, version: str, name: str | None, statements: Sequence[str] | None
) -> str:
    """Return the INSERT of one version with its real statements; twice is once."""
    return _text(
        sql.SQL(
            "insert into {} (version, name, statements)\nvalues ({}, {}, {})\n"
            "on conflict (version) do nothing;"
        ).format(_name(table), sql.Literal(version), sql.Literal(name), _array(statements))
    )


def write_version(table: str, version: str) -> str:
    """Return the INSERT of ``version`` into a table that has no other column; twice is once."""
    return _text(
        sql.SQL("insert into {} (version) values ({}) on conflict (version) do nothing;").format(
            _name(table), sql.Literal(version)
        )
    )


def write_statements(table: str, version: str, name: str, statements: Sequence[str]) -> str:
    """Return the UPDATE that gives a record the statements of its file."""
    return _text(
        sql.SQL("update {} set name = {}, statements = {}\nwhere version = {};").format(
            _name(table), sql.Literal(name), _array(statements), sql.Literal(version)
        )
    )


def write_removal(table: str, version: str) -> str:
    """Return the DELETE of one record."""
    return _text(
        sql.SQL("delete from {} where version = {};").format(_name(table), sql.Literal(version))
    )


def _part(table: str) -> tuple[str, str]:
    schema, _, name = table.rpartition(".")
    return schema or "public", name


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*_part(table))


def _array(statements: Sequence[str] | None) -> sql.Composable:
    if statements is None:
        return sql.SQL("null")
    if not statements:
        return sql.SQL("'{}'")
    return sql.SQL("array[\n    {}\n]").format(
        sql.SQL(",\n    ").join(sql.Literal(statement) for statement in statements)
    )


def _text(statement: sql.Composable) -> str:
    return statement.as_string().strip()
