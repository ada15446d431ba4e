"""From a directory, or a dump, to an expected schema and a list of what happened."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.progress import say_nothing
from driftbook.shadow.dump import load_dump
from driftbook.shadow.failures.classify import classify_failures
from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.outcome import ExtensionLog, take_snapshot
from driftbook.shadow.prelude import describe_prelude
from driftbook.shadow.prepare import note_beforehand, prepare
from driftbook.shadow.result import Failure, FileResult, Note, ReplayResult
from driftbook.shadow.run import run_pieces, run_script
from driftbook.shadow.runner import MAX_FILE_SECONDS, Runner
from driftbook.shadow.scan import scan
from driftbook.shadow.script import read_script
from driftbook.shadow.steps import watch_database

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from driftbook.migrations.directory import Directory
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.result import Mode, Platform, Status
    from driftbook.shadow.script import Script
    from driftbook.shadow.stand_in import StandIn
    from driftbook.shadow.steps import Step

__all__ = ["Failure", "FileResult", "Note", "ReplayResult", "load_dump", "replay"]


def replay(  # noqa: PLR0913 - what decides a replay, by name
    server: ShadowServer,
    directory: Directory,
    *,
    versions: Collection[str] | None = None,
    platform: Platform,
    replay_role: str = "postgres",
    mode: Mode = "survey",
    progress: Progress = say_nothing,
    database_names: tuple[str, ...] = (),
    max_file_seconds: float = MAX_FILE_SECONDS,
    stand_in: StandIn | None = None,
    records: bool = True,
    observe: Callable[[Step], None] | None = None,
    piecewise: Collection[str] = (),
) -> ReplayResult:
    """Apply the files of ``directory`` to a fresh database of ``server``.

    Args:
        server: A running server; the database stays until it stops.
        directory: All files, also those that are not applied: they are scanned too.
        versions: What is applied; ``None``: everything.
        platform: What the database looks like before the first file.
        replay_role: Who runs the files; the platform supabase has its own.
        mode: ``survey`` goes on after a failing file, ``strict`` stops as the tool does.
        progress: Told the file, how many are done, and how many there are.
        database_names: What the files may call the target's database; empty: anything.
        max_file_seconds: A file that runs longer fails.
        stand_in: What live has in place of the platform; the files run as ``replay_role`` then.
        records: Record versions as the tool does. It stops at the second file of one version;
            a survey runs that one without a record.
        observe: Told what each file did to the schema, right after it.
        piecewise: Names of files of which ``observe`` is told statement by statement.

    Raises:
        ReplayFailed: The shadow cannot be prepared. A failing file is a fact, not an error.
        ServerError: The server ended.
    """
    convention = CONVENTIONS[directory.convention]
    keep, all_roles = mode == "strict", platform == "plain"
    scripts = [read_script(file, convention, keep=keep) for file in directory.files]
    needs = scan(scripts)
    prepared = prepare(server, needs, platform, replay_role, all_roles=all_roles, stand_in=stand_in)
    log = ExtensionLog(prepared)
    before = take_snapshot(server, prepared.database, "platform")
    interceptor = Interceptor(prepared, mode, database_names)
    results, notes = list[FileResult](), note_beforehand(prepared, needs)
    chosen, stopped = _choose(scripts, versions, notes), False
    records &= convention.records and platform == "supabase"
    namesakes = _note_namesakes(scripts, chosen, notes) if records and mode == "survey" else ()
    with ExitStack() as stack:
        runner = stack.enter_context(Runner(server, prepared, max_file_seconds))
        stepper = stack.enter_context(watch_database(server, prepared.database, runner, observe))
        for place, script in enumerate(scripts):
            progress(f"replaying {script.file}", place, len(scripts))
            if place not in chosen or stopped:
                results.append(_pass_over(script, reached=not stopped))
                continue
            if script.file in piecewise:
                result = run_pieces(runner, interceptor, script, stepper.tell)
            else:
                recorded = records and place not in namesakes
                result, own = run_script(runner, interceptor, script, records=recorded)
                notes += own
                stepper.tell(result, script)
            results.append(result)
            if result.error is None:
                log.apply(script)
            stopped = mode == "strict" and result.error is not None
        stepper.finish()
    after = take_snapshot(server, prepared.database, "files")
    return ReplayResult(
        prepared=prepared,
        files=classify_failures(results, scripts, notes),
        notes=tuple(notes),
        platform=log.correct(before, platform=True),
        expected=log.correct(after),
        prelude=describe_prelude(platform),
        mode=mode,
    )


def _choose(
    scripts: Sequence[Script], versions: Collection[str] | None, notes: list[Note]
) -> frozenset[int]:
    """Return the places of the files to run: of one version among ``versions`` the first."""
    if versions is None:
        return frozenset(range(len(scripts)))
    chosen: dict[str, int] = {}
    for place, script in enumerate(scripts):
        if script.version in chosen:
            done = f"left out: {scripts[chosen[script.version]].file} has the same version"
            effect = "unchecked: which of the files was applied"
            notes.append(Note("duplicate-version", script.file, 0, 1, script.version, done, effect))
        elif script.version in versions:
            chosen[script.version] = place
    return frozenset(chosen.values())


def _note_namesakes(
    scripts: Sequence[Script], chosen: Collection[int], notes: list[Note]
) -> frozenset[int]:
    """Return the places of files to run whose version a file before them has."""
    first: dict[str, str] = {}
    found = set[int]()
    for place in sorted(chosen):
        script = scripts[place]
        if first.setdefault(script.version, script.file) != script.file:
            found.add(place)
            done = f"run without a record: {first[script.version]} has the same version"
            effect = "unchecked: which of the files was applied"
            notes.append(Note("duplicate-version", script.file, 0, 1, script.version, done, effect))
    return frozenset(found)


def _pass_over(script: Script, *, reached: bool) -> FileResult:
    status: Status = "skipped" if reached else "not-reached"
    return FileResult(script.version, script.file, status, len(script.statements), 0.0)
