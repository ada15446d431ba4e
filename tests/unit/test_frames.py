from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from tests.generated import build_evidence, build_facts

from driftbook.audit import frames
from driftbook.audit.frames import columns, effects, facts, history, plan, replay, versions
from driftbook.audit.frames.columns import parse_version_time
from driftbook.audit.session import Audit
from driftbook.migrations.history import Commit, FileEvent, FileEventKind, History
from driftbook.model import ObjectRef, Severity
from driftbook.repairs import RepairPlan, RepairStep, StepKind
from driftbook.versions import Content, Deed, Fact, FactStatus, Flag, Version, VersionState
from driftbook.words import name_some

SMALL, LARGE = build_facts(10), build_facts(700)
NOTHING = SMALL.model_copy(
    update=dict.fromkeys(
        "versions files effects failures gaps grants never_runs left_out".split(), ()
    )
    | {"history": History(), "plan": RepairPlan(), "records": None}
)
FRAMES = {
    "versions": versions.VERSIONS,
    "unsettled": versions.UNSETTLED,
    "state_counts": versions.STATE_COUNTS,
    "trust": versions.TRUST,
    "grants": versions.GRANTS,
    "missing": versions.MISSING,
    "effects": effects.EFFECTS,
    "effect_matrix": effects.MATRIX,
    "growth": effects.GROWTH,
    "touches": effects.TOUCHES,
    "lifelines": effects.LIFELINES,
    "most_altered": effects.MOST_ALTERED,
    "commits": history.COMMITS,
    "edits": history.EDITS,
    "edit_events": history.EDIT_EVENTS,
    "cadence": history.CADENCE,
    "slow": history.SLOW,
    "migrations": history.MIGRATIONS,
    "steps": plan.PLAN,
    "forecast": plan.FORECAST,
    "failures": replay.FAILURES,
    "cascades": replay.CASCADES,
    "gaps": facts.GAPS,
    "left_out": facts.LEFT_OUT,
    "never_runs": facts.NEVER_RUNS,
}
TABLE = ObjectRef("table", ("public", "orders"))
COLUMN = ObjectRef("column", ("public", "orders", "id"))
POLICY = ObjectRef("policy", ("public", "orders", "read"))
AT = datetime(2024, 3, 1, tzinfo=UTC)


def audit_of(stored: object) -> Audit:
    return Audit("tracking_audit", build_evidence(stored), Severity.HIGH)  # type: ignore[arg-type]


def version_of(file: str, **values: object) -> Version:
    version = Version(file.split("_", maxsplit=1)[0], file, VersionState.APPLIED, recorded=True)
    return dataclasses.replace(version, **values)  # type: ignore[arg-type]


def fact(file: str, thing: ObjectRef, deed: Deed, **values: object) -> Fact:
    made = Fact(file.split("_", maxsplit=1)[0], file, thing, deed, status=FactStatus.FOUND)
    return dataclasses.replace(made, **values)  # type: ignore[arg-type]


def history_of(*deeds: tuple[FileEventKind, str, str, int]) -> History:
    """Return a history of one commit per deed: kind, file, old file, days after the first."""
    commits = [
        Commit(f"c{number}", AT + timedelta(days=days), f"author {number}", "s")
        for number, (*_, days) in enumerate(deeds)
    ]
    events = [
        FileEvent(f"c{number}", file, kind, old)
        for number, (kind, file, old, _) in enumerate(deeds)
    ]
    return History(tuple(commits), tuple(events))


@pytest.mark.parametrize("stored", [NOTHING, SMALL, LARGE], ids=["nothing", "10", "700"])
@pytest.mark.parametrize("name", FRAMES)
def test_columns_and_dtypes_do_not_depend_on_rows(name: str, stored: object) -> None:
    frame = getattr(audit_of(stored), name)
    assert {str(column): str(dtype) for column, dtype in frame.dtypes.items()} == FRAMES[name]
    if stored is NOTHING:
        assert frame.empty


