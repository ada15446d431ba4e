"""Child processes of the shadow: which user runs them, and how they are confined and ended."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from driftbook.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVICE_USERS = ("postgres", "nobody")
STOP_SECONDS = 10.0
CONFINE = Path(__file__).with_name("confine.py")
KEEPER = Path(__file__).with_name("keeper.py")
# -I and -S: nothing of the caller's environment or site decides what runs here.
PYTHON = (sys.executable, "-I", "-S")


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """Who runs the server and owns its files."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give ``path`` to this user; only root can, and only root needs to."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def find_service_user() -> ServiceUser:
    """Return the user of this process, or for root the first of the service users.

    Raises:
        ServerError: Root, and none of them exists.
    """
    if os.geteuid() != 0:
        return ServiceUser("", os.geteuid(), os.getegid())
    for name in SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(name, entry.pw_uid, entry.pw_gid)
    raise ServerError(
        "a server cannot run as root, and neither 'postgres' nor 'nobody' exists",
        fix="run as another user, or add one: useradd --system postgres",
    )


def build_command(user: ServiceUser, program: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs ``program`` as ``user`` inside the box."""
    return [
        *PYTHON,
        str(CONFINE),
        str(user.uid),
        str(user.gid),
        str(os.getpid()),
        str(program),
        *arguments,
    ]


class Keeper:
    """A process that removes ``folder`` when this one ends or says so, and nothing before.

    Attributes:
        life: A descriptor for the programs that use the folder: it is removed after their end.
    """

    def __init__(self, folder: Path) -> None:
        read_end, self.life = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603 - a script of ours, no shell
            [*PYTHON, str(KEEPER), str(folder), str(read_end)],
            cwd="/",
            stdin=subprocess.PIPE,  # it waits for the end of it, which is that of this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(read_end,),
            start_new_session=True,
        )
        os.close(read_end)

    def finish(self) -> None:
        """Let it remove the folder; return when that is done. Harmless when repeated."""
        if self.life >= 0:
            os.close(self.life)
            self.life = -1
        self._process.communicate()


def run_confined(  # noqa: PLR0913 - what a process is given, by name
    user: ServiceUser,
    program: Path,
    arguments: Sequence[str],
    *,
    given: str = "",
    seconds: float = 120,
    keep_open: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Run ``program`` to its end; output is captured, a failing exit code does not raise.

    ``given`` is its standard input, the only way in which a secret reaches a program.
    """
    return subprocess.run(  # noqa: S603 - paths of ours, no shell
        build_command(user, program, arguments),
        cwd="/",
        input=given,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        pass_fds=keep_open,
        start_new_session=True,
        check=False,
    )


def start_confined(
    user: ServiceUser,
    program: Path,
    arguments: Sequence[str],
    log: IO[bytes],
    *,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start ``program`` in a session of its own, so that Ctrl-C does not reach it."""
    return subprocess.Popen(  # noqa: S603 - paths of ours, no shell
        build_command(user, program, arguments),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=keep_open,
        start_new_session=True,
    )


def stop_process(process: subprocess.Popen[bytes], *, first: signal.Signals) -> None:
    """End a server: ``first``, then an immediate shutdown, then by force."""
    for signum, seconds in ((first, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(signum)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def find_closed_directory(path: Path, user: ServiceUser) -> Path | None:
    """Return the topmost directory on the way to ``path`` that ``user`` may not enter."""
    for folder in reversed(path.resolve().parents):
        status = folder.stat()
        if status.st_uid == user.uid:
            allowed = status.st_mode & 0o100
        elif status.st_gid == user.gid:
            allowed = status.st_mode & 0o010
        else:
            allowed = status.st_mode & 0o001
        if not allowed:
            return folder
    return None
