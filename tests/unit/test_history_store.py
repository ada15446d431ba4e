"""The history: what was recorded is read back, whatever happened while it was written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select, text
from tests.unit.audits import SETTINGS, build_days, build_entry, build_found, build_schema

from driftbook.errors import ConfigError, HistoryFailed
from driftbook.history import FindingState, open_store, record_audit
from driftbook.history import tables as layout
from driftbook.history.keep import prune_target, verify_store
from driftbook.history.read import list_targets, read_audit, read_audits, read_findings
from driftbook.history.store import FILE
from driftbook.history.tables import METADATA
from driftbook.model import Severity
from driftbook.places import state_dir

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection

    from driftbook.history import Store

ROOT = Path(__file__).parents[2]
PRELUDE = f"""
import os, signal, sys
from random import Random
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "lib")!r}]
from sqlalchemy import event
from tests.unit.audits import SETTINGS, build_days
from driftbook.history import find_store, open_store, record_audit
from driftbook.history.keep import verify_store
from driftbook.history.read import read_audits
"""
WRITER = """
for entry in build_days(int(sys.argv[2]), 7, sys.argv[3], int(sys.argv[1])):
    record_audit(open_store(SETTINGS), entry)
"""
KILLED = """
def record(first, fatal):
    store, seen = open_store(SETTINGS), 0

    def count(*_):
        nonlocal seen
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.engine, "before_cursor_execute", count)
    event.listen(store.engine, "commit", count)
    for entry in build_days(30, 7, "prod", first):
        record_audit(store, entry)

random, done, killed = Random(30), 0, 0
while done < 30:
    fatal = random.randrange(1, 70)
    child = os.fork()
    if not child:
        record(done, fatal)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    killed += os.WIFSIGNALED(status)
    if store := find_store(SETTINGS):
        verified = verify_store(store)
        assert not verified.damaged
        done = verified.audits
