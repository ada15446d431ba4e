"""Directories of server programs that are ours: made beside and renamed, open to every user."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ServerError
from driftbook.places import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_store() -> Path:
    """Return the folder of the stored programs; it may not exist yet."""
    return cache_dir() / "postgres"


def is_ours(folder: Path) -> bool:
    """Return whether nobody else can have put programs into ``folder``, which exists."""
    status = folder.lstat()
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & 0o022
    )


@contextmanager
def make_stored(folder: Path) -> Iterator[Path]:
    """Yield an empty directory that becomes ``folder`` with the end of the block.

    When the block fails, or another process was first, nothing of it stays.

    Raises:
        ServerError: The store belongs to somebody else: programs are executed from it.
    """
    store = folder.parent
    store.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not is_ours(store):
        raise ServerError(
            "the cache of server programs belongs to somebody else",
            where=str(store),
            fix=f"remove {store}, or make it yours with mode 0755",
        )
    beside = Path(tempfile.mkdtemp(prefix=".partial-", dir=store))
    try:
        yield beside
        _open_modes(beside)
        beside.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _open_modes(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
