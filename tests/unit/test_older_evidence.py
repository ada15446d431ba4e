"""What an older driftbook did not read is not known: never drift, and never equal either."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.unit.audits import SETTINGS, build_entry, build_found, build_row, build_snapshot
from tests.unit.explored import AT, EARLIER, build_explored
from tests.unit.incidents import build_case, build_looks

from driftbook.audit.gaps import find_unread_gaps, note_unread
from driftbook.catalog.document import build_document, read_capture, write_capture
from driftbook.catalog.snapshot import hash_rows
from driftbook.catalog.unread import OLDER, UNKNOWN
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import NOT_READ, ScopeSettings, apply_scope
from driftbook.explore.compare import compare_audits
from driftbook.explore.frames import NOT_COMPARED, SAME, build_objects, explain_unread
from driftbook.history import open_store, record_audit
from driftbook.history import rows as stored_rows
from driftbook.history.read import read_audit, read_audits
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from driftbook.catalog.snapshot import Snapshot

LACKING = {"policy": OLDER, "table.rls_forced": OLDER, "column.position": OLDER}
POLICY = build_row("policy", ("public", "a", "mine"), using="true", permissive=True)


def build_now(
    *, forced: bool = True, options: str = "", order: tuple[int, int] = (1, 2)
) -> Snapshot:
    """Return a small schema as this driftbook reads it."""
    columns = zip(("id", "note"), order, strict=True)
    return build_snapshot(
        {
            "table": [build_row("table", ("public", "a"), options=options, rls_forced=forced)],
            "column": [
                build_row("column", ("public", "a", name), type="text", position=place)
                for name, place in columns
            ],
            "policy": [POLICY],
        }
    )


def take_away(snapshot: Snapshot) -> Snapshot:
    """Return ``snapshot`` as a driftbook had it that knew neither policies nor two properties."""
    frames = {name: frame for name, frame in snapshot.frames.items() if name != "policy"}
    frames["table"] = frames["table"].drop(columns="rls_forced")
    frames["column"] = frames["column"].drop(columns="position")
    return replace(snapshot, frames=frames)


def write_older(snapshot: Snapshot, folder: Path) -> Path:
    """Write the capture of a driftbook before it told what it hashed and what it did not read."""
    older = take_away(snapshot)
    document = build_document(older)
    del document["hashed"], document["unread"]
    path = folder / "older.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_an_older_capture_is_read_and_compared_in_what_it_has(tmp_path: Path) -> None:
    older = read_capture(write_older(build_now(), tmp_path))
    assert older.unread == LACKING
    assert "policy" not in older.frames
    assert older.root_hash == take_away(build_now()).root_hash
    now = build_now(forced=False, order=(2, 1))
    assert not len(diff_snapshots(older, now))
    assert not len(diff_snapshots(now, older))
    [change] = diff_snapshots(older, build_now(options="fillfactor=70")).to_dict("records")
    assert (change["kind"], change["property"]) == ("table", "options")


def test_an_older_capture_keeps_what_it_lacks_when_it_is_written_again(tmp_path: Path) -> None:
    older = read_capture(write_older(build_now(), tmp_path))
    again = read_capture(write_capture(older, tmp_path / "again.json"))
    assert (again.unread, again.root_hash) == (older.unread, older.root_hash)


def test_a_newer_capture_is_compared_in_what_is_known_here(tmp_path: Path) -> None:
    document = json.loads(json.dumps(build_document(build_now())))
    frames, columns = document["frames"], document["columns"]
    frames["spell"], columns["spell"] = [["public", "lumos"]], ["schema", "name"]
    frames["table"] = [[*row, "x"] for row in frames["table"]]
    columns["table"].append("charm")
    document["hashed"] = columns
    document["root_hash"] = hash_rows(
        (name, columns[name], [tuple(row) for row in frames[name]]) for name in sorted(frames)
    )
    path = tmp_path / "newer.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    newer = read_capture(path)
    assert newer.unread == {"spell": UNKNOWN, "table.charm": UNKNOWN}
    assert not len(diff_snapshots(build_now(), newer))


def test_a_gap_names_each_reason_once_and_how_to_close_it() -> None:
    older = replace(take_away(build_now()), unread=LACKING)
    unread = replace(build_now(), unread={"rule": "no SELECT on it", "spell": UNKNOWN})
    gaps = find_unread_gaps((older, unread))
    assert [gap.what for gap in gaps] == [
        "Not read of test: column.position, policy, table.rls_forced",
        "Not read of test: spell",
        "Not read of test: rule",
    ]
    both = find_unread_gaps((older, replace(older, source="other")))
    assert [gap.what.partition(":")[0] for gap in both] == ["Not read of test and other"]
    assert all(gap.fix and gap.why for gap in gaps)
    assert find_unread_gaps((build_now(), None)) == ()


def test_an_unread_kind_that_nobody_wants_is_counted_and_no_gap() -> None:
    expected = build_now()
    unread = dict.fromkeys(("policy", "rule", "role"), "may not look")
    frames = {name: frame for name, frame in expected.frames.items() if name not in unread}
    live = replace(expected, frames=frames, unread=unread)
    scoped = apply_scope(expected, live, None, ScopeSettings(excludes=("policy:*",)))
    assert scoped.live.unread == {"rule": "may not look"}, "and nobody asked for roles"
    left_out = [tuple(row) for row in scoped.left_out.itertuples(index=False)]
    assert (NOT_READ, "policy", 0) in left_out
    narrow = apply_scope(expected, live, None, ScopeSettings(excludes=("policy:public.a*",)))
    assert narrow.live.unread.keys() == {"policy", "rule"}, "who leaves out some wants the others"


def test_the_history_tells_what_older_audits_did_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path / "state"))
    store = open_store(SETTINGS)
    found = [
        build_found("a").model_copy(update={"kind": kind, "parts": parts, "key": kind})
        for kind, parts in (("table", ("public", "a")), ("policy", ("public", "a", "mine")))
    ]
    with monkeypatch.context() as before:
        before.setattr(stored_rows, "COLUMNS", "")  # nor did it tell columns from other facts
        record_audit(store, build_entry(0, take_away(build_now())))
    record_audit(store, build_entry(1, take_away(build_now())))
    past = record_audit(store, build_entry(2, build_now(), found))
    table, policy = sorted(past.sightings, key=lambda one: one.kind, reverse=True)
    # Equal in what both read, as far as is known what the values of the first one mean.
    assert (table.absent_at, table.other_at, table.same_at[:10]) == ("", "", "2026-01-02")
    assert (policy.absent_at, policy.seen_at[:10]) == ("", "2026-01-03"), "nobody looked before"
    changed = replace(build_now(options="fillfactor=70"), unread={"cron_job": "may not look"})
    past = record_audit(store, build_entry(3, changed, found))
    [table] = [one for one in past.sightings if one.kind == "table"]
    assert (table.other_at[:10], table.same_at[:10]) == ("2026-01-03", "2026-01-04")
    moves = [(row.came, row.went) for row in read_audits(store, "prod")]
    assert moves == [(3, 0), (0, 0), (0, 0), (1, 1)], "a table and two columns, then a change"
    latest = read_audit(store, build_entry(3, changed).audit_id)
    assert latest is not None
    assert latest.live is not None
    assert latest.live.unread == changed.unread
    stored = read_audit(store, build_entry(0, build_now()).audit_id)
    assert stored is not None
    assert stored.live is not None
    assert stored.live.unread == LACKING
    assert stored.live.root_hash == take_away(build_now()).root_hash


def test_who_explores_is_told_what_was_not_read() -> None:
    older = replace(take_away(build_now()), unread={"policy": OLDER})
    now = build_now()
    none = diff_snapshots(now, now)
    assert build_objects("policy", older, now, none)["change"].tolist() == [NOT_COMPARED]
    assert build_objects("policy", now, now, none)["change"].tolist() == [SAME]
    assert build_objects("policy", older, older, none).empty
    assert explain_unread("policy", now, older) == f"Not read: policy, for {OLDER}."
    assert explain_unread("table", now, older) == ""
    before, after = build_explored(EARLIER), build_explored(AT)
    assert before.live is not None
    frames = {name: frame for name, frame in before.live.frames.items() if name != "rule"}
    lacking = replace(before, live=replace(before.live, frames=frames, unread={"rule": OLDER}))
    assert compare_audits(lacking, after).note.endswith(f"Not read: rule, for {OLDER}.")
    assert [gap.what for gap in note_unread(lacking).facts.gaps] == [
        "Not read of target demo: rule"
    ]
    assert note_unread(note_unread(lacking)) == note_unread(lacking)


def test_an_incident_tells_no_change_of_what_an_older_audit_did_not_read() -> None:
    first, second, third = build_looks()
    assert first.live is not None
    frames = {name: frame for name, frame in first.live.frames.items() if name != "index"}
    frames["table"] = frames["table"].assign(kind=None)
    unread = {"table.kind": OLDER, "index": OLDER}
    older = replace(first, live=replace(first.live, frames=frames, unread=unread))
    looks = (older, second, third)
    case = build_case(looks=looks)
    table = ObjectRef("table", ("public", "invoices"))
    dated = build_case(looks=(first, second, third)).date_by_looks(table)
    assert case.date_by_looks(table) == dated
    assert case.whole is not None
    assert "index" not in set(case.whole.changes["kind"])
    told = build_case().whole
    assert told is not None
    assert len(case.whole.changes) == len(told.changes[told.changes["kind"] != "index"])
