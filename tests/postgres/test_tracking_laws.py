"""Laws of the states: what one mutation of a clean project changes, and what none may change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftbook.audit.judge import judge
from driftbook.audit.plan import Plan
from driftbook.audit.repair import Repair
from driftbook.audit.sides import LiveSide, read_live_side
from driftbook.audit.trace import Tracer
from driftbook.forensics.exhibits import Exhibited
from driftbook.migrations.directory import read_directory
from driftbook.migrations.history import History
from driftbook.postgres.connect import connect_plain
from driftbook.progress import say_nothing
from driftbook.repairs import RepairPlan, StepKind
from driftbook.shadow.prepare import AUDITOR
from driftbook.sqltext import split_cli
from driftbook.tracking.simulate import take_file_steps, take_row_steps
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftbook.audit.judge import Judged
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.migrations.directory import Directory
    from driftbook.postgres.server import ShadowServer

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

# Version → file, and the object of it that somebody drops by hand.
CLEAN = {
    "1": ("create table t (a int, b text default 'x', c int);", "alter table t drop column c;"),
    "2": ("create index t_a on t (a);", "drop index t_a;"),
    "3": ("create view v as select a from t where b = 'y';", "drop view v;"),
    "4": (
        "create function f() returns int language sql as $$ select 41 $$;",
        "drop function f();",
    ),
    "5": (
        "create table u (id int);\nalter table u add constraint small check (id < 10);",
        "alter table u drop constraint small;",
    ),
    "6": (
        "alter table u enable row level security;\ncreate policy p on u using (id > 1);",
        "drop policy p on u;",
    ),
    "7": ("create type mood as enum ('good', 'bad');", "drop type mood;"),
    "8": ("comment on table t is 'of the shop';", "comment on table t is null;"),
}
VERSIONS = list(CLEAN)
TABLE = "supabase_migrations.schema_migrations"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Whatever somebody does to a text of an applied file, and what it never or always is.
HARMLESS = [
    pytest.param(lambda text: f"-- A comment; with a semicolon.\n{text}", id="comment before"),
    pytest.param(lambda text: text.replace(";", " /* at the end */;\n\n"), id="comment inside"),
    pytest.param(lambda text: text.replace(" (", "\n    ("), id="white space"),
    pytest.param(lambda text: text.replace("create ", "CREATE  "), id="case of keywords"),
    pytest.param(
        lambda text: (
            text.replace("create table", "create table if not exists")
            .replace("create index", "create index if not exists")
            .replace("create view", "create or replace view")
            .replace("create function", "create or replace function")
        ),
        id="guards",
    ),
]
EDITS = {
    "1": ("'x'", "'z'"),
    "3": ("'y'", "'z'"),
    "4": ("41", "42"),
    "5": ("id < 10", "id < 11"),
    "6": ("id > 1", "id > 2"),
    "7": ("'bad'", "'sad'"),
    "8": ("of the shop", "of the shops"),
}


@dataclass(frozen=True)
class Project:
    """A clean project; what is asked of it is asked of mutated copies."""

    server: ShadowServer
    directory: Directory
    rows: tuple[TrackingRow, ...]
    live: Snapshot
    database: str

    def tracer(self, rows: tuple[TrackingRow, ...], live: Snapshot | None = None) -> Tracer:
        ordered = tuple(sorted(rows, key=lambda row: row.version))
        status = TrackingStatus.READABLE if rows else TrackingStatus.EMPTY
        side = LiveSide(live or self.live, Tracking(TABLE, status, ordered), {}, Exhibited({}))
        return Tracer(self.server, Plan("plain", "postgres", None), side, say_nothing)

    def judge(
        self,
        directory: Directory | None = None,
        rows: tuple[TrackingRow, ...] | None = None,
        live: Snapshot | None = None,
    ) -> Judged:
        tracer = self.tracer(self.rows if rows is None else rows, live)
        judged = judge(tracer, directory or self.directory, History(), NOW)
        self.server.drop_database(judged.replayed.result.database)
        return judged

    def edit(self, texts: dict[str, str]) -> Directory:
        files = [
            replace(file, data=texts.get(file.version, file.text).encode())
            for file in self.directory.files
        ]
        return replace(self.directory, files=tuple(files))

    def without(self, version: str) -> Directory:
        files = [file for file in self.directory.files if file.version != version]
        return replace(self.directory, files=tuple(files))


@pytest.fixture(scope="module")
def project(server: ShadowServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("files")
    for version, (text, _) in CLEAN.items():
        (folder / f"{version}_file.sql").write_text(f"{text}\n", encoding="utf-8")
    mark = server.roles()
    directory = read_directory(folder)
    rows = tuple(
        TrackingRow(file.version, file.name, tuple(one.text for one in split_cli(file.text)), at)
        for at, file in enumerate(directory.files, start=1000)
    )
    made = Tracer(server, Plan("plain", "postgres", None), None, say_nothing)
    result = made.replay(directory, None).result
    live = read_live_side(server.dsn(result.database, AUDITOR), "live").snapshot
    yield Project(server, directory, rows, live, result.database)
    server.drop_database(result.database)
    server.drop_roles_made_since(mark)


def list_states(judged: Judged) -> dict[str, VersionState]:
    return {
        version.version: version.state
        for version in judged.versions
        if version.state is not VersionState.APPLIED
    }


def test_what_was_recorded_of_the_files_is_applied(project: Project) -> None:
    judged = project.judge()
    assert list_states(judged) == {}
    assert judged.count == 0
    assert [version.version for version in judged.versions] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_row_that_is_gone_changes_its_version_only(project: Project, version: str) -> None:
    rows = tuple(row for row in project.rows if row.version != version)
    found = list_states(project.judge(rows=rows))
    assert found == {version: VersionState.APPLIED_UNRECORDED}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_that_is_gone_changes_its_version_only(project: Project, version: str) -> None:
    found = list_states(project.judge(project.without(version)))
    assert found == {version: VersionState.MISSING_FILE}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_effect_that_is_gone_changes_its_version_only(project: Project, version: str) -> None:
    server = project.server
    with server.database(template=project.database) as copy:
        with connect_plain(server.dsn(copy, "postgres")) as session:
            session.execute(CLEAN[version][1].encode())
        live = read_live_side(server.dsn(copy, AUDITOR), "live").snapshot
    found = list_states(project.judge(live=live))
    assert found.keys() == {version}
    assert found[version] in {VersionState.NEVER_EFFECTIVE, VersionState.PARTLY_EFFECTIVE}


def test_rows_under_other_versions_and_names_are_moved(project: Project) -> None:
    moved = {"2": "11", "4": "12", "7": "13"}
    rows = tuple(
        replace(row, version=moved.get(row.version, row.version), name=f"also {row.name}")
        for row in project.rows
    )
    judged = project.judge(rows=rows)
    wanted = {*moved, *moved.values()}
    assert list_states(judged) == dict.fromkeys(wanted, VersionState.MOVED)
    pairs = {one.version: one.match_version for one in judged.versions if one.match_version}
    assert pairs == moved | {row: file for file, row in moved.items()}


@pytest.mark.parametrize("change", HARMLESS)
def test_no_comment_and_no_guard_is_an_edit(project: Project, change: Callable[[str], str]) -> None:
    texts = {file.version: change(file.text) for file in project.directory.files}
    found = list_states(project.judge(project.edit(texts)))
    assert set(found.values()) <= {VersionState.EDITED_HARMLESS}


def test_every_changed_constant_is_an_edit(project: Project) -> None:
    texts = {file.version: file.text for file in project.directory.files}
    for version, (old, new) in EDITS.items():
        assert old in texts[version]
        texts[version] = texts[version].replace(old, new)
    found = list_states(project.judge(project.edit(texts)))
    assert found == dict.fromkeys(EDITS, VersionState.EDITED_AFTER_APPLY)


def test_a_plan_that_was_followed_leaves_nothing_to_plan(project: Project) -> None:
    server = project.server
    rows = [row for row in project.rows if row.version != "2"]
    placeholder = ("-- applied manually",)
    rows = [replace(row, statements=placeholder) if row.version == "7" else row for row in rows]
    rows = [replace(row, version="57") if row.version == "5" else row for row in rows]
    edited = project.edit({"6": CLEAN["6"][0].replace("id > 1", "id > 2")})
    directory = replace(edited, files=tuple(file for file in edited.files if file.version != "4"))
    tracer = project.tracer(tuple(rows))
    judged = judge(tracer, directory, History(), NOW)
    plan = Repair(tracer, History(), NOW).plan(judged)
    kinds = {step.kind for step in plan.steps}
    assert kinds == {
        StepKind.SAVE,
        StepKind.RESTORE_FILE,
        StepKind.RENAME_FILE,
        StepKind.UNDO_EDIT,
        StepKind.RECORD,
        StepKind.FILL_RECORD,
    }
    assert (plan.doubts, plan.changes_after, plan.after.refuses) == ((), 0, "")
    assert tracer.live is not None
    tracking = take_row_steps(server, "postgres", tracer.live.tracking, plan.steps)
    taken = replace(tracer, live=replace(tracer.live, tracking=tracking))
    again = judge(taken, take_file_steps(directory, plan.steps), History(), NOW)
    settled = Repair(taken, History(), NOW).plan(again)
    assert list_states(again) == {}
    assert replace(settled, proven=False) == RepairPlan()
    assert settled.proven
    for one in (judged, again):
        server.drop_database(one.replayed.result.database)
