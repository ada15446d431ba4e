"""Folder and keys of the cache: what is kept, how long, and what makes it another replay."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from driftbook.migrations.directory import MigrationFile
from driftbook.shadow.cache import folder, key
from driftbook.shadow.cache.key import Terms, build_keys
from driftbook.shadow.cache.replay_cache import is_repeatable
from driftbook.shadow.result import Failure, FileResult
from driftbook.shadow.scan import ExtensionNeed, Needs, RoleNeed
from driftbook.shadow.stand_in import DefaultGrant, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

TERMS = Terms("supabase", "supabase", "postgres", "survey", (), None, records=True, watched=False)
FILES = [
    MigrationFile(Path(f"/any/{n}_a.sql"), str(n), "a", f"create table t{n} ();".encode())
    for n in range(3)
]


@pytest.fixture
def server(tmp_path: Path) -> Any:  # noqa: ANN401 - stands for a server that does not run
    (tmp_path / "postgres").write_text("program")
    binaries = SimpleNamespace(bindir=tmp_path, version_num=180_000, source="system")
    return SimpleNamespace(binaries=binaries, version_num=180_000, superuser_name="supabase_admin")


def count_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(first == second for first, second in zip(one, other, strict=False))


def test_one_more_file_keeps_all_keys_before_it(server: Any) -> None:  # noqa: ANN401
    all_keys = build_keys(server, Needs(), TERMS, FILES)
    assert len(set(all_keys)) == len(FILES) + 1
    assert build_keys(server, Needs(), TERMS, FILES[:2]) == all_keys[:3]


@pytest.mark.parametrize(
    ("changed", "common"),
    [
        pytest.param(replace(FILES[1], data=b"create table u ();"), 2, id="other bytes"),
        pytest.param(replace(FILES[1], path=Path("/any/1_b.sql")), 2, id="another name"),
        pytest.param(replace(FILES[1], path=Path("/other/1_a.sql")), 4, id="another folder"),
    ],
)
def test_a_changed_file_changes_the_keys_from_there_on(
    server: Any,  # noqa: ANN401
    changed: MigrationFile,
    common: int,
) -> None:
    before = build_keys(server, Needs(), TERMS, FILES)
    after = build_keys(server, Needs(), TERMS, [FILES[0], changed, FILES[2]])
    assert count_common(before, after) == common


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, convention="plain"),
        replace(TERMS, platform="plain"),
        replace(TERMS, role="app"),
        replace(TERMS, mode="strict"),
        replace(TERMS, database_names=("app",)),
        replace(TERMS, stand_in=StandIn(defaults=frozenset({DefaultGrant("", "a", "b", "c")}))),
        replace(TERMS, records=False),
        replace(TERMS, watched=True),
    ],
)
def test_every_term_counts(server: Any, terms: Terms) -> None:  # noqa: ANN401
    before = build_keys(server, Needs(), TERMS, FILES)
    assert count_common(before, build_keys(server, Needs(), terms, FILES)) == 0


ROLE = RoleNeed("app", "1_a.sql", 1, 1)


@pytest.mark.parametrize(
    ("needs", "version_num", "is_same"),
    [
        pytest.param(Needs((ExtensionNeed("vector", ""),)), 180_000, False, id="an extension"),
        pytest.param(Needs(parameters=("app.x",)), 180_000, False, id="a parameter"),
        pytest.param(Needs(roles=(ROLE,)), 180_000, True, id="a role that is only named"),
        pytest.param(
            Needs(roles=(replace(ROLE, created=True),)), 180_000, True, id="made by its file"
        ),
        pytest.param(
            Needs(roles=(replace(ROLE, created=True),)), 150_000, False, id="made beforehand"
        ),
    ],
)
def test_needs_count_when_they_change_what_is_made_beforehand(
    server: Any,  # noqa: ANN401
    needs: Needs,
    version_num: int,
    is_same: bool,  # noqa: FBT001
) -> None:
    server.version_num = server.binaries.version_num = version_num
    before = build_keys(server, Needs(), TERMS, FILES)
    assert (build_keys(server, needs, TERMS, FILES) == before) == is_same


def test_other_programs_and_other_code_count(
    server: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = build_keys(server, Needs(), TERMS, FILES)
    os.utime(server.binaries.bindir / "postgres", (1, 1))
    upgraded = build_keys(server, Needs(), TERMS, FILES)
    monkeypatch.setattr(key, "hash_code", lambda: "another prelude")
    assert count_common(before, upgraded) == 0
    assert count_common(upgraded, build_keys(server, Needs(), TERMS, FILES)) == 0


def test_the_code_holds_the_prelude_and_no_compiled_file() -> None:
    files = key.files("driftbook")
    names = {name for each in key.CODE for name, _ in key._walk(files / each, each)}  # noqa: SLF001
    assert "shadow/platform/supabase/database.sql" in names
    assert "shadow/interceptor.py" in names
    assert not any("__pycache__" in name for name in names)


def write(place: Path, name: str, age: float, size: int = 1) -> Path:
    path = place / name
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_what_was_used_longest_ago_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_ENTRIES", 3)
    for age in (1, 2, 3, 4, 5):
        write(tmp_path, f"{age}.cluster", age * 60)
    folder.touch_entry(tmp_path / "5.cluster")
    folder.prune_folder(tmp_path)
    assert [path.name for path in folder.list_entries(tmp_path)] == [
        "2.cluster",
        "1.cluster",
        "5.cluster",
    ]
    monkeypatch.setattr(folder, "MAX_BYTES", 2)
    folder.prune_folder(tmp_path)
    assert [path.name for path in folder.list_entries(tmp_path)] == ["1.cluster", "5.cluster"]


def test_what_nobody_finished_leaves(tmp_path: Path) -> None:
    old = write(tmp_path, ".1.cluster.abc", 2 * 3600)
    new = write(tmp_path, ".2.cluster.abc", 1)
    folder.prune_folder(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def make_open(place: Path) -> None:
    place.mkdir()
    place.chmod(0o755)


@pytest.mark.parametrize(
    ("make", "usable"),
    [
        pytest.param(lambda _: None, True, id="missing"),
        pytest.param(lambda place: place.mkdir(mode=0o700), True, id="ours alone"),
        pytest.param(make_open, False, id="open to others"),
        pytest.param(lambda place: place.write_text(""), False, id="a file"),
    ],
)
def test_only_a_private_folder_is_used(
    tmp_path: Path,
    make: Callable[[Path], object],
    usable: bool,  # noqa: FBT001
) -> None:
    place = tmp_path / "cache"
    make(place)
    assert folder.open_folder(place) is usable
    if usable:
        assert place.stat().st_mode & 0o777 == 0o700


FAILURE = Failure("1_a.sql", "1", 1, 1, 1, "42P01", "no such table")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (None, True),
        (FAILURE, True),
        (replace(FAILURE, sqlstate="53100"), False),
        (replace(FAILURE, sqlstate="57014", reason="time"), False),
    ],
)
def test_what_may_go_better_next_time_is_not_kept(
    failure: Failure | None,
    expected: bool,  # noqa: FBT001
) -> None:
    results = [FileResult("1", "1_a.sql", "failed" if failure else "applied", 1, 0.1, failure)]
    assert is_repeatable(results) is expected
