"""A .sql file as a source: the schema-only output of pg_dump, or SQL written by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from driftbook.errors import SourceError
from driftbook.migrations.conventions import PLAIN
from driftbook.migrations.directory import MAX_FILE_BYTES, MigrationFile, find_byte_facts
from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.outcome import ExtensionLog, take_snapshot
from driftbook.shadow.prelude import describe_prelude
from driftbook.shadow.prepare import note_beforehand, prepare
from driftbook.shadow.result import FileResult, ReplayResult
from driftbook.shadow.runner import Runner
from driftbook.shadow.scan import scan
from driftbook.shadow.script import read_script

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import Failure, Platform
    from driftbook.shadow.script import Script
    from driftbook.shadow.stand_in import StandIn

STATEMENT_SECONDS = 120.0


def load_dump(
    server: ShadowServer,
    path: Path,
    *,
    platform: Platform = "plain",
    replay_role: str = "postgres",
    stand_in: StandIn | None = None,
) -> ReplayResult:
    """Run the statements of ``path`` one by one in a fresh database; errors are collected.

    Roles that the text names are made beforehand; rows of COPY and commands of psql are left
    out with a note; what exists already, as the schema ``public``, is tolerated.

    Returns:
        As for a directory. ``files`` has one result for the text and one more for each
        further statement that failed.

    Raises:
        SourceError: The file cannot be read as text.
        ReplayFailed: The shadow cannot be prepared.
    """
    script = _read(path)
    needs = scan([script])
    prepared = prepare(server, needs, platform, replay_role, all_roles=True, stand_in=stand_in)
    before = take_snapshot(server, prepared.database, "platform")
    log = ExtensionLog(prepared)
    interceptor = Interceptor(prepared, "survey", is_dump=True)
    sends, notes = interceptor.rewrite(script)
    failures: list[Failure] = []
    started = time.perf_counter()
    with Runner(server, prepared, STATEMENT_SECONDS) as runner:
        for send in sends:
            failure = runner.run_statement(script, send)
            if failure is not None:
                failures.append(failure)
    log.apply(script)
    after = take_snapshot(server, prepared.database, path.name)
    return ReplayResult(
        prepared=prepared,
        files=tuple(_build_results(script, failures, time.perf_counter() - started)),
        notes=(*note_beforehand(prepared, needs), *notes),
        platform=log.correct(before, platform=True),
        expected=log.correct(after),
        prelude=describe_prelude(platform),
    )


def _read(path: Path) -> Script:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"the file {path.name!r} cannot be read: {error.strerror}",
            where=str(path),
            fix="name a file of SQL",
        ) from error
    facts = find_byte_facts(data)
    file = MigrationFile(path, "", path.name, data, facts)
    if file.unsendable:
        raise SourceError(
            f"the file {path.name!r} cannot be loaded: {file.unsendable}",
            where=str(path),
            fix="write the dump again: pg_dump --schema-only --encoding=UTF8",
        )
    return read_script(file, PLAIN, keep=False)


def _build_results(script: Script, failures: list[Failure], seconds: float) -> list[FileResult]:
    count = len(script.statements)
    if not failures:
        return [FileResult("", script.file, "applied", count, seconds)]
    first, *more = failures
    return [
        FileResult("", script.file, "failed", count, seconds, first),
        *(FileResult("", script.file, "failed", 0, 0.0, failure) for failure in more),
    ]