@pytest.mark.parametrize("name", FRAMES)
def test_the_same_evidence_gives_the_same_frame(name: str) -> None:
    pd.testing.assert_frame_equal(
        getattr(audit_of(LARGE), name), getattr(audit_of(build_facts(700)), name)
    )


@pytest.mark.parametrize(
    ("version", "time"),
    [
        pytest.param("20240301000000", AT, id="fourteen digits"),
        pytest.param("20240230000000", None, id="no day of any month"),
        pytest.param("99991231235959", None, id="no time that anybody meant"),
        pytest.param("00010101000000", None, id="no time that nanoseconds hold"),
        pytest.param("0007", None, id="a running number"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_version_spells_a_time_or_none(version: str, time: datetime | None) -> None:
    assert parse_version_time(version) == time
    assert columns.build_frame([(parse_version_time(version),)], {"at": columns.UTC_TIME})[
        "at"
    ].isna().tolist() == [time is None]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""),
        (1, "0"),
        (4, "0, 1, 2, 3"),
        (5, "0, 1, 2 and 2 more"),
        (2003, "0, 1, 2 and 2,000 more"),
    ],
)
def test_a_long_list_is_counted(count: int, words: str) -> None:
    assert name_some([str(number) for number in range(count)]) == words


@pytest.mark.parametrize(
    ("version", "record"),
    [
        pytest.param(version_of("1_a.sql"), "both", id="both"),
        pytest.param(version_of("1_a.sql", recorded=False), "file only", id="file"),
        pytest.param(
            Version("1", "", VersionState.MISSING_FILE, recorded=True), "row only", id="row"
        ),
        pytest.param(
            version_of("1_a.sql", state=VersionState.UNKNOWN, recorded=False),
            "unknown",
            id="a table that was not read is not an empty one",
        ),
    ],
)
def test_a_version_says_where_it_is(version: Version, record: str) -> None:
    assert frames.build_versions([version])["record"].tolist() == [record]


def test_every_state_has_a_meaning_and_settled_ones_come_last() -> None:
    every = [version_of("1_a.sql", state=state) for state in VersionState]
    counts = frames.build_state_counts([*every, every[0]])
    assert len(counts) == len(VersionState)
    assert counts["meaning"].str.endswith(".").all()
    settled = {one.value.replace("_", " ") for one in VersionState if one.is_settled}
    assert set(counts["state"].tail(len(settled))) == settled
    assert counts["versions"].sum() == len(every) + 1


@pytest.mark.parametrize(
    ("version", "is_edited"),
    [
        pytest.param(version_of("1_a.sql", content=Content.EQUAL), False, id="equal"),
        pytest.param(version_of("1_a.sql", content=Content.UNKNOWN), False, id="unknown"),
        pytest.param(
            version_of("1_a.sql", state=VersionState.PARTLY_EFFECTIVE, content=Content.DIFFERENT),
            True,
            id="another state is worse",
        ),
        pytest.param(
            version_of("1_a.sql", state=VersionState.EDITED_AFTER_APPLY), True, id="by its state"
        ),
        pytest.param(version_of("1_a.sql", flags=(Flag.EMPTIED,)), True, id="emptied"),
        pytest.param(
            Version("1", "", VersionState.MISSING_FILE, recorded=True, recorded_text="select 1"),
            False,
            id="a record without a file",
        ),
    ],
)
def test_an_edited_file_is_one_whose_record_says_something_else(
    version: Version, *, is_edited: bool
) -> None:
    assert frames.find_edited([version]) == ([version] if is_edited else [])


def test_what_is_missing_leaves_out_planned_files_and_parts_of_missing_objects() -> None:
    lost = {"status": FactStatus.MISSING}
    stored = [
        fact("1_a.sql", TABLE, Deed.CREATED, **lost),
        fact("1_a.sql", COLUMN, Deed.CREATED, part_of=TABLE, **lost),
        fact("2_b.sql", POLICY, Deed.DROPPED, **lost),
        fact("3_c.sql", TABLE, Deed.ALTERED, property="rls_enabled", status=FactStatus.DIFFERENT),
        fact("4_d.sql", POLICY, Deed.CREATED, **lost),
    ]
    planned = version_of("4_d.sql", state=VersionState.PENDING, recorded=False)
    missing = frames.build_missing(stored, [planned])
    assert missing[["version", "object", "property", "problem"]].to_numpy().tolist() == [
        ["1", "public.orders", "", "not live"],
        ["2", "public.orders.read", "", "dropped by the file, still live"],
        ["3", "public.orders", "rls enabled", "live in another shape"],
    ]


