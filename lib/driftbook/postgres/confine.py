"""Run a program of the server inside the box: ``confine.py UID GID PARENT PROGRAM [ARGUMENT …]``.

A script of its own and not a ``preexec_fn``: a kernel has threads, and a fork between their locks
may never reach ``exec``. It imports nothing of the package and replaces itself by the program.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def leave_network(libc: ctypes.CDLL) -> None:
    """Move into a network namespace without interfaces; where that is not allowed, stay."""
    if os.getuid() == 0:
        libc.unshare(CLONE_NEWNET)
        return
    # Without root only together with a user namespace, and there is no way back out of one
    # that cannot be set up: a child tries it first.
    child = os.fork()
    if child == 0:
        try:
            enter_namespaces(libc)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        enter_namespaces(libc)


def enter_namespaces(libc: ctypes.CDLL) -> None:
    """Enter a user namespace in which only this user exists, and a network namespace in it."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        Path("/proc/self", name).write_text(line, encoding="ascii")


def drop_user(uid: int, gid: int) -> None:
    """Become the service user for good; the server refuses to run as root."""
    if os.getuid() == 0 and uid != 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)


def main(arguments: list[str]) -> None:
    """Confine this process, then become the program."""
    uid, gid, parent = map(int, arguments[:3])
    program = arguments[3]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        leave_network(libc)
        drop_user(uid, gid)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # After the change of user, which would clear it.
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the process that wanted this server has ended")
    else:
        drop_user(uid, gid)
    locale = "C" if sys.platform == "darwin" else "C.UTF-8"
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": locale, "TZ": "UTC"}
    os.execve(program, arguments[3:], environment)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
