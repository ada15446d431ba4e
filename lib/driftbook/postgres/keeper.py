"""Remove a run directory once its owner has ended, however: ``keeper.py DIRECTORY LIFE``.

It waits at the end of a pipe whose other end the owner holds, so a killed owner is noticed too.
A script of its own like ``confine.py``: it imports nothing of the package, and costs no time that
anybody waits for.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 5.0  # for each signal
REMOVE_SECONDS = 30.0
POLL_SECONDS = 0.02


def stop_orphan(folder: Path) -> None:
    """End the server of ``folder``, if one runs: gently, then at once, then by force."""
    pid = _read_server_pid(folder)
    for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if pid is None or not _serves(pid, folder):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signum)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and _serves(pid, folder):
            time.sleep(POLL_SECONDS)


def _read_server_pid(folder: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        text = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        return int(text.splitlines()[0])
    return None


def _serves(pid: int, folder: Path) -> bool:
    """Return whether ``pid`` is really the server of ``folder`` and not a later process."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(folder / "data") in command.split(b"\0")


def main(folder: Path, life: int) -> None:
    """Wait for the end of the owner, then for that of its programs; leave nothing of ``folder``.

    Args:
        folder: The run directory.
        life: A pipe that initdb, the server and their children hold. One whose files vanish
            while it runs leaves its shared memory behind (measured on 15 and 18).
    """
    sys.stdin.buffer.read()
    stop_orphan(folder)
    select.select([life], [], [], REMOVE_SECONDS)
    deadline = time.monotonic() + REMOVE_SECONDS
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists() or time.monotonic() >= deadline:
            return
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
