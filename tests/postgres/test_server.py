"""A server that reaches nothing, is reached by nobody else, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from driftbook.errors import ServerError
from driftbook.postgres import rundir
from driftbook.postgres.launch import Keeper, find_service_user
from driftbook.postgres.rundir import choose_place, find_places, read_start, sweep
from driftbook.postgres.server import ShadowServer
from driftbook.postgres.watch import Step

if TYPE_CHECKING:
    from driftbook.postgres.binaries import Binaries

LIB = Path(__file__).parents[2] / "lib"
HOLDER = """
import sys, time
sys.path.insert(0, {lib!r})
from pathlib import Path
from driftbook.postgres.binaries import read_binaries
from driftbook.postgres.server import ShadowServer
server = ShadowServer(read_binaries(Path({bindir!r}), "system"))
server.start()
print(server.cluster.directory, server.cluster.pid, server.network_namespace, flush=True)
{then}
"""


def hold_server(
    binaries: Binaries, *, then: str = "time.sleep(60)", user: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    code = HOLDER.format(lib=str(LIB), bindir=str(binaries.bindir), then=then)
    command = [*(user or (sys.executable,)), "-c", code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/")


def find_open_python(user: tuple[str, ...]) -> tuple[str, ...]:
    """Return an interpreter that ``user`` can run: the one under test may be closed to others."""
    path = f"PYTHONPATH={Path(psycopg.__file__).parents[1]}"
    probe = "import psycopg, subprocess, sys; subprocess.run([sys.executable, '-V'], check=True)"
    for python in (sys.executable, "/usr/bin/python3"):
        command = ("/usr/bin/env", path, python)
        if subprocess.run([*user, *command, "-c", probe], check=False, cwd="/").returncode == 0:
            return command
    pytest.skip("no interpreter is open to other users")


def read_holder(process: subprocess.Popen[str]) -> tuple[Path, int, bool]:
    assert process.stdout is not None
    folder, pid, namespace = process.stdout.readline().split()
    return Path(folder), int(pid), namespace == "True"


def wait_for_end(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not read_start(pid):
            return True
        time.sleep(0.05)
    return False


def wait_for_removal(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and folder.exists():
        time.sleep(0.05)
    return not folder.exists()


def read_status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def test_a_connection_without_the_password_is_refused(server: ShadowServer, database: str) -> None:
    parameters = f"host={server.cluster.directory} dbname={database} user={server.superuser_name}"
    with pytest.raises(psycopg.OperationalError, match="no password"):
        psycopg.connect(parameters, passfile="/nonexistent")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(parameters, password="postgres")  # noqa: S106 - a guess


def test_nothing_listens_on_the_network(server: ShadowServer) -> None:
    entries = Path(f"/proc/{server.cluster.pid}/fd").iterdir()
    sockets = {os.readlink(entry) for entry in entries}  # noqa: PTH115 - not paths
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/{server.cluster.pid}/net/{table}").read_text().splitlines()[1:]
        listening = {f"socket:[{row.split()[9]}]" for row in rows if row.split()[3] == "0A"}
        assert not listening & sockets
    with server.superuser("postgres") as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_the_server_can_gain_no_privilege_and_dumps_no_core(
    server: ShadowServer, database: str
) -> None:
    with server.superuser(database) as connection:
        status = read_status(connection.info.backend_pid)
        limits = Path(f"/proc/{connection.info.backend_pid}/limits").read_text()
    assert status["NoNewPrivs"] == "1"
    assert "0" not in status["Uid"].split()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_no_secret_is_in_the_environment_or_arguments(
    binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/d")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nowhere")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    with ShadowServer(binaries) as server:
        process = Path(f"/proc/{server.cluster.pid}")
        names = {
            line.partition(b"=")[0] for line in (process / "environ").read_bytes().split(b"\0")
        }
        assert names - {b"", b"PATH", b"LC_ALL", b"TZ"} <= {b"PG_GRANDPARENT_PID"}
        assert (process / "cmdline").read_bytes().count(b"\0") == 3
        files = {path.name for path in server.cluster.directory.iterdir()}
        assert "password" not in files
        with server.superuser("postgres") as connection:
            assert connection.execute("show search_path").fetchone() == ('"$user", public',)


def test_passwords_are_shown_nowhere(server: ShadowServer, database: str) -> None:
    with server.superuser(database) as connection:
        connection.execute("create role keeper login")
    server.set_password("keeper")
    password = psycopg.conninfo.conninfo_to_dict(server.dsn(database, "keeper"))["password"]
    assert isinstance(password, str)
    text = repr(server) + repr(server.cluster) + server.log_tail(1000)
    assert password not in text
    with psycopg.connect(server.dsn(database, "keeper")) as connection:
        assert connection.info.user == "keeper"


def test_the_directory_is_private(server: ShadowServer) -> None:
    status = server.cluster.directory.stat()
    assert status.st_mode & 0o777 == 0o700
    assert status.st_uid == find_service_user().uid
    owner = json.loads((server.cluster.directory / "owner.json").read_text())
    assert (owner["pid"], owner["started"]) == (os.getpid(), read_start(os.getpid()))


def test_the_settings_that_decide_texts_and_speed_are_set(server: ShadowServer) -> None:
    expected = {"fsync": "off", "wal_level": "logical", "TimeZone": "UTC", "autovacuum": "off"}
    if server.version_num >= 160_000:
        expected["createrole_self_grant"] = "set, inherit"
    if server.version_num >= 180_000:
        expected["extension_control_path"] = f"$system:{server.stubs_dir}"
    with server.superuser("postgres") as connection:
        query = "select pg_catalog.current_setting(%s)"
        found = {name: connection.execute(query, (name,)).fetchone() for name in expected}
    assert found == {name: (value,) for name, value in expected.items()}


def test_a_stub_extension_can_be_installed(server: ShadowServer, database: str) -> None:
    if server.version_num < 180_000:
        pytest.skip("needs 18")
    server.write_stub("dummy.control", "default_version = '1.0'\ntrusted = false\n")
    server.write_stub("dummy--1.0.sql", "create function answer() returns int return 42;")
    with server.superuser(database) as connection:
        connection.execute("create extension dummy")
        assert connection.execute("select answer()").fetchone() == (42,)


def test_two_servers_and_their_ends_do_not_meet(binaries: Binaries) -> None:
    with ShadowServer(binaries) as first:
        with ShadowServer(binaries) as second:
            assert first.cluster.directory != second.cluster.directory
            gone = second.cluster.directory
        assert not gone.exists()
        assert first.roles() == frozenset()
        left = first.cluster.directory
    assert not left.exists()
    first.stop()  # again: harmless
    with pytest.raises(ServerError, match="not running"):
        first.roles()


def test_a_thread_may_not_start_a_server(binaries: Binaries) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            ShadowServer(binaries).start()
        except ServerError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_owner_takes_its_server_along(binaries: Binaries, signum: signal.Signals) -> None:
    process = hold_server(binaries)
    folder, pid, _ = read_holder(process)
    process.send_signal(signum)
    process.communicate()
    assert wait_for_end(pid)
    assert wait_for_removal(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="the keeper finds servers in /proc")
def test_a_server_that_does_not_notice_its_owners_death_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / "drb-12345678"
    (folder / "data").mkdir(parents=True)
    command = [sys.executable, "-c", "import time; time.sleep(60)", str(folder / "data")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    (folder / "data/postmaster.pid").write_text(f"{server.pid}\n")
    keeper = Keeper(folder)
    assert folder.exists()
    keeper.finish()
    assert not folder.exists()
    assert server.wait(0) == -signal.SIGINT


def test_an_owner_that_just_ends_leaves_nothing(binaries: Binaries) -> None:
    process = hold_server(binaries, then="sys.exit(0)")
    folder, pid, _ = read_holder(process)
    process.communicate()
    assert wait_for_end(pid)
    assert not folder.exists()


def test_a_fork_of_the_owner_does_not_stop_its_server(binaries: Binaries) -> None:
    then = "import os\nif os.fork() == 0: sys.exit(0)\nos.wait(); print(server.running, flush=True)"
    process = hold_server(binaries, then=then)
    read_holder(process)
    assert process.communicate()[0].strip() == "True"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_a_plain_user_runs_it_as_itself(binaries: Binaries) -> None:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("needs setpriv")
    user = (setpriv, "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    python = find_open_python(user)
    process = hold_server(binaries, user=(*user, *python), then="time.sleep(1)")
    folder, pid, _ = read_holder(process)
    owner, uid = folder.stat().st_uid, read_status(pid)["Uid"].split()[0]
    assert uid == str(owner) != "0"
    process.communicate()
    assert wait_for_end(pid)
    assert not folder.exists()


def test_only_directories_of_dead_owners_are_swept(tmp_path: Path) -> None:
    user = find_service_user()
    mine = rundir.make_run_directory(tmp_path, user, keep=False)
    dead = rundir.make_run_directory(tmp_path, user, keep=False)
    kept = rundir.make_run_directory(tmp_path, user, keep=True)
    unsigned = tmp_path / "drb-12345678"
    unsigned.mkdir()
    foreign = tmp_path / "drb-other"
    foreign.mkdir()
    for folder in (dead, kept):
        owner = json.loads((folder / "owner.json").read_text())
        (folder / "owner.json").write_text(json.dumps(owner | {"started": "1"}))
    assert sweep([tmp_path], user) == [dead]
    assert all(folder.is_dir() for folder in (mine, kept, unsigned, foreign))


def test_a_place_is_passed_over_when_it_cannot_hold_a_socket(tmp_path: Path) -> None:
    user = find_service_user()
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    odd = tmp_path / "a b"
    odd.mkdir()
    with pytest.raises(ServerError) as caught:
        choose_place([deep, odd, tmp_path / "missing"], user)
    for problem in ("too long", "unusual", "written"):
        assert problem in caught.value.where
    assert choose_place([deep, *find_places()], user) in find_places()


def test_shared_memory_without_room_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rundir, "MEMORY_BYTES", 1 << 60)
    assert choose_place(find_places(), find_service_user()) != rundir.SHARED_MEMORY


def test_a_server_that_does_not_start_says_why(
    binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftbook.postgres import cluster  # noqa: PLC0415 - its settings are broken here

    before = {path for place in find_places() for path in place.glob("drb-*")}
    monkeypatch.setitem(cluster.SETTINGS, "shared_buffers", "nonsense")
    with pytest.raises(ServerError, match="ended while starting") as caught:
        ShadowServer(binaries).start()
    assert "shared_buffers" in caught.value.where
    after = {path for place in find_places() for path in place.glob("drb-*")}
    assert not {path for path in after - before if path.exists() and _is_mine(path)}


def _is_mine(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "owner.json").read_text())["pid"] == os.getpid())
    except OSError:
        return False


def test_the_files_are_kept_on_demand(binaries: Binaries) -> None:
    with ShadowServer(binaries, keep=True) as server:
        folder = server.cluster.directory
    try:
        assert (folder / "data" / "PG_VERSION").is_file()
    finally:
        shutil.rmtree(folder)


def test_a_closed_database_and_its_clones_admit_no_superuser(
    server: ShadowServer, database: str
) -> None:
    with server.superuser(database) as connection:
        connection.execute("create table kept (id int)")
    server.close_database(database, "postgres")
    server.freeze(database)
    with server.database(template=database) as clone:
        for name in (database, clone):
            with pytest.raises(ServerError, match="closed"), server.superuser(name):
                pass
    with pytest.raises(ServerError, match="would run as the superuser"):
        server.close_database(database, server.superuser_name)


def test_a_clone_has_what_its_template_had(server: ShadowServer, database: str) -> None:
    with server.superuser(database) as connection:
        connection.execute("create table kept (id int)")
    server.freeze(database)
    with server.database(template=database) as clone, server.superuser(clone) as connection:
        assert connection.execute("select * from kept").fetchall() == []
    with pytest.raises(psycopg.OperationalError, match="not currently accepting"):
        psycopg.connect(server.dsn(database, server.superuser_name))


def test_a_role_without_password_has_no_connection_string(server: ShadowServer) -> None:
    with pytest.raises(ServerError, match="has no password"):
        server.dsn("postgres", "nobody knows")


def test_only_roles_made_since_the_mark_are_dropped(server: ShadowServer) -> None:
    with server.superuser("postgres") as connection:
        connection.execute("create role before_mark")
        mark = server.roles()
        connection.execute('create role "odd ""name"; create role parent; create role child')
        connection.execute('grant parent to child, "odd ""name" with admin option')
        connection.execute("set role child; grant parent to before_mark; reset role")
    assert set(server.drop_roles_made_since(mark)) == {'odd "name', "parent", "child"}
    assert "before_mark" in server.roles()
    server.drop_roles_made_since(mark - {"before_mark"})


def test_migrations_cannot_enter_the_maintenance_database(
    server: ShadowServer, database: str
) -> None:
    with server.superuser(database) as connection:
        connection.execute("create role migrator login")
    server.set_password("migrator")
    for name in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(server.dsn(name, "migrator"))


def test_an_endless_statement_is_cancelled(server: ShadowServer, database: str) -> None:
    started = time.monotonic()
    with (
        server.superuser(database) as connection,
        pytest.raises(ServerError, match=r"more than 0.3 s; the session was cancelled"),
        server.run_watched(connection, 0.3),
    ):
        connection.execute("select pg_sleep(60)")
    assert time.monotonic() - started < 10


def test_a_statement_that_ignores_cancellation_is_terminated(
    server: ShadowServer, database: str
) -> None:
    stubborn = (
        "do $$ begin loop begin perform pg_sleep(60); "
        "exception when query_canceled then null; end; end loop; end $$"
    )
    with psycopg.connect(server.dsn(database, server.superuser_name)) as connection:
        with (
            pytest.raises(ServerError, match="terminated"),
            server.run_watched(connection, 0.3) as guard,
        ):
            connection.execute(stubborn)
        assert guard.step == Step.TERMINATED
    assert server.running


def test_work_within_the_limit_is_left_alone(server: ShadowServer, database: str) -> None:
    with server.superuser(database) as connection:
        with server.run_watched(connection, 30) as guard:
            connection.execute("select 1")
        assert guard.step is None
        with pytest.raises(psycopg.errors.DivisionByZero), server.run_watched(connection, 30):
            connection.execute("select 1/0")


def test_files_that_outgrow_the_ceiling_end_the_session(
    server: ShadowServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.cluster, "data_limit_bytes", 1)
    with (
        server.superuser(database) as connection,
        pytest.raises(ServerError, match="outgrew"),
        server.run_watched(connection, 60),
    ):
        connection.execute("select pg_sleep(60)")


@pytest.mark.slow
def test_a_session_that_answers_nothing_is_killed_with_its_server(binaries: Binaries) -> None:
    with ShadowServer(binaries) as server:
        with server.superuser("postgres") as connection:
            os.kill(connection.info.backend_pid, signal.SIGSTOP)
            with (
                pytest.raises(ServerError, match="killed with its server"),
                server.run_watched(connection, 0.2),
            ):
                connection.execute("select 1")
        assert not server.running
        folder = server.cluster.directory
    assert not folder.exists()


def test_where_the_kernel_allows_it_there_is_no_network(server: ShadowServer) -> None:
    if not server.network_namespace:
        pytest.skip("no network namespace may be made here")
    devices = Path(f"/proc/{server.cluster.pid}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]
