"""A source is understood as written, and a password in it is never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError
from driftbook.sources import Source, SourceKind, name_first, parse_source, tell_apart

if TYPE_CHECKING:
    from pathlib import Path


def parse(text: str) -> Source:
    return parse_source(text, is_target=lambda name: name == "prod")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "dump.sql").touch()
    (tmp_path / "prod.json").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "kind", "version", "label"),
    [
        pytest.param("prod", "target", "", "target prod", id="a target by its name"),
        pytest.param("postgresql://u:pw@h/d", "live", "", "live database", id="a URL"),
        pytest.param("host=h password='a b'", "live", "", "live database", id="key words"),
        pytest.param("service=x", "live", "", "live database", id="a service"),
        pytest.param("migrations", "directory", "", "migrations", id="a directory"),
        pytest.param("migrations#2024", "directory", "2024", "migrations#2024", id="up to"),
        pytest.param("dump.sql", "dump", "", "dump.sql", id="a dump"),
        pytest.param("prod.json", "capture", "", "prod.json", id="a capture"),
    ],
)
def test_forms(text: str, kind: str, version: str, label: str) -> None:
    source = parse(text)
    assert (source.kind, source.version, source.label) == (SourceKind(kind), version, label)


@pytest.mark.parametrize(
    ("text", "path", "ref", "version"),
    [
        pytest.param("migrations@main", "migrations", "main", "", id="a branch"),
        pytest.param("migrations@v1#2024", "migrations", "v1", "2024", id="with a version"),
        pytest.param("migrations@2026-01-10", "migrations", "2026-01-10", "", id="a day"),
        pytest.param("migrations@HEAD@{1}", "migrations", "HEAD@{1}", "", id="the sign in a ref"),
        pytest.param("a@b", "a@b", "", "", id="the sign in a directory"),
        pytest.param("a@b#2024", "a@b", "", "2024", id="the same with a version"),
        pytest.param("a@b@main", "a@b", "main", "", id="the same with a ref"),
        pytest.param("migrations@fix/#12#", "migrations", "fix/#12", "", id="a number in a ref"),
        pytest.param("old@main", "old", "main", "", id="a directory that is no more"),
    ],
)
def test_a_directory_as_git_had_it(
    folder: Path, text: str, path: str, ref: str, version: str
) -> None:
    (folder / "a@b").mkdir()
    source = parse(text)
    assert source == Source(SourceKind.DIRECTORY, path, version, ref)
    assert source.label == text.removesuffix("#")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("nothing", "'nothing' names no source", id="unknown text"),
        pytest.param("", "'' names no source", id="empty text"),
        pytest.param("@main", "names no source", id="a git ref alone"),
        pytest.param("migrations@", "names no source", id="no ref behind the sign"),
        pytest.param("migrations@--output=x", "no git ref", id="a ref that is an option"),
        pytest.param("old@-x", "no git ref", id="an option, at a directory that is no more"),
        pytest.param("nowhere/old@main", "names no source", id="a folder that is not there"),
        pytest.param("prod.json@main", "names no source", id="a file at a ref"),
        pytest.param("mysql://u:s3cret@h/d", "names no source", id="another product"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as error:
        parse(text)
    assert "s3cret" not in str(error.value)


def test_a_connection_string_is_not_shown() -> None:
    assert "pw" not in repr(parse("postgresql://u:pw@h/d"))


def test_two_live_databases_are_told_apart() -> None:
    live, folder = (Source(SourceKind(kind), "x") for kind in ("live", "directory"))
    first, second = tell_apart(live, live)
    assert (first.label, second.label) == ("first live database", "second live database")
    assert tell_apart(live, folder) == (live, folder)
    assert name_first(first, second) == "the first live database"
    assert name_first(live, folder) == "the live database"
    assert name_first(folder, live) == "the files"
    assert name_first(folder, folder) == "x"
