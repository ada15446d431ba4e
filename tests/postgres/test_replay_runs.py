"""What holds for every replay: limits, lost sessions, choice of versions, repetition."""

from __future__ import annotations

import _thread
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ReplayFailed, SourceError
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import connect_plain
from driftbook.shadow.replay import load_dump, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import ReplayResult

pytestmark = pytest.mark.postgres


@pytest.fixture
def run(server: ShadowServer, tmp_path: Path) -> Iterator[Callable[..., ReplayResult]]:
    """Yield a function that replays texts, given by file name, and tidies up at the end."""
    mark, made = server.roles(), list[str]()

    def run_texts(
        texts: dict[str, str], convention: str = "supabase", **options: object
    ) -> ReplayResult:
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        options.setdefault("platform", convention)
        directory = read_directory(tmp_path, convention=convention)
        result = replay(server, directory, **options)  # type: ignore[arg-type]
        made.append(result.database)
        return result

    yield run_texts
    for name in made:
        server.drop_database(name)
    server.drop_roles_made_since(mark)


def statuses(result: ReplayResult) -> list[str]:
    return [file.status for file in result.files]


def test_an_endless_file_is_ended_from_outside(run: Callable[..., ReplayResult]) -> None:
    endless = "set statement_timeout = 0; select pg_sleep(100);"
    result = run({"1_a.sql": endless, "2_b.sql": "create table t (a int);"}, max_file_seconds=1.5)
    assert statuses(result) == ["failed", "applied"]
    assert result.files[0].error is not None
    assert result.files[0].error.reason == "time"
    assert result.expected.row("table", ("public", "t"))


def test_a_file_that_ends_its_own_session(run: Callable[..., ReplayResult]) -> None:
    result = run(
        {
            "1_a.sql": "create table lost (a int); select pg_terminate_backend(pg_backend_pid());",
            "2_b.sql": "create table t (a int);",
        }
    )
    assert statuses(result) == ["failed", "applied"]
    assert result.expected.row("table", ("public", "lost")) is None


def test_a_large_file_does_not_hang(run: Callable[..., ReplayResult]) -> None:
    rows = "\n".join(f"select '{'x' * 500}', {number};" for number in range(3000))
    result = run({"1_a.sql": f"{rows}\ncreate table t (a int);"}, max_file_seconds=60)
    assert statuses(result) == ["applied"]
    assert result.files[0].statements == 3001


def test_only_the_named_versions_are_applied(run: Callable[..., ReplayResult]) -> None:
    texts = {
        "1_a.sql": "create table a (x int);",
        "2_b.sql": "create table b (x int);",
        "2_c.sql": "create table c (x int);",
        "3_d.sql": "create table d (x int);",
    }
    result = run(texts, versions={"1", "2"})
    assert statuses(result) == ["applied", "applied", "skipped", "skipped"]
    assert [note.kind for note in result.notes if note.file] == ["duplicate-version"]
    assert result.expected.row("table", ("public", "d")) is None


def test_rows_of_the_tracking_table(server: ShadowServer, run: Callable[..., ReplayResult]) -> None:
    result = run({"1_a.sql": "select 1; -- end\n", "2_b.sql": "", "3_c_d.sql": "select 'a;b';"})
    with connect_plain(server.dsn(result.database, result.role)) as session:
        rows = session.execute(
            "select version, name, statements from supabase_migrations.schema_migrations order by 1"
        ).fetchall()
    assert rows == [
        ("1", "a", ["select 1", "-- end"]),
        ("2", "b", None),
        ("3", "c_d", ["select 'a;b'"]),
    ]


