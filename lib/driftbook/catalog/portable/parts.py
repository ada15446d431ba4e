"""The parts of a portable capture, each one SELECT that gives one JSON value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.reader import load_query
from driftbook.catalog.snapshot import UNACCOUNTED

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
END = """\
select pg_catalog.json_build_object(
    'end', 'capture',
    'taken', {taken},
    'frames', pg_catalog.json_build_array({names})
) as part"""


def write_frame(name: str, query: str) -> str:
    """Return the SELECT that gives the part of the frame ``name``, read by ``query``."""
    columns = FRAMES[name]
    return FRAME.format(
        name=name,
        taken=TAKEN,
        columns=", ".join(f"'{column}'" for column in columns),
        cells=", ".join(f'q."{column}"' for column in columns),
        query=query.strip().removesuffix(";"),
    )


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
