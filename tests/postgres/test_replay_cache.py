"""A replay that begins where an earlier one ended says what one from the beginning says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from driftbook.migrations.directory import Directory, read_directory
from driftbook.postgres.archive import read_archive, write_archive
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.server import ShadowServer
from driftbook.shadow.cache import key, replay_cache
from driftbook.shadow.replay import replay
from driftbook.shadow.steps import Step
from driftbook.tracking.effects import read_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.binaries import Binaries
    from driftbook.shadow.result import ReplayResult

pytestmark = pytest.mark.postgres

CLEAN = Path(__file__).parent.parent / "golden" / "replay" / "clean"


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every replay, however short."""
    monkeypatch.setattr(replay_cache, "KEEP_SECONDS", 0.0)


def replay_alone(
    binaries: Binaries,
    directory: Directory,
    cache: Path,
    observe: Callable[[Step], None] | None = None,
) -> ReplayResult:
    server = ShadowServer(binaries, superuser="supabase_admin")
    try:
        return replay(server, directory, platform="supabase", cache=cache, observe=observe)
    finally:
        server.stop()


def hash_own(snapshot: Snapshot) -> str:
    """Return the hash without privileges on parameters: a cluster keeps those of other replays."""
    held = snapshot.frames["privilege"]
    own = held[held["object_kind"] != "parameter"].reset_index(drop=True)
    return snapshot.with_frames({"privilege": own}).root_hash


def describe(result: ReplayResult) -> dict[str, object]:
    return {
        "platform": hash_own(result.platform),
        "expected": hash_own(result.expected),
        "files": [replace(file, seconds=0.0) for file in result.files],
        "notes": result.notes,
    }


def show(steps: list[Step]) -> list[object]:
    """Return what the files did, as an audit takes it from ``steps``."""
    return [(step.result.file, step.result.status, read_facts(step)) for step in steps]


def cut(directory: Directory, count: int) -> Directory:
    return replace(directory, files=directory.files[:count])


def test_every_prefix_gives_what_a_replay_from_the_beginning_gives(
    server: ShadowServer, binaries: Binaries, newest: Binaries, tmp_path: Path
) -> None:
    whole = read_directory(CLEAN)
    # Every prefix on one server, fewer on the others: what differs there are the programs.
    step = 1 if binaries.major == newest.major else 2
    for count in range(step, len(whole.files) + 1, step):
        plain, warm = list[Step](), list[Step]()
        fresh = replay(server, cut(whole, count), platform="supabase", observe=plain.append)
        server.drop_database(fresh.database)
        kept = replay_alone(binaries, cut(whole, count), tmp_path / "c", observe=warm.append)
        assert (kept.reuse.files, kept.reuse.rebuilt) == (count - step, False)
        assert describe(kept) == describe(fresh)
        assert show(warm) == show(plain)


def test_what_a_far_reaching_file_did_is_kept(newest: Binaries, tmp_path: Path) -> None:
    texts = {**FILES, "4_d.sql": "alter table public.a rename to d; grant select on d to anon;"}
    directory = make_directory(tmp_path / "files", texts)
    cold, warm = list[Step](), list[Step]()
    for steps in (cold, warm):
        result = replay_alone(newest, directory, tmp_path / "c", observe=steps.append)
    assert result.reuse.files == len(texts)
    assert show(warm) == show(cold)


@pytest.fixture(scope="module")
def newest() -> Binaries:
    return resolve_binaries()


FILES = {
    "1_a.sql": "create table public.a (id int primary key);",
    "2_b.sql": "create table public.b (a int references public.a); select no_such_function();",
    "3_c.sql": "create view public.c as select id from public.a;",
}


def make_directory(folder: Path, texts: dict[str, str]) -> Directory:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_directory(folder)


