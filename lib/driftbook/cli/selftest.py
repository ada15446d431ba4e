"""The command that tests what an audit would see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftbook.cli.app import Options, app
from driftbook.cli.output import show, show_json, show_progress
from driftbook.cli.schemas import (
    ConventionOption,
    FormatOption,
    MajorOption,
    PlatformOption,
    RoleOption,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.selftest.mutations import Mutation


@app.command()
def selftest(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A target, a migrations directory (DIR, DIR@REF) or a dump."
        ),
    ] = "",
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Only mutations of this kind; repeatable."),
    ] = None,
    output: FormatOption = "table",
    platform: PlatformOption = None,
    shadow_major: MajorOption = None,
    replay_role: RoleOption = None,
    convention: ConventionOption = "auto",
    *,
    listing: Annotated[
        bool, typer.Option("--list", help="Print the catalogue of mutations and do nothing.")
    ] = False,
) -> None:
    """Change a copy of SOURCE in hundreds of ways; report what an audit would miss.

    The files are replayed in a throw-away server; no database of yours is touched. Each mutation
    (a grant, a dropped policy, another default …) is done to an object of your schema where one
    fits, else to one of a probe that has every kind of object; then the audit's own queries and
    comparison must name it. Copies that differ in nothing must show no difference.

    Exits with 0 when every mutation was seen and nothing else, 1 when one was missed or a copy
    shows a difference, 3 when the schema cannot be made.

    Example: driftbook selftest supabase/migrations --kind policy --kind privilege
    """
    from driftbook.audit.selftest import CompareOptions, choose_mutations, run_selftest
    from driftbook.selftest.words import build_json, list_lines

    mutations = choose_mutations(kinds or ())
    if listing:
        _list(mutations, output)
        return
    if not source:
        raise typer.BadParameter("name a SOURCE", param_hint="SOURCE")
    options: Options = context.obj
    choices = CompareOptions(
        platform=platform,
        shadow_major=shadow_major,
        replay_role=replay_role,
        convention=convention,
    )
    with show_progress(quiet=options.quiet) as report:
        found = run_selftest(source, mutations, options.settings(), choices, report)
    if output == "json":
        show_json(build_json(found))
    else:
        for line in list_lines(found):
            show(line)
    raise typer.Exit(0 if found.passed else 1)


def _list(mutations: Sequence[Mutation], output: str) -> None:
    from driftbook.selftest.words import describe_mutation

    if output == "json":
        show_json([describe_mutation(mutation) for mutation in mutations])
        return
    for mutation in mutations:
        show(str(mutation))
