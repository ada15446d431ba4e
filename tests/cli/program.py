"""The program as its users start it, and what a run of it may leave behind."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kernels import FORKS, start_serving

import driftbook
from driftbook.postgres.rundir import OWNER_FILE, PREFIX, find_places
from driftbook.report.notebooks import SCHEDULED

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
PATIENCE = 60.0  # seconds that a loaded machine may need
SECRET = "hunter2 @/:?#%Ω"  # noqa: S105 - a canary with every character that needs encoding


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    def check_error(self, code: int, *words: str, where: bool = True) -> None:
        """Check that the run ended with ``code`` and an error in parts that says ``words``."""
        assert self.code == code, self.err
        assert "Traceback" not in self.err
        lines = self.err.splitlines()
        assert any(line.startswith("error: ") for line in lines), self.err
        assert any(line.startswith("  fix: ") for line in lines), self.err
        assert not where or any(line.startswith("  where: ") for line in lines), self.err
        assert not [word for word in words if word not in self.err], self.err


@dataclass(frozen=True, slots=True)
class Running:
    """A run of the program that goes on."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def err(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until the program has said ``text`` on stderr."""
        wait_until(lambda: text in self.err or self.process.poll() is not None)
        assert text in self.err, self.err

    def stop(self, signum: signal.Signals, *, group: bool = False) -> int:
        """Send ``signum``, as a terminal does to the whole ``group``; return the exit code."""
        (os.killpg if group else os.kill)(self.process.pid, signum)
        return self.process.wait(PATIENCE)


@dataclass(frozen=True, slots=True)
class Program:
    """Driftbook in a folder of its own, with nothing of this machine's configuration."""

    home: Path
    temporary: Path
    cache: Path  # of matplotlib's fonts, not our own: it takes seconds to fill
    replays: Path  # one for all tests of a process: most of them replay the same files
    scheduled: tuple[str, ...] = SCHEDULED  # what an audit runs, unless run alone or started

    def scheduling(self, *notebooks: str) -> Program:
        """Return the program whose audits run ``notebooks``: those that a test looks at."""
        return replace(self, scheduled=notebooks)

    def __call__(self, *arguments: str, **env: str) -> Ended:
        """Run the program in a process of its own, which need not import anything."""
        with tempfile.TemporaryDirectory() as folder:
            streams = {name: str(Path(folder) / name) for name in ("stdout", "stderr")}
            given = {
                "arguments": arguments,
                "environment": self.environment(**env),
                "home": str(self.home),
                "kernel": start_serving(),
                "scheduled": self.scheduled,
                "streams": streams,
            }
            script = str(HERE / "forked.py")
            process = FORKS.Process(target=runpy.run_path, args=(script, {"given": given}))
            process.start()
            process.join(3 * PATIENCE)
            code = process.exitcode
            if code is None:
                process.kill()
            texts = [Path(path).read_text(encoding="utf-8") for path in streams.values()]
        assert code is not None, "waited in vain"
        return Ended(code, *texts)

    def run_alone(self, *arguments: str, **env: str) -> Ended:
        """Run the program as a shell does: for what an interpreter decides as it starts."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.home,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def start(self, *arguments: str, **env: str) -> Iterator[Running]:
        """Yield the program while it runs; it is gone after the block, whatever happened in it."""
        log = self.home / f"log-{len(list(self.home.glob('log-*')))}"
        with log.open("wb") as err:
            process = subprocess.Popen(
                self.command(*arguments),
                cwd=self.home,
                env=self.environment(**env),
                stdout=subprocess.DEVNULL,
                stderr=err,
                start_new_session=True,
            )
        try:
            yield Running(process, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "driftbook", *arguments]

    def environment(self, **env: str) -> dict[str, str]:
        given = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home.parent),
            "TMPDIR": str(self.temporary),
            "MPLCONFIGDIR": str(self.cache),
            # A bare checkout runs as well as an installed one.
            "PYTHONPATH": str(Path(driftbook.__file__).parents[1]),
            "DRIFTBOOK_STATE": str(self.home / "state"),
            "DRIFTBOOK_REPLAYS": str(self.replays),
        }
        return {**given, **env}

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def write_notebook(self, name: str, source: str) -> None:
        """Write a notebook of one cell."""
        cell: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
        cells = [{**cell, "metadata": {}, "source": source}]
        document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        self.write(name, json.dumps(document))

    def write_target(self, name: str = "prod", *lines: str) -> None:
        """Describe a target whose string is in the variable PROD_DSN."""
        text = "\n".join([f"[targets.{name}]", 'dsn_env = "PROD_DSN"', *lines])
        self.write("params/targets.toml", text + "\n")


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return when ``condition`` holds; fail when it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def find_run_directories(owner: int) -> list[Path]:
    """Return the run directories of the servers that process ``owner`` started."""
    return [
        path.parent
        for place in find_places()
        for path in place.glob(f"{PREFIX}*/{OWNER_FILE}")
        if json.loads(path.read_text(encoding="utf-8"))["pid"] == owner
    ]


def is_alive(pid: int) -> bool:
    """Return whether process ``pid`` runs; one that nobody has collected yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def read_server(folder: Path) -> int:
    """Return the process id of the server in ``folder``."""
    text = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8")
    return int(text.splitlines()[0])
