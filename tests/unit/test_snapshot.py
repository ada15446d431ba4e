"""A snapshot's hash says what was compared; a capture that is not whole is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog import document as module
from driftbook.catalog.document import read_capture, write_capture
from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame
from driftbook.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
HOSTILE = 'we"ird\n</script>\u202e $$ ü'
ORDERS: dict[str, object] = {"kind": "ordinary", "rls_enabled": True}
Rows = dict[str, list[dict[str, object]]]


def build(rows: Rows | None = None, **attributes: object) -> Snapshot:
    frames = {
        name: build_frame(
            [[row.get(column) for column in kind.dtypes] for row in (rows or {}).get(name, [])],
            kind.dtypes,
        )
        for name, kind in KINDS.items()
    }
    given: dict[str, object] = {
        "source": "test",
        "captured_at": NOON,
        "version_num": 150_000,
        "frames": frames,
        "unaccounted": build_frame([("pg_am", "", "mine")], UNACCOUNTED),
    }
    return Snapshot(**(given | attributes))  # type: ignore[arg-type]


def table(**properties: object) -> dict[str, object]:
    return {"schema": "public", "name": "orders", **ORDERS, **properties}


def grant(**properties: object) -> dict[str, object]:
    parts = dict.fromkeys(KINDS["privilege"].key, "x")
    return {**parts, "grantable": False, "grantor": "a", "is_owner": False, **properties}


TABLES: Rows = {"table": [table(), table(name=HOSTILE, rls_enabled=None)], "privilege": [grant()]}


def test_empty_frames_keep_columns_and_dtypes() -> None:
    for name, frame in build().frames.items():
        assert frame.dtypes.astype(str).to_dict() == KINDS[name].dtypes


def test_rows_are_found_by_key_with_plain_values() -> None:
    snapshot = build({**TABLES, "index": [{"schema": "public", "name": "i", "unique": True}]})
    row = snapshot.row("table", ("public", "orders"))
    assert row
    assert (row["kind"], row["rls_enabled"], row["options"]) == ("ordinary", True, None)
    assert type(row["rls_enabled"]) is bool
    assert snapshot.row("table", ["public", HOSTILE]) is not None
    assert snapshot.row("table", ("public", "absent")) is None
    assert snapshot.row("no_such_kind", ("public",)) is None
    assert snapshot.counts()["table"] == 2


def test_the_hash_is_of_what_is_compared_only() -> None:
    expected = build(TABLES).root_hash
    assert len(expected) == 64
    reordered: Rows = {**TABLES, "table": TABLES["table"][::-1]}
    assert build(reordered).root_hash == expected
    assert build({**TABLES, "privilege": [grant(grantor="b", is_owner=True)]}).root_hash == expected
    other = build(TABLES, source="other", captured_at=NOON + timedelta(days=1), version_num=180_000)
    assert other.root_hash == expected
    assert build({**TABLES, "privilege": [grant(grantable=True)]}).root_hash != expected
    assert build({**TABLES, "table": [table()]}).root_hash != expected
    assert build({"table": [table(options="")]}).root_hash != build({"table": [table()]}).root_hash


def test_a_changed_frame_makes_another_snapshot() -> None:
    before = build(TABLES)
    after = before.with_frames({"table": build().frames["table"]})
    assert (len(before.frames["table"]), len(after.frames["table"])) == (2, 0)
    assert after.root_hash != before.root_hash
    assert after.frames["privilege"] is before.frames["privilege"]


def test_a_capture_reads_back_equal(tmp_path: Path) -> None:
    before = build(TABLES)
    path = write_capture(before, tmp_path / "side.json")
    after = read_capture(path)
    assert after.root_hash == before.root_hash
    assert (after.source, after.captured_at, after.version_num) == ("test", NOON, 150_000)
    for name, frame in before.frames.items():
        assert frame.equals(after.frames[name])
        assert frame.dtypes.equals(after.frames[name].dtypes)
    assert after.unaccounted.equals(before.unaccounted)


def test_a_capture_is_private_and_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "side.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_capture(build(), path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["side.json"]


def test_a_failed_capture_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(json, "dump", fail)
    with pytest.raises(OSError, match="disk full"):
        write_capture(build(), tmp_path / "side.json")
    assert not list(tmp_path.iterdir())


def drop_frame(document: dict[str, object]) -> None:
    del document["frames"]["policy"]  # type: ignore[attr-defined]


def add_frame(document: dict[str, object]) -> None:
    document["frames"]["spell"] = []  # type: ignore[index]


def drop_kind(document: dict[str, object]) -> None:
    for part in ("frames", "columns", "hashed"):
        del document[part]["policy"]  # type: ignore[attr-defined]


def switch_security(document: dict[str, object]) -> None:
    at = list(KINDS["table"].dtypes).index("rls_enabled")
    document["frames"]["table"][0][at] = False  # type: ignore[index]


def spoil_cell(document: dict[str, object]) -> None:
    at = list(KINDS["table"].dtypes).index("rls_enabled")
    document["frames"]["table"][0][at] = "yes"  # type: ignore[index]


def shorten_row(document: dict[str, object]) -> None:
    document["frames"]["table"][0].pop()  # type: ignore[index]


def drop_column(document: dict[str, object]) -> None:
    document["columns"]["table"].pop()  # type: ignore[index]


@pytest.mark.parametrize(
    ("wound", "problem"),
    [
        pytest.param(lambda d: d.update(schema_version=2), "schema version 2", id="newer"),
        pytest.param(lambda d: d.pop("schema_version"), "schema version None", id="no version"),
        pytest.param(switch_security, "altered", id="a value changed"),
        pytest.param(lambda d: d.update(root_hash="0" * 64), "altered", id="a hash changed"),
        pytest.param(lambda d: d.pop("root_hash"), "'root_hash' is missing", id="no hash"),
        pytest.param(drop_frame, "frame 'policy' has no rows", id="a frame missing"),
        pytest.param(add_frame, "frame 'spell' has no rows or no columns", id="a frame too many"),
        pytest.param(drop_column, "'table' has a row of another length", id="a column missing"),
        pytest.param(drop_kind, "altered", id="a kind missing"),
        pytest.param(lambda d: d.update(unread=[]), "unread is an object", id="unread is a list"),
        pytest.param(spoil_cell, "'table' has a value of a wrong type", id="a wrong type"),
        pytest.param(shorten_row, "row of another length", id="a short row"),
        pytest.param(lambda d: d.update(frames=[]), "are objects", id="frames are a list"),
        pytest.param(lambda d: d.update(captured_at="then"), "damaged", id="no time"),
        pytest.param(lambda d: d.update(captured_at="2024-01-01"), "time zone", id="no zone"),
        pytest.param(lambda d: d.update(version_num="x"), "damaged", id="no server version"),
        pytest.param(lambda d: d.update(unaccounted=None), "no list of rows", id="no unaccounted"),
    ],
)
def test_a_wounded_capture_is_refused(
    wound: Callable[[dict[str, object]], object], problem: str, tmp_path: Path
) -> None:
    path = write_capture(build(TABLES), tmp_path / "side.json")
    document = json.loads(path.read_bytes())
    wound(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SourceError, match=problem) as caught:
        read_capture(path)
    assert (caught.value.where, "driftbook capture" in caught.value.fix) == (str(path), True)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"\xff\xfe", "not JSON", id="bytes"),
        pytest.param(b'{"schema_version": 1', "not JSON", id="cut off"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param(b"[]", "no capture", id="a list"),
    ],
)
def test_what_is_no_capture_is_refused(data: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "side.json"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=problem):
        read_capture(path)


def test_an_absent_or_large_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_capture(tmp_path / "absent.json")
    path = write_capture(build(), tmp_path / "side.json")
    monkeypatch.setattr(module, "LARGEST_BYTES", 10)
    with pytest.raises(SourceError, match="10 is the limit"):
        read_capture(path)