print(killed)
"""


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path / "state"))


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python on ``code`` with the state of this test."""
    command = [sys.executable, "-c", PRELUDE + code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but the compressed comparison, which is read elsewhere."""
    with store.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=str)
            for table in METADATA.sorted_tables
        }


def test_what_was_recorded_is_read_back() -> None:
    store = open_store(SETTINGS)
    entries = build_days(12, 1)
    for entry in entries:
        record_audit(store, entry)
    for entry in entries:
        stored = read_audit(store, entry.audit_id)
        assert stored is not None
        assert stored.live is not None
        assert entry.live is not None
        assert stored.live.root_hash == entry.live.root_hash
        assert stored.expected.root_hash == entry.expected.root_hash
        assert stored.facts == entry.facts
        assert stored.target == "prod"
    assert verify_store(store).damaged == ()
    assert read_audit(store, "20990101T000000Z-0000") is None
    assert list_targets(store) == ["prod"]


def test_an_unchanged_object_is_stored_once() -> None:
    store = open_store(SETTINGS)
    live = build_schema(("a", "b", "c"))
    for day in range(5):
        record_audit(store, build_entry(day, live))
    for target in ("stage", "test"):
        record_audit(store, build_entry(9, live, target=target))
    rows = dump(store)["driftbook_objects"]
    frames = [row for row in rows if row[2] not in {"facts", "columns"}]
    assert len(frames) == 3 + 6 + 1


def test_findings_are_new_known_resolved_and_reopened() -> None:
    store = open_store(SETTINGS)
    live = build_schema(("a",))
    x, y, z = (build_found(name) for name in "xyz")
    first = record_audit(store, build_entry(0, live, [x, y]))
    assert (first.previous, first.count_states()) == ("", {FindingState.NEW: 2})
    second = record_audit(store, build_entry(1, live, [x, z]))
    assert second.previous == "20260101T021500Z-0000"
    assert second.of_key[x.key] == (FindingState.KNOWN, "2026-01-01T02:15:00Z")
    assert second.of_key[z.key] == (FindingState.NEW, "2026-01-02T02:15:00Z")
    assert [(one.id, one.resolved_at) for one in second.resolved] == [
        ("drift-y", "2026-01-02T02:15:00Z")
    ]
    third = record_audit(store, build_entry(2, live, [x, y]))
    assert third.of_key[y.key] == (FindingState.REOPENED, "2026-01-01T02:15:00Z")
    assert [one.id for one in third.reconciled] == ["drift-z", "drift-y"]
    assert [sum(point.count(["untracked-object"]).values()) for point in third.trend] == [2, 2, 2]
    audits = read_audits(store, "prod")
    assert [(one.opened, one.resolved) for one in audits] == [(2, 0), (1, 1), (1, 1)]


def test_what_was_not_looked_at_is_never_resolved() -> None:
    store = open_store(SETTINGS)
    live = build_schema(("a",))
    x, y = build_found("x"), build_found("y")
    record_audit(store, build_entry(0, live, [x, y]))
    blind = record_audit(store, build_entry(1, live, unchecked=["drift-x"]))
    assert [(one.id, one.why) for one in blind.unchecked] == [("drift-x", "not looked at")]
    assert [one.id for one in blind.resolved] == ["drift-y"]
    seen = record_audit(store, build_entry(2, live, [x]))
    assert seen.of_key[x.key] == (FindingState.KNOWN, "2026-01-01T02:15:00Z")
    gone = record_audit(store, build_entry(3, live))
    assert [one.id for one in gone.resolved] == ["drift-x"]
    spells = read_findings(store, "prod")
    assert [(one.id, one.last_seen_at[:10], one.resolved_at[:10]) for one in spells] == [
        ("drift-x", "2026-01-03", "2026-01-04"),
        ("drift-y", "2026-01-01", "2026-01-02"),
    ]


def test_an_audit_is_recorded_once_and_gives_its_comparison_again() -> None:
    store = open_store(SETTINGS)
    entries = build_days(3, 2)
    pasts = [record_audit(store, entry) for entry in entries]
    before = dump(store)
    assert [record_audit(store, entry) for entry in entries] == pasts
    assert dump(store) == before


def test_a_store_survives_being_killed_at_any_point() -> None:
    """Thirty audits, the writer killed again and again: the state is that of an unharmed one."""
    with start(KILLED) as killer:
        out, _ = killer.communicate()
    assert killer.returncode == 0
    assert int(out) >= 10
    harmed = dump(open_store(SETTINGS))
    (state_dir() / FILE).unlink()
    unharmed = open_store(SETTINGS)
    for entry in build_days(30, 7):
        record_audit(unharmed, entry)
    assert dump(unharmed) == harmed


def test_writers_at_once_lose_nothing() -> None:
    arguments = [("0", "9", "prod"), ("0", "9", "stage"), ("5", "15", "prod")]
    writers = [start(WRITER, *each) for each in arguments]
    for writer in writers:
        with writer:
            writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    store = open_store(SETTINGS)
    verified = verify_store(store)
    assert (verified.audits, verified.damaged) == (24, ())
    assert sorted(row.point.audit_id for row in read_audits(store, "prod")) == [
        entry.audit_id for entry in build_days(15, 7)
    ]


def test_an_older_store_is_upgraded_in_place_and_a_newer_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for entry in build_days(3, 3):
        record_audit(open_store(SETTINGS), entry)
    before = dump(open_store(SETTINGS))

    def add_note(connection: Connection) -> None:
        connection.execute(text("alter table driftbook_audits add column note varchar"))

    def fail(connection: Connection) -> None:
        connection.execute(text("delete from driftbook_audits"))
        connection.execute(text("select * from nowhere"))

    with monkeypatch.context() as patch:
        patch.setattr(layout, "CURRENT", 2)
        patch.setattr("driftbook.history.store.CURRENT", 2)
        patch.setattr(layout, "UPGRADES", {1: fail})
        with pytest.raises(HistoryFailed, match="nowhere"):
            open_store(SETTINGS)
    assert dump(open_store(SETTINGS)) == before  # a failed upgrade changes nothing
    with monkeypatch.context() as patch:
        patch.setattr(layout, "CURRENT", 2)
        patch.setattr("driftbook.history.store.CURRENT", 2)
        patch.setattr(layout, "UPGRADES", {1: add_note})
        store = open_store(SETTINGS)
        with store.reading() as connection:
            assert connection.execute(text("select note from driftbook_audits")).all()
        assert verify_store(store).damaged == ()
    with pytest.raises(HistoryFailed, match="version 2, this driftbook knows 1"):
        open_store(SETTINGS)


def test_a_full_disk_is_said_and_leaves_what_was_there() -> None:
    store = open_store(SETTINGS)
    entries = build_days(30, 4)
    record_audit(store, entries[0])
    before = dump(store)

    @event.listens_for(store.engine, "connect")
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages}")

    def record_all() -> None:
        for entry in entries[1:]:
            record_audit(store, entry)

    with pytest.raises(HistoryFailed, match="is full") as caught:
        record_all()
    assert "free space" in caught.value.fix
    assert len(dump(open_store(SETTINGS))["driftbook_audits"]) >= 1
    assert dump(open_store(SETTINGS))["driftbook_audits"][0] == before["driftbook_audits"][0]
    assert verify_store(open_store(SETTINGS)).damaged == ()


@pytest.mark.parametrize("content", [b"no database at all, only words" * 40, None], ids=str)
def test_what_is_no_store_is_refused(content: bytes | None) -> None:
    path = state_dir() / FILE
    path.parent.mkdir(parents=True)
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(HistoryFailed) as caught:
        open_store(SETTINGS)
    assert caught.value.where == str(path)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("update driftbook_objects set body = x'00' where id = 1", "altered"),
        ("delete from driftbook_spans where object = 1", "missing"),
        ("delete from driftbook_objects where id = 1", "missing"),
        ("update driftbook_audits set verdict = 'pass'", "of another audit"),
        ("update driftbook_audits set past = x'00'", "of another audit"),
        ("update driftbook_spans set valid_to = 1 where object = 1", "missing"),
        ("update driftbook_audits set captured_at = '2020-01-01T00:00:00Z'", "of another audit"),
        ("update driftbook_audits set live_hash = ''", "of another audit"),
        ("delete from driftbook_findings", "open findings"),
        ("update driftbook_findings set first_seen_at = '2020-01-01T00:00:00Z'", "first sight"),
        ("update driftbook_findings set resolved_at = 'x' where resolved_at = ''", "open findings"),
        ("update driftbook_findings set severity = 'info'", "severity"),
        ("delete from driftbook_audits where id = (select max(id) from driftbook_audits)", "later"),
    ],
)
def test_damage_is_found_and_the_audits_are_named(sql: str, problem: str) -> None:
    store = open_store(SETTINGS)
    entries = build_days(4, 5)
    for entry in entries:
        record_audit(store, entry)
    with store.writing() as connection:
        connection.execute(text(sql))
    damaged = verify_store(store).damaged
    assert damaged
    assert {one.target for one in damaged} == {"prod"}
    assert any(problem in one.problem for one in damaged)
    assert {one.audit_id for one in damaged} <= {entry.audit_id for entry in entries}


def test_forgetting_keeps_what_the_rest_needs() -> None:
    store = open_store(SETTINGS)
    entries = build_days(20, 6)
    for entry in entries:
        record_audit(store, entry)
        record_audit(store, build_entry(1, build_schema(("a",)), target="stage"))
    kept = read_audit(store, entries[15].audit_id)
    size = (state_dir() / FILE).stat().st_size
    open_before = [one for one in read_findings(store, "prod") if not one.resolved_at]
    assert prune_target(store, "prod", before="2026-01-06") == 5
    assert prune_target(store, "prod", keep=5) == 10
    assert [row.point.audit_id for row in read_audits(store, "prod")] == [
        entry.audit_id for entry in entries[15:]
    ]
    assert verify_store(store).damaged == ()
    after = read_audit(store, entries[15].audit_id)
    assert kept is not None
    assert after is not None
    assert after.live is not None
    assert kept.live is not None
    assert (after.facts, after.past) == (kept.facts, kept.past)
    assert after.live.root_hash == kept.live.root_hash
    assert read_audit(store, entries[14].audit_id) is None
    assert [one for one in read_findings(store, "prod") if not one.resolved_at] == open_before
    assert (state_dir() / FILE).stat().st_size < size
    assert prune_target(store, "prod", before="2027-01-01") == 4  # the latest one stays
    assert len(read_audits(store, "stage")) == 1
    with pytest.raises(ConfigError, match="nobody"):
        prune_target(store, "nobody", keep=1)


def test_the_file_holds_no_secret_and_a_changed_one_is_a_change() -> None:
    secrets = [f"hunter{number}-Zq8" for number in range(2)]
    store = open_store(SETTINGS)
    bodies = [f"perform connect('password', password '{secret}')" for secret in secrets]
    stored = []
    for day, body in enumerate([*bodies, bodies[1]]):
        title = f"it says password '{secrets[0]}'"
        entry = build_entry(day, build_schema(("a",), body), [build_found("x", title=title)])
        entry.facts["versions"] = [{"written": body}]
        record_audit(store, entry)
        audit = read_audit(store, entry.audit_id)
        assert audit is not None
        assert audit.live is not None
        stored.append(audit.live)
    row = stored[0].row("function", ("public", "f()"))
    assert row is not None
    assert "redacted password" in str(row["body"])
    assert stored[0].root_hash != stored[1].root_hash
    assert stored[1].root_hash == stored[2].root_hash
    bodies_kept = dump(store)["driftbook_objects"]
    assert sum(bool(kept[4]) for kept in bodies_kept) == 4  # function and facts, twice
    texts = b"".join(path.read_bytes() for path in state_dir().glob(f"{FILE}*"))
    inside = " ".join(map(str, dump(store).values())) + "".join(
        str(audit.frames["function"].to_dict()) for audit in stored
    )
    for secret in secrets:
        assert secret.encode() not in texts
        assert secret not in inside
    assert (state_dir() / FILE).stat().st_mode & 0o777 == 0o600


def test_severity_follows_the_latest_audit() -> None:
    store = open_store(SETTINGS)
    for day, severity in enumerate((Severity.LOW, Severity.CRITICAL)):
        record_audit(store, build_entry(day, build_schema(("a",)), [build_found("x", severity)]))
    (spell,) = read_findings(store, "prod")
    assert spell.severity is Severity.CRITICAL
    point = read_audits(store, "prod")[-1].point
    assert point.count(["untracked-object"])[Severity.CRITICAL] == 1
