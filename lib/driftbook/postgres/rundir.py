"""The directory of one running server: where it is, who owns it, when it may be removed."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ServerError
from driftbook.postgres.keeper import stop_orphan
from driftbook.postgres.launch import find_closed_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.postgres.launch import ServiceUser

PREFIX = "drb-"
OWNER_FILE = "owner.json"
SOCKET_BYTES = 107  # of a socket's path, on Linux
MEMORY_BYTES = 512 * 1024**2  # containers often have 64 MB of shared memory
LEAST_BYTES = 128 * 1024**2
ORPHAN_SECONDS = 3600  # a directory whose owner file was never written
# What needs no quoting in settings, connection strings and search paths.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh directory with mode 0700 is made there

logger = logging.getLogger(__name__)


def find_places() -> list[Path]:
    """Return where run directories may be, in order of preference."""
    return list(dict.fromkeys((SHARED_MEMORY, Path(tempfile.gettempdir()), Path("/tmp"))))  # noqa: S108


def choose_place(places: Sequence[Path], user: ServiceUser) -> Path:
    """Return the first of ``places`` with room, a short path, and open to ``user``.

    Raises:
        ServerError: None of them.
    """
    refused = []
    for place in places:
        problem = _find_problem(place, user)
        if not problem:
            return place
        refused.append(f"{place}: {problem}")
    raise ServerError(
        "there is no place for the files of a server",
        where="; ".join(refused),
        fix="free some space, or set TMPDIR to a short path that every user may enter",
    )


def make_run_directory(place: Path, user: ServiceUser, *, keep: bool) -> Path:
    """Return a fresh directory that only ``user`` may enter, with the owner's identity in it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    owner = {
        "pid": os.getpid(),
        "started": read_start(os.getpid()),
        "namespace": _read_namespace(),
        "keep": keep,
    }
    write_private(folder / OWNER_FILE, json.dumps(owner), user)
    user.own(folder)
    return folder


def write_private(path: Path, text: str, user: ServiceUser) -> None:
    """Write a new file that only ``user`` may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    user.own(path)


def sweep(places: Sequence[Path], user: ServiceUser) -> list[Path]:
    """Remove the run directories of dead owners; return what was removed."""
    removed = []
    for folder in _find_run_directories(places, user):
        if _is_orphan(folder):
            stop_orphan(folder)
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def read_start(pid: int) -> str:
    """Return when process ``pid`` started, in the system's own unit; empty when it is gone."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if sys.platform == "linux" else _read_start_by_signal(pid)
    fields = status.rpartition(")")[2].split()  # the name before it may hold anything
    return "" if fields[0] in {"Z", "X"} else fields[19]  # dead, but not yet collected


def find_size(folder: Path) -> int:
    """Return the bytes of all files below ``folder``; files that vanish meanwhile count nothing."""
    total, folders = 0, [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


def _read_start_by_signal(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"


def _read_namespace() -> str:
    # Containers may share a temporary directory: their process ids mean nothing here.
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _find_problem(place: Path, user: ServiceUser) -> str:
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return "no directory that can be written"
    if not PLAIN_PATH.fullmatch(str(place)):
        return "its name holds unusual characters"
    if len(str(place / f"{PREFIX}12345678" / ".s.PGSQL.5432").encode()) > SOCKET_BYTES:
        return "its path is too long for a socket"
    if find_closed_directory(place / "file", user):
        return f"user {user.name or user.uid} may not enter it"
    least, free = MEMORY_BYTES if place == SHARED_MEMORY else LEAST_BYTES, _find_free(place)
    return f"{free >> 20} MB free, {least >> 20} MB needed" if free < least else ""


def _find_free(place: Path) -> int:
    return shutil.disk_usage(place).free


def _find_run_directories(places: Sequence[Path], user: ServiceUser) -> Iterator[Path]:
    for place in places:
        with suppress(OSError):
            for folder in sorted(place.glob(f"{PREFIX}????????")):
                status = folder.lstat()
                ours = status.st_uid in {user.uid, os.geteuid()}
                if ours and stat.S_ISDIR(status.st_mode):
                    yield folder


def _is_orphan(folder: Path) -> bool:
    try:
        owner = json.loads((folder / OWNER_FILE).read_text(encoding="utf-8"))
        pid, started = int(owner["pid"]), str(owner["started"])
    except FileNotFoundError:
        return _is_old(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if owner.get("keep") or owner.get("namespace") != _read_namespace():
        return False
    return read_start(pid) != started


def _is_old(folder: Path) -> bool:
    with suppress(OSError):
        return time.time() - folder.stat().st_mtime > ORPHAN_SECONDS
    return False
