"""What the tool says of versions and of the makers of an object is what a person would find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

    from driftbook.postgres.server import ShadowServer

pytestmark = pytest.mark.postgres

PEOPLE, ORDERS = "20250101000000", "20250102000000"
ROWS = "supabase_migrations.schema_migrations"
ALL_ROWS = f"select name, statements from {ROWS} order by version".encode()  # noqa: S608
DELETE = f"delete from {ROWS} where version = '{PEOPLE}'".encode()  # noqa: S608
LOST = (
    f"insert into {ROWS} "  # noqa: S608
    "values ('20250103000000', 'lost', array['create table lost ()'])"
).encode()


def test_versions_that_agree_need_no_repair(program: Program, audited: str) -> None:
    ended = program("tracking", "prod", PROD_DSN=audited)
    assert ended.code == 0, ended.out + ended.err
    assert "     2  confirmed by effect" in ended.out.splitlines()


def test_a_lost_record_is_found_and_planned_for(program: Program, live: str, audited: str) -> None:
    with connect_plain(live) as session:
        session.execute(DELETE)
    ended = program("tracking", "prod", "--format", "json", PROD_DSN=audited)
    assert ended.code == 1, ended.out + ended.err
    said = json.loads(ended.out)
    states = {version["version"]: version["state"] for version in said["versions"]}
    # The later file cannot be replayed without the one that is not recorded.
    assert states == {PEOPLE: "applied_unrecorded", ORDERS: "unconfirmed"}
    record = next(step for step in said["plan"]["steps"] if step["kind"] == "record")
    assert record["command"] == f"supabase migration repair --status applied {PEOPLE}"
    with connect_plain(live) as session:
        session.execute(record["sql"].encode())
        name, statements = session.execute(ALL_ROWS).fetchall()[0]
    assert (name, len(statements)) == ("people", 3)
    assert said["plan"]["proven"] is True
    assert said["plan"]["before"]["refuses"]
    assert not said["plan"]["after"]["refuses"]


def test_the_file_of_a_record_is_written_and_no_file_is_overwritten(
    program: Program, live: str, audited: str
) -> None:
    with connect_plain(live) as session:
        session.execute(b"create table lost ()")
        session.execute(LOST)
    command = ("tracking", "prod", "--write-files", "migrations")
    ended = program(*command, PROD_DSN=audited)
    assert ended.code == 1, ended.out + ended.err
    path = program.home / "migrations" / "20250103000000_lost.sql"
    assert path.read_text(encoding="utf-8") == "create table lost ();\n"
    again = program(*command, PROD_DSN=audited)
    assert (again.code, "the plan writes no file" in again.out) == (0, True), again.out + again.err


def test_rows_are_saved_for_their_owner_alone_and_never_over_a_file(
    program: Program, audited: str
) -> None:
    ended = program("tracking", "prod", "--save", "rows.sql", PROD_DSN=audited)
    assert ended.code == 0, ended.out + ended.err
    saved = program.home / "rows.sql"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert saved.read_text(encoding="utf-8").count("insert into") == 2
    again = program("tracking", "prod", "--save", "rows.sql", PROD_DSN=audited)
    assert again.code == 2
    assert "is not overwritten" in again.err


def test_saved_rows_bring_the_table_back(
    production: ShadowServer, program: Program, live: str, audited: str
) -> None:
    program("tracking", "prod", "--save", "rows.sql", PROD_DSN=audited)
    with connect_plain(live) as session:
        rows = session.execute(ALL_ROWS).fetchall()
        session.execute(b"drop schema supabase_migrations cascade")
        session.execute((program.home / "rows.sql").read_bytes())
        assert session.execute(ALL_ROWS).fetchall() == rows
    assert production.running
    assert conninfo_to_dict(live)["dbname"]


def test_blame_names_the_statement_that_made_and_the_one_that_changed(
    program: Program, audited: str
) -> None:
    program.write(
        "migrations/20250104000000_more.sql",
        "-- orders get a note\n\nselect 1;\nalter table public.orders add column note text;\n",
    )
    del audited
    ended = program("blame", "public.orders", "migrations", "--format", "json")
    assert ended.code == 0, ended.out + ended.err
    said = json.loads(ended.out)
    assert (said["kind"], said["name"], said["exists"]) == ("table", "public.orders", True)
    assert said["created"]["file"] == f"{ORDERS}_orders.sql"
    assert (said["last_touched"]["version"], said["last_touched"]["line"]) == (
        "20250104000000",
        4,
    )
    assert said["created"]["commit"] is None
    assert "git" in said["created"]["why_unknown"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("public.order", "migrations"), ["close to it", "public.orders"], id="typo"),
        pytest.param(("x", "nowhere"), ["'nowhere' names no source"], id="no directory"),
    ],
)
def test_a_name_that_nothing_has_is_answered_with_names_that_exist(
    inside: Callable[..., Ended],
    program: Program,
    live: str,
    arguments: tuple[str, str],
    words: list[str],
) -> None:
    del live, program
    ended = inside("-q", "blame", *arguments)
    assert ended.code == 2
    assert all(word in ended.err for word in words), ended.err
