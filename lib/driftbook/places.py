"""Where this process keeps things, as the environment says: state, caches, clock."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

TARGETS_FILE = "targets.toml"


def use_jupyter_config(folder: Path) -> None:
    """Let the JupyterLab that this process starts read ``folder``; a user's own goes before it."""
    others = os.environ.get("JUPYTER_CONFIG_PATH", "")
    paths = [*filter(None, others.split(os.pathsep)), str(folder.resolve())]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)


def find_params() -> Path | None:
    """Return ``$DRIFTBOOK_PARAMS``, or the nearest ``params`` folder with targets, or ``None``."""
    named = os.environ.get("DRIFTBOOK_PARAMS")
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "params" / TARGETS_FILE).is_file():
            return folder / "params"
    return None


def state_dir() -> Path:
    """Return the private folder for evidence and locks; ``$DRIFTBOOK_STATE`` names another."""
    named = os.environ.get("DRIFTBOOK_STATE")
    return Path(named) if named else platformdirs.user_state_path("driftbook")


def cache_dir() -> Path:
    """Return the folder for server programs; ``$DRIFTBOOK_CACHE`` names another.

    Root's own folders are closed to the user who runs its servers.
    """
    named = os.environ.get("DRIFTBOOK_CACHE")
    if named:
        return Path(named)
    shared = Path("/var/cache/driftbook")
    return shared if os.geteuid() == 0 else platformdirs.user_cache_path("driftbook")


def replays_dir() -> Path | None:
    """Return the private folder for earlier replays; ``$DRIFTBOOK_REPLAYS`` names another.

    ``None``: there is none, for the variable is set and empty.
    """
    named = os.environ.get("DRIFTBOOK_REPLAYS")
    if named is None:
        return platformdirs.user_cache_path("driftbook") / "replays"
    return Path(named) if named else None


def use_no_cache() -> None:
    """Let this process and its kernels replay everything from the beginning."""
    os.environ["DRIFTBOOK_REPLAYS"] = ""


def read_clock() -> int | None:
    """Return ``$SOURCE_DATE_EPOCH`` in seconds: the clock of reproducible runs."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isdigit() else None


def find_step_summary() -> Path | None:
    """Return the file in which GitHub Actions takes a summary; ``None`` elsewhere."""
    named = os.environ.get("GITHUB_STEP_SUMMARY", "")
    return Path(named) if named else None
