"""Texts that differ in form only: the shadow reads both until they stay as they are.

PostgreSQL writes ``check (c in ('a', 'b'))`` on a varchar column in another way after every
reload, up to the second (measured on 15 and 18, in every place that stores an expression), and
15 writes views in another way than 16. So a text that differs is loaded and read back, twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from driftbook.catalog.kinds import KINDS
from driftbook.drift.diff import drop_equal
from driftbook.drift.differing import read_rows
from driftbook.drift.majors import source_property
from driftbook.drift.roundtrip import LOADERS, Place, read_body
from driftbook.model import ChangeKind
from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import ReplayResult

Key = tuple[str, ...]
Row = dict[str, object]
Ref = tuple[str, Key]
Named = tuple[str, Key, str]

PASSES = 2
SETTINGS = (
    "set search_path = ''",
    "set statement_timeout = '10s'",
    "set lock_timeout = '2s'",
    "set check_function_bodies = on",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts that differ, as (kind, key, property).

    Attributes:
        equal: They differ in form only.
        unread: One of the two does not load, so nobody knows.
    """

    equal: tuple[Named, ...] = ()
    unread: tuple[Named, ...] = ()


def find_equal(
    changes: pd.DataFrame,
    expected: Snapshot,
    live: Snapshot,
    server: ShadowServer,
    replayed: ReplayResult,
) -> list[Named]:
    """Return the properties of ``changes`` that differ in form only, as (kind, key, property).

    The texts are loaded in a clone of the database that the replay left, as its role; the clone
    is dropped. A text that does not load there is a difference.
    """
    if not find_texts(changes):
        return []
    with (
        server.database(template=replayed.database) as name,
        connect_plain(server.dsn(name, replayed.role)) as scratch,
    ):
        return [*judge_texts(changes, expected, live, scratch).equal]


def equalise(
    changes: pd.DataFrame,
    expected: Snapshot,
    live: Snapshot,
    scratch: Connection[TupleRow],
) -> pd.DataFrame:
    """Return ``changes`` without the properties that differ in form only."""
    return drop_equal(changes, set(judge_texts(changes, expected, live, scratch).equal))


def judge_texts(
    changes: pd.DataFrame,
    expected: Snapshot,
    live: Snapshot,
    scratch: Connection[TupleRow],
) -> Judged:
    """Return which texts read back alike in ``scratch`` and which do not load; it stays as it was.

    Args:
        changes: As ``diff_snapshots`` gives them.
        expected: The side whose objects ``scratch`` has.
        live: The other side; columns that only it has are added while its texts are read.
        scratch: An idle session with autocommit, as the role that owns the objects.
    """
    texts = find_texts(changes)
    wanted = {(kind, key) for kind, key, _ in texts}
    sides = [_read_needed(side, wanted) for side in (expected, live)]
    equal, unread = list[Named](), list[Named]()
    with scratch.transaction(force_rollback=True):
        for setting in SETTINGS:
            scratch.execute(setting)
        _add_columns(changes, live, scratch)
        for kind, key, name in texts:
            source = source_property(kind, name)
            is_body = (kind, source) == ("function", "definition")
            if is_body and not all(_has_sql_body(rows[kind, key]) for rows in sides):
                continue
            readings = [_read_back(scratch, kind, key, source, rows[kind, key]) for rows in sides]
            if None in readings:
                unread.append((kind, key, name))
            elif readings[0] == readings[1]:
                equal.append((kind, key, name))
    return Judged(tuple(equal), tuple(unread))


def find_texts(changes: pd.DataFrame) -> list[Named]:
    """Return what differs and is a text that a server deparses."""
    altered = changes[changes["change"] == ChangeKind.ALTERED.value]
    both = altered[altered["expected"].notna() & altered["live"].notna()]
    named = zip(both["kind"], both["key"], both["property"], strict=True)
    return [
        (kind, key, name)
        for kind, key, name in named
        if (kind, source_property(kind, name)) in LOADERS
    ]


def _read_needed(side: Snapshot, wanted: Collection[Ref]) -> dict[Ref, Row]:
    """Return property → value of the objects named by (kind, key) in ``wanted``."""
    found: dict[Ref, Row] = {}
    for kind in {kind for kind, _ in wanted}:
        names = [entry.name for entry in KINDS[kind].properties]
        rows = read_rows(side.frames[kind], KINDS[kind])
        for ref in wanted:
            if ref[0] == kind:
                found[ref] = dict(zip(names, rows[ref[1]], strict=True))
    return found


def _read_back(
    scratch: Connection[TupleRow], kind: str, key: Key, name: str, row: Row
) -> str | None:
    """Return the text after ``PASSES`` reloads; ``None`` when it does not load."""
    text = row.get(name)
    if not isinstance(text, str):
        return None
    load: Callable[[Place, str], str | None] = LOADERS[kind, name]
    try:
        with scratch.transaction(force_rollback=True):
            place = Place(scratch, key, row)
            for _ in range(PASSES):
                read = load(place, text)
                if read is None:
                    return None
                text = read
            return read_body(place) if (kind, name) == ("function", "definition") else text
    except psycopg.Error:
        return None


def _has_sql_body(row: Row) -> bool:
    """Return whether a function's body is kept parsed; a body in quotes is its text."""
    definition = str(row["definition"])
    return "\nBEGIN ATOMIC" in definition or "\nRETURN " in definition


def _add_columns(changes: pd.DataFrame, live: Snapshot, scratch: Connection[TupleRow]) -> None:
    """Give the tables of ``scratch`` the columns that only live has: its texts may name them."""
    added = changes[
        (changes["kind"] == "column") & (changes["change"] == ChangeKind.ONLY_LIVE.value)
    ]
    if not len(added):
        return
    rows = _read_needed(live, {("column", key) for key in added["key"]})
    for key in added["key"]:
        try:
            with scratch.transaction():
                place = Place(scratch, key, rows["column", key])
                place.add_column()
        except psycopg.Error:
            continue
