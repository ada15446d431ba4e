"""The command line: arguments in, one call of the library, text out; no logic of its own."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line; a user's error ends in three lines, never in a traceback."""
    import typer
    from typer.exceptions import TyperException

    from driftbook.cli.app import app
    from driftbook.cli.output import show_error
    from driftbook.errors import DriftbookError

    # A stop from outside takes the way of Ctrl-C: servers end, temporary files go.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = app(join_pairs(sys.argv[1:]), standalone_mode=False)
    except DriftbookError as error:
        show_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was published, servers are stopped\n")
        code = INTERRUPTED
    except typer.Abort:
        code = INTERRUPTED
    except TyperException as error:
        error.show()  # type: ignore[attr-defined]  # all that typer raises have it
        code = error.exit_code
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        sys.stdout = None
        code = 0
    except Exception as error:
        error.add_note("driftbook met a bug: please report it with this text")
        raise
    sys.exit(code if isinstance(code, int) else 0)


def join_pairs(arguments: list[str]) -> list[str]:
    """Return ``arguments`` with papermill's ``-p NAME VALUE`` as ``-p NAME=VALUE``.

    typer has no repeatable option of two values.
    """
    joined: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        joined.append(argument)
        if argument == "-p":
            name = next(rest, None)
            value = None if name is None or "=" in name else next(rest, None)
            joined += [part for part in (name if value is None else f"{name}={value}",) if part]
    return joined


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
