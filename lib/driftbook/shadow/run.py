"""Running one script: what is refused before a server is asked, what is sent, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.shadow.result import Failure, FileResult, Note
from driftbook.sqltext import find_position

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftbook.shadow.interceptor import Interceptor, Send
    from driftbook.shadow.result import Status
    from driftbook.shadow.runner import Runner
    from driftbook.shadow.script import Script

BYTES = {
    "file-bytes:too-large": "the file is larger than 16 MiB",
    "file-bytes:nul": "the file contains a NUL byte",
    "file-bytes:not-utf-8": "the file is not UTF-8",
}
NOT_IN_REPERTOIRE = "22021"  # what the server says of such bytes
NOT_SUPPORTED = "0A000"


def run_script(
    runner: Runner, interceptor: Interceptor, script: Script, *, records: bool
) -> tuple[FileResult, Sequence[Note]]:
    """Run one file and return what became of it, and what was not sent as it is written."""
    if refused := _refuse(script):
        return refused, ()
    sends, notes = interceptor.rewrite(script)
    seconds, failure = 0.0, _find_client_command(script, sends)
    if failure is None:
        seconds, failure = runner.run_file(script, sends, records=records)
    count = len(script.statements)
    status: Status = "failed" if failure else "applied"
    return FileResult(script.version, script.file, status, count, seconds, failure), notes


def read_notes(interceptor: Interceptor, script: Script) -> Sequence[Note]:
    """Return the notes of a file that was run before: what was not sent as it is written."""
    return () if script.unsendable else interceptor.rewrite(script)[1]


def run_pieces(
    runner: Runner,
    interceptor: Interceptor,
    script: Script,
    tell: Callable[[FileResult, Script, int], None],
) -> FileResult:
    """Run one file statement by statement, telling of each; it stops at the first that fails.

    The file is no transaction then, which only matters to files that fail: what it does to a
    schema is the same.
    """
    if refused := _refuse(script):
        return refused
    count = len(script.statements)
    done = FileResult(script.version, script.file, "applied", count, 0.0)
    sends, _ = interceptor.rewrite(script)
    for send in sends:
        if script.shapes[send.number - 1].kind in {"begin", "transaction"}:
            continue
        failure = runner.run_statement(script, send)
        if failure:
            return FileResult(script.version, script.file, "failed", count, 0.0, failure)
        tell(done, script, send.number)
    return done


def _refuse(script: Script) -> FileResult | None:
    """Return what becomes of a file that no server is asked about; ``None`` when one is."""
    failure = None
    if script.unsendable:
        failure = Failure(
            script.file,
            script.version,
            statement_no=0,
            line=script.bad_line,
            column=1,
            sqlstate=NOT_IN_REPERTOIRE,
            message=BYTES[script.unsendable],
            hint="save the file as UTF-8 text",
            reason="file-bytes",
        )
    elif script.refusal:
        line, column = find_position(script.text, script.refusal.offset)
        failure = Failure(
            script.file,
            script.version,
            statement_no=0,
            line=line,
            column=column,
            sqlstate=NOT_SUPPORTED,
            message=script.refusal.message,
            hint=script.refusal.hint,
            statement_line=line,
            reason=script.refusal.reason,
        )
    return FileResult(script.version, script.file, "failed", 0, 0.0, failure) if failure else None


def _find_client_command(script: Script, sends: Sequence[Send]) -> Failure | None:
    """Return the failure of a COPY that waits for its client: sent, it would end the session."""
    for send in sends:
        statement, shape = script.statements[send.number - 1], script.shapes[send.number - 1]
        if shape.kind in {"copy-stdin", "copy-stdout"}:
            return Failure(
                script.file,
                script.version,
                send.number,
                statement.line,
                statement.column,
                sqlstate=NOT_SUPPORTED,
                message="COPY through the client cannot be part of a migration",
                hint="write INSERT statements",
                statement_line=statement.line,
                reason="client-command",
            )
    return None
