"""The application and its global options; the commands are in the modules it imports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from driftbook import __version__, config

HELP = """Compare migration files, tracking table and live PostgreSQL schema, and report drift.

Start with `driftbook demo`; then `driftbook init` in your repository and `driftbook audit TARGET`.

A SOURCE is a connection (`postgresql://…` or `service=…`), a target's name, a migrations
directory (`supabase/migrations`; `…#20260201120000` up to a version; `…@main`, `…@v1.2` or
`…@2026-01-10` as git had it), a `.sql` dump, a capture of any ending or a recorded audit
(`audit:ID`).

Exit codes: 0 pass, 1 findings at or above --fail-on (diff: any change; replay: any failing file),
2 usage or configuration, 3 could not audit, 4 incomplete: something could not be checked.
"""

app = typer.Typer(
    name="driftbook",
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Run every file; use and keep no earlier replay.")
]


@dataclass(frozen=True, slots=True)
class Options:
    """The global options."""

    reports: str | None
    quiet: bool

    def settings(self) -> config.Settings:
        """Return the settings of the nearest ``params`` folder, with ``--reports`` applied."""
        settings = config.read_settings()
        if self.reports is None:
            return settings
        reports = config.place_reports(self.reports, Path.cwd())
        return settings.model_copy(update={"reports": reports})


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"driftbook {__version__}")
        raise typer.Exit


@app.callback()
def read_options(
    context: typer.Context,
    reports: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder, or s3:// or gs:// address, for the reports."),
    ] = None,
    params: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder with targets.toml [default: nearest params/]."),
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Keep the global options for the command that follows."""
    if params is not None:
        config.use_params(params)
    context.obj = Options(reports=reports, quiet=quiet)


from driftbook.cli import (  # noqa: E402, F401 - they register themselves
    accepting,
    audits,
    history,
    postgres,
    schemas,
    selftest,
    versions,
    workplace,
)
