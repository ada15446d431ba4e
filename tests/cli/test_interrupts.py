"""Whoever stops an audit keeps the reports of yesterday, and no server that nobody asked for."""

from __future__ import annotations

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import FILES
from tests.cli.program import find_run_directories, is_alive, read_server, wait_until

from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Program, Running

pytestmark = pytest.mark.postgres

SLOW = "20250103000000_slow.sql"
SAID = "interrupted: no report is half published, servers are stopped\n"


@pytest.fixture(autouse=True)
def old_report(program: Program) -> Path:
    program.write(f"migrations/{SLOW}", "select pg_catalog.pg_sleep(100);")
    return program.write("reports/prod/20260101T000000Z-abcd/drift_audit/report.html", "old")


def find_server(run: Running) -> tuple[Path, int]:
    """Return the directory and the process of the server that ``run`` has started."""
    (folder,) = find_run_directories(run.process.pid)
    server = read_server(folder)
    assert is_alive(server)
    return folder, server


def check_left(program: Program, old_report: Path) -> None:
    """Check that nothing but the old report is among the reports, and nothing in TMPDIR."""
    reports = program.home / "reports"
    assert [path for path in reports.rglob("*") if path.is_file()] == [old_report]
    assert list(reports.glob("prod/*")) == [old_report.parents[1]]
    assert list(program.temporary.iterdir()) == []
    assert list(program.home.glob("**/.new-*")) == []


@pytest.mark.parametrize(
    ("signum", "group"),
    [
        pytest.param(signal.SIGINT, False, id="SIGINT"),
        pytest.param(signal.SIGINT, True, id="Ctrl-C in a terminal"),
        pytest.param(signal.SIGTERM, False, id="SIGTERM"),
    ],
)
def test_a_stopped_replay_takes_its_server_along(
    program: Program, old_report: Path, signum: signal.Signals, *, group: bool
) -> None:
    with program.start("replay", "migrations") as run:
        run.wait_for(f"replaying {SLOW}")
        folder, server = find_server(run)
        assert run.stop(signum, group=group) == 130
        assert run.err.endswith(SAID)
        assert "Traceback" not in run.err
    assert not folder.exists()
    assert not is_alive(server)
    check_left(program, old_report)


@pytest.mark.parametrize(
    "stage",
    [pytest.param("", id="while it starts"), pytest.param(f"replaying {SLOW}", id="in a file")],
)
def test_a_killed_replay_leaves_no_server_and_no_file(
    program: Program, old_report: Path, stage: str
) -> None:
    with program.start("replay", "migrations") as run:
        run.wait_for(stage)
        wait_until(lambda: bool(find_run_directories(run.process.pid)))
        (folder,) = find_run_directories(run.process.pid)
        assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not folder.exists() and not find_processes(folder), 20)
    check_left(program, old_report)


def test_a_stopped_replay_drops_its_databases_on_a_server_of_others(
    program: Program, scratch: ShadowServer, live: str, audited: str
) -> None:
    assert live
    program.write_target("prod", 'migrations = "migrations"', 'shadow_env = "SCRATCH_DSN"')
    strings = {"PROD_DSN": audited, "SCRATCH_DSN": scratch.dsn("postgres", "guest")}
    with program.start("diff", "migrations", "prod", **strings) as run:
        run.wait_for(f"replaying {SLOW}")
        assert len(list_databases(scratch)) == 1
        assert run.stop(signal.SIGINT) == 130
    assert list_databases(scratch) == []
    refused = program("diff", "migrations", "prod", **strings | {"SCRATCH_DSN": audited})
    refused.check_error(2, "the shadow is the target's own server")


@pytest.fixture
def scratch() -> Iterator[ShadowServer]:
    """Yield a server of others, with a login for throw-away databases."""
    with ShadowServer(find_binaries()[0], superuser="boss") as server:
        with server.superuser("postgres") as session:
            session.execute("create role guest login createdb; create role postgres")
            session.execute("grant postgres to guest; grant connect on database postgres to guest")
        server.set_password("guest")
        yield server


def list_databases(server: ShadowServer) -> list[str]:
    query = b"select datname::text from pg_catalog.pg_database where datname like 'driftbook%'"
    with server.superuser("postgres") as session:
        return [str(row[0]) for row in session.execute(query)]


def test_ten_replays_at_once_do_not_meet(program: Program) -> None:
    program.write(f"migrations/{SLOW}", "create table public.last (id int);")
    write_files(program)
    with ThreadPoolExecutor(10) as pool:
        command = ("-q", "replay", "migrations", "--format", "json")
        ended = list(pool.map(lambda _: program(*command), range(10)))
    assert [run.code for run in ended] == [0] * 10, [run.err for run in ended]
    said = [json.loads(run.out) for run in ended]
    assert {one["applied"] for one in said} == {len(FILES) + 1}
    assert len({one["root_hash"] for one in said}) == 1
    assert list(program.temporary.iterdir()) == []


def write_files(program: Program) -> None:
    for name, text in FILES.items():
        program.write(f"migrations/{name}", text)


def find_processes(folder: Path) -> list[str]:
    """Return the command lines that name ``folder``: servers, and what looks after them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(folder) in line]


def test_an_audit_stopped_in_its_notebook_publishes_nothing(
    program: Program, old_report: Path, audited: str
) -> None:
    (program.home / "migrations" / SLOW).unlink()
    with program.start("audit", "prod", PROD_DSN=audited) as run:
        run.wait_for("running drift_audit")
        # The kernel is up when it has written where it listens.
        wait_until(lambda: bool(list(program.temporary.glob("*/kernel.json"))))
        kernels = find_children(run.process.pid)
        assert kernels
        assert run.stop(signal.SIGINT, group=True) == 130
        assert run.err.endswith(SAID)
        assert "Traceback" not in run.err
    wait_until(lambda: not any(map(is_alive, kernels)), 10)
    check_left(program, old_report)


def test_an_audit_stopped_in_its_second_notebook_does_not_publish_the_first(
    program: Program, old_report: Path, audited: str
) -> None:
    (program.home / "migrations" / SLOW).unlink()
    with program.start("audit", "prod", PROD_DSN=audited) as run:
        run.wait_for("running tracking_audit")
        assert run.stop(signal.SIGTERM) == 130
        assert run.err.endswith(SAID)
    check_left(program, old_report)
    assert list((program.home / "reports").glob(".*")) == []


def find_children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started."""
    texts = [
        path.read_text(encoding="utf-8") for path in Path(f"/proc/{pid}/task").glob("*/children")
    ]
    return [int(child) for text in texts for child in text.split()]


def test_a_second_audit_of_a_target_waits_or_says_so(
    program: Program, live: str, audited: str
) -> None:
    assert live
    with program.start("audit", "prod", PROD_DSN=audited) as first:
        # Pending, and therefore tried last: the lock is held all the while.
        first.wait_for(SLOW)
        refused = program("audit", "prod", "--wait", "0", PROD_DSN=audited)
        refused.check_error(3, "another audit of 'prod' is still running", "prod.lock", "--wait")
        with program.start("audit", "prod", PROD_DSN=audited) as second:
            second.wait_for("another audit of prod is running; waiting up to 600 s")
            assert "reading the live database" not in second.err
            assert first.stop(signal.SIGTERM) == 130
            second.wait_for("reading the live database")
            assert second.stop(signal.SIGTERM) == 130
