"""Commands on earlier audits: history show, prune, verify."""

from __future__ import annotations

from typing import Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.audits import AsJson
from driftbook.cli.output import show, show_json

HELP = """Look at earlier audits; forget or verify them.

Every `driftbook audit` is recorded: both schemas, the tracking table's versions and all findings,
secrets redacted. The store is one file in the state folder, or the PostgreSQL database whose URL
is in the environment variable that `history_env` of params/targets.toml names.

A past audit is a source, audit:ID: driftbook diff audit:ID audit:ID. Its report is made again by
driftbook run drift_audit -p target TARGET -p audit_id ID.
"""
history = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(history, name="history")

Target = Annotated[
    str, typer.Argument(metavar="TARGET", help="A name in params/targets.toml, or demo.")
]


@history.command("show")
def show_history(
    context: typer.Context,
    target: Target,
    last: Annotated[
        int | None, typer.Option(min=1, help="Only so many audits, the latest [default: all].")
    ] = None,
    *,
    findings: Annotated[
        bool,
        typer.Option("--findings", help="Show the findings: age, or time to reconcile, in days."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the audits of TARGET: verdict, findings by severity, new, resolved.

    One line per audit, oldest first. "rows changed" counts rows of the live catalog that came and
    went since the audit before.

    Example: driftbook history show production --findings
    """
    from driftbook.audit.chronicle import read_chronicle

    options: Options = context.obj
    chronicle = read_chronicle(target, options.settings(), last)
    if as_json:
        show_json(chronicle.as_json())
        return
    for line in chronicle.finding_lines() if findings else chronicle.lines():
        show(line)


@history.command()
def prune(
    context: typer.Context,
    target: Target,
    keep: Annotated[int | None, typer.Option(min=1, help="So many audits stay.")] = None,
    before: Annotated[
        str | None, typer.Option(metavar="DAY", help="Audits before this day go: 2026-01-31.")
    ] = None,
) -> None:
    """Forget the oldest audits of TARGET.

    What they alone held goes with them; findings that are open keep the day of their first sight.
    The latest audit always stays.

    Example: driftbook history prune production --keep 365
    """
    from driftbook.audit.chronicle import prune_history

    options: Options = context.obj
    show(prune_history(target, options.settings(), keep, before))


@history.command()
def verify(context: typer.Context) -> None:
    """Check that every recorded audit is as it was recorded.

    The address of every row and the root hash of every audit are computed again. Exits with 0, or
    with 3 and the names of the damaged audits.

    Example: driftbook history verify
    """
    from driftbook.audit.chronicle import verify_history

    options: Options = context.obj
    show(verify_history(options.settings()))
