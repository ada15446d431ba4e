"""What a replay costs, as ratios: to the bare statements, and from the cache to a full one.

    python tests/benchmarks/replay.py

Every row is measured in turns; the median of the ratios and their spread are printed. A call is
the whole ``replay_directory`` as a user has it: reading the files, starting the server, applying,
reading the schema, stopping. Nothing of one call is held in memory for the next.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrations import write_migrations, write_tables

from driftbook.audit.survey import CompareOptions, replay_directory
from driftbook.config import read_settings
from driftbook.migrations.conventions import SUPABASE
from driftbook.migrations.directory import read_directory
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.server import ShadowServer
from driftbook.progress import say_nothing
from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.prepare import prepare
from driftbook.shadow.replay import replay
from driftbook.shadow.run import run_script
from driftbook.shadow.runner import MAX_FILE_SECONDS, Runner
from driftbook.shadow.scan import Needs, scan
from driftbook.shadow.script import read_script
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftbook.shadow.prepare import Prepared
    from driftbook.shadow.script import Script

RUNS = 7
FILES, TABLES = 300, 62
SUPERUSER = "supabase_admin"
ONE_MORE = "alter table public.t_7 add column added_later text;\n"


def time_call(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def call(folder: Path, cache: Path | None) -> None:
    """Replay ``folder`` as the command does."""
    os.environ["DRIFTBOOK_REPLAYS"] = str(cache or "")
    options = CompareOptions(platform="supabase")
    survey = replay_directory(str(folder), read_settings(), options, say_nothing)
    assert not survey.exit_code, survey.lines()


@contextmanager
def run_server() -> Iterator[ShadowServer]:
    """Yield a server as the command chooses it."""
    with ShadowServer(resolve_binaries(), superuser=SUPERUSER) as server:
        yield server


def send_all(server: ShadowServer, statements: list[str]) -> float:
    """Return the seconds of ``statements`` in one transaction, in a database with the platform."""
    prepared = prepare(server, Needs(), "supabase", "postgres", all_roles=False)
    with connect_plain(server.dsn(prepared.database, prepared.role)) as connection:
        started = time.perf_counter()
        with connection.transaction():
            for statement in statements:
                connection.execute(statement.encode(), prepare=False)
        seconds = time.perf_counter() - started
    server.drop_database(prepared.database)
    return seconds


def start_and_send(statements: list[str]) -> None:
    """Do by hand the least that a user needs for the same: a server, the platform, the files."""
    with run_server() as server:
        send_all(server, statements)


def compare_files(folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of the statements and of the files, on one running server."""
    directory = read_directory(folder)
    statements = [part.text for file in directory.files for part in split_cli(file.text)]
    bare, files = list[float](), list[float]()
    with run_server() as server:
        for _ in range(RUNS):
            bare.append(send_all(server, statements))
            result = replay(server, directory, platform="supabase")
            files.append(sum(file.seconds for file in result.files))
            server.drop_database(result.database)
    return bare, files


def compare_calls(folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of the statements and of the call, each with a server of its own."""
    directory = read_directory(folder)
    statements = [part.text for file in directory.files for part in split_cli(file.text)]
    pairs = [
        (time_call(lambda: start_and_send(statements)), time_call(lambda: call(folder, None)))
        for _ in range(RUNS)
    ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def compare_cache(folder: Path, cache: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of full calls, and of calls that know all files but one more."""
    call(folder, cache)
    (folder / "20990101000000_one_more.sql").write_text(ONE_MORE, encoding="utf-8")
    pairs = [
        (time_call(lambda: call(folder, None)), time_call(lambda: call(folder, cache)))
        for _ in range(RUNS)
    ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def compare_clone(folder: Path) -> tuple[list[float], list[float]]:
    """Return, on one running server, the seconds of all files and of one more on a copy.

    A copy of the database is how an audit tries files beyond the recorded ones. Reading and
    parsing the files and reading the schema are left out on both sides.
    """
    directory = read_directory(folder)
    scripts = [read_script(file, SUPABASE, keep=False) for file in directory.files]
    whole, one = list[float](), list[float]()
    with run_server() as server:
        for _ in range(RUNS):
            started = time.perf_counter()
            prepared = prepare(server, scan(scripts), "supabase", "postgres", all_roles=False)
            run_all(server, prepared, scripts[:-1])
            whole.append(time.perf_counter() - started)
            started = time.perf_counter()
            with server.database(template=prepared.database) as copy:
                run_all(server, replace(prepared, database=copy), scripts[-1:])
                one.append(time.perf_counter() - started)
            server.drop_database(prepared.database)
    return whole, one


def run_all(server: ShadowServer, prepared: Prepared, scripts: list[Script]) -> None:
    """Run ``scripts`` as a replay does."""
    interceptor = Interceptor(prepared, "survey")
    with Runner(server, prepared, MAX_FILE_SECONDS) as runner:
        for script in scripts:
            result, _ = run_script(runner, interceptor, script, records=True)
            assert not result.error, result.error


def show(title: str, pair: tuple[list[float], list[float]]) -> None:
    """Print one row of Markdown."""
    base, own = pair
    ratios = [mine / theirs for mine, theirs in zip(own, base, strict=True)]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    seconds = f"{statistics.median(base):.2f} s | {statistics.median(own):.2f} s"
    print(f"| {title} | {seconds} | {spread} |", flush=True)


def main() -> None:
    """Print the table."""
    print("| case | base | driftbook | ratio |")
    print("|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        many = write_migrations(place / "many", FILES)
        few = write_tables(place / "few", TABLES)
        dense = write_tables(place / "dense", FILES)
        show(f"{FILES} files of 15 statements, to these in one transaction", compare_files(dense))
        show(f"{FILES} files of 2 statements, to these in one transaction", compare_files(many))
        show(f"{FILES} files, whole calls", compare_calls(many))
        show(f"{TABLES} tables, one file more on a copy", compare_clone(few))
        show(f"{TABLES} tables, one file more, warm", compare_cache(few, place / "few.cache"))
        show(f"{FILES} files, one file more, warm", compare_cache(many, place / "many.cache"))


if __name__ == "__main__":
    main()
