"""The command line: arguments in, one call of the library, text out; no logic of its own."""

from __future__ import annotations

import signal
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
BUG = 3  # not Python's own 1, which would read as "drift was found"
# jsonschema, which nbformat needs, imports this where a Jupyter server is installed as well. It
# compiles a grammar of addresses then, and takes longer than all other imports together.
BALLAST = "rfc3987_syntax"


def main() -> None:
    """Run the command line; a user's error ends in three lines, never in a traceback."""
    # A stop from outside takes the way of Ctrl-C: servers end, temporary files go.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.modules.setdefault(BALLAST, None)  # type: ignore[arg-type]  # as if it were not installed
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("interrupted: no report is half published, servers are stopped\n")
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from typer.exceptions import TyperException

    from driftbook.cli.app import app
    from driftbook.cli.output import explain_usage, prepare_output, show_error, show_full_disk
    from driftbook.errors import DriftbookError

    prepare_output()
    try:
        code = app(join_pairs(arguments), standalone_mode=False)
    except DriftbookError as error:
        show_error(error)
        return error.exit_code
    except TyperException as error:
        if not arguments:
            error.show()  # type: ignore[attr-defined]  # the help
        else:
            show_error(explain_usage(error))
        return error.exit_code
    except SystemExit:  # typer's answer when the reader of a help page is gone
        return 0
    except Exception as error:  # noqa: BLE001 - the last to see it
        if not show_full_disk(error):
            error.add_note("driftbook met a bug: please report it with this text")
            traceback.print_exc()
        return BUG
    return code if isinstance(code, int) else 0


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