def test_the_matrix_counts_by_file_and_kind() -> None:
    stored = [
        fact("1_a.sql", TABLE, Deed.CREATED),
        fact("1_a.sql", COLUMN, Deed.CREATED, part_of=TABLE),
        fact("1_a.sql", COLUMN, Deed.ALTERED, property="type", status=FactStatus.SUPERSEDED),
        fact("2_b.sql", POLICY, Deed.CREATED, status=FactStatus.MISSING),
        fact("2_b.sql", POLICY, Deed.CREATED, status=FactStatus.UNTESTED),
    ]
    known = [version_of("1_a.sql"), version_of("2_b.sql", recorded=False)]
    matrix = frames.build_effect_matrix(stored, known).drop(columns=["version", "file", "place"])
    assert matrix.to_numpy().tolist() == [
        ["table", 1, 1, 0, 0, 0, True],
        ["column", 1, 1, 1, 0, 0, True],
        ["policy", 0, 1, 0, 1, 0, False],
    ]


def test_growth_counts_what_goes_with_a_table_as_gone() -> None:
    stored = [
        fact("1_a.sql", TABLE, Deed.CREATED),
        fact("1_a.sql", COLUMN, Deed.CREATED, part_of=TABLE),
        fact("1_a.sql", ObjectRef("owner", ("table", "public", "orders")), Deed.CREATED),
        fact("2_b.sql", TABLE, Deed.DROPPED),
    ]
    growth = frames.build_growth(stored, [version_of("1_a.sql"), version_of("2_b.sql")])
    assert growth[["version", "kind", "objects"]].to_numpy().tolist() == [
        ["1", "column", 1],
        ["1", "table", 1],
        ["2", "column", 0],
        ["2", "table", 0],
    ]


def test_growth_names_six_kinds_and_sums_the_others() -> None:
    growth = audit_of(LARGE).growth
    last = growth[growth["place"] == growth["place"].max()]
    assert len(last) == 7
    assert last["kind"].iloc[-1] == "other"
    alive = list(effects.count_objects(LARGE.effects, columns.place_files(LARGE.versions)))
    assert last["objects"].sum() == sum(alive[-1][-1].values())


def test_frames_since_a_version_keep_what_was_built_before() -> None:
    since = LARGE.versions[400].version
    everything, later = audit_of(LARGE), audit_of(LARGE).since(since)
    for name in ("growth", "touches", "migrations"):
        whole, part = getattr(everything, name), getattr(later, name)
        pd.testing.assert_frame_equal(whole[whole["version"] >= since].reset_index(drop=True), part)
    assert later.edits["version"].min() >= since
    assert later.cadence["files"].sum() == len(later.migrations)
    assert everything.since("").growth.equals(everything.growth)


def test_a_part_counts_as_a_touch_of_what_it_belongs_to() -> None:
    stored = [
        fact("1_a.sql", TABLE, Deed.CREATED),
        fact("1_a.sql", COLUMN, Deed.CREATED, part_of=TABLE),
        fact("2_b.sql", POLICY, Deed.CREATED),
        fact("3_c.sql", ObjectRef("owner", ("table", "public", "orders")), Deed.ALTERED),
        fact("4_d.sql", TABLE, Deed.DROPPED),
    ]
    touches = frames.build_touches(stored, [])
    assert touches[["version", "kind", "object", "deed"]].to_numpy().tolist() == [
        ["1", "table", "public.orders", "created"],
        ["2", "table", "public.orders", "altered"],
        ["3", "table", "public.orders", "altered"],
        ["4", "table", "public.orders", "dropped"],
    ]
    assert frames.build_lifelines(touches).to_numpy().tolist() == [
        ["public.orders", "1", "4", "2, 3", 2]
    ]
    assert frames.build_most_altered(touches).to_numpy().tolist() == [
        ["table", "public.orders", 4, "1", "4"]
    ]


