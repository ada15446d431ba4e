"""Commands on schemas, without a report: capture, diff, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from driftbook.cli.app import NoCache, Options, app
from driftbook.cli.output import show, show_json, show_progress
from driftbook.config import Target
from driftbook.errors import ConfigError
from driftbook.places import use_no_cache
from driftbook.shadow.result import Platform

SourceText = Annotated[str, typer.Argument(metavar="SOURCE", help="Any source; see driftbook -h.")]


PlatformOption = Annotated[
    Platform | None,
    typer.Option(help="What the shadow holds before the first file [default: what live shows]."),
]
FormatOption = Annotated[
    Literal["table", "json"], typer.Option("--format", help="How to print the result.")
]
MajorOption = Annotated[
    int | None, typer.Option(min=14, max=18, help="Major version of the shadow [default: live's].")
]
RoleOption = Annotated[
    str | None, typer.Option(help="Role that migrations run as [default: the owner in live].")
]
ConventionOption = Annotated[
    Literal["auto", "supabase", "flyway", "dbmate", "golang-migrate", "prisma", "drizzle", "plain"],
    typer.Option(help="Whose files a directory holds; auto: as they show."),
]


@app.command()
def capture(
    context: typer.Context,
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Any source; see driftbook -h.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write [default: SOURCE.json].")
    ] = None,
    platform: PlatformOption = None,
    shadow_major: MajorOption = None,
    convention: ConventionOption = "auto",
    major: Annotated[
        int | None,
        typer.Option(min=14, max=18, help="With --script, --select: only this server's."),
    ] = None,
    *,
    script: Annotated[
        bool,
        typer.Option(
            "--script", help="Print a script for psql; of a target: with its tracking table."
        ),
    ] = False,
    select: Annotated[
        bool, typer.Option("--select", help="Print one SELECT that captures; needs --major.")
    ] = False,
) -> None:
    """Write the schema of SOURCE to one JSON file.

    The file is a source itself. So is what the script or the SELECT gives, run by somebody who
    reaches a database that you do not.

    Example: driftbook capture production -o before.json

    Example: driftbook capture --script > capture.sql; psql -X -f capture.sql "$URL" -o prod.capture
    """
    from driftbook.audit.compare import CompareOptions, capture_source

    if script or select:
        _check_printing(source, output, major, script=script, select=select)
        settings = context.obj.settings()
        show(_write_queries(settings.target(source) if source else None, major, script=script))
        return
    if source is None or major is not None:
        raise ConfigError(
            "nothing says what to capture" if source is None else "--major is not for a SOURCE",
            fix="name a source, or print what somebody else runs: --script, or --select --major N",
        )
    options: Options = context.obj
    choices = CompareOptions(platform=platform, shadow_major=shadow_major, convention=convention)
    _check_output(output)
    with show_progress(quiet=options.quiet) as report:
        path = capture_source(source, output, options.settings(), choices, report)
    show(str(path))


def _write_queries(target: Target | None, major: int | None, *, script: bool) -> str:
    from driftbook.catalog.portable.script import write_script
    from driftbook.catalog.portable.statement import write_select
    from driftbook.tracking.captured import write_steps

    if not script and major is not None:
        return write_select(major).rstrip("\n")
    table = target.tracking_table if target else ""
    return write_script(major, write_steps(table) if table else "").rstrip("\n")


def _check_printing(
    source: str | None, output: Path | None, major: int | None, *, script: bool, select: bool
) -> None:
    """Raise when what is to be printed makes no sense."""
    if script and select:
        problem, fix = "--script and --select are two ways", "give one of them"
    elif output is not None or (select and source is not None):
        problem = "what is printed is run by somebody else: there is no SOURCE and no file here"
        fix = "leave it out: driftbook capture --script > capture.sql"
    elif select and major is None:
        problem = "one SELECT is for the servers of one major version"
        fix = "say which: --select --major 15; the server tells it: show server_version"
    else:
        return
    raise ConfigError(problem, fix=fix)


def _check_output(output: Path | None) -> None:
    """Raise when ``output`` cannot become a file: the file replaces what has its name."""
    if output is None:
        return
    if output.exists() and not output.is_file():
        problem = "what is there is no regular file"
    elif not output.absolute().parent.is_dir():
        problem = "there is no such folder"
    else:
        return
    raise ConfigError(
        f"the capture cannot be written: {problem}",
        where=str(output.absolute()),
        fix="name a file in a folder that exists: --output FILE",
    )


@app.command()
def diff(
    context: typer.Context,
    expected: Annotated[str, typer.Argument(metavar="FROM", help="What should be: any source.")],
    live: Annotated[str, typer.Argument(metavar="TO", help="What is: any source.")],
    output: FormatOption = "table",
    platform: PlatformOption = None,
    shadow_major: MajorOption = None,
    replay_role: RoleOption = None,
    convention: ConventionOption = "auto",
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print below each difference what it means.")
    ] = False,
    access: Annotated[
        bool, typer.Option("--access", help="Print who can reach what in TO that FROM gives not.")
    ] = False,
    roles: Annotated[
        bool, typer.Option("--roles", help="Compare roles of the cluster and memberships as well.")
    ] = False,
) -> None:
    """Print what differs between two sources.

    Exits with 0 when nothing differs, 1 when something does, 4 when nothing differs in what could
    be compared but something could not.

    Example: driftbook diff supabase/migrations "$DATABASE_URL" --format json
    """
    from driftbook.audit.compare import CompareOptions, compare_sources

    options: Options = context.obj
    choices = CompareOptions(
        platform=platform,
        shadow_major=shadow_major,
        replay_role=replay_role,
        convention=convention,
        roles=roles,
    )
    with show_progress(quiet=options.quiet) as report:
        comparison = compare_sources(expected, live, options.settings(), choices, report)
    if output == "json":
        show_json(comparison.as_json())
    else:
        for line in (
            *(comparison.access_lines() if access else ()),
            *comparison.lines(explain=explain),
        ):
            show(line)
    raise typer.Exit(comparison.exit_code)


@app.command()
def replay(
    context: typer.Context,
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="A migrations directory, or DIR@REF.")
    ],
    output: FormatOption = "table",
    platform: PlatformOption = None,
    shadow_major: MajorOption = None,
    replay_role: RoleOption = None,
    convention: ConventionOption = "auto",
    *,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict/--survey", help="Stop at the first failure as the CLI does, or go on."
        ),
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Replay a directory from empty; name what fails.

    DIR@REF and DIR@2026-01-10 are the directory as git had it, and DIR#VERSION ends with that
    version. Files of Flyway, dbmate, golang-migrate, Prisma and Drizzle are recognised.

    Files that an earlier replay ran, in the same order on the same server, are not run again.

    Example: driftbook replay supabase/migrations@main --format json
    """
    from driftbook.audit.survey import CompareOptions, replay_directory

    if no_cache:
        use_no_cache()
    options: Options = context.obj
    choices = CompareOptions(
        platform=platform,
        shadow_major=shadow_major,
        replay_role=replay_role,
        strict=strict,
        convention=convention,
    )
    with show_progress(quiet=options.quiet) as report:
        survey = replay_directory(directory, options.settings(), choices, report)
    if output == "json":
        show_json(survey.as_json())
    else:
        for line in survey.lines():
            show(line)
    raise typer.Exit(survey.exit_code)
