"""Commands that make reports: demo, audit, run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.output import show, show_error, show_json, show_progress
from driftbook.model import Severity, Verdict

if TYPE_CHECKING:
    from driftbook.report.run import AuditRun

FailOn = Annotated[
    Severity | None,
    typer.Option(help="Lowest severity that fails the audit [default: the target's, high]."),
]
Parameter = Annotated[
    list[str] | None,
    typer.Option("-p", metavar="NAME VALUE", help="A parameter of the notebook; may be repeated."),
]
ParameterFile = Annotated[
    Path | None, typer.Option("-f", metavar="FILE", help="YAML file of parameters.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Wait = Annotated[
    float, typer.Option(min=0, help="Seconds to wait while another audit of the target runs.")
]


@app.command()
def demo(context: typer.Context) -> None:
    """Build, audit and report on a demo database.

    The story: a move lost rows of the tracking table, then 62 tables and a handful of changes
    came by hand. Nothing is needed: no database, no Docker, no configuration. The audit is meant
    to fail; this command exits with 0 when the reports are written.
    """
    from driftbook.report.schedule import run_audit

    options: Options = context.obj
    with show_progress(quiet=options.quiet) as report:
        run = run_audit("demo", options.settings(), progress=report)
    _show_run(run)
    if run.verdict is Verdict.ERROR:
        raise typer.Exit(run.exit_code)


@app.command()
def audit(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A name in params/targets.toml, or demo.")
    ],
    fail_on: FailOn = None,
    parameter: Parameter = None,
    file: ParameterFile = None,
    wait: Wait = 600,
    *,
    as_json: AsJson = False,
) -> None:
    """Audit TARGET: capture, compare, write reports.

    Example: driftbook audit production --fail-on critical
    """
    from driftbook.report.given import read_parameters
    from driftbook.report.schedule import run_audit

    options: Options = context.obj
    given = read_parameters(parameter or [], file)
    if fail_on:
        given["fail_on"] = fail_on.value
    with show_progress(quiet=options.quiet) as report:
        run = run_audit(target, options.settings(), given, wait=wait, progress=report)
    _show_run(run, as_json=as_json)
    raise typer.Exit(run.exit_code)


@app.command()
def run(
    context: typer.Context,
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK", help="A notebook's name, or the path of an .ipynb.")
    ],
    parameter: Parameter = None,
    file: ParameterFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Run one notebook and write its report.

    Example: driftbook run drift_audit -p target production -p fail_on critical
    """
    from driftbook.report.given import read_parameters
    from driftbook.report.schedule import run_one

    options: Options = context.obj
    with show_progress(quiet=options.quiet) as report:
        done = run_one(
            notebook,
            options.settings(),
            read_parameters(parameter or [], file),
            progress=report,
        )
    _show_run(done, as_json=as_json)
    raise typer.Exit(done.exit_code)


def _show_run(run: AuditRun, *, as_json: bool = False) -> None:
    for failure in run.failures:
        show_error(failure)
    if run.forgotten:
        show_error(run.forgotten)
    if as_json:
        show_json(run.as_json())
        return
    for line in run.lines():
        show(line)
    show(str(run.index))