@pytest.fixture(scope="module")
def entry(newest: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the one entry that a replay of ``FILES`` leaves."""
    folder = tmp_path_factory.mktemp("entry")
    replay_alone(newest, make_directory(folder / "files", FILES), folder / "cache")
    (path,) = (folder / "cache").iterdir()
    return path


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewrite(path: Path, **changes: object) -> None:
    """Write the entry anew, with a right checksum, and ``changes`` in what it says."""
    whole, magic = path.read_bytes(), len(b"driftbook cluster 1\n")
    start = magic + 32
    length = int.from_bytes(whole[start : start + 8])
    document = json.loads(whole[start + 8 : start + 8 + length])
    document["about"] |= changes
    header = json.dumps(document).encode()
    body = len(header).to_bytes(8) + header + whole[start + 8 + length :]
    path.write_bytes(whole[:magic] + hashlib.sha256(body).digest() + body)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(flip, id="a flipped bit"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1]), id="a lost byte"),
        pytest.param(lambda path: rewrite(path, results=[]), id="another number of files"),
        pytest.param(lambda path: rewrite(path, real={}), id="the server has more extensions"),
    ],
)
def test_a_damaged_entry_is_made_again(
    entry: Path, newest: Binaries, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    copy = cache / entry.name
    copy.write_bytes(entry.read_bytes())
    damage(copy)
    result = replay_alone(newest, make_directory(tmp_path / "files", FILES), cache)
    assert (result.reuse.files, result.reuse.rebuilt) == (0, True)
    assert [file.status for file in result.files] == ["applied", "failed", "applied"]
    assert result.expected.row("view", ("public", "c"))
    read_archive(copy)


def test_failures_come_with_their_causes_and_another_prelude_is_another_replay(
    entry: Path, newest: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_directory(tmp_path / "files", FILES)
    warm = replay_alone(newest, directory, entry.parent)
    assert (warm.reuse.files, warm.reuse.rebuilt) == (3, False)
    assert warm.files[1].error is not None
    assert warm.files[1].error.cause is not None
    monkeypatch.setattr(key, "hash_code", lambda: "another prelude")
    fresh = replay_alone(newest, directory, entry.parent)
    assert (fresh.reuse.files, fresh.reuse.rebuilt) == (0, False)
    assert describe(fresh) == describe(warm)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("create temporary table left_over (a int);", id="a temporary table"),
        pytest.param("set role authenticated;", id="another role"),
        pytest.param("prepare p as select 1;", id="a prepared statement"),
        pytest.param("alter role postgres set search_path = auth;", id="what new sessions get"),
    ],
)
def test_what_the_next_session_would_lack_is_not_kept(
    server: ShadowServer, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = list[object]()
    monkeypatch.setattr(replay_cache.ReplayCache, "keep", lambda *given: kept.append(given))
    plain = make_directory(tmp_path / "plain", {"1_a.sql": "create table public.a (id int);"})
    left = make_directory(tmp_path / "left", {"1_a.sql": text})
    for directory in (plain, left):
        result = replay(server, directory, platform="supabase", records=False)
        server.drop_database(result.database)
    assert len(kept) == 1
    with server.superuser("postgres") as session:
        session.execute("alter role postgres reset search_path")


def test_a_cluster_from_an_archive_has_new_passwords(newest: Binaries, tmp_path: Path) -> None:
    with ShadowServer(newest) as first:
        with first.superuser("postgres") as session:
            session.execute("create role app login; create table kept (a int)")
            session.execute("grant connect on database postgres to app")
        first.set_password("app")
        secrets = [first.dsn("postgres", role) for role in (first.superuser_name, "app")]
        with first.stopped() as data:
            path = write_archive(data, {}, tmp_path / "one")
        with first.superuser("postgres") as session:
            session.execute("table kept")
    passwords = [psycopg.conninfo.conninfo_to_dict(secret)["password"] for secret in secrets]
    assert not any(str(password).encode() in path.read_bytes() for password in passwords)
    second = ShadowServer(newest)
    second.start(read_archive(path))
    try:
        with second.superuser("postgres") as session:
            session.execute("table kept")
        second.set_password("app")
        connect_plain(second.dsn("postgres", "app")).close()
        for role, password in zip((second.superuser_name, "app"), passwords, strict=True):
            stale = second.cluster.conninfo("postgres", role, str(password))
            with pytest.raises(psycopg.OperationalError, match="authentication failed"):
                psycopg.connect(stale)
    finally:
        second.stop()
