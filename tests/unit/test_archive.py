"""A cluster in one file: what comes out is what went in, or nothing does."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from driftbook.postgres.archive import (
    ArchiveDamaged,
    read_archive,
    unpack_archive,
    write_archive,
)
from driftbook.postgres.launch import find_service_user

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "PG_VERSION": b"18\n",
    "base/1/112": b"a page" * 100,
    "base/5/112": b"a page" * 100,
    "base/5/PG_VERSION": b"18\n",
    "base/5/empty": b"",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "data" / "pg_notify").mkdir()
    (tmp_path / "data" / "postmaster.pid").write_text("17\n")
    return tmp_path / "data"


def read_tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_what_was_packed_comes_out(data: Path, tmp_path: Path) -> None:
    archive = read_archive(write_archive(data, {"files": 3}, tmp_path / "one"))
    unpack_archive(archive, tmp_path / "out", find_service_user())
    assert read_tree(tmp_path / "out") == FILES
    assert (tmp_path / "out" / "pg_notify").is_dir()
    assert archive.about == {"files": 3}
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "out").rglob("*")} == {0}


def test_equal_contents_are_stored_once(data: Path, tmp_path: Path) -> None:
    assert write_archive(data, {}, tmp_path / "one").read_bytes().count(b"a page" * 100) == 1


def test_every_damage_is_seen(data: Path, tmp_path: Path) -> None:
    path = write_archive(data, {"files": 3}, tmp_path / "one")
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ArchiveDamaged):
            read_archive(path)
        path.write_bytes(whole[:at])
        with pytest.raises(ArchiveDamaged):
            read_archive(path)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".hidden", "a//b", "a\nb"])
def test_a_name_that_leads_out_is_refused(data: Path, tmp_path: Path, name: str) -> None:
    magic, start = b"driftbook cluster 1\n", 20 + 32
    whole = write_archive(data, {}, tmp_path / "one").read_bytes()
    length = int.from_bytes(whole[start : start + 8])
    document = json.loads(whole[start + 8 : start + 8 + length])
    document["files"][0][0] = name
    header = json.dumps(document).encode()
    body = len(header).to_bytes(8) + header + whole[start + 8 + length :]
    (tmp_path / "one").write_bytes(magic + hashlib.sha256(body).digest() + body)
    with pytest.raises(ArchiveDamaged):
        read_archive(tmp_path / "one")


def test_a_link_is_not_packed(data: Path, tmp_path: Path) -> None:
    (data / "pg_tblspc").symlink_to("/etc")
    with pytest.raises(ValueError, match="neither file nor folder: pg_tblspc"):
        write_archive(data, {}, tmp_path / "one")
    assert not (tmp_path / "one").exists()


def test_half_an_archive_is_never_left(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_archive(data, {}, tmp_path / "cache" / "one")
    assert list((tmp_path / "cache").iterdir()) == []
