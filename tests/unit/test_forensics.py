"""Attribution without a server: rows with transactions, records, audits; what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbook.forensics.attribution import Drifted, attribute
from driftbook.forensics.bracket import Bracket
from driftbook.forensics.case import Case, find_holder
from driftbook.forensics.clues import Clue
from driftbook.forensics.frames import ATTRIBUTION, CLUE, EXHIBITS, SESSION, write_key
from driftbook.forensics.heard import Heard
from driftbook.forensics.sessions import Touch, find_sessions
from driftbook.forensics.signatures import Shape
from driftbook.forensics.words import describe_order, describe_origin, describe_time
from driftbook.history.exhibits import build_exhibit, read_exhibits, write_exhibits
from driftbook.history.past import NO_PAST, Move, Past, Sighting, Watermark
from driftbook.model import ObjectRef
from driftbook.sqltext import holds_block, holds_control
from driftbook.versions import Content, Deed, Fact, Version, VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY = timedelta(days=1)
CLUSTER = "c0ffee"


def table(name: str) -> ObjectRef:
    """Return a table of schema public."""
    return ObjectRef("table", ("public", name))


def witness(
    ref: ObjectRef, born: int | None, touched: int, at: datetime | None = None
) -> tuple[object, ...]:
    """Return a row of the exhibit of this name."""
    time = at.isoformat() if at else None
    rows = ("pg_attribute[-1]", touched, "pg_class", time, time)
    return (ref.kind, write_key(ref), 16400, "pg_class", "postgres", born, *rows)


def case(
    rows: list[tuple[object, ...]],
    records: Mapping[str, int],
    made: Mapping[str, list[ObjectRef]] | None = None,
    *,
    times: Mapping[str, datetime] | None = None,
    past: Past = NO_PAST,
    **traits: frozenset[str],
) -> Case:
    """Return a case of ``rows`` and ``records`` (version → transaction); files make ``made``.

    ``traits``: versions by ``placeholders``, ``blocks``, ``controls``.
    """
    files = {
        name: frozenset(f"{version}.sql" for version in traits.get(name, ()))
        for name in ("blocks", "controls")
    }
    clock = (bool(times), 10_000, False, "5", CLUSTER, None, None, NOW.isoformat())
    told = times or {}
    exhibits = {
        "clock": [clock],
        "record": [
            (version, xid, told[version].isoformat() if version in told else None)
            for version, xid in records.items()
        ],
        "witness": rows,
        "dropped_column": [],
    }
    facts = [
        Fact(version, f"{version}.sql", ref, Deed.CREATED)
        for version, refs in (made or {}).items()
        for ref in refs
    ]
    versions = [
        Version(
            version,
            f"{version}.sql",
            VersionState.APPLIED,
            recorded=True,
            content=Content.PLACEHOLDER
            if version in traits.get("placeholders", ())
            else Content.IDENTICAL,
        )
        for version in records
    ]
    return Case(
        exhibits={name: build_exhibit(exhibits[name], EXHIBITS[name]) for name in exhibits},
        facts=tuple(facts),
        versions=tuple(versions),
        past=past,
        scoped=frozenset(ObjectRef(str(r[0]), tuple(json.loads(str(r[1])))) for r in rows),
        controls=files["controls"],
        subtransactions=files["blocks"],
    )


def judge(one: Case, ref: ObjectRef, change: str = "") -> pd.Series:
    """Return the row of ``ref``."""
    return attribute(one, [Drifted(ref, change)]).attribution.iloc[0]


A, B, C = table("a"), table("b"), table("c")
RECORDS = {"1": 100, "2": 110, "3": 120}
MADE = {"1": [A], "2": [B], "3": [C]}
PUSHED = [witness(A, 100, 100), witness(B, 110, 110), witness(C, 120, 120)]


def test_one_transaction_with_the_record_is_proof() -> None:
    row = judge(case(PUSHED, RECORDS, MADE), B)
    assert (row["born_class"], row["born_version"], row["confidence"]) == ("pushed", "2", "exact")
    assert (row["born_after_version"], row["born_before_version"]) == ("1", "3")


def test_what_no_file_makes_lies_between_two_records() -> None:
    stray = table("stray")
    row = judge(case([*PUSHED, witness(stray, 105, 105)], RECORDS, MADE), stray, "only_live")
    assert row["born_class"] == "out_of_band"
    assert (row["drift_after_version"], row["drift_before_version"]) == ("1", "2")
    assert "Made by no migration" in describe_origin(row.to_dict())
    assert "after version 1 and before version 2" in describe_origin(row.to_dict())


def test_a_table_that_was_touched_since_keeps_its_birth() -> None:
    rows = [witness(A, 100, 115), *PUSHED[1:]]
    row = judge(case(rows, RECORDS, MADE), A, "altered")
    assert (row["born_class"], row["born_version"]) == ("pushed", "1")
    assert (row["touched_class"], row["touched_version"]) == ("retouched", "1")
    assert (row["drift_after_version"], row["drift_before_version"]) == ("2", "3")


def test_a_drift_that_a_later_push_covered_is_not_blamed_on_that_push() -> None:
    rows = [witness(A, 100, 120), *PUSHED[1:]]
    row = judge(case(rows, RECORDS, MADE), A, "altered")
    assert (row["touched_class"], row["touched_version"]) == ("pushed", "3")
    assert row["drift_after_version"] == ""
    assert "not by that" in describe_origin(row.to_dict())


def test_a_file_that_was_run_by_hand_stands_right_before_its_record() -> None:
    rows = [PUSHED[0], witness(B, 109, 109), PUSHED[2]]
    placeholder = judge(case(rows, RECORDS, MADE, placeholders=frozenset({"2"})), B)
    assert (placeholder["touched_class"], placeholder["confidence"]) == ("manual_run", "high")
    assert placeholder["channel"] == "manual_sql"
    told = judge(case(rows, RECORDS, MADE), B)
    assert (told["touched_class"], told["confidence"]) == ("manual_run", "medium")
    control = judge(case(rows, RECORDS, MADE, controls=frozenset({"2"})), B)
    assert (control["touched_class"], control["confidence"]) == ("pushed", "medium")


def test_something_else_between_object_and_record_ends_the_guess() -> None:
    stray = table("stray")
    rows = [PUSHED[0], witness(B, 107, 107), witness(stray, 108, 108), PUSHED[2]]
    row = judge(case(rows, RECORDS, MADE, placeholders=frozenset({"2"})), B)
    assert row["touched_class"] == "retouched"
    assert row["confidence"] == "medium"


def test_a_subtransaction_is_certain_only_with_commit_times() -> None:
    rows = [PUSHED[0], witness(B, 111, 111, NOW), PUSHED[2]]
    times = {"1": NOW - DAY, "2": NOW, "3": NOW + DAY}
    known = judge(case(rows, RECORDS, MADE, times=times), B)
    assert (known["born_class"], known["confidence"]) == ("pushed", "exact")
    rows = [PUSHED[0], witness(B, 111, 111), PUSHED[2]]
    guessed = judge(case(rows, RECORDS, MADE, blocks=frozenset({"2"})), B)
    assert (guessed["born_class"], guessed["confidence"]) == ("pushed", "medium")


def test_records_of_one_transaction_prove_nothing() -> None:
    rows = [witness(A, 100, 100), witness(B, 110, 110)]
    one = case(rows, {"1": 500, "2": 500}, {"1": [A], "2": [B]})
    found = attribute(one, [Drifted(A), Drifted(B)])
    assert found.horizon.shape is Shape.REWRITE
    assert set(found.attribution["confidence"]) == {"medium"}
    assert list(found.attribution["born_version"]) == ["1", "2"]


def build_restore() -> list[tuple[object, ...]]:
    """Return what a restore leaves: tables, then indexes, then policies, one by one."""
    kinds = ("index", "policy")
    rows = [witness(table(name), at, at) for at, name in enumerate("abcdef", start=200)]
    for start, kind in zip((300, 310), kinds, strict=True):
        for at, name in enumerate("abcdef", start=start):
            parts = ("public", name) if kind == "index" else ("public", name, "p")
            born = at if kind == "index" else None
            rows.append(witness(ObjectRef(kind, parts), born, at))
    return rows


def test_a_restore_is_a_horizon_and_what_came_after_it_is_dated() -> None:
    stray = table("stray")
    rows = [*build_restore(), witness(stray, 410, 410)]
    records = {"1": 250, "2": 250, "3": 400}
    past = Past(
        moves=(Move(after="2026-11-01T00:00:00+00:00", by="2026-11-02T00:00:00+00:00"),),
        sightings=(Sighting(kind="table", parts=A.parts, seen_at="2026-10-01T00:00:00+00:00"),),
    )
    made = {"1": [A], "2": [B], "3": []}
    one = case(rows, records, made, past=past)
    found = attribute(one, [Drifted(A, "only_live"), Drifted(stray, "only_live")])
    assert found.horizon.shape is Shape.RESTORE
    assert (found.horizon.first_xid, found.horizon.last_xid) == (200, 315)
    old, new = (found.attribution.iloc[at] for at in (0, 1))
    assert old["born_class"] == "restored"
    assert f"{old['born_latest_at']:%Y-%m-%d}" == "2026-10-01"
    assert f"{old['touched_earliest_at']:%Y-%m-%d}" == "2026-11-01"
    assert (new["born_class"], new["born_after_version"]) == ("out_of_band", "3")


def test_everything_in_one_transaction_with_all_records_is_a_restore() -> None:
    rows = [witness(ref, 100, 100) for ref in (A, B, C)]
    found = attribute(case(rows, dict.fromkeys("123", 100), MADE), [Drifted(A)])
    assert found.horizon.shape is Shape.RESTORE_ONE
    assert found.attribution.iloc[0]["born_class"] == "restored"


def test_one_version_that_wrote_everything_it_makes_is_a_push() -> None:
    rows = [witness(ref, 100, 100) for ref in (A, B)]
    row = judge(case(rows, {"1": 100}, {"1": [A, B]}), A)
    assert (row["born_class"], row["confidence"]) == ("pushed", "exact")
    # The same where a file does not make all of it may be a dump restored in one transaction.
    row = judge(case(rows, {"1": 100}, {"1": [A]}), A)
    assert (row["born_class"], row["confidence"]) == ("pushed", "medium")


def test_catalogs_younger_than_all_records_are_those_of_an_upgrade() -> None:
    found = attribute(case(build_restore(), RECORDS, MADE), [Drifted(A)])
    assert found.horizon.shape is Shape.UPGRADE
    assert found.attribution.iloc[0]["born_class"] == "restored"


@pytest.mark.parametrize("wrapped", [True, None])
def test_without_a_clock_the_answer_is_unknown(*, wrapped: bool | None) -> None:
    one = case(PUSHED, RECORDS, MADE)
    clock = one.exhibits["clock"].copy()
    clock["wrapped"] = wrapped
    exhibits = {**one.exhibits, "clock": clock if wrapped else clock.head(0)}
    row = judge(Case(exhibits, one.facts, one.versions, one.past, one.scoped), A)
    assert (row["born_class"], row["touched_class"], row["confidence"]) == (
        "unknown",
        "unknown",
        "none",
    )


def test_audits_of_the_same_cluster_date_a_transaction() -> None:
    stray = table("stray")
    marks = tuple(
        Watermark(
            audited_at=f"2026-11-{day:02}T00:00:00+00:00",
            next_xid=xid,
            cluster=cluster,
            database="5",
        )
        for day, xid, cluster in ((1, 103, CLUSTER), (2, 104, "other"), (3, 108, CLUSTER))
    )
    one = case([*PUSHED, witness(stray, 105, 105)], RECORDS, MADE, past=Past(watermarks=marks))
    row = judge(one, stray, "only_live")
    assert (f"{row['born_earliest_at']:%d}", f"{row['born_latest_at']:%d}") == ("01", "03")
    assert row["time_basis"] == "snapshot"


def test_what_is_gone_is_known_from_audits_only() -> None:
    gone = ObjectRef("index", ("public", "i"))
    seen = Sighting(
        kind="index",
        parts=gone.parts,
        gone_after="2026-11-01T00:00:00+00:00",
        gone_by="2026-11-02T00:00:00+00:00",
    )
    row = judge(case(PUSHED, RECORDS, MADE, past=Past(sightings=(seen,))), gone, "only_expected")
    assert (row["touched_class"], row["confidence"]) == ("unknown", "low")
    assert "between 2026-11-01 00:00 and 2026-11-02 00:00 UTC" in describe_origin(row.to_dict())
    never = judge(case(PUSHED, RECORDS, MADE), gone, "only_expected")
    assert "leaves no row" in describe_origin(never.to_dict())


def test_every_claim_rests_on_clues_of_the_table() -> None:
    found = attribute(case(PUSHED, RECORDS, MADE), [Drifted(A), Drifted(B, "altered")])
    ids = set(found.clues["id"])
    assert len(ids) == len(found.clues)
    for clues in found.attribution["clues"]:
        assert clues
        assert set(clues) <= ids
    assert list(found.attribution.columns) == list(ATTRIBUTION)
    assert list(found.clues.columns) == list(CLUE)
    assert list(found.sessions.columns) == list(SESSION)


@pytest.mark.parametrize(
    ("ref", "holder"),
    [
        (("privilege", "table", "s", "t", "", "anon", "SELECT"), ("table", "s", "t")),
        (("privilege", "table", "s", "t", "c", "anon", "SELECT"), ("column", "s", "t", "c")),
        (("privilege", "schema", "", "s", "", "anon", "USAGE"), ("schema", "s")),
        (("owner", "function", "s", "f()"), ("function", "s", "f()")),
        (("policy", "s", "t", "p"), ("policy", "s", "t", "p")),
    ],
)
def test_an_entry_is_kept_in_the_row_of_its_object(
    ref: tuple[str, ...], holder: tuple[str, ...]
) -> None:
    assert find_holder(ObjectRef(ref[0], ref[1:])) == ObjectRef(holder[0], holder[1:])


def test_a_pause_parts_two_sessions_and_a_shared_transaction_joins_them() -> None:
    def touch(xid: int, minutes: int, owner: str = "postgres") -> Touch:
        at = NOW + timedelta(minutes=minutes)
        return Touch(xid, table(f"t{xid}"), owner, Bracket("1", "2", at, at, "commit_ts"))

    found = find_sessions([touch(5, 0), touch(6, 9), touch(7, 30), touch(8, 31, "other")])
    assert [one.name for one in found] == ["S1", "S2", "S3"]
    assert [len(one.objects) for one in found] == [2, 1, 1]


def test_words_say_no_more_than_is_known() -> None:
    assert describe_time(None, None) == ""
    assert describe_time(None, NOW) == "before 2026-11-28 00:00 UTC"
    assert describe_time(NOW, None) == "after 2026-11-28 00:00 UTC"
    assert describe_time(NOW, NOW) == "at 2026-11-28 00:00:00 UTC"
    assert describe_order("", "") == ""
    assert describe_order("1", "") == "after version 1 was recorded"


def test_exhibits_survive_a_file() -> None:
    exhibits = dict(case([witness(A, 100, 100, NOW)], RECORDS, times={"1": NOW}).exhibits)
    again = read_exhibits(write_exhibits(exhibits))
    assert again.keys() == exhibits.keys()
    for name, frame in exhibits.items():
        assert again[name].equals(frame), name
        assert list(again[name].dtypes) == list(frame.dtypes)


@pytest.mark.parametrize(
    ("sql", "control", "block"),
    [
        ("begin; create table t(); commit;", True, False),
        ("create table t(); -- begin; commit;", False, False),
        ("do $$ begin create table t(); end $$;", False, False),
        ("do $$ begin null; exception when others then null; end $$;", False, True),
        ("savepoint a; rollback to a;", False, True),
    ],
)
def test_a_file_tells_what_it_does_to_its_transaction(
    sql: str, *, control: bool, block: bool
) -> None:
    assert holds_control(sql.encode()) is control
    assert holds_block(sql.encode()) is block


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["push", "hand", "touch", "other"]), min_size=1, max_size=25))
def test_the_truth_lies_inside_every_bracket(events: list[str]) -> None:
    """Whatever pushes and hands do in turn: versions enclose what happened, and no lie is sure."""
    xid, rows, records, made = 100, dict[ObjectRef, list[int]](), dict[str, int](), {}
    truth: dict[ObjectRef, tuple[str, str]] = {}  # last touch: by whom, after which version
    for number, event in enumerate(events):
        xid += 1
        last = max(records, default="")
        ref = table(f"t{number}")
        if event == "push":
            version = f"{number:04}"
            rows[ref], records[version], made[version] = [xid, xid], xid, [ref]
            truth[ref] = ("pushed", last)
        elif event == "hand":
            rows[ref] = [xid, xid]
            truth[ref] = ("out_of_band", last)
        elif event == "touch" and rows:
            old = sorted(rows, key=str)[number % len(rows)]
            rows[old][1] = xid
            by = "retouched" if truth[old][0] in {"pushed", "retouched"} else "out_of_band"
            truth[old] = (by, last)
    one = case([witness(ref, *xids) for ref, xids in rows.items()], records, made)
    found = attribute(one, [Drifted(ref) for ref in rows]).attribution
    order = ["", *sorted(records)]
    for (_, row), ref in zip(found.iterrows(), rows, strict=True):
        door, after = truth[ref]
        if row["confidence"] in {"exact", "high"}:
            assert row["touched_class"] == door
        assert order.index(row["touched_after_version"]) <= order.index(after)
        if row["touched_before_version"]:
            assert row["touched_before_version"] > after


@pytest.mark.parametrize("step", [0, 1])
def test_catalogs_younger_than_their_records_are_an_upgrade(step: int) -> None:
    """From 17 on pg_upgrade makes up to a thousand objects in one transaction."""
    refs = [table(f"t{number}") for number in range(5)]
    records = {f"{number:04}": 700 + number for number in range(5)}
    made = {version: [ref] for version, ref in zip(records, refs, strict=True)}
    rows = [witness(ref, 900 + step * at, 900 + step * at) for at, ref in enumerate(refs)]
    late = witness(table("late"), 990, 990)
    found = attribute(case([*rows, late], records, made), [Drifted(ref) for ref in refs])
    assert found.horizon.shape is Shape.UPGRADE
    assert set(found.attribution["touched_class"]) == {"restored"}
    assert not found.horizon.covers(990)


def test_what_a_hand_changed_before_the_note_is_not_surely_of_the_file() -> None:
    """A file that was run by hand, its table altered by hand, then noted as applied."""
    rows = [witness(A, 100, 100), witness(B, 115, 117)]
    made = {"1": [A], "2": [B]}
    noted = case(rows, {"1": 100, "2": 120}, made, placeholders=frozenset({"2"}))
    row = judge(noted, B)
    assert (row["born_class"], row["born_confidence"]) == ("manual_run", "high")
    assert row["confidence"] == "medium"


def test_a_table_that_got_more_than_its_file_gives_is_no_run_of_it() -> None:
    extra = ObjectRef("column", ("public", "b", "extra"))
    rows = [witness(A, 100, 100), witness(B, 115, 117), witness(extra, None, 117)]
    made = {"1": [A], "2": [B]}
    noted = case(rows, {"1": 100, "2": 120}, made, placeholders=frozenset({"2"}))
    assert judge(noted, B)["touched_class"] == "retouched"


def test_a_record_that_was_written_again_proves_nothing() -> None:
    stray, index = table("stray"), ObjectRef("index", ("public", "b_pkey"))
    rows = [
        *PUSHED[::2],
        witness(B, 110, 130),
        witness(index, 110, 110),
        witness(stray, 130, 130),
    ]
    renewed = case(rows, RECORDS | {"2": 130}, MADE | {"2": [B, index]})
    for ref in (stray, B, index):
        row = judge(renewed, ref)
        assert {row["born_confidence"], row["confidence"]} <= {"medium", "low", "none"}, ref
    assert judge(renewed, C)["confidence"] == "exact"


def test_how_an_object_was_made_is_no_hint_of_how_it_was_touched() -> None:
    function = ObjectRef("function", ("public", "total()"))
    made = Clue(function, "born", "log", "CREATE FUNCTION", raw_ref="lab.csv:1")
    touched = Clue(function, "touched", "log", "", raw_ref="lab.csv:9", note="no claim")
    pushed = Clue(function, "channel", "log", "cli_push", raw_ref="lab.csv:1", note="a hint: sent")
    assert Heard((made, touched, pushed)).find_channel(None) == ""
    by_hand = replace(pushed, value="manual_sql", raw_ref="lab.csv:9")
    assert Heard((made, touched, pushed, by_hand)).find_channel(None) == "manual_sql"


def test_a_small_restore_that_audits_saw_is_one() -> None:
    index, policy = ObjectRef("index", ("public", "a_i")), ObjectRef("policy", ("public", "a", "p"))
    rows = [
        witness(A, 100, 100),
        witness(B, 101, 101),
        witness(index, 105, 105),
        witness(policy, None, 106),
    ]
    made = {"1": [A, index], "2": [B], "3": [policy]}
    records = dict.fromkeys(RECORDS, 103)
    moved = Past(moves=(Move(after=(NOW - DAY).isoformat(), by=NOW.isoformat()),))
    for past, door in ((NO_PAST, "retouched"), (moved, "restored")):
        assert judge(case(rows, records, made, past=past), index)["born_class"] == door


def test_a_part_is_no_older_than_its_table() -> None:
    """A later file drops the table and makes it again; that the shadow shows no new object."""
    key = ObjectRef("constraint", ("public", "a", "a_pkey"))
    rows = [witness(A, 110, 125), witness(key, None, 110), *PUSHED[1:]]
    again = case(rows, RECORDS, MADE | {"1": [A, key]})
    row = judge(again, key)
    assert (row["born_class"], row["born_version"]) == ("pushed", "2")
    assert (row["born_after_version"], row["born_before_version"]) == ("1", "3")
    touched = judge(again, A)
    assert (touched["touched_class"], touched["touched_version"]) == ("retouched", "2")


def test_a_part_of_a_table_that_a_hand_made_again_is_of_no_push() -> None:
    policy = ObjectRef("policy", ("public", "a", "p"))
    rows = [witness(A, 115, 115), witness(policy, None, 125), *PUSHED[1:]]
    row = judge(case(rows, RECORDS, MADE | {"1": [A, policy]}), policy)
    assert row["born_class"] == "retouched"
    assert row["born_after_version"] == ""


def test_one_version_whose_record_was_written_again_keeps_its_objects() -> None:
    """A repair of one version: what its file made is where it was, in one transaction."""
    row = judge(case(PUSHED, {"1": 100, "2": 200, "3": 120}, MADE), B, "altered")
    assert (row["born_class"], row["born_version"], row["confidence"]) == ("pushed", "2", "medium")
    assert (row["born_after_version"], row["born_before_version"]) == ("1", "3")
    first = judge(case(PUSHED, {"1": 100, "2": 200, "3": 120}, MADE), A)
    assert first["confidence"] == "exact"
