"""Kernels of tests: forks of a Python that has imported already what notebooks import.

The product starts a kernel as always; only its command is another: ``kernel_client.py`` hands
what it was given to ``kernel_server.py``, lives as long as the fork does, and takes it along.
"""

from __future__ import annotations

import multiprocessing
import runpy
import socket
import sys
import threading
from functools import cache
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.report import kernel

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent
# Importing everything takes longer than most commands; a fork has it imported already.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "driftbook.cli.app",
        "driftbook.report.schedule",
        "driftbook.report.fragments",
        "driftbook.audit",
        "ipykernel.kernelapp",
        "matplotlib_inline.backend_inline",
    ]
)

STARTING = threading.Lock()


def start_serving() -> tuple[str, ...]:
    """Return what stands in for ``python -c``; the server of this process ends with it."""
    with STARTING:  # a test may run the program in several threads
        return _start_serving()


@cache
def _start_serving() -> tuple[str, ...]:
    address = str(Path(get_temp_dir()) / "kernels")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen()
        script = str(HERE / "kernel_server.py")
        given = {"listener": listener}
        FORKS.Process(target=runpy.run_path, args=(script, given), daemon=True).start()
    return (sys.executable, "-I", "-S", str(HERE / "kernel_client.py"), address)


def fork_kernels(patch: pytest.MonkeyPatch) -> None:
    """Let the notebooks that this very process runs have forked kernels."""
    plain = kernel._argv  # noqa: SLF001 - the one seam
    patch.setattr(kernel, "_argv", lambda private: (*start_serving(), *list(plain(private))[2:]))
