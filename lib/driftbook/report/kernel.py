"""A kernel of this very interpreter: no kernelspec has to be installed, nothing listens on TCP."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

if TYPE_CHECKING:
    from collections.abc import Iterator

# The folder of the running package comes first: a checkout that is not installed works as well.
LAUNCH = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from ipykernel import kernelapp; kernelapp.launch_new_instance()"
)
LOG = "kernel.log"
PACKAGES = Path(__file__).resolve().parents[2]


class Process(Protocol):
    """What a limit needs to know of a kernel."""

    def poll(self) -> int | None:
        """Return the exit code, ``None`` while it runs."""

    def kill(self) -> None:
        """End it at once."""


class Limit:
    """Ends a kernel that runs longer than it may, whatever its code is busy with."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._timer: threading.Timer | None = None

    def start(self, kernel: Process) -> None:
        """Give ``kernel`` its time from now on."""
        self._timer = threading.Timer(self.seconds, self._end, [kernel])
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Let the kernel be: the notebook is done."""
        if self._timer:
            self._timer.cancel()

    def _end(self, kernel: Process) -> None:
        if kernel.poll() is None:
            self.passed = True
            kernel.kill()


def build_manager_class(private: Path, limit: Limit | None = None) -> type[AsyncKernelManager]:
    """Return a kernel manager class whose files and sockets lie in the folder ``private``."""
    (private / "ipython").mkdir(mode=0o700)

    class OwnKernelManager(AsyncKernelManager):
        """Starts ``sys.executable`` whatever the notebook's kernelspec says."""

        def __init__(self, **kwargs: object) -> None:
            # On a shared machine other users reach a TCP port; Windows knows nothing else.
            transport = {} if os.name == "nt" else {"transport": "ipc"}
            file = {"connection_file": str(private / "kernel.json")}
            super().__init__(**{**transport, **file, **kwargs})

        async def start_kernel(  # type: ignore[override]  # nbclient awaits it
            self, **kwargs: object
        ) -> None:
            # What the kernel itself says, when it is stopped for instance, is not for a terminal.
            with (private / LOG).open("ab") as log:
                await super().start_kernel(**{"stdout": log, "stderr": log, **kwargs})
            if limit:
                limit.start(self.provisioner.process)  # type: ignore[union-attr]  # a local one

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(argv=list(_argv(private)), display_name="Python 3", language="python")

    return OwnKernelManager


def read_last_words(private: Path) -> str:
    """Return the last line that the kernel itself wrote, or an empty text."""
    try:
        lines = (private / LOG).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _argv(private: Path) -> Iterator[str]:
    yield from (sys.executable, "-c", LAUNCH, str(PACKAGES), "-f", "{connection_file}")
    # Not the reader's own: their start-up files would change what a report says.
    yield f"--ipython-dir={private / 'ipython'}"
