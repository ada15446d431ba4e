"""Commands about the place of work: init, doctor, lab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.output import show, show_error, show_note, show_progress


@app.command()
def init(
    target: Annotated[str, typer.Option(help="Name of the target to describe.")] = "production",
    migrations: Annotated[
        Path | None, typer.Option(help="Migrations directory [default: found].")
    ] = None,
    dsn_env: Annotated[
        str | None, typer.Option(help="Environment variable that will hold the connection string.")
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option(help="Address of a function that runs one SELECT, if nobody may connect."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the file, write nothing.")
    ] = False,
    ddl_log: Annotated[
        bool,
        typer.Option("--ddl-log", help="Write the migration of the DDL log, and no target."),
    ] = False,
) -> None:
    """Describe a target in params/targets.toml.

    Reads supabase/config.toml for the server's major version and the exposed schemas. An existing
    file is kept: the new target is appended to it.
    """
    from driftbook.propose import propose_target, write_proposal

    if ddl_log:
        _init_ddl_log(migrations, dry_run=dry_run)
        return
    proposal = propose_target(Path.cwd(), target, migrations, dsn_env, rpc)
    for line in proposal.explain():
        show(line)
    if dry_run:
        show("")
        show(proposal.text)
    else:
        show(f"wrote {write_proposal(proposal, Path.cwd())}")
        show(f"next: export {proposal.export}; driftbook doctor {target}")


def _init_ddl_log(migrations: Path | None, *, dry_run: bool) -> None:
    from driftbook.forensics.ddl_log import read_migration, write_migration
    from driftbook.propose import check_own_names, find_migrations

    if dry_run:
        show(read_migration())
        return
    directory = Path.cwd() / (migrations or find_migrations(Path.cwd()))
    check_own_names(directory)
    show(f"wrote {write_migration(directory)}")
    show("next: apply it as you apply your migrations; who may read the log is a grant")


@app.command()
def doctor(
    context: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(metavar="TARGET", help="Also examine this target's connection and rights."),
    ] = None,
    *,
    empty_cache: Annotated[
        bool, typer.Option("--empty-cache", help="First remove every replay that is kept.")
    ] = False,
) -> None:
    """Say what is here, and what an audit would miss."""
    from driftbook.audit.doctor import empty_cache as empty
    from driftbook.audit.doctor import examine
    from driftbook.report.store import open_store

    if empty_cache:
        show(empty())
    options: Options = context.obj
    settings = options.settings()
    diagnosis = examine(settings, target, lambda: open_store(settings.reports).check_writable())
    for line in diagnosis.lines():
        show(line)
    raise typer.Exit(diagnosis.exit_code)


@app.command()
def lab(
    context: typer.Context,
    *,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, open nothing.")
    ] = False,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Do not record the demo's audits first.")
    ] = False,
) -> None:
    """Open JupyterLab on the notebooks.

    "Run All" works at once on the demo target. Where there is no target but the demo, its four
    audits are recorded first, so that it has a history; that takes a minute or two.

    Needs the extra: pip install 'driftbook[lab]'. In a repository without a notebooks folder the
    notebooks are copied into ./notebooks first; existing files are never overwritten.
    """
    from driftbook.errors import AuditError
    from driftbook.report.lab import check_lab, open_lab, prepare_demo

    options: Options = context.obj
    settings = options.settings()
    check_lab()
    try:
        with show_progress(quiet=options.quiet) as report:
            told = "" if no_demo else prepare_demo(settings, report)
    except AuditError as error:
        show_error(error)  # JupyterLab opens all the same
    else:
        if told:
            show_note(told)
    raise typer.Exit(open_lab(settings, browser=not no_browser))