def test_a_file_keeps_its_history_under_a_new_name() -> None:
    kind = FileEventKind
    edits = frames.build_edits(
        history_of(
            (kind.ADDED, "1_a.sql", "", 0),
            (kind.EDITED, "1_a.sql", "", 2),
            (kind.RENAMED, "2_a.sql", "1_a.sql", 3),
            (kind.EDITED, "2_a.sql", "", 40),
            (kind.ADDED, "3_c.sql", "", 41),
            (kind.DELETED, "3_c.sql", "", 42),
        )
    )
    assert edits[["file", "author", "edits", "days", "renames", "deleted"]].to_numpy().tolist() == [
        ["2_a.sql", "author 0", 2, 40, 1, False],
        ["3_c.sql", "author 4", 0, 0, 0, True],
    ]


def test_what_another_branch_deletes_is_still_a_file() -> None:
    stored = history_of(
        (FileEventKind.ADDED, "1_a.sql", "", 0), (FileEventKind.DELETED, "1_a.sql", "", 1)
    )
    beside = dataclasses.replace(stored.commits[1], on_branch=False)
    elsewhere = dataclasses.replace(stored, commits=(stored.commits[0], beside))
    assert frames.build_edits(stored)["deleted"].tolist() == [True]
    assert frames.build_edits(elsewhere)["deleted"].tolist() == [False]


@pytest.mark.parametrize(
    ("numbers", "span", "rows"),
    [
        pytest.param(["20240101000000", "20240120000000"], "week", 3, id="weeks"),
        pytest.param(["20200101000000", "20240120000000"], "month", 49, id="months"),
        pytest.param(["19990101000000", "20990101000000"], "year", 101, id="a time in the future"),
        pytest.param(["20240101000000", "0007"], "week", 1, id="a version without a time"),
        pytest.param(["0001"], "", 0, id="no time at all"),
    ],
)
def test_cadence_fits_the_span(numbers: list[str], span: str, rows: int) -> None:
    cadence = frames.build_cadence([version_of(f"{one}_a.sql") for one in numbers], History())
    assert len(cadence) == rows
    assert set(cadence["span"]) == ({span} if rows else set())


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        pytest.param(
            History(why_unknown="git is not installed."),
            "The git history is not known: git is not installed.",
            id="unknown",
        ),
        pytest.param(
            History(), "No commit is known that touches the migration files.", id="no commit"
        ),
        pytest.param(SMALL.history, "", id="known"),
    ],
)
def test_why_there_is_no_history_is_a_sentence(stored: History, words: str) -> None:
    assert frames.explain_history(stored) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"command": "git mv a b\ngit commit"}, "git mv a b …"),
        ({"command": "a", "sql": "b"}, "a"),
        ({"sql": "update t"}, "update t"),
        ({"file": "b.sql", "old_file": "a.sql"}, "rename a.sql to b.sql"),
        ({"file": "b.sql", "text": "x"}, "write b.sql"),
        ({}, "decide"),
    ],
)
def test_a_step_is_summarised_by_what_to_do(values: dict[str, str], words: str) -> None:
    step = RepairStep(StepKind.DECIDE, ("1",), "why", **values)
    assert frames.build_plan(RepairPlan((step,)))["what_to_do"].tolist() == [words]


def test_the_slowest_files_are_twenty() -> None:
    slow = audit_of(LARGE).slow
    assert len(slow) == 20
    assert slow["seconds"].is_monotonic_decreasing


def test_statements_of_a_file_that_was_not_replayed_are_unknown() -> None:
    partly = SMALL.model_copy(update={"files": SMALL.files[:3]})
    assert audit_of(partly).migrations["statements"].isna().tolist() == [False] * 3 + [True] * 7
