"""The parts of a portable capture, each one SELECT that gives one JSON value."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.reader import load_query
from driftbook.catalog.snapshot import UNACCOUNTED
from driftbook.catalog.stored import StoredTable

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
MAJORS = range(14, 19)
TABLES = "stored_table"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(kind.dtypes) for name, kind in KINDS.items()},
    "unaccounted": tuple(UNACCOUNTED),
    TABLES: tuple(field.name for field in fields(StoredTable)),
}
# Of every database; those that are kept in tables are asked for where there is such a table.
FRAMES = tuple(name for name in COLUMNS if name not in STORED_KINDS)
STORED = tuple(name for name in COLUMNS if name in STORED_KINDS)
# The same in every part of one transaction: parts of two captures cannot be mixed.
TAKEN = (
    "pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US') || ' ' || pg_catalog.pg_backend_pid()::text"
)
HEAD = """\
select pg_catalog.json_build_object(
    'driftbook', 'capture',
    'format', {format},
    'taken', h.taken,
    'version_num', h.version_num,
    'captured_at', h.captured_at,
    'search_path', h.search_path,
    'sha256', pg_catalog.encode(
        pg_catalog.sha256(
            pg_catalog.convert_to(
                pg_catalog.concat_ws(
                    '|', h.taken, h.version_num, h.captured_at, h.search_path
                ),
                'UTF8'
            )
        ),
        'hex'
    )
) as part
from (
    select
        {taken} as taken,
        pg_catalog.current_setting('server_version_num')::pg_catalog.int4 as version_num,
        pg_catalog.to_char(
            pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'
        ) as captured_at,
        pg_catalog.current_setting('search_path') as search_path
) as h"""
# What the head says, in the order in which its hash is made.
HASHED = ("taken", "version_num", "captured_at", "search_path")
# Cells are hashed as the server writes them, so that an edited file gives itself away.
FRAME = """\
select pg_catalog.json_build_object(
    'frame', '{name}',
    'taken', {taken},
    'columns', pg_catalog.json_build_array({columns}),
    'packed', pg_catalog.json_build_array({packed}),
    'sha256', pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.cells, 'UTF8')), 'hex'
    ),
    'rows', p.cells::pg_catalog.json
) as part
from (
    select '[' || coalesce(pg_catalog.string_agg(r.cells, ', '), '') || ']' as cells
    from (
        select pg_catalog.json_build_array({cells})::text as cells
        from (
{query}
        ) as q
    ) as r
) as p"""
END = """\
select pg_catalog.json_build_object(
    'end', 'capture',
    'taken', {taken},
    'frames', pg_catalog.json_build_array({names})
) as part"""


RECORDED = """\
select pg_catalog.json_build_object(
    'recorded', '{name}',
    'taken', {taken},
    'about', {about},
    'sha256', pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.cells, 'UTF8')), 'hex'
    ),
    'rows', p.cells
) as part
from (
    select
        '[' || coalesce(pg_catalog.string_agg(pg_catalog.to_jsonb(q)::text, ', '), '') || ']'
        as cells
    from (
{query}
    ) as q
) as p"""
# As :meth:`~driftbook.catalog.stored.StoredTable.refuse` decides, which gives the reasons.
MAY_READ = """\
select coalesce(
    pg_catalog.bool_and(
        t.is_table
        and t."foreign" is null
        and t.can_use
        and t.denied is null
        and (t.admits_all or not t.is_filtered)
    ),
    false
) as driftbook_may_read
from (
{tables}
) as t
where t.kind = '{name}'"""
UNREAD = """\
select pg_catalog.json_build_object(
    'unread', '{name}', 'taken', {taken}, 'why', {why}::text
) as part"""


def write_head() -> str:
    """Return the SELECT that gives the first part: of which server it is, and when."""
    return HEAD.format(format=FORMAT, taken=TAKEN)


def write_frame(name: str, query: str) -> str:
    """Return the SELECT that gives the part of the frame ``name``, read by ``query``."""
    columns, packed = COLUMNS[name], KINDS[name].packed if name in KINDS else ()
    return FRAME.format(
        name=name,
        taken=TAKEN,
        columns=", ".join(f"'{column}'" for column in columns),
        packed=", ".join(f"'{column}'" for column in packed),
        cells=", ".join(f'q."{column}"' for column in columns),
        query=query.strip().removesuffix(";"),
    )


def write_end() -> str:
    """Return the SELECT that gives the last part: it names all frames before it."""
    return END.format(taken=TAKEN, names=", ".join(f"'{name}'" for name in FRAMES))


def write_recorded(name: str, about: str, query: str) -> str:
    """Return the SELECT that gives the rows of any query as a part, in a text of JSON.

    Args:
        name: What is recorded.
        about: What it is about, an expression.
        query: With columns of any type.
    """
    return RECORDED.format(name=name, about=about, taken=TAKEN, query=query)


def write_may_read(name: str, version_num: int) -> str:
    """Return the SELECT that tells whether the table of the objects ``name`` may be read."""
    tables = load_query(TABLES, version_num).strip().removesuffix(";")
    return MAY_READ.format(tables=tables, name=name)


def write_unread(name: str, why: str) -> str:
    """Return the SELECT that gives, in place of a frame, ``why`` it was not read: an expression."""
    return UNREAD.format(name=name, taken=TAKEN, why=why)


def list_queries(name: str) -> dict[int, str]:
    """Return first major → query of the frame ``name`` from there on, the oldest first."""
    queries: dict[int, str] = {}
    for major in MAJORS:
        query = load_query(name, major * 10_000)
        if query not in queries.values():
            queries[major] = query
    return queries
