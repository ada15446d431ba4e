"""The command that accepts a finding."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.output import show


@app.command()
def accept(
    context: typer.Context,
    finding: Annotated[
        str, typer.Argument(metavar="ID", help="Id or key of a finding, as a report gives it.")
    ],
    reason: Annotated[str, typer.Option(help="Why it may stay.")],
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it holds (UTC).")
    ],
    target: Annotated[
        str, typer.Option(help="Whose latest reports have it [default: any target's].")
    ] = "",
) -> None:
    """Accept a finding until a day: it counts no longer, and every report shows who accepted it.

    The entry in params/accepted.toml is void when the finding changes. Accepting a finding that
    is accepted renews its entry.

    Example: driftbook accept drift-1a2b3c4d --reason "goes in May" --owner ana --until 2027-05-31
    """
    from driftbook.audit.sides import read_clock_now
    from driftbook.report.accept import Promise, accept_finding

    options: Options = context.obj
    today = read_clock_now().date()
    promise = Promise(reason, owner, until.date())
    entry, path = accept_finding(finding, promise, options.settings(), today, target)
    show(f"accepted  {', '.join(entry.targets)}  {entry.id}  {entry.key}  until {entry.until}")
    show(str(path))
