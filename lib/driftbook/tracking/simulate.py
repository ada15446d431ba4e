"""Taking the steps of a plan on copies: rows in a database of the shadow, files in memory."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.directory import DUPLICATE, Directory, MigrationFile
from driftbook.postgres.connect import connect_plain
from driftbook.repairs import StepKind
from driftbook.tracking.record_sql import write_record, write_table
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.postgres.server import ShadowServer
    from driftbook.repairs import RepairStep

# Steps that are taken; what is to run, and what only a person knows, is not.
TAKEN = frozenset(StepKind) - {StepKind.APPLY, StepKind.DECIDE, StepKind.SAVE}


def take_file_steps(directory: Directory, steps: Sequence[RepairStep]) -> Directory:
    """Return ``directory`` as it is when the steps about files were taken."""
    taken = [step for step in steps if step.kind in TAKEN and step.file]
    if not taken:  # other tools have an order of their own
        return directory
    files = {file.path.name: file for file in directory.files}
    for step in taken:
        before = files.pop(step.old_file, None)
        data = step.text.encode() if step.text else before.data if before else b""
        files[step.file] = _build(directory, step.file, data)
    return replace(directory, files=_sort(list(files.values())))


def _build(directory: Directory, name: str, data: bytes) -> MigrationFile:
    # Not the first of the listing, where a name may be passed over for its place.
    listing = {"": False, Path(name).name: True}
    [named] = CONVENTIONS[directory.convention].arrange(listing, lambda _: "")
    return MigrationFile(directory.path / named.file, named.version, named.name, data)


def _sort(files: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    counts = Counter(file.version for file in files)
    marked = [
        replace(
            file,
            facts=(
                *(fact for fact in file.facts if fact != DUPLICATE),
                *((DUPLICATE,) if counts[file.version] > 1 else ()),
            ),
        )
        for file in files
    ]
    return tuple(sorted(marked, key=lambda file: os.fsencode(file.path.name)))


def take_row_steps(
    server: ShadowServer, role: str, tracking: Tracking, steps: Sequence[RepairStep]
) -> Tracking:
    """Return the tracking table as it is when the SQL of ``steps`` ran on a copy of it.

    Raises:
        psycopg.Error: The SQL of a step does not run.
    """
    taken = [step for step in steps if step.kind in TAKEN and step.sql]
    with server.database(owner=role) as copy, connect_plain(server.dsn(copy, role)) as session:
        session.execute(write_table(tracking.table).encode())
        for row in tracking.rows:
            text = write_record(tracking.table, row.version, row.name, row.statements)
            session.execute(text.encode())
        for step in taken:
            session.execute(step.sql.encode())
        schema, _, name = tracking.table.rpartition(".")
        query = sql.SQL(
            'select version, name, statements from {} order by version collate "C"'
        ).format(sql.Identifier(schema or "public", name))
        rows = session.execute(query).fetchall()
    return _read_back(tracking, rows)


def _read_back(tracking: Tracking, rows: Sequence[tuple[object, ...]]) -> Tracking:
    before = {row.version: row for row in tracking.rows}
    after = []
    for version, name, statements in rows:
        said = tuple(map(str, statements)) if isinstance(statements, list) else None
        old = before.get(str(version))
        if old and old.statements == said:
            after.append(old)  # a row that was not touched keeps its transaction
        else:
            after.append(TrackingRow(str(version), str(name) if name else None, said))
    status = TrackingStatus.READABLE if after else TrackingStatus.EMPTY
    return Tracking(tracking.table, status, tuple(after), tracking.grants)
