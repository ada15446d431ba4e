"""Forks a kernel for each ``kernel_client.py``; run by path in a Python that has imported all."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from typing import Any, NoReturn

import matplotlib as mpl

MESSAGE = 1 << 20  # bytes; an environment is far smaller
INLINE = "module://matplotlib_inline.backend_inline"  # what ipykernel sets before the first import


def serve(listener: socket.socket) -> None:
    """Fork a kernel for each client, until the process that asked for the server has ended."""
    parent = os.getppid()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while os.getppid() == parent:
            for key, _ in selector.select(1):
                if key.fileobj is listener:
                    start_kernel(listener, selector)
                else:
                    end_kernel(selector, *key.data)


def start_kernel(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    client, _ = listener.accept()
    text, streams, _, _ = socket.recv_fds(client, MESSAGE, 3)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        selector.close()
        listener.close()
        client.close()
        run_kernel(json.loads(text), streams, parent)
    for stream in streams:
        os.close(stream)
    client.send(str(pid).encode())
    ended = os.pidfd_open(pid)
    for one in (client, ended):
        selector.register(one, selectors.EVENT_READ, (pid, client, ended))


def end_kernel(
    selector: selectors.BaseSelector, pid: int, client: socket.socket, ended: int
) -> None:
    """Collect a kernel that has ended, or end the one whose client is gone."""
    if ended not in selector.get_map():
        return  # both at once
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):
        client.send(str(os.waitstatus_to_exitcode(status)).encode())
    for one in (client, ended):
        selector.unregister(one)
    client.close()
    os.close(ended)


def run_kernel(given: dict[str, Any], streams: list[int], parent: int) -> NoReturn:
    """Be the kernel, and end with its exit code."""
    code = 1
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.environ.clear()
        os.environ.update(given["environment"], JPY_PARENT_PID=str(parent))
        os.chdir(given["folder"])
        tempfile.tempdir = None  # to be read from the environment again
        mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", INLINE)
        launch, *arguments = given["words"]
        sys.argv = ["-c", *arguments, f"--IPKernelApp.parent_handle={parent}"]
        sys.path.insert(0, "")
        exec(launch, {"__name__": "__main__"})  # noqa: S102 - what the product gave to python -c
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the end of a process
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - what the end of an interpreter calls
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


serve(globals()["listener"])
