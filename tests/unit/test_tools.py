"""Other tools are told apart in words, in order, and in what they would run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from driftbook.config import ConventionName, Target
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.directory import Directory, MigrationFile
from driftbook.rules import VersionFacts, find_versions
from driftbook.tools import TOOLS
from driftbook.tracking.checksum import compare_record
from driftbook.tracking.order import find_order_by_place
from driftbook.tracking.pending_tools import forecast_tool
from driftbook.tracking.repair import plan_steps
from driftbook.tracking.table import Outcome, Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.tables import LAYOUTS
from driftbook.tracking.trust import find_trust
from driftbook.tracking.wounds import Wounds
from driftbook.versions import Content, EffectState, OrderFlag, Trust, Version, VersionState

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TEXT = b"create table t (id int);\n"
OTHERS = [name for name, tool in TOOLS.items() if not tool.keeps_text]
S = VersionState
OLD, OUT = OrderFlag.OLDER_THAN_APPLIED, OrderFlag.OUT_OF_ORDER


def row(version: str, xid: int | None = None, **other: object) -> TrackingRow:
    return TrackingRow(version, None, None, xid, **other)  # type: ignore[arg-type]


def file(version: str) -> MigrationFile:
    return MigrationFile(Path(f"V{version}__x.sql"), version, "x", TEXT)


def lay_out(tool: str, *versions: str) -> Directory:
    return Directory(Path("m"), tuple(map(file, versions)), (), tool)


def version(state: VersionState, number: str = "2", **other: object) -> Version:
    values = {"found": 0, "testable": 2, "makes": (), "note": "noted", **other}
    return Version(number, f"V{number}__x.sql", state, recorded=True, **values)  # type: ignore[arg-type]


def wound(tool: str, *versions: Version, **tracking: object) -> Wounds:
    numbers = dict.fromkeys(one.version for one in versions)
    table = Tracking(TOOLS[tool].table, TrackingStatus.READABLE, **tracking)  # type: ignore[arg-type]
    return Wounds(versions, lay_out(tool, *numbers), table, NOW, is_supabase=False, target="prod")


def test_a_target_can_have_every_convention_and_each_has_its_words_and_its_reader() -> None:
    assert set(get_args(ConventionName)) == set(TOOLS)
    assert set(TOOLS) == set(LAYOUTS) == set(CONVENTIONS)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_table_is_where_the_tool_keeps_it_unless_the_target_names_another(tool: str) -> None:
    assert Target(name="t", convention=tool).tracking_table == TOOLS[tool].table
    named = Target(name="t", convention=tool, tracking_table="app.done")
    assert named.tracking_table == "app.done"


@pytest.mark.parametrize(
    ("files", "rows", "expected"),
    [
        pytest.param(["2", "10"], [row("2"), row("10")], {}, id="numbers, not text"),
        pytest.param(["2", "3", "10"], [row("2"), row("10")], {"3": OLD}, id="passed over"),
        pytest.param(["2", "3", "10"], [row("2")], {}, id="newer ones are pending"),
        pytest.param(["2", "R__v"], [row("R__v")], {}, id="a repeatable passes nothing over"),
        pytest.param(
            ["2", "10"], [row("2", xid=90), row("10", xid=80)], {"2": OUT}, id="recorded late"
        ),
        pytest.param(["2"], [row("2"), row("9")], {}, id="a record without a file has no place"),
    ],
)
def test_order_is_that_of_the_files(
    files: list[str], rows: list[TrackingRow], expected: dict[str, OrderFlag]
) -> None:
    flags = find_order_by_place([(one, one) for one in files], rows)
    assert {one: flag for one, flag in flags.items() if flag is not OrderFlag.OK} == expected
    assert set(flags) == {*files, *(one.version for one in rows)}


@pytest.mark.parametrize(
    ("tool", "one", "expected"),
    [
        pytest.param("dbmate", row("2"), Content.NONE, id="dbmate records no content"),
        pytest.param("golang-migrate", row("2"), Content.NONE, id="nor does golang-migrate"),
        pytest.param("flyway", row("2"), Content.UNKNOWN, id="no checksum says nothing"),
        pytest.param("flyway", row("2", checksum="7"), Content.DIFFERENT, id="another checksum"),
        pytest.param("prisma", row("2", checksum="7"), Content.DIFFERENT, id="another hash"),
        pytest.param(
            "flyway", row("2", outcome=Outcome.BASELINE), Content.NONE, id="before the baseline"
        ),
        pytest.param("plain", row("2", outcome=Outcome.ASSUMED), Content.NONE, id="no table"),
    ],
)
def test_content(tool: str, one: TrackingRow, expected: Content) -> None:
    assert compare_record(file("2"), one, tool) is expected


@pytest.mark.parametrize("tool", ["flyway", "prisma", "drizzle"])
def test_the_checksum_of_the_file_is_that_of_its_record(tool: str) -> None:
    find = CONVENTIONS[tool].checksum
    assert find is not None
    for text in (TEXT, TEXT.replace(b"\n", b"\r\n")):
        recorded = row("2", checksum=min(find(text)))
        assert compare_record(file("2"), recorded, tool) is Content.IDENTICAL


def test_an_old_prisma_left_out_zeros() -> None:
    digest = hashlib.sha256(TEXT).digest()
    recorded = row("2", checksum="".join(f"{byte:x}" for byte in digest))
    assert compare_record(file("2"), recorded, "prisma") is Content.IDENTICAL


def test_a_tool_that_runs_all_files_at_once_writes_their_rows_at_once() -> None:
    rows = [row("1", xid=9, is_witnessed=True), row("2", xid=9, is_witnessed=True)]
    assert set(find_trust(rows).values()) == {Trust.BULK}
    assert set(find_trust(rows, batches=True).values()) == {Trust.PUSHED}


@pytest.mark.parametrize(
    ("tool", "rows", "runs", "refuses"),
    [
        pytest.param("flyway", ["1"], ["2", "3"], "", id="flyway runs what is left"),
        pytest.param("flyway", ["1", "3"], [], "come before recorded ones: 2", id="not in order"),
        pytest.param("flyway", ["1", "7"], [], "have no file: 7", id="flyway misses a file"),
        pytest.param("prisma", ["1", "3"], ["2"], "", id="prisma runs it after newer ones"),
        pytest.param("dbmate", ["1", "7"], ["2", "3"], "", id="dbmate does not notice"),
        pytest.param("drizzle", ["1", "3"], [], "", id="drizzle passes it over for ever"),
        pytest.param("golang-migrate", ["7"], [], "has no file: 7", id="its version is unknown"),
    ],
)
def test_what_the_tool_would_run(tool: str, rows: list[str], runs: list[str], refuses: str) -> None:
    directory = lay_out(tool, "1", "2", "3")
    tracking = Tracking("t", TrackingStatus.READABLE, tuple(map(row, rows)))
    orders = find_order_by_place([(one, one) for one in "123"], tracking.rows)
    told = forecast_tool(directory, tracking, orders, {})
    assert list(told.runs) == [f"V{one}__x.sql" for one in runs]
    assert told.refuses.endswith(refuses)
    assert bool(told.refuses) == bool(refuses)
    failed = replace(tracking, failed=(row("2"),))
    assert forecast_tool(directory, failed, orders, {}).refuses.endswith("failed: 2")


@pytest.mark.parametrize(
    ("tool", "state", "command", "sql"),
    [
        pytest.param(
            "prisma",
            S.APPLIED_UNRECORDED,
            "prisma migrate resolve --applied 2",
            "",
            id="prisma records",
        ),
        pytest.param(
            "golang-migrate", S.APPLIED_UNRECORDED, "migrate force 2", "", id="golang forces"
        ),
        pytest.param(
            "dbmate",
            S.APPLIED_UNRECORDED,
            "",
            'insert into "public"."schema_migrations" (version) values (\'2\') '
            "on conflict (version) do nothing;",
            id="dbmate has one column and no command",
        ),
        pytest.param("flyway", S.APPLIED_UNRECORDED, "", "", id="flyway is asked about"),
        pytest.param("flyway", S.EDITED_AFTER_APPLY, "flyway repair", "", id="flyway's checksum"),
        pytest.param("prisma", S.EDITED_AFTER_APPLY, "", "", id="prisma has no such command"),
        pytest.param("flyway", S.MISSING_FILE_UNKNOWN, "flyway repair", "", id="a lost file"),
        pytest.param("flyway", S.PENDING, "flyway migrate", "", id="what is pending is run"),
        pytest.param("drizzle", S.PENDING, "drizzle-kit migrate", "", id="by drizzle's command"),
    ],
)
def test_a_plan_has_the_tools_own_commands(
    tool: str, state: VersionState, command: str, sql: str
) -> None:
    one = version(state)
    one = replace(one, recorded=state not in {S.APPLIED_UNRECORDED, S.PENDING})
    steps = [step for step in plan_steps(wound(tool, one)) if step.kind.value != "save"]
    assert [(step.command, step.sql) for step in steps] == [(command, sql)]


def test_a_failed_migration_is_cleared_by_the_tools_own_command() -> None:
    steps = plan_steps(wound("prisma", failed=(row("20260101_a"),)))
    assert [step.command for step in steps] == ["prisma migrate resolve --rolled-back 20260101_a"]


def test_no_version_is_forced_over_a_file_that_did_not_run() -> None:
    pending = replace(version(S.PENDING, "2"), recorded=False)
    ran = replace(version(S.APPLIED_UNRECORDED, "3"), recorded=False)
    steps = plan_steps(wound("golang-migrate", pending, ran))
    assert not any("force" in step.command for step in steps)


@pytest.mark.parametrize(
    ("tool", "file", "told"),
    [
        pytest.param("golang-migrate", "1_a.down.sql", False, id="a down file"),
        pytest.param("golang-migrate", "notes.sql", True, id="a file without a version"),
        pytest.param("flyway", "U1__a.sql", False, id="an undo"),
        pytest.param("flyway", "b/V1__a.sql", False, id="a baseline stands for it"),
        pytest.param("flyway", "v1__a.sql", True, id="a wrong prefix"),
        pytest.param("dbmate", "a.sql", True, id="no digits"),
    ],
)
def test_what_is_kept_for_another_occasion_is_no_finding(tool: str, file: str, told: bool) -> None:  # noqa: FBT001
    found = find_versions(VersionFacts(convention=tool, skipped=((file, "why"),)))
    assert bool(found) is told


@pytest.mark.parametrize("tool", OTHERS)
def test_no_finding_of_another_tool_speaks_of_supabase(tool: str) -> None:
    every = [
        version(state, str(at), order=order, effect=EffectState.UNTESTABLE, content=content)
        for at, state in enumerate(S, 2)
        for order in (OrderFlag.OK, OLD)
        for content in (Content.UNKNOWN, Content.DIFFERENT)
    ]
    found = find_versions(VersionFacts(tuple(every), table=TOOLS[tool].table, convention=tool))
    assert len({finding.rule for finding in found}) > 5
    told = " ".join(f"{one.title} {one.consequence} {one.fix}" for one in found).lower()
    assert "supabase" not in told
    assert "write-files" not in told
