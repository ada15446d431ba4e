"""The parts of a portable capture, each one SELECT that gives one JSON value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.reader import load_query
from driftbook.catalog.snapshot import UNACCOUNTED
from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
MAJORS = range(14, 19)
FRAMES: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(kind.dtypes) for name, kind in KINDS.items()},
    "unaccounted": tuple(UNACCOUNTED),
}
# The same in every part of one transaction: parts of two captures cannot be mixed.
TAKEN = (
    "pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US') || ' ' || pg_catalog.pg_backend_pid()::text"
)
HEAD = f"""\
select pg_catalog.json_build_object(
    'driftbook', 'capture',
    'format', {FORMAT},
    'taken', {TAKEN},
    'version_num', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
    'captured_at', pg_catalog.to_char(
        pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'
    ),
    'search_path', pg_catalog.current_setting('search_path')
) as part"""
# Cells are hashed as the server writes them, so that an edited file gives itself away.
FRAME = """\
select pg_catalog.json_build_object(
    'frame', '{name}',
    'taken', {taken},
    'columns', pg_catalog.json_build_array({columns}),
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
# A table that may not be there is asked by a query that is a text until then. Of the functions of
# every server that take one, this gives back words of a limited length: the cells as pieces of hex.
STORED_FRAME = """\
select pg_catalog.json_build_object(
    'frame', '{name}',
    'taken', {taken},
    'columns', pg_catalog.json_build_array({columns}),
    'sha256', pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.cells, 'UTF8')), 'hex'
    ),
    'rows', p.cells::pg_catalog.json,
    'table', p.stored
) as part
from (
    select
        case
            when t.kind is null then '[]'
            when
                t.is_table and t.can_use and t.denied is null and t."foreign" is null
                and (not t.is_filtered or t.admits_all)
                and pg_catalog.set_config('row_security', 'on', true) = 'on'
            then (
                select pg_catalog.convert_from(pg_catalog.decode(
                    pg_catalog.string_agg(
                        pg_catalog.substr(w.word, 10), '' order by w.word collate "C"
                    ),
                    'hex'
                ), 'UTF8')
                from pg_catalog.ts_stat($driftbook$
select pg_catalog.array_to_tsvector(array[
    pg_catalog.lpad(n.piece::text, 8, '0') || ':' || pg_catalog.substr(h.cells, n.piece + 1, 1000)
])
from (
    select pg_catalog.encode(pg_catalog.convert_to(
        '[' || coalesce(pg_catalog.string_agg(r.cells, ', '), '') || ']', 'UTF8'
    ), 'hex') as cells
    from (
        select pg_catalog.json_build_array({cells})::text as cells
        from (
{query}
        ) as q
    ) as r
) as h
cross join lateral
    pg_catalog.generate_series(0, pg_catalog.length(h.cells) - 1, 1000) as n (piece)
$driftbook$) as w
            )
        end as cells,
        case when t.kind is not null then pg_catalog.row_to_json(t) end as stored
    from (select '{name}' as kind) as one
    left join (
{tables}
    ) as t on t.kind = one.kind
) as p"""
END = """\
select pg_catalog.json_build_object(
    'end', 'capture',
    'taken', {taken},
    'frames', pg_catalog.json_build_array({names})
) as part"""


def write_frame(name: str, query: str) -> str:
    """Return the SELECT that gives the part of the frame ``name``, read by ``query``."""
    columns = FRAMES[name]
    return (STORED_FRAME if name in STORED_KINDS else FRAME).format(
        name=name,
        taken=TAKEN,
        columns=", ".join(f"'{column}'" for column in columns),
        cells=", ".join(f'q."{column}"' for column in columns),
        # In a text that is a query comments stay, and functions that run one SELECT refuse them.
        query=_trim(mask_comments(query) if name in STORED_KINDS else query),
        tables=_trim(load_query("stored_table", MAJORS[0] * 10_000)),
    )


def _trim(query: str) -> str:
    return query.strip().removesuffix(";")


def write_end() -> str:
    """Return the SELECT that gives the last part: it names all frames before it."""
    return END.format(taken=TAKEN, names=", ".join(f"'{name}'" for name in FRAMES))


def list_queries(name: str) -> dict[int, str]:
    """Return first major → query of the frame ``name`` from there on, the oldest first."""
    queries: dict[int, str] = {}
    for major in MAJORS:
        query = load_query(name, major * 10_000)
        if query not in queries.values():
            queries[major] = query
    return queries
