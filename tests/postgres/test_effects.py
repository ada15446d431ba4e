"""A file that ran without a record is told from one that never ran, by what is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.audit.plan import Plan
from driftbook.audit.sides import LiveSide, read_live_side
from driftbook.audit.trace import Tracer
from driftbook.forensics.exhibits import Exhibited
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import connect_plain
from driftbook.progress import say_nothing
from driftbook.tracking.effects import Effect
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus
from driftbook.versions import EffectState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer

pytestmark = pytest.mark.postgres

FILES = {
    "1_base.sql": "create table t (a int, b int); create view v as select a from t;",
    "2_ran.sql": "create index t_a on t (a); comment on table t is 'ran';",
    "3_half.sql": "create table half (x int); create function f() returns int language sql"
    " return 1;",
    "4_never.sql": "create table never (x int); alter table t alter column a set not null;",
    "5_altered.sql": "alter table t alter column b set default 5;",
    "6_rows.sql": "insert into t (a) values (1);",
    "7_fails.sql": "create table t (a int);",
    "8_drops.sql": "drop view v;",
    "9_back.sql": "alter table t alter column b set default 6;",
}
BY_HAND = (FILES["2_ran.sql"], "create table half (x int);", "drop view v;", FILES["9_back.sql"])


@pytest.fixture(scope="module")
def effects(
    server: ShadowServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Effect]]:
    folder: Path = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    mark = server.roles()
    directory = read_directory(folder)
    plan = Plan("plain", "postgres", None)
    replayed = Tracer(server, plan, None, say_nothing).replay(directory, {"1"})
    result = replayed.result
    with server.database(template=result.database) as name:
        with connect_plain(server.dsn(name, result.role)) as session:
            for text in BY_HAND:
                session.execute(text.encode())
        snapshot = read_live_side(server.dsn(name, "driftbook_auditor"), "live").snapshot
        tracking = Tracking("t", TrackingStatus.READABLE, (TrackingRow("1", None, None),))
        tracer = Tracer(server, plan, LiveSide(snapshot, tracking, {}, Exhibited({})), say_nothing)
        compared = tracer.compare(result.expected, result.platform)
        assert compared
        sides = (compared[0].expected, compared[1])
        yield dict(tracer.trace(directory, replayed, sides, {}, directory).effects)
    server.drop_database(result.database)
    server.drop_roles_made_since(mark)


@pytest.mark.parametrize(
    ("file", "found", "testable"),
    [
        pytest.param("2_ran.sql", 2, 2, id="everything it does is there"),
        pytest.param("3_half.sql", 2, 3, id="its table is there, its function is not"),
        pytest.param("4_never.sql", 0, 3, id="nothing of it is there"),
        pytest.param("5_altered.sql", 0, 0, id="a later file replaced what it did"),
        pytest.param("6_rows.sql", 0, 0, id="rows are in no catalog"),
        pytest.param("7_fails.sql", 0, 0, id="it cannot run after the recorded files"),
        pytest.param("8_drops.sql", 1, 1, id="what it drops is gone"),
        pytest.param("9_back.sql", 1, 1, id="the property has the value that it gives"),
    ],
)
def test_effects(effects: dict[str, Effect], file: str, found: int, testable: int) -> None:
    effect = effects.get(file, Effect())
    assert (effect.found, effect.testable) == (found, testable)


def test_what_a_file_made_is_named(effects: dict[str, Effect]) -> None:
    made = [str(thing) for thing in effects["2_ran.sql"].made]
    assert made == ["comment table.public.t", "index public.t_a"]


def test_a_failing_file_says_why(effects: dict[str, Effect]) -> None:
    assert effects["7_fails.sql"].failure == 'relation "t" already exists'


def test_what_a_file_without_a_record_dropped_is_no_loss(effects: dict[str, Effect]) -> None:
    base = effects["1_base.sql"]
    assert (base.state, base.found, base.testable) == (EffectState.FULL, 3, 3)
    assert base.missing == ()
