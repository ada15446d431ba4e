"""A record that does not fit its file is named; a difference in layout is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbook.audit.judge import compare_contents
from driftbook.audit.unrecorded import credit_files
from driftbook.config import Target
from driftbook.migrations.directory import Directory, MigrationFile
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.sqltext import collapse, split_cli
from driftbook.tracking.effects import Effect
from driftbook.tracking.order import find_order
from driftbook.tracking.states import Known, find_states
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus
from driftbook.versions import EffectState, OrderFlag, Version, VersionState

TABLE = "create table t (a int default 1);\n-- done\n"
VIEW = ObjectRef("view", ("public", "v"))


def build_directory(*files: tuple[str, str]) -> Directory:
    made = tuple(
        MigrationFile(Path(name), name.partition("_")[0], name.partition("_")[2], text.encode())
        for name, text in files
    )
    return Directory(Path(), made, ())


def record(version: str, *statements: str) -> TrackingRow:
    return TrackingRow(version, None, statements)


def join(
    directory: Directory, *rows: TrackingRow, effects: dict[str, Effect] | None = None
) -> list[tuple[str, str]]:
    status = TrackingStatus.READABLE if rows else TrackingStatus.EMPTY
    tracking = Tracking("t", status, rows)
    contents = compare_contents(directory, tracking)
    versions = find_states(Known(directory, tracking, contents, effects or {}))
    return [(one.version, one.state.value) for one in versions]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("CREATE TABLE t(a INT DEFAULT 1)", id="case and blanks"),
        pytest.param("create /* why */ table t (\n  a int default 1\n);", id="comment and lines"),
        pytest.param("create table t (a int default 1) ;", id="the closing semicolon"),
    ],
)
def test_layout_does_not_count(other: str) -> None:
    assert collapse(other) == collapse(TABLE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("create table t (a int default 2);", id="a number"),
        pytest.param('create table "T" (a int default 1);', id="a quoted name"),
        pytest.param("create table t (a int default 1); select 1;", id="one statement more"),
        pytest.param("create tablet (a int default 1);", id="words that ran together"),
        pytest.param("create\xa0table t (a int default 1);", id="a space that is of a name"),
    ],
)
def test_every_word_counts(other: str) -> None:
    assert collapse(other) != collapse(TABLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'a  b'", "select 'a b'"),
        ("select 'A'", "select 'a'"),
        ("select $$ -- x $$", "select $$ $$"),
        ("select '-- x'", "select ''"),
        ("select É", "select é"),
    ],
)
def test_what_is_quoted_counts_as_it_is(one: str, other: str) -> None:
    assert collapse(one) != collapse(other)


def test_files_as_recorded_are_applied() -> None:
    directory = build_directory(("1_a.sql", TABLE), ("2_b.sql", "-- nothing yet\n"))
    texts = [[one.text for one in split_cli(file.text)] for file in directory.files]
    assert join(directory, record("1", *texts[0]), TrackingRow("2", None, None)) == [
        ("1", "applied"),
        ("2", "applied"),
    ]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param(record("1", "create table t (b int)"), "edited_after_apply", id="other text"),
        pytest.param(record("1", TABLE, "drop table t"), "edited_after_apply", id="one more"),
        pytest.param(record("1", "-- applied manually"), "unconfirmed", id="a comment"),
        pytest.param(record("1"), "unconfirmed", id="an empty list"),
        pytest.param(TrackingRow("1", "a", None), "unconfirmed", id="no statements"),
    ],
)
def test_a_record_that_does_not_say_what_the_file_says(row: TrackingRow, state: str) -> None:
    assert join(build_directory(("1_a.sql", TABLE)), row) == [("1", state)]


@pytest.mark.parametrize(
    ("effect", "state"),
    [
        (Effect(EffectState.ABSENT, 0, 2), "pending"),
        (Effect(EffectState.PARTIAL, 1, 2), "partly_applied_unrecorded"),
        (Effect(EffectState.FULL, 2, 2), "applied_unrecorded"),
        (Effect(), "pending_untestable"),
        (Effect(failure="relation exists"), "pending_untestable"),
    ],
)
def test_effects_decide_what_a_missing_record_means(effect: Effect, state: str) -> None:
    directory = build_directory(("1_a.sql", TABLE))
    assert join(directory, effects={"1_a.sql": effect}) == [("1", state)]


def test_versions_of_one_side_and_twice_used_ones() -> None:
    directory = build_directory(("1_a.sql", TABLE), ("1_b.sql", TABLE))
    assert join(directory, record("1", TABLE), record("9", TABLE)) == [
        ("1", "duplicate_version"),
        ("1", "duplicate_version"),
        ("9", "missing_file"),
    ]


def test_an_unread_table_says_nothing() -> None:
    tracking = Tracking("t", TrackingStatus.UNREADABLE, why="no privilege")
    (version,) = find_states(Known(build_directory(("1_a.sql", TABLE)), tracking))
    assert (version.state, version.recorded) == (VersionState.UNKNOWN, True)


def test_effects_prove_what_a_record_without_sql_does_not_say() -> None:
    directory = build_directory(("1_a.sql", TABLE))
    effects = {"1_a.sql": Effect(EffectState.FULL, 1, 1)}
    assert join(directory, record("1", "-- by hand"), effects=effects) == [
        ("1", "confirmed_by_effect")
    ]


@pytest.mark.parametrize(
    ("effect", "state"),
    [
        (Effect(EffectState.ABSENT, 0, 2), "never_effective"),
        (Effect(EffectState.PARTIAL, 1, 2), "partly_effective"),
        (Effect(EffectState.FULL, 2, 2), "applied"),
        (Effect(EffectState.SUPERSEDED), "applied"),
    ],
)
def test_a_record_is_a_claim_that_effects_confirm_or_not(effect: Effect, state: str) -> None:
    directory = build_directory(("1_a.sql", TABLE))
    assert join(directory, record("1", TABLE), effects={"1_a.sql": effect}) == [("1", state)]


def test_the_same_sql_under_two_versions_is_one_that_moved() -> None:
    directory = build_directory(("1_a.sql", TABLE))
    tracking = Tracking("t", TrackingStatus.READABLE, (record("2", TABLE),))
    file, row = find_states(Known(directory, tracking, moves={"1": "2", "2": "1"}))
    assert (file.state, file.match_version) == (VersionState.MOVED, "2")
    assert (row.state, row.match_version, row.file) == (VersionState.MOVED, "1", "")


def test_an_older_file_is_told_from_a_new_one() -> None:
    directory = build_directory(("1_a.sql", TABLE), ("3_c.sql", TABLE))
    tracking = Tracking("t", TrackingStatus.READABLE, (record("2", "select 1"),))
    orders = find_order([(one.path.name, one.version) for one in directory.files], tracking.rows)
    old, _, new = find_states(Known(directory, tracking, orders=orders))
    assert (old.order, new.order) == (OrderFlag.OLDER_THAN_APPLIED, OrderFlag.OK)


def test_a_finding_names_the_file_that_only_lacks_its_record() -> None:
    finding = Finding(
        "untracked-object", "drift", Severity.HIGH, VIEW, "t", "c", "create view", "only_live"
    )
    other = Finding(
        "missing-object", "drift", Severity.HIGH, VIEW, "t", "c", "create view", "only_expected"
    )
    state = VersionState.APPLIED_UNRECORDED
    version = Version("7", "7_v.sql", state, False, "", 1, 1, makes=(VIEW,))  # noqa: FBT003
    credited, kept = credit_files([finding, other], [version], Target(name="x"))
    assert (credited.where, credited.fix_is_sql) == ("7_v.sql", False)
    assert "migration repair --status applied 7" in credited.fix
    assert credited.key == finding.key
    assert kept == other


def test_what_a_recorded_file_made_and_somebody_changed_is_nobodys_lost_record() -> None:
    finding = Finding("altered-object", "drift", Severity.CRITICAL, VIEW, "t", "c", "x", "altered")
    state = VersionState.PARTLY_EFFECTIVE
    version = Version("7", "7_v.sql", state, True, "", 1, 2, makes=(VIEW,))  # noqa: FBT003
    assert credit_files([finding], [version], Target(name="x")) == [finding]
