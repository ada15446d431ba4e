"""One SELECT that gives a whole capture, for those who can run one SELECT and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.portable.parts import (
    FRAMES,
    STORED,
    write_end,
    write_frame,
    write_head,
    write_may_read,
)
from driftbook.catalog.reader import load_query
from driftbook.postgres.answer import guard, simplify

if TYPE_CHECKING:
    from collections.abc import Iterable


# A table that may not be there cannot stand in a SELECT, only in a text that is run if it is.
CONDITIONAL = """\
select case when s.driftbook_may_read then pg_catalog.convert_from(
    pg_catalog.decode(
        pg_catalog.substring(
            pg_catalog.query_to_xml({query}, true, true, '')::text, '<cell>([0-9a-f]*)</cell>'
        ),
        'hex'
    ),
    'UTF8'
)::pg_catalog.json end as part
from (
{may_read}
) as s"""
CELL = """\
select pg_catalog.encode(pg_catalog.convert_to(c.part::text, 'UTF8'), 'hex') as cell
from (
{frame}
) as c"""


def write_select(major: int) -> str:
    """Return the SELECT that captures a server of ``major``: one row, one cell of JSON."""
    version_num = major * 10_000
    *parts, end = list_parts(version_num)
    stored = [_write_stored(name, version_num) for name in STORED]
    return guard(join_parts([*parts, *stored, end]))


def _write_stored(name: str, version_num: int) -> str:
    frame = write_frame(name, load_query(name, version_num))
    query = f"$driftbook${simplify(CELL.format(frame=frame))}$driftbook$"
    return CONDITIONAL.format(query=query, may_read=write_may_read(name, version_num))


def list_parts(version_num: int) -> list[str]:
    """Return the SELECTs that give the parts of a capture, in their order."""
    frames = [write_frame(name, load_query(name, version_num)) for name in FRAMES]
    return [write_head(), *frames, write_end()]


def join_parts(parts: Iterable[str]) -> str:
    """Return the expression that gives the values of ``parts``, each one SELECT, as a list."""
    listed = ",\n".join(f"(\n{part}\n)" for part in parts)
    return f"pg_catalog.array_to_json(array[\n{listed}\n])"
