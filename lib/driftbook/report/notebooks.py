"""Which notebooks there are, where they are, and which of them an audit runs."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.config import holds_dsn
from driftbook.errors import ConfigError

if TYPE_CHECKING:
    from driftbook.config import Target

SCHEDULED = ("drift_audit", "tracking_audit", "migration_history")
NEEDS_DATABASE = frozenset({"drift_audit"})
NOTEBOOK_NAME = re.compile(r"[a-z][a-z0-9_]*")


def list_scheduled(target: Target) -> list[str]:
    """Return the notebooks of an audit: without a database those about the files alone."""
    has_live = target.is_demo or target.has_database
    return [name for name in SCHEDULED if has_live or name not in NEEDS_DATABASE]


def find_notebook(notebook: str) -> Path:
    """Return the path of a notebook given by name or path.

    A name is looked up in ``notebooks/`` of the working directory, then in the package.

    Raises:
        ConfigError: There is no such notebook.
    """
    if notebook.endswith(".ipynb"):
        path = Path(notebook)
        if path.is_file():
            return path
        raise ConfigError(f"{notebook} does not exist", fix="give the path of an .ipynb file")
    if NOTEBOOK_NAME.fullmatch(notebook):
        for folder in notebook_folders():
            if (folder / f"{notebook}.ipynb").is_file():
                return folder / f"{notebook}.ipynb"
    known = sorted({path.stem for folder in notebook_folders() for path in folder.glob("*.ipynb")})
    name = "as a connection string reads" if holds_dsn(notebook) else repr(notebook)
    raise ConfigError(
        f"no notebook is called {name}", fix=f"use one of {', '.join(known)}, or a path"
    )


def notebook_folders() -> list[Path]:
    """Return where notebooks are looked for, first wins: here, in the package, in a checkout."""
    package = Path(str(files("driftbook")))
    return [
        folder
        for folder in (Path("notebooks"), package / "notebooks", package.parents[1] / "notebooks")
        if folder.is_dir()
    ]
