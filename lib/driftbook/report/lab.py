"""JupyterLab on the notebooks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.report.notebooks import notebook_folders

if TYPE_CHECKING:
    from driftbook.config import Settings

# Of itself it asks for news, for updates and for extensions: we promise no such request.
QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


def open_lab(settings: Settings, *, browser: bool) -> int:
    """Run JupyterLab on ``./notebooks`` until it is stopped, and return its exit code.

    Raises:
        ConfigError: JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError(
            "JupyterLab is not installed here", fix="run pip install 'driftbook[lab]'"
        )
    folder = copy_notebooks(Path("notebooks"))
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder.resolve().parent}"]
    command += [f"--LabApp.default_url=/lab/tree/{folder.name}/drift_audit.ipynb", *QUIET]
    if not browser:
        command.append("--no-browser")
    if os.name == "posix" and os.getuid() == 0:
        command.append("--allow-root")
    sys.stderr.write(f"targets: {', '.join(sorted(settings.targets))}\n")
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own words
    except KeyboardInterrupt:
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
