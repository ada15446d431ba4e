"""A database with what differing texts name, for two sides that no replay made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from driftbook.drift.canonical import SETTINGS, Judged, find_texts, judge_texts
from driftbook.drift.roundtrip import SCRATCH
from driftbook.drift.skeleton import Skeleton, write_extensions
from driftbook.migrations.directory import Directory, MigrationFile
from driftbook.postgres.connect import connect_plain
from driftbook.shadow.replay import replay

if TYPE_CHECKING:
    import pandas as pd
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer


def judge_in_scratch(
    changes: pd.DataFrame, expected: Snapshot, live: Snapshot, server: ShadowServer
) -> Judged:
    """Judge the texts of ``changes`` in a database made for them alone, as a role of no power.

    Raises:
        ServerError: The server does not start.
        ReplayFailed: The database cannot be prepared.
    """
    texts = find_texts(changes)
    if not texts:
        return Judged()
    sides = (expected, live)
    data = write_extensions(sides).encode()
    file = MigrationFile(Path("extensions.sql"), "1", "extensions", data)
    made = replay(
        server,
        Directory(Path(), (file,), (), convention="plain"),
        platform="plain",
        replay_role=SCRATCH,
    )
    skeleton = Skeleton(sides, {(kind, key) for kind, key, _ in texts})
    with connect_plain(server.dsn(made.database, made.role)) as scratch:
        for setting in SETTINGS:
            scratch.execute(setting)
        for statement in skeleton.write():
            _make(scratch, statement)
        return judge_texts(changes, expected, live, scratch)


def _make(scratch: Connection[TupleRow], statement: str) -> None:
    try:
        # A binary result needs the extended protocol: a second statement is an error.
        scratch.execute(statement.encode(), binary=True)
    except psycopg.Error:
        return  # A text that needs it will not load, and is told as unread.
