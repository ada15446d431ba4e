"""A step that is proposed is the right one, and no step is ever the one that loses a record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from driftbook.migrations.blobs import PastText
from driftbook.migrations.directory import Directory, MigrationFile
from driftbook.model import ObjectRef
from driftbook.repairs import RepairStep, StepKind
from driftbook.sqltext import split_cli, split_server
from driftbook.tracking.record_sql import write_record, write_removal, write_statements
from driftbook.tracking.repair import plan_steps
from driftbook.tracking.simulate import take_file_steps
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.wounds import Wounds
from driftbook.versions import Content, EffectState, OrderFlag, Version, VersionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SQL = "create table t (a int);\n"
OLDER = OrderFlag.OLDER_THAN_APPLIED
INDEX = ObjectRef("index", ("public", "t_a"))
HOSTILE = ["x'); drop table t; --", 'a"b', "back\\slash", "line\nbreak", "$$", "'", "-- note"]


def build_file(name: str, text: str = SQL) -> MigrationFile:
    version, _, rest = name.partition("_")
    return MigrationFile(Path(name), version, rest.removesuffix(".sql"), text.encode())


def build(
    state: VersionState,
    version: str = "20260101000000",
    name: str = "a",
    **known: object,
) -> Version:
    file = f"{version}_{name}.sql" if name else ""
    return Version(version, file, state, recorded=False, name_file=name, **known)  # type: ignore[arg-type]


def plan(
    *versions: Version,
    rows: tuple[TrackingRow, ...] = (),
    past: dict[str, list[PastText]] | None = None,
    cures: dict[ObjectRef, str] | None = None,
) -> list[RepairStep]:
    files = tuple(build_file(version.file) for version in versions if version.file)
    status = TrackingStatus.READABLE if rows else TrackingStatus.EMPTY
    wounds = Wounds(
        versions,
        Directory(Path(), files, ()),
        Tracking("supabase_migrations.schema_migrations", status, rows),
        NOW,
        target="production",
        past=past or {},
        cures=cures or {},
    )
    return list(plan_steps(wounds))


@pytest.mark.parametrize(
    ("version", "kinds"),
    [
        pytest.param(build(VersionState.APPLIED), [], id="nothing to heal"),
        pytest.param(build(VersionState.PENDING), ["apply"], id="planned work"),
        pytest.param(
            build(VersionState.APPLIED_UNRECORDED), ["save", "record"], id="a lost record"
        ),
        pytest.param(
            build(VersionState.CONFIRMED_BY_EFFECT), ["save", "fill-record"], id="a placeholder"
        ),
        pytest.param(build(VersionState.UNCONFIRMED), ["save", "decide"], id="only a claim"),
        pytest.param(
            build(VersionState.PENDING_UNTESTABLE, order=OLDER), ["save", "decide"], id="rows only"
        ),
        pytest.param(build(VersionState.PENDING_UNTESTABLE), ["apply"], id="rows to come"),
        pytest.param(
            build(VersionState.PARTLY_APPLIED_UNRECORDED), ["save", "decide"], id="half of it"
        ),
        pytest.param(build(VersionState.EDITED_HARMLESS), [], id="another text, the same effect"),
    ],
)
def test_a_wound_has_its_step(version: Version, kinds: list[str]) -> None:
    assert [step.kind.value for step in plan(version)] == kinds


def test_a_record_without_a_file_gets_its_file_back_before_anything_else() -> None:
    missing = build(VersionState.MISSING_FILE, name="")
    row = TrackingRow(missing.version, "made ../by hand", ("create table t (a int)", "select 1"))
    (step,) = plan(missing, rows=(row,))
    assert step.kind is StepKind.RESTORE_FILE
    assert [one.text for one in split_cli(step.text)] == list(row.statements or ())
    assert step.file.startswith(f"{missing.version}_made")
    assert "/" not in step.file


def test_the_text_of_git_is_preferred_when_it_says_what_is_recorded() -> None:
    missing = build(VersionState.MISSING_FILE, name="")
    row = TrackingRow(missing.version, "a", ("create table t (a int)",))
    text = "-- why it was made\ncreate table t (a int);\n"
    folder = f"supabase/migrations/{missing.version}_a.sql"
    old = PastText("c0ffee", NOW, "Ada", "s", folder, b"create table t (b text);")
    right = PastText("beef", NOW, "Ada", "s", folder, text.encode())
    (step,) = plan(missing, rows=(row,), past={missing.version: [old, right]})
    assert (step.text, "beef" in step.evidence) == (text, True)


def test_what_is_nowhere_is_asked_for_and_never_taken_away() -> None:
    unknown = build(VersionState.MISSING_FILE_UNKNOWN, name="")
    (step,) = plan(unknown, rows=(TrackingRow(unknown.version, "a", None),))
    assert (step.kind, step.sql, step.command) == (StepKind.DECIDE, "", "")


def test_a_record_is_only_removed_when_nothing_of_it_is_live_and_the_rows_are_saved() -> None:
    gone = build(VersionState.MISSING_FILE, name="", effect=EffectState.ABSENT)
    row = TrackingRow(gone.version, "a", ("create table t (a int)",))
    save, unrecord = plan(gone, rows=(row,))
    assert (save.kind, unrecord.kind) == (StepKind.SAVE, StepKind.UNRECORD)
    assert unrecord.command == f"supabase migration repair --status reverted {gone.version}"


def test_no_command_is_proposed_that_empties_the_table() -> None:
    states = [build(state, f"2026010{at:07}") for at, state in enumerate(VersionState)]
    rows = tuple(TrackingRow(one.version, "a", ("select 1",)) for one in states)
    for step in plan(*states, rows=rows):
        words = step.command.split()
        if words[:3] == ["supabase", "migration", "repair"]:
            assert words[3:4] == ["--status"]
            assert len(words) > 5


def test_the_same_sql_keeps_the_version_that_is_recorded() -> None:
    file = build(VersionState.MOVED, match_version="20260102000000")
    row = build(VersionState.MOVED, "20260102000000", "", match_version=file.version)
    (step,) = plan(file, row, rows=(TrackingRow(row.version, "a", (SQL,)),))
    assert (step.old_file, step.file) == (file.file, "20260102000000_a.sql")
    assert step.command == f"git mv {file.file} 20260102000000_a.sql"


def test_of_two_files_the_one_that_was_applied_keeps_the_version() -> None:
    kept = build(VersionState.DUPLICATE_VERSION, name="kept", content=Content.IDENTICAL)
    kept = Version(kept.version, kept.file, kept.state, recorded=True, content=Content.IDENTICAL)
    absent = {"content": Content.DIFFERENT, "effect": EffectState.ABSENT}
    other = build(VersionState.DUPLICATE_VERSION, name="other", **absent)
    (step,) = plan(kept, other, rows=(TrackingRow(kept.version, "kept", (SQL,)),))
    assert (step.kind, step.old_file) == (StepKind.RENUMBER, other.file)
    assert step.file == "20260301120000_other.sql"


def test_what_is_lost_comes_back_as_one_migration_that_is_later_than_all() -> None:
    lost = build(VersionState.PARTLY_EFFECTIVE, "20260401000000", missing=(INDEX,))
    made = "create index if not exists t_a on t (a);"
    (step,) = plan(lost, rows=(TrackingRow(lost.version, "a", (SQL,)),), cures={INDEX: made})
    assert (step.kind, step.text) == (StepKind.COMPLETE, f"{made}\n")
    assert step.file == "20260401000001_restore_missing_effects.sql"


def test_an_open_question_stands_before_what_would_answer_it_by_running() -> None:
    asked = build(VersionState.PENDING_UNTESTABLE, order=OLDER)
    late = build(VersionState.PENDING, "20260102000000", order=OLDER)
    _, decide, apply = plan(asked, late)
    assert (decide.kind, apply.kind) == (StepKind.DECIDE, StepKind.APPLY)
    assert asked.file in apply.risk
    assert apply.command.endswith("--include-all")


def test_files_are_taken_in_memory_alone() -> None:
    directory = Directory(Path(), (build_file("1_a.sql"), build_file("1_b.sql")), ())
    step = RepairStep(StepKind.RENUMBER, ("1",), "r", file="2_b.sql", old_file="1_b.sql")
    new = RepairStep(StepKind.RESTORE_FILE, ("0",), "r", file="0_z.sql", text="select 1;")
    taken = take_file_steps(directory, [step, new])
    assert [file.path.name for file in taken.files] == ["0_z.sql", "1_a.sql", "2_b.sql"]
    assert [file.version for file in taken.files] == ["0", "1", "2"]
    assert all("duplicate-version" not in file.facts for file in taken.files)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_holds_stays_a_literal(text: str) -> None:
    for statement in (
        write_record("public.t", text, text, [text, text]),
        write_statements("public.t", text, text, [text]),
        write_removal("public.t", text),
    ):
        assert len(split_server(statement) or ()) == 1
