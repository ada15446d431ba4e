"""Commands on versions and their files, without a report: tracking, blame."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.audits import FailOn
from driftbook.cli.output import show, show_json, show_progress
from driftbook.cli.schemas import (
    ConventionOption,
    FormatOption,
    MajorOption,
    PlatformOption,
    RoleOption,
)

DEFAULT_FILES = "supabase/migrations"


@app.command()
def tracking(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A name in params/targets.toml, or demo.")
    ],
    output: FormatOption = "table",
    fail_on: FailOn = None,
    write_files: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the plan's files into DIR; overwrites nothing."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Only save the table's rows, as .sql or .json, and exit."
        ),
    ] = None,
) -> None:
    """Join files, tracking table and live effects; propose repairs.

    Says of every version what files, records and the live database make of it, and plans the
    repair: each step with its reason, its command and its SQL, tried on a copy first. Nothing is
    ever executed on the target.

    Exits with 0 when nothing reaches --fail-on, 1 when something does or the plan is not proven,
    4 when something could not be checked.

    Example: driftbook tracking production --write-files supabase/migrations
    """
    from driftbook.audit.tracking import read_tracking_report, save_rows, write_plan_files

    options: Options = context.obj
    chosen = options.settings().target(target)
    with show_progress(quiet=options.quiet) as report:
        if save is not None:
            show(save_rows(chosen, save, report))
            return
        found = read_tracking_report(chosen, fail_on or chosen.fail_on, report)
    if output == "json":
        show_json(found.as_json())
    else:
        for line in found.lines():
            show(line)
    for line in write_plan_files(found.plan, write_files) if write_files else ():
        show(line)
    raise typer.Exit(found.exit_code)


@app.command()
def blame(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT", help="schema.name, schema.table.column, name, or kind:name."
        ),
    ],
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A migrations directory, or a target.")
    ] = DEFAULT_FILES,
    output: FormatOption = "table",
    platform: PlatformOption = None,
    shadow_major: MajorOption = None,
    replay_role: RoleOption = None,
    convention: ConventionOption = "auto",
) -> None:
    """Name the migrations that made and changed an object.

    The files are replayed and followed statement by statement: what counts is what a statement
    did, not what it mentions. Each is named with file, line, commit and author.

    Example: driftbook blame public.orders.total supabase/migrations
    """
    from driftbook.audit.blame import blame_object
    from driftbook.audit.plan import CompareOptions

    options: Options = context.obj
    choices = CompareOptions(
        platform=platform,
        shadow_major=shadow_major,
        replay_role=replay_role,
        convention=convention,
    )
    with show_progress(quiet=options.quiet) as report:
        found = blame_object(name, source, options.settings(), choices, report)
    if output == "json":
        show_json(found.as_json())
    else:
        for line in found.lines():
            show(line)