@pytest.mark.parametrize("convention", ["supabase", "plain"])
def test_twice_on_one_server_is_equal(convention: str, run: Callable[..., ReplayResult]) -> None:
    texts = {
        "1_a.sql": "create role app; create table t (x int); grant select on t to app;"
        "create extension if not exists pg_cron; create extension citext;",
        "2_b.sql": "alter role app nologin; drop table if exists u; create schema s;",
    }
    first = run(texts, convention)
    again = run(texts, convention)
    assert statuses(first) == statuses(again) == ["applied", "applied"]
    assert first.expected.root_hash == again.expected.root_hash
    assert first.platform.root_hash == again.platform.root_hash
    assert first.database != again.database


def test_strict_and_survey_agree_on_files_without_failure(
    run: Callable[..., ReplayResult],
) -> None:
    texts = {"1_a.sql": "create table t (x int);", "2_b.sql": "alter table t add y int;"}
    strict = run(texts, mode="strict")
    assert strict.expected.root_hash == run(texts).expected.root_hash


def test_a_file_cannot_hide_the_result(run: Callable[..., ReplayResult]) -> None:
    text = """
        revoke all on database postgres from public;
        revoke usage on schema public from public;
        create table public.t (a int);
    """
    result = run({"1_a.sql": text})
    assert statuses(result) == ["applied"]
    assert result.expected.row("table", ("public", "t"))


def test_progress_is_told(run: Callable[..., ReplayResult]) -> None:
    told: list[tuple[str, int, int]] = []
    run(
        {"1_a.sql": "select 1;", "2_b.sql": "select 2;"},
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert told == [("replaying 1_a.sql", 0, 2), ("replaying 2_b.sql", 1, 2)]


@pytest.mark.parametrize("role", ["supabase_admin", "driftbook_auditor", "pg_monitor"])
def test_some_roles_never_run_files(role: str, run: Callable[..., ReplayResult]) -> None:
    with pytest.raises(ReplayFailed, match="cannot be replayed as"):
        run({"a.sql": "select 1;"}, "plain", replay_role=role)


def test_dump_that_is_no_text(server: ShadowServer, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(b"PGDMP\0\xff")
    with pytest.raises(SourceError, match="cannot be loaded"):
        load_dump(server, tmp_path / "a.sql")
    with pytest.raises(SourceError, match="cannot be read"):
        load_dump(server, tmp_path / "b.sql")


def test_every_error_of_a_dump_is_collected(server: ShadowServer, tmp_path: Path) -> None:
    text = "create table t (a int);\nselect nothing;\ncreate table u (a int);\n\nselect no_more();"
    (tmp_path / "a.sql").write_text(text, encoding="utf-8")
    result = load_dump(server, tmp_path / "a.sql")
    server.drop_database(result.database)
    errors = [file.error for file in result.files if file.error]
    assert [(error.line, error.column, error.sqlstate) for error in errors] == [
        (2, 8, "42703"),
        (5, 8, "42883"),
    ]
    assert result.expected.row("table", ("public", "u"))


def test_an_interrupt_comes_through(run: Callable[..., ReplayResult]) -> None:
    timer = threading.Timer(1.5, _thread.interrupt_main)
    started = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run({"1_a.sql": "select 1; select pg_sleep(50);"})
    assert time.monotonic() - started < 20
    assert statuses(run({"1_a.sql": "select 1;"})) == ["applied"]


def test_a_restored_dump_is_equal(server: ShadowServer, tmp_path: Path) -> None:
    rich = Path(__file__).with_name("rich_schema.sql")
    mark = server.roles()
    first = load_dump(server, rich, replay_role="app")
    source = f"--dbname={server.dsn(first.database, first.role)}"
    program = server.binaries.bindir / "pg_dump"
    done = subprocess.run([program, "--schema-only", source], check=True, capture_output=True)
    (tmp_path / "dump.sql").write_bytes(done.stdout)
    again = load_dump(server, tmp_path / "dump.sql", replay_role="app")
    for result in (first, again):
        server.drop_database(result.database)
    server.drop_roles_made_since(mark)
    assert statuses(again) == ["applied"]
    assert again.expected.root_hash == first.expected.root_hash
