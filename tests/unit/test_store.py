"""A folder and an object store keep reports by the same laws: whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from driftbook.config import place_reports
from driftbook.errors import AuditError, ConfigError, PublishRefused
from driftbook.report import remote
from driftbook.report.remote import RemoteStore
from driftbook.report.store import ABANDONED, LocalStore, Store, open_store

PLACE = "prod/20261101T000000Z-aaaa"
FILES = ("drift_audit/report.html", "drift_audit/result.json", "summary.md")
CANARY = "hunter2-canary-hunter2"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return open_store(str(tmp_path / "reports"))
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    return open_store("memory://bucket/reports")


def fill(folder: Path, text: str = "x") -> None:
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read_all(store: Store) -> dict[str, bytes]:
    return store.read_files(store.list_files())


def test_what_was_built_is_there_when_the_block_ends_and_not_before(store: Store) -> None:
    with store.building(PLACE, []) as folder:
        assert folder.parts[-2:] == tuple(PLACE.split("/"))
        fill(folder)
        assert store.list_files() == []
    assert read_all(store) == {f"{PLACE}/{name}": b"x" for name in FILES}
    assert not folder.exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_ends_early_publishes_nothing(
    store: Store, error: type[BaseException], tmp_path: Path
) -> None:
    def build() -> None:
        with store.building(PLACE, []) as folder:
            fill(folder)
            raise error

    with pytest.raises(error):
        build()
    assert store.list_files() == []
    assert list(tmp_path.glob("reports/*")) + list(tmp_path.glob("reports/.*")) == []


def test_a_secret_in_any_file_keeps_all_of_them(store: Store) -> None:
    def build() -> None:
        with store.building(PLACE, [f"postgresql://u:{CANARY}@h/d"]) as folder:
            fill(folder)
            (folder / "summary.md").write_text(f"so {CANARY}", encoding="utf-8")

    with pytest.raises(PublishRefused, match="would hold a secret") as refused:
        build()
    assert CANARY not in str(refused.value)
    assert store.list_files() == []


def test_a_report_that_is_made_again_takes_the_place_of_the_old_one(store: Store) -> None:
    for text in ("old", "new"):
        with store.building(PLACE, [], replace=True) as folder:
            fill(folder, text)
            if text == "new":
                (folder / "summary.md").unlink()
    found = read_all(store)
    assert found[f"{PLACE}/drift_audit/report.html"] == b"new"
    assert found[f"{PLACE}/summary.md"] == b"old"


def test_pages_are_replaced_and_files_removed(store: Store) -> None:
    store.write_pages({"prod/latest/x.html": "1", "index.html": "2"})
    store.write_pages({"index.html": "3"})
    assert read_all(store) == {"index.html": b"3", "prod/latest/x.html": b"1"}
    store.remove_files(["index.html", "never.html"])
    assert store.list_files() == ["prod/latest/x.html"]


def test_trying_a_store_leaves_nothing(store: Store) -> None:
    store.check_writable()
    assert store.list_files() == []
    assert not [path for path in MemoryFileSystem.store if path.endswith(".writable")]


def test_what_a_killed_process_left_is_swept_and_what_a_running_one_makes_is_not(
    tmp_path: Path,
) -> None:
    for name, age in ((".new-dead", 2 * ABANDONED), (".new-busy", 60)):
        (tmp_path / name / PLACE).mkdir(parents=True)
        then = time.time() - age
        os.utime(tmp_path / name, (then, then))
    with LocalStore(tmp_path).building(PLACE, []) as folder:
        fill(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new-busy", "prod"]


def test_an_address_of_a_file_is_a_folder(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/a%20b")
    assert isinstance(store, LocalStore)
    assert store.address == str(tmp_path / "a b")


# ---------------------------------------------------------------- what only object stores know


@pytest.fixture
def memory() -> RemoteStore:
    MemoryFileSystem.store.clear()
    return RemoteStore("memory://bucket/reports")


def test_results_go_up_last_and_a_failure_takes_back_what_went_up(
    memory: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    put = memory.files.put_file

    def put_file(local: str, goal: str, **mode: str) -> None:
        order.append(Path(goal).name)
        if goal.endswith("result.json"):
            raise PermissionError(f"signed address with {CANARY}")
        put(local, goal, **mode)

    monkeypatch.setattr(memory.files, "put_file", put_file)

    def build() -> None:
        with memory.building(PLACE, []) as folder:
            fill(folder)

    with pytest.raises(PublishRefused, match="access is refused") as refused:
        build()
    assert order == ["report.html", "summary.md", "result.json"]
    assert MemoryFileSystem.store == {}
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.where == "memory://bucket/reports"


def test_an_upload_that_did_not_end_is_not_shown(memory: RemoteStore) -> None:
    memory.write_pages({f"{PLACE}/drift_audit/report.html": "half", f"{PLACE}/summary.md": "x"})
    assert memory.list_files() == [f"{PLACE}/summary.md"]
    memory.write_pages({f"{PLACE}/drift_audit/result.json": "{}"})
    assert len(memory.list_files()) == 3


def test_a_result_is_never_overwritten_by_another_audit(memory: RemoteStore) -> None:
    def build(text: str) -> None:
        with memory.building(PLACE, []) as folder:
            fill(folder, text)

    build("one")
    build("one")  # equal results are one audit, told twice
    with pytest.raises(PublishRefused, match="published already"):
        build("two")
    assert set(read_all(memory).values()) == {b"one"}


def test_a_writer_that_was_faster_keeps_its_files(
    memory: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_is_published", lambda _: False)  # looked a moment too early

    def build(text: str) -> None:
        with memory.building(PLACE, []) as folder:
            fill(folder, text)

    build("one")
    with pytest.raises(PublishRefused, match="published already"):
        build("two")
    assert read_all(memory)[f"{PLACE}/drift_audit/result.json"] == b"one"
    assert len(memory.list_files()) == len(FILES)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(FileNotFoundError(CANARY), "no such bucket or container", id="no bucket"),
        pytest.param(ConnectionResetError(CANARY), "it cannot be reached", id="no network"),
        pytest.param(TimeoutError(CANARY), "it does not answer", id="no answer"),
        pytest.param(KeyError(CANARY), "KeyError", id="something else"),
    ],
)
def test_an_error_of_the_storage_is_told_without_its_text(
    memory: RemoteStore, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    for name in ("find", "pipe_file", "put_file", "cat"):
        monkeypatch.setattr(memory.files, name, fail)
    attempts = [
        memory.check_writable,
        memory.list_files,
        lambda: memory.read_files(["x"]),
        lambda: memory.write_pages({"x": "y"}),
    ]
    for attempt in attempts:
        with pytest.raises(AuditError, match=words) as caught:
            attempt()
        assert CANARY not in str(caught.value)
        assert caught.value.fix


@pytest.mark.parametrize(
    ("address", "fix"),
    [
        pytest.param("s3://bucket/x", "pip install 'driftbook[s3]'", id="s3"),
        pytest.param("gs://bucket/x", "pip install 'driftbook[gcs]'", id="gs"),
        pytest.param("abfs://container/x", "pip install adlfs", id="abfs"),
    ],
)
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, address: str, fix: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ImportError("install it")

    monkeypatch.setattr(remote, "url_to_fs", fail)
    with pytest.raises(ConfigError, match="a package that is not installed") as caught:
        open_store(address)
    assert fix in caught.value.fix


def test_an_unknown_scheme_is_refused() -> None:
    assert "nosuch" not in fsspec.available_protocols()
    with pytest.raises(ConfigError, match="no storage is called nosuch://"):
        open_store("nosuch://bucket/x")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"s3://key:{CANARY}@bucket/reports", id="userinfo"),
        pytest.param(f"abfs://c@a.example/reports?sig={CANARY}", id="a signature"),
        pytest.param(f"gs://bucket/reports#{CANARY}", id="a fragment"),
    ],
)
def test_an_address_that_may_hold_a_secret_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="may hold a secret") as caught:
        place_reports(address, Path.cwd())
    assert CANARY not in str(caught.value)


def test_addresses_and_paths_are_told_apart(tmp_path: Path) -> None:
    assert place_reports("out", tmp_path) == str(tmp_path / "out")
    assert place_reports("/srv/out", tmp_path) == "/srv/out"
    assert place_reports("S3://bucket/x/", tmp_path) == "S3://bucket/x"
    assert place_reports("abfs://c@a.example/x", tmp_path) == "abfs://c@a.example/x"
