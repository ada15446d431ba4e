"""Commands that make reports: demo, audit, run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftbook.cli.app import NoCache, Options, app
from driftbook.cli.output import show, show_error, show_json, show_note, show_progress
from driftbook.errors import AuditError, ConfigError
from driftbook.model import Severity, Verdict
from driftbook.places import use_no_cache

if TYPE_CHECKING:
    from driftbook.config import Output, Settings
    from driftbook.report.run import AuditRun


class FailOnChoice(StrEnum):
    """The severities, and the word for none of them."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


class OutputChoice(StrEnum):
    """What can be written beside the reports."""

    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    PROMETHEUS = "prometheus"


class FormatChoice(StrEnum):
    """How the command says what it did."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


# What GitHub Actions shows, on top of workflow commands.
OF_GITHUB: tuple[Output, ...] = ("sarif", "junit", "markdown")

FailOn = Annotated[
    Severity | None,
    typer.Option(help="Lowest severity that fails the audit [default: the target's, high]."),
]
FailOnOrNever = Annotated[
    FailOnChoice | None,
    typer.Option(
        help="Lowest severity that fails the audit [default: the target's, high]; "
        "never: drift is reported, and the exit code is 0."
    ),
]
AllowIncomplete = Annotated[
    bool,
    typer.Option("--allow-incomplete", help="Exit with 0 instead of 4; say what is unchecked."),
]
Timeout = Annotated[
    float | None,
    typer.Option(min=1, help="Seconds that one notebook may run [default: the target's, 3600]."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing unless the verdict is not pass.")
]
Parameter = Annotated[
    list[str] | None,
    typer.Option("-p", metavar="NAME VALUE", help="A parameter of the notebook; may be repeated."),
]
ParameterFile = Annotated[
    Path | None, typer.Option("-f", metavar="FILE", help="YAML file of parameters.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON; a list for several targets.")
]
Wait = Annotated[
    float, typer.Option(min=0, help="Seconds to wait while another audit of the target runs.")
]


@app.command()
def demo(context: typer.Context) -> None:
    """Build a demo database, and audit it on four nights of its story.

    A move loses rows of the tracking table, 62 tables and a handful of changes come by hand, one
    table goes again: the reports of the last night show what is new, known and resolved. Nothing
    is needed: no database, no Docker, no configuration. The audits are meant to fail; this
    command exits with 0 when the reports are written.
    """
    from driftbook.report.schedule import run_story

    options: Options = context.obj
    with show_progress(quiet=options.quiet) as report:
        run = run_story(options.settings(), progress=report)
    _show_run(run)
    if run.verdict is Verdict.ERROR:
        raise typer.Exit(run.exit_code)
    if not options.quiet:
        show_note("what happened, step by step: driftbook run incident_postmortem")
        show_note("ask about any object: driftbook lab")


@app.command()
def audit(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET...", help="Names in params/targets.toml, or demo."),
    ] = None,
    fail_on: FailOnOrNever = None,
    parameter: Parameter = None,
    file: ParameterFile = None,
    wait: Wait = 600,
    timeout: Timeout = None,
    *,
    every_target: Annotated[
        bool, typer.Option("--all", help="Audit every target of params/targets.toml.")
    ] = False,
    allow_incomplete: AllowIncomplete = False,
    output: Annotated[
        list[OutputChoice] | None,
        typer.Option(help="Write this as well as what the target asks for; may be repeated."),
    ] = None,
    style: Annotated[
        FormatChoice,
        typer.Option(
            "--format",
            help="How to print; github: workflow commands, and the outputs sarif, junit, markdown.",
        ),
    ] = FormatChoice.TEXT,
    quiet: Quiet = False,
    as_json: AsJson = False,
    no_cache: NoCache = False,
) -> None:
    """Audit each TARGET: capture, compare, write reports.

    Of several targets the worst speaks: could not audit, then drift, then incomplete.

    Example: driftbook audit production --fail-on critical
    """
    from driftbook.report.given import read_parameters
    from driftbook.report.run import worst_code
    from driftbook.report.schedule import prepare_audit, run_audit

    if no_cache:
        use_no_cache()
    options: Options = context.obj
    github = style is FormatChoice.GITHUB
    added: list[Output] = [each.value for each in output or []]
    settings = options.settings().adding_outputs([*added, *(OF_GITHUB if github else ())])
    as_json = as_json or style is FormatChoice.JSON
    quiet = quiet or options.quiet
    given = read_parameters(parameter or [], file)
    never = fail_on is FailOnChoice.NEVER
    if fail_on and not never:
        given["fail_on"] = fail_on.value
    names = _choose_targets(targets or [], settings, every_target=every_target)
    for name in names:
        prepare_audit(name, settings, given)
    shown, codes = [], []
    for name in names:
        try:
            with show_progress(quiet=quiet) as report:
                run = run_audit(name, settings, given, wait=wait, timeout=timeout, progress=report)
        except AuditError as error:
            show_error(error)
            codes.append(error.exit_code)
            continue
        codes.append(run.lessen_code(never_fail=never, allow_incomplete=allow_incomplete))
        _show_problems(run, allow_incomplete=allow_incomplete)
        if quiet and run.verdict is Verdict.PASS:
            continue
        shown.append(run.as_json())
        if not as_json:
            _show_lines(run)
        for line in run.outputs.annotations if github and run.outputs else ():
            show(line)
    if as_json and shown:
        show_json(shown if len(names) > 1 else shown[0])
    raise typer.Exit(worst_code(codes))


@app.command()
def run(
    context: typer.Context,
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK", help="A notebook's name, or the path of an .ipynb.")
    ],
    parameter: Parameter = None,
    file: ParameterFile = None,
    timeout: Timeout = None,
    *,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run one notebook and write its report.

    Example: driftbook run drift_audit -p target production -p fail_on critical
    """
    from driftbook.report.given import read_parameters
    from driftbook.report.schedule import run_one

    options: Options = context.obj
    quiet = quiet or options.quiet
    with show_progress(quiet=quiet) as report:
        done = run_one(
            notebook,
            options.settings(),
            read_parameters(parameter or [], file),
            timeout=timeout,
            progress=report,
        )
    _show_run(done, quiet=quiet, as_json=as_json)
    raise typer.Exit(done.exit_code)


def _choose_targets(named: list[str], settings: Settings, *, every_target: bool) -> list[str]:
    if every_target:
        written = [name for name, target in settings.targets.items() if not target.is_demo]
        if named or not written:
            raise ConfigError(
                "--all takes no names" if named else "no target is described",
                where="driftbook audit --all",
                fix="name the targets or leave them all out" if named else "run driftbook init",
            )
        return written
    if not named:
        raise ConfigError(
            "no target is named", where="driftbook audit", fix="name one, or give --all"
        )
    return list(dict.fromkeys(named))


def _show_run(run: AuditRun, *, quiet: bool = False, as_json: bool = False) -> None:
    _show_problems(run)
    if quiet and run.verdict is Verdict.PASS:
        return
    if as_json:
        show_json(run.as_json())
    else:
        _show_lines(run)


def _show_problems(run: AuditRun, *, allow_incomplete: bool = False) -> None:
    for failure in run.failures:
        show_error(failure)
    for warning in run.warnings:
        show_error(warning)
    if allow_incomplete:
        for gap in run.gaps():
            show_note(f"allowed: {gap}")


def _show_lines(run: AuditRun) -> None:
    for line in run.lines():
        show(line)
    for address in run.files:
        show(address)
    show(run.index)
