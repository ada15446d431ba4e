"""JupyterLab on the notebooks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.config import DEMO
from driftbook.errors import ConfigError
from driftbook.history import find_store
from driftbook.history.read import list_targets
from driftbook.places import use_jupyter_config
from driftbook.report.notebooks import notebook_folders
from driftbook.report.schedule import record_story

if TYPE_CHECKING:
    from driftbook.config import Settings
    from driftbook.progress import Progress

FIRST = "explore"  # the notebook that is open at first

# Of itself it asks for news, for updates and for extensions: we promise no such request.
QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.answer_yes=True",  # Ctrl-C ends it, and its kernels, without a question
)


def prepare_demo(settings: Settings, progress: Progress) -> str:
    """Record the audits of the demo's story where they are missing, and return what to know of it.

    With a target of the user's own nobody waits for the demo: the command is told instead.

    Raises:
        AuditError: They cannot be recorded.
    """
    store = find_store(settings)
    if not settings.target(DEMO).is_demo or (store and DEMO in list_targets(store)):
        return ""
    if settings.targets.keys() - {DEMO}:
        return "the demo has no history yet: driftbook demo makes one"
    record_story(settings, progress=progress)
    return "the demo's audits of four nights are recorded"


def open_lab(settings: Settings, *, browser: bool) -> int:
    """Run JupyterLab on ``./notebooks`` until it is stopped, and return its exit code.

    Raises:
        ConfigError: JupyterLab is not installed.
    """
    check_lab()
    folder = copy_notebooks(Path("notebooks"))
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder.resolve().parent}"]
    command += [f"--LabApp.default_url=/lab/tree/{folder.name}/{FIRST}.ipynb", *QUIET]
    if not browser:
        command.append("--no-browser")
    if os.name == "posix" and os.getuid() == 0:
        command.append("--allow-root")
    sys.stderr.write(f"targets: {', '.join(sorted(settings.targets))}\n")
    use_jupyter_config(Path(str(files("driftbook.report"))) / "lab_config")
    with subprocess.Popen(command) as lab:  # noqa: S603 - our own words
        return _wait(lab)


def check_lab() -> None:
    """Check that JupyterLab is there, before anybody waits for something else.

    Raises:
        ConfigError: It is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError(
            "JupyterLab is not installed here", fix="run pip install 'driftbook[lab]'"
        )


def _wait(lab: subprocess.Popen[bytes]) -> int:
    """Return the exit code of the server; a stop from outside is handed on, and waited for."""
    try:
        return lab.wait()
    except KeyboardInterrupt:
        lab.terminate()  # a terminal's Ctrl-C reached it already, a signal to us alone did not
        lab.wait()
        return 0


def copy_notebooks(folder: Path) -> Path:
    """Copy the shipped notebooks into ``folder`` where they are missing, and return it."""
    shipped = next(
        (place for place in reversed(notebook_folders()) if place.resolve() != folder.resolve()),
        None,
    )
    if shipped is None:
        return folder
    folder.mkdir(exist_ok=True)
    for notebook in sorted(shipped.glob("*.ipynb")):
        if not (folder / notebook.name).exists():
            shutil.copy(notebook, folder / notebook.name)
    return folder
