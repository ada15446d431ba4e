"""SQL that makes objects that are rows of the platform's tables: buckets and cron jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.rules.quoting import ident, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.ddl_access import Statements
    from driftbook.rules.facts import ChangedObject, Key, Row, Side

BUCKET_COLUMNS = ("public", "file_size_limit", "allowed_mime_types")
SCHEDULED = ("schedule", "command")
NUMBERED, UNNAMED = " #", "unnamed "  # in keys of jobs that share a name, or have none


def _bucket(side: Side, key: Key, *, guard: bool) -> Statements:
    row = side.row("storage_bucket", key) or {}
    columns = [name for name in BUCKET_COLUMNS if row.get(name) is not None]
    values = [_bucket_value(name, row) for name in columns]
    made = sql.SQL("insert into storage.buckets ({}) values ({}){};").format(
        sql.SQL(", ").join(map(ident, ("id", "name", *columns))),
        sql.SQL(", ").join([literal(key[0]), literal(str(row.get("label") or key[0])), *values]),
        sql.SQL(" on conflict (id) do nothing" if guard else ""),
    )
    return [made] if row.get("type") == "STANDARD" else []


def alter_bucket(thing: ChangedObject, side: Side) -> Statements:
    """Return what gives a bucket the limits of ``side``; empty: they are not all simple."""
    row = side.row("storage_bucket", thing.ref.parts)
    names = [entry.property for entry in thing.differences]
    if row is None or not set(names) <= set(BUCKET_COLUMNS):
        return []
    settings = (sql.SQL("{} = {}").format(ident(name), _bucket_value(name, row)) for name in names)
    update = sql.SQL("update storage.buckets set {} where id = {};")
    return [update.format(sql.SQL(", ").join(settings), literal(thing.ref.parts[0]))]


def _bucket_value(name: str, row: Row) -> sql.Composable:
    value = row.get(name)
    if name == "allowed_mime_types" and value is not None:
        types = sql.SQL(", ").join(map(literal, str(value).split(", ")))
        return sql.SQL("array[{}]").format(types)
    return sql.Literal(value)


def _job(side: Side, key: Key, *, guard: bool) -> Statements:  # noqa: ARG001 - a name is kept once
    row = side.row("cron_job", key) or {}
    is_simple = not row.get("database") and row.get("active") is True
    return _schedule(key[0], row) if is_simple else []


def alter_job(thing: ChangedObject, side: Side) -> Statements:
    """Return what gives a job the schedule and the command of ``side``."""
    row = side.row("cron_job", thing.ref.parts)
    names = {entry.property for entry in thing.differences}
    return _schedule(thing.ref.parts[0], row) if row and names <= set(SCHEDULED) else []


def _schedule(name: str, row: Row) -> Statements:
    if NUMBERED in name or name.startswith(UNNAMED):
        return []  # which of them is meant, only a person can tell
    values = map(literal, (name, *(str(row.get(column)) for column in SCHEDULED)))
    return [sql.SQL("select cron.schedule({});").format(sql.SQL(", ").join(values))]


# Not the names of secrets: nobody can make a secret without what is secret of it.
STORED: dict[str, Callable[..., Statements]] = {"storage_bucket": _bucket, "cron_job": _job}
