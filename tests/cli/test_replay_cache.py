"""What a replay says of the cache, and what its user can do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.program import Ended, Program

REPLAY = ("--quiet", "replay", "files", "--platform", "plain")


@pytest.fixture
def place(program: Program, tmp_path: Path) -> Path:
    """Return an empty cache, with a directory to replay beside it."""
    program.write("files/1_a.sql", "create table public.a (id int primary key);")
    program.write("files/2_b.sql", "create table public.b (id int references public.a);")
    return tmp_path / "own"


def test_what_was_replayed_is_reused_told_and_removed(
    inside: Callable[..., Ended], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTBOOK_REPLAYS", str(place))
    first = inside(*REPLAY)
    assert first.code == 0
    assert "cache" not in first.out
    assert "2 files applied" in first.out.replace("2 of 2 files", "2 files")
    second = json.loads(inside(*REPLAY, "--format", "json").out)
    assert second["reused"] == {"files": 2, "rebuilt": False}
    assert second["applied"] == 2
    (entry,) = place.iterdir()
    entry.write_bytes(b"not what was written")
    third = inside(*REPLAY)
    assert third.out.rstrip().endswith("an entry of the cache was made again")
    kept = inside("doctor", "--empty-cache").out
    assert "removed 1 entry from the cache of replays" in kept
    assert f"replays kept: {place}: 0 entries, 0 MB" in kept


def test_without_the_cache_nothing_is_kept(
    inside: Callable[..., Ended], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTBOOK_REPLAYS", str(place))
    assert inside(*REPLAY, "--no-cache").code == 0
    assert not place.exists()
    assert "replays kept: none" in inside("doctor").out
