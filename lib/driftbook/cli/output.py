"""What the command line prints: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import progress as bars
from rich.console import Console
from rich.markup import escape

from driftbook.progress import Progress, say_nothing
from driftbook.redact import display_name

if TYPE_CHECKING:
    from driftbook.errors import DriftbookError


def show_error(error: DriftbookError) -> None:
    """Print problem, place and remedy on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]error:[/] {escape(_shown(error.problem))}")
    if error.where:
        console.print(f"  where: {escape(_shown(error.where))}")
    console.print(f"  fix: {escape(_shown(error.fix))}")


def show(text: str) -> None:
    """Print one line of a result; control characters of a foreign name stay visible."""
    sys.stdout.write(_shown(text) + "\n")


def show_json(value: object) -> None:
    """Print ``value`` as JSON that any shell tool reads."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=True)
    sys.stdout.write("\n")


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
                sys.stderr.write(f"{display_name(stage)}{count}\n")
                sys.stderr.flush()
        self.last = stage


def _shown(text: str) -> str:
    return "\n".join(display_name(line) for line in text.split("\n"))
