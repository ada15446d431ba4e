"""One cluster on disk and the process that serves it; knows nothing of databases and roles."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import shutil
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from driftbook.errors import ServerError
from driftbook.postgres.archive import unpack_archive
from driftbook.postgres.launch import (
    Keeper,
    find_service_user,
    run_confined,
    start_confined,
    stop_process,
)
from driftbook.postgres.reach import open_binaries
from driftbook.postgres.rundir import (
    choose_place,
    find_places,
    find_size,
    make_run_directory,
    sweep,
    write_private,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from driftbook.postgres.archive import Archive
    from driftbook.postgres.binaries import Binaries

READY_SECONDS, POLL_SECONDS = 30.0, 0.01
LOG_BYTES = 1024**2
DATA_BYTES = 4 * 1024**3  # the ceiling of all files, which may be memory
PORT = 5432  # names the socket only: nothing listens on TCP
MAINTENANCE = "postgres"
SETTINGS_FILE = "driftbook.conf"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "20",
    "max_locks_per_transaction": "256",  # one transaction may touch a large schema
    "shared_buffers": "64MB",
    # In the data directory, not in /dev/shm: a killed server leaves nothing behind.
    "dynamic_shared_memory_type": "mmap",
    "temp_file_limit": "1GB",
    "wal_level": "logical",
    # A cluster is kept as it stopped: no room for a future that never comes.
    "wal_recycle": "off",
    "wal_init_zero": "off",
    "min_wal_size": "2MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "log_checkpoints": "off",
    # Migration text may hold secrets, and the log's tail is shown in errors.
    "log_min_error_statement": "panic",
}

logger = logging.getLogger(__name__)


class Cluster:
    """A running server in a fresh directory; ends with :meth:`stop`, or with this process.

    Its files are new, or those of ``seed``, with new passwords.

    Raises:
        ServerError: Not in the main thread, no place for the files, or the server does not start.
    """

    def __init__(  # noqa: PLR0913 - what decides a cluster, by name
        self,
        binaries: Binaries,
        superuser: str,
        *,
        keep: bool,
        place: Path | None,
        settings: Mapping[str, str],
        seed: Archive | None = None,
    ) -> None:
        # The death signal follows the thread that started the server, not the process.
        if threading.current_thread() is not threading.main_thread():
            raise ServerError(
                "a server was asked for in a thread; it would end with that thread",
                fix="start the ShadowServer in the main thread and hand it down",
            )
        self.user = find_service_user()
        self.binaries = open_binaries(binaries, self.user)
        self.superuser = superuser
        self._password = secrets.token_urlsafe(24)
        self._keep, self._owner = keep, os.getpid()
        self._wanted = {**SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: Keeper | None = None
        places = [place] if place else find_places()
        sweep(places, self.user)
        self.directory = make_run_directory(choose_place(places, self.user), self.user, keep=keep)
        free = shutil.disk_usage(self.directory).free
        self.data_limit_bytes = min(DATA_BYTES, free * 8 // 10)
        atexit.register(self.stop)
        try:
            if not keep:
                self._keeper = Keeper(self.directory)
            self._initialise(seed)
            self._start()
        except BaseException:
            self.stop()
            raise

    def __repr__(self) -> str:
        return f"<Cluster {self.binaries} {'running' if self.running else 'stopped'}>"

    @property
    def data(self) -> Path:
        """Return the data directory."""
        return self.directory / "data"

    @property
    def stubs(self) -> Path:
        """Return the directory whose ``extension`` folder is searched on 18 and newer."""
        return self.directory / "stubs"

    @property
    def running(self) -> bool:
        """Return whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the process id of the server; 0 when it is not running."""
        return self._process.pid if self._process is not None and self.running else 0

    @property
    def network_namespace(self) -> bool:
        """Return whether the server is cut off in a network namespace of its own."""
        try:
            theirs = os.readlink(f"/proc/{self.pid}/ns/net")  # noqa: PTH115 - not a real path
            return theirs != os.readlink("/proc/self/ns/net")  # noqa: PTH115 - the same
        except OSError:
            return False

    def conninfo(self, database: str, role: str, password: str) -> str:
        """Return a connection string; nothing of the caller's ``PG*`` variables enters it."""
        return make_conninfo(
            host=str(self.directory),
            port=PORT,
            dbname=database,
            user=role,
            password=password,
            options="",
            sslmode="disable",
            channel_binding="prefer",
            target_session_attrs="any",
            connect_timeout=10,
            application_name="driftbook",
        )

    def superuser_conninfo(self, database: str = MAINTENANCE) -> str:
        """Return the connection string of the bootstrap superuser."""
        return self.conninfo(database, self.superuser, self._password)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last ``lines`` of the server's log, from at most its last megabyte."""
        try:
            with (self.directory / "log").open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_BYTES))
                text = log.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def find_size(self) -> int:
        """Return the bytes of the data directory."""
        return find_size(self.data)

    def find_excess(self) -> bool:
        """Return whether the data directory has outgrown its ceiling."""
        return self.find_size() > self.data_limit_bytes

    def kill(self) -> None:
        """End the server at once; the directory stays until :meth:`stop`."""
        if self._process is not None:
            stop_process(self._process, first=signal.SIGQUIT)

    def stop(self) -> None:
        """End the server and remove its directory; harmless when repeated."""
        if os.getpid() != self._owner:  # a fork of the owner runs the owner's exit handlers too
            return
        atexit.unregister(self.stop)
        if self._process is not None:
            stop_process(self._process, first=signal.SIGINT)
        if self._keep:
            logger.info("kept the files of the shadow server: %s", self.directory)
        if self._keeper is not None:
            self._keeper.finish()

    @property
    def _held(self) -> tuple[int, ...]:
        return (self._keeper.life,) if self._keeper else ()

    @contextmanager
    def stopped(self) -> Iterator[Path]:
        """Yield the data directory while no server uses it; the server runs again afterwards.

        Raises:
            ServerError: It does not stop in order, or does not start again.
        """
        assert self._process is not None  # noqa: S101 - since it was started
        stop_process(self._process, first=signal.SIGINT)
        if self._process.returncode:
            raise self._fail("the server did not stop in order", self.log_tail())
        try:
            yield self.data
        finally:
            self._start()

    def _initialise(self, seed: Archive | None) -> None:
        (self.stubs / "extension").mkdir(parents=True)
        for folder in (self.stubs, self.stubs / "extension"):
            self.user.own(folder)
        if seed is None:
            self._create()
        else:
            unpack_archive(seed, self.data, self.user)
        # No replication line, no line without a password: migration text is a local client too.
        (self.data / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="utf-8")
        lines = [f"{name} = '{value}'\n" for name, value in self._settings().items()]
        (self.data / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
        self.user.own(self.data / SETTINGS_FILE)
        if seed is not None:
            self._change_password()

    def _create(self) -> None:
        password_file = self.directory / "password"
        write_private(password_file, self._password, self.user)
        try:
            answer = self._run_initdb(password_file, "C.UTF-8")
            if answer.returncode and "locale" in answer.stderr:  # systems without that locale
                shutil.rmtree(self.data, ignore_errors=True)
                answer = self._run_initdb(password_file, "C")
        finally:
            password_file.unlink()
        if answer.returncode:
            raise self._fail("initdb failed", answer.stderr)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"include '{SETTINGS_FILE}'\n")

    def _change_password(self) -> None:
        """Give the superuser the password of this run, before any session can be opened."""
        name = self.superuser.replace('"', '""')
        answer = run_confined(
            self.user,
            self.binaries.bindir / "postgres",
            ["--single", "-j", "-D", str(self.data), MAINTENANCE],
            given=f"alter role \"{name}\" password '{self._password}';\n\n",
        )
        if answer.returncode or "ERROR:" in answer.stderr:
            raise self._fail("its password cannot be changed", answer.stderr)

    def _run_initdb(self, password_file: Path, locale: str) -> subprocess.CompletedProcess[str]:
        options = ["-D", str(self.data), "-U", self.superuser, "-A", "scram-sha-256"]
        options += [f"--pwfile={password_file}", "-E", "UTF8", f"--locale={locale}"]
        # Its own cleaning would take the files away from a child that still runs.
        options += ["--no-sync", "--no-clean", "--wal-segsize=1", "--no-instructions"]
        return run_confined(
            self.user, self.binaries.bindir / "initdb", options, keep_open=self._held
        )

    def _settings(self) -> dict[str, str]:
        settings = {
            **self._wanted,
            "unix_socket_directories": str(self.directory),
            "port": str(PORT),
        }
        if self.binaries.version_num >= 160_000:  # noqa: PLR2004 - a version
            settings["createrole_self_grant"] = "set, inherit"
        if self.binaries.version_num >= 180_000:  # noqa: PLR2004 - a version
            settings["extension_control_path"] = f"$system:{self.stubs}"
            settings["io_method"] = "sync"
        return settings

    def _start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self._process = start_confined(
                self.user,
                self.binaries.bindir / "postgres",
                ["-D", str(self.data)],
                log,
                keep_open=self._held,
            )
        deadline = time.monotonic() + READY_SECONDS
        while self.running and time.monotonic() < deadline:
            try:
                psycopg.connect(self.superuser_conninfo()).close()
            except psycopg.OperationalError:
                time.sleep(POLL_SECONDS)
            else:
                return
        ended = "ended while starting" if not self.running else "did not answer in time"
        raise self._fail(f"the server {ended}", self.log_tail())

    def _fail(self, problem: str, output: str) -> ServerError:
        tail = "\n    ".join(output.splitlines()[-20:]) or "no output"
        return ServerError(
            f"the shadow server does not start: {problem} ({self.binaries})",
            where=f"last lines of its output:\n    {tail}",
            fix="free memory and disk, or name another server: shadow = '/path/to/bin'",
        )
