"""Finding an object that a mutation can be done to, and writing the statement for it."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import list_rows
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.selftest.mutations import Mutation

PLACE = re.compile(r"\{(\w+)\}")


def find_statements(mutation: Mutation, base: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the name of each object of ``base`` that will do, with the statement for it.

    The first is another one for each mutation, so that all of them reach much of a schema.
    """
    frame = base.frames[mutation.on]
    if mutation.where and len(frame):
        frame = frame.query(mutation.where, engine="python")
    columns, rows = list(frame.columns), list_rows(frame)
    start = zlib.crc32(str(mutation).encode()) % len(rows) if rows else 0
    size = len(KINDS[mutation.on].key)
    for row in (*rows[start:], *rows[:start]):
        name = ObjectRef(mutation.on, tuple(map(str, row[:size]))).name
        yield name, fill(mutation, dict(zip(columns, row, strict=True)))


def fill(mutation: Mutation, row: Mapping[str, object]) -> str:
    """Return the SQL of ``mutation`` for the object whose frame has ``row``."""
    places = _name_places(mutation.on, row)
    return PLACE.sub(lambda found: places[found[1]], mutation.sql)


def _name_places(kind: str, row: Mapping[str, object]) -> dict[str, str]:
    key = KINDS[kind].key
    # What the server wrote: a definition, a type, an expression; without the end of a statement.
    places = {name: str(value).rstrip().rstrip(";") for name, value in row.items()}
    places |= {name: quote(str(row[name])) for name in key}
    parts = [quote(str(row[name])) for name in key]
    table = row.get("table")
    places["on"] = f"{places.get('schema', '')}.{quote(str(table))}"
    is_part = "table" in key
    places["it"] = places["name"] if is_part else ".".join(parts)
    if kind == "function":
        places["it"] = str(row["signature"])
    return places


def quote(name: str) -> str:
    """Return ``name`` as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'
