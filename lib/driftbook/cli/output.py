"""What the command line prints: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich import progress as bars
from rich.console import Console
from rich.markup import escape

from driftbook.config import holds_dsn
from driftbook.errors import AuditError, ConfigError, DriftbookError
from driftbook.progress import Progress, say_nothing
from driftbook.redact import display_name, redact

if TYPE_CHECKING:
    from typer.exceptions import TyperException


def prepare_output() -> None:
    """Let a terminal of another encoding show what it lacks as an escape."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def show_error(error: DriftbookError) -> None:
    """Print problem, place and remedy on stderr."""
    # Not written by the console: where nobody reads, it would end the process with its own code.
    drawn = io.StringIO()
    console = Console(
        file=drawn, force_terminal=sys.stderr.isatty(), highlight=False, soft_wrap=True
    )
    console.print(f"[bold red]error:[/] {escape(_shown(redact(error.problem)))}")
    if error.where:
        console.print(f"  where: {escape(_shown(redact(error.where)))}")
    console.print(f"  fix: {escape(_shown(error.fix))}")
    _write_stderr(drawn.getvalue())


def explain_usage(error: TyperException) -> ConfigError:
    """Return the error for arguments that the command does not take."""
    message = error.format_message()
    if holds_dsn(message):
        message = "a connection string is nothing that this command takes there"
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "driftbook"
    return ConfigError(message.removesuffix("."), where=command, fix=f"see {command} --help")


def show_full_disk(error: Exception) -> bool:
    """Say so when ``error`` is nothing but a disk without room; return whether it is."""
    if not isinstance(error, OSError) or error.errno != errno.ENOSPC:
        return False
    _discard(sys.stdout)
    where = str(error.filename or "standard output or a temporary file")
    show_error(AuditError("there is no space left", where=where, fix="free space there"))
    return True


def show(text: str) -> None:
    """Print one line of a result; control characters of a foreign name stay visible."""
    _write_stdout(_shown(text) + "\n")


def show_note(text: str) -> None:
    """Print one line beside the result, on stderr."""
    _write_stderr(_shown(redact(text)) + "\n")


def show_json(value: object) -> None:
    """Print ``value`` as JSON that any shell tool reads."""
    _write_stdout(json.dumps(value, indent=2, ensure_ascii=True) + "\n")


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield a function that shows progress: a bar on a terminal, plain lines elsewhere."""
    if quiet:
        yield say_nothing
    elif sys.stderr.isatty():
        columns = (
            bars.SpinnerColumn(),
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(bar_width=24),
            bars.MofNCompleteColumn(),
        )
        with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield _Bar(bar)
    else:
        yield _Lines()


class _Bar:
    def __init__(self, bar: bars.Progress) -> None:
        self.bar = bar
        self.task = bar.add_task("starting", total=None)

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        self.bar.update(
            self.task, description=display_name(stage), completed=done, total=total or None
        )


class _Lines:
    def __init__(self) -> None:
        self.last = ""

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        finished = total and done >= total
        if stage != self.last or finished:
            count = f" ({done} of {total})" if finished else ""
            if stage != self.last or count:
                _write_stderr(f"{display_name(stage)}{count}\n")
        self.last = stage


def _write_stdout(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        _discard(sys.stdout)


def _write_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:  # a log that takes no more lines ends no audit and changes no verdict
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    # What is buffered would fail again, and change the exit code, when Python ends.
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path of ours
        os.dup2(nowhere.fileno(), stream.fileno())


def _shown(text: str) -> str:
    return "\n".join(display_name(line) for line in text.split("\n"))
