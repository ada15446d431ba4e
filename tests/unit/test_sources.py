"""A source is understood as written, and a password in it is never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError
from driftbook.sources import Source, SourceKind, parse_source

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


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("nothing", "'nothing' names no source", id="unknown text"),
        pytest.param("", "'' names no source", id="empty text"),
        pytest.param("migrations@main", "not supported yet", id="a git ref"),
        pytest.param("@main", "not supported yet", id="a git ref alone"),
        pytest.param("@--output=x", "no git ref", id="a ref that is an option"),
        pytest.param("mysql://u:s3cret@h/d", "names no source", id="another product"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as error:
        parse(text)
    assert "s3cret" not in str(error.value)


def test_a_connection_string_is_not_shown() -> None:
    assert "pw" not in repr(parse("postgresql://u:pw@h/d"))
