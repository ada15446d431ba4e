"""From a directory, or a dump, to an expected schema and a list of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.progress import say_nothing
from driftbook.shadow.cache.entry import Kept
from driftbook.shadow.cache.key import Terms, build_keys
from driftbook.shadow.cache.replay_cache import ReplayCache
from driftbook.shadow.course import Course
from driftbook.shadow.dump import load_dump
from driftbook.shadow.failures.classify import classify_failures
from driftbook.shadow.outcome import take_snapshot
from driftbook.shadow.prelude import describe_prelude
from driftbook.shadow.prepare import note_beforehand, prepare
from driftbook.shadow.result import Failure, FileResult, Note, ReplayResult, Reuse
from driftbook.shadow.runner import MAX_FILE_SECONDS
from driftbook.shadow.scan import scan
from driftbook.shadow.script import read_script

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from driftbook.migrations.directory import Directory
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.result import Mode, Platform
    from driftbook.shadow.scan import Needs
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
    cache: Path | None = None,
) -> ReplayResult:
    """Apply the files of ``directory`` to a fresh database of ``server``.

    Args:
        server: Started unless it runs; the database stays until it stops.
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
        cache: Folder of earlier replays, for a server that does not run yet; ``None``: all files
            are run.

    Raises:
        ReplayFailed: The shadow cannot be prepared. A failing file is a fact, not an error.
        ServerError: The server ended.
    """
    convention = CONVENTIONS[directory.convention]
    records &= convention.records and platform == "supabase"
    keep, watched = mode == "strict", observe is not None
    name = directory.convention
    terms = Terms(name, platform, replay_role, mode, database_names, stand_in, records, watched)
    scripts = [read_script(file, convention, keep=keep) for file in directory.files]
    needs = scan(scripts)
    doubles = list[Note]()
    chosen = _choose(scripts, versions, doubles)
    namesakes = _note_namesakes(scripts, chosen, doubles) if records and not keep else ()
    run = [directory.files[place] for place in sorted(chosen)]
    place = cache if not (piecewise or server.running) else None
    reused = ReplayCache(server, place, build_keys(server, needs, terms, run) if place else ())
    kept = reused.begin() or _prepare(server, needs, terms)
    course = Course(server, terms, kept, [*note_beforehand(kept.prepared, needs), *doubles])
    with course.open(max_file_seconds, observe, piecewise):
        for done, script in enumerate(scripts):
            progress(f"replaying {script.file}", done, len(scripts))
            course.follow(script, chosen=done in chosen, records=done not in namesakes)
    after = take_snapshot(server, kept.prepared.database, "files")
    if course.is_repeatable:
        reused.keep(course.build_kept(), course.seconds)
    failed = any(result.error for result in course.results)
    lost = [each.file for each in directory.skipped if each.file and failed]
    passed_over = [read_script(file, convention, keep=False) for file in lost]
    return ReplayResult(
        prepared=kept.prepared,
        files=classify_failures(
            course.results, scripts, course.notes, passed_over, kept.prepared.facts.functions
        ),
        notes=tuple(course.notes),
        platform=course.log.correct(kept.platform, platform=True),
        expected=course.log.correct(after),
        prelude=describe_prelude(platform),
        mode=mode,
        reuse=Reuse(reused.files, reused.rebuilt),
    )


def _prepare(server: ShadowServer, needs: Needs, terms: Terms) -> Kept:
    prepared = prepare(
        server,
        needs,
        terms.platform,
        terms.role,
        all_roles=terms.all_roles,
        stand_in=terms.stand_in,
    )
    return Kept(prepared, take_snapshot(server, prepared.database, "platform"))


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
