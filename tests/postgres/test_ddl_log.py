"""The log of DDL events tells who, when and through which door; it stops and hides nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from driftbook.catalog.reader import read_snapshot
from driftbook.demo.push import push_file
from driftbook.forensics.attach import attach_lines
from driftbook.forensics.ddl_log import read_migration
from driftbook.forensics.exhibits import Exhibited, read_exhibits
from driftbook.forensics.frames import write_key
from driftbook.history.exhibits import list_exhibit_rows, write_exhibits
from driftbook.history.exhibits import read_exhibits as load
from driftbook.model import ObjectRef
from driftbook.postgres.connect import connect_audit
from driftbook.tracking.read import read_tracking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer

    Session = psycopg.Connection[TupleRow]

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TRACKING = """
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (
        version text primary key, name text, statements text[]
    )
"""
RUNNER = """
    create function public.exec_sql(statement text) returns void language plpgsql
    security definer as $$ begin execute statement; end $$
"""
ROWS = """
    select command_tag, object_type, object_identity, session_role, request_path, jwt_role
    from driftbook.ddl_log order by id
"""
LAST = "select count(*) from driftbook.ddl_log"


@pytest.fixture
def owner(server: ShadowServer, database: str) -> Iterator[Session]:
    """Yield a session of the superuser in a database with the log, and with a reader's role."""
    with server.superuser(database) as session:
        session.execute(TRACKING.encode())
        session.execute(RUNNER.encode())
        session.execute("create role reader login")
        session.execute(read_migration().encode())
        yield session


def audit(server: ShadowServer, database: str, role: str = "supabase_admin") -> Exhibited:
    if role != "supabase_admin":
        server.set_password(role)
    dsn = server.dsn(database, role)
    with connect_audit(dsn, label="the test") as session:
        tracking = read_tracking(session, "supabase_migrations.schema_migrations")
        return read_exhibits(session, tracking, NOW)


def attach(exhibited: Exhibited) -> dict[tuple[str, str], list[dict[str, object]]]:
    """Return (name, aspect) → clues of objects in schema public."""
    taken = exhibited.exhibits
    clues = attach_lines(taken["witness"], taken["record"], taken["ddl_line"])
    found: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in clues.to_dict("records"):
        schema, *_, name = json.loads(row["key"]) if "[" in row["key"] else ["", ""]
        if schema == "public":
            found.setdefault((name, row["aspect"]), []).append(row)
    return found


def call(
    session: Session, statement: str, claims: str = '{"role": "service_role", "sub": "u1"}'
) -> None:
    """Run ``statement`` as the API runs a call of ``exec_sql``."""
    with session.transaction():
        for name, value in {
            "request.method": "POST",
            "request.path": "/rpc/exec_sql",
            "request.jwt.claims": claims,
        }.items():
            session.execute("select pg_catalog.set_config(%s, %s, true)", (name, value))
        session.execute("select public.exec_sql(%s)", (statement,))


def test_it_is_applied_twice_without_a_change(server: ShadowServer, database: str) -> None:
    hashes = []
    with server.superuser(database) as session:
        for _ in range(2):
            session.execute(read_migration().encode())
            with connect_audit(server.dsn(database, "supabase_admin"), label="the test") as seen:
                hashes.append(read_snapshot(seen, source="", captured_at=NOW).root_hash)
    assert hashes[0] == hashes[1]


def test_a_call_through_the_api_is_named_with_its_role(
    server: ShadowServer, database: str, owner: Session
) -> None:
    call(owner, "create table public.by_runner (id int)")
    row = owner.execute(ROWS.encode()).fetchall()[-1]
    assert row[:3] == ("CREATE TABLE", "table", "public.by_runner")
    assert row[4:] == ("/rpc/exec_sql", "service_role")
    clues = attach(audit(server, database))
    [channel] = clues["by_runner", "channel"]
    assert channel["value"] == "sql_runner"
    assert channel["note"] == "the transaction says: POST /rpc/exec_sql with role service_role"
    [born] = clues["by_runner", "born"]
    assert (born["value"], born["weight"]) == ("CREATE TABLE public.by_runner", 1)
    assert born["raw_ref"] == channel["raw_ref"]
    roles = [clue["value"] for clue in clues["by_runner", "actor"] if clue["row"] == "role"]
    assert roles == ["supabase_admin"]


def test_a_push_is_placed_between_the_records_and_is_no_call(
    server: ShadowServer, database: str, owner: Session
) -> None:
    push_file(owner, "20250101000000", "a", ["create table public.pushed (id int)"])
    owner.execute("create table public.by_hand (id int)")
    push_file(owner, "20250102000000", "b", ["create table public.later (id int)"])
    clues = attach(audit(server, database))
    assert ("pushed", "channel") not in clues
    [born] = clues["by_hand", "born"]
    assert (born["after_version"], born["before_version"]) == ("20250101000000", "20250102000000")


def test_an_object_of_a_subtransaction_is_found_by_its_oid(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute(
        "do $$ begin create table public.inner_one (id int); "
        "exception when others then null; end $$"
    )
    exhibited = audit(server, database)
    [born] = attach(exhibited)["inner_one", "born"]
    assert (
        born["note"] == "the line names the object by its OID; its row is of a transaction inside"
    )
    lines = exhibited.exhibits["ddl_line"]
    [xid] = lines[lines["object_identity"] == "public.inner_one"]["xid"]
    witness = exhibited.exhibits["witness"]
    key = write_key(ObjectRef("table", ("public", "inner_one")))
    [own] = witness[(witness["kind"] == "table") & (witness["key"] == key)]["born_xid"]
    assert own > xid  # what makes the case one


def test_what_was_dropped_is_told_with_what_went_with_it(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute("create table public.gone (id int primary key, note text)")
    owner.execute("create view public.on_gone as select id from public.gone")
    owner.execute("create function public.late(a int, b text) returns int return 1")
    owner.execute("create type public.mood as enum ('good')")
    owner.execute("create table public.stays (id int, lost text)")
    owner.execute("alter table public.stays drop column lost")
    owner.execute("drop function public.late; drop type public.mood")
    owner.execute("drop table public.gone cascade")
    clues = attach(audit(server, database))
    dropped = {
        (row["kind"], name)
        for (name, aspect), rows in clues.items()
        for row in rows
        if aspect == "dropped"
    }
    assert dropped >= {
        ("table", "gone"),
        ("view", "on_gone"),
        ("function", "late(integer, text)"),
        ("enum", "mood"),
        ("column", "lost"),
    }
    assert not any("_RETURN" in name for _, name in dropped)
    assert not {name for _, name in dropped} & {"stays", "exec_sql(text)"}


def test_a_temporary_type_called_jsonb_runs_nothing_as_the_owner(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute("create role intruder login; grant create on schema public to intruder")
    server.set_password("intruder")
    with psycopg.connect(server.dsn(database, "intruder"), autocommit=True) as intruder:
        intruder.execute("create temporary table caught (who text)")
        intruder.execute("grant all on caught to public")
        intruder.execute(
            "create function pg_temp.spy(pg_catalog.jsonb) returns bool language plpgsql as "
            "$$ begin insert into pg_temp.caught values (current_user); return true; end $$"
        )
        intruder.execute(
            "create domain pg_temp.jsonb as pg_catalog.jsonb check (pg_temp.spy(value))"
        )
        intruder.execute("select set_config('request.jwt.claims', '{\"role\": \"x\"}', false)")
        intruder.execute("create table public.bait (id int)")
        assert intruder.execute("select who from caught").fetchall() == []
    assert owner.execute(ROWS.encode()).fetchall()[-1][5] == "x"


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        pytest.param("no json", "(unreadable claims)", id="no JSON"),
        pytest.param('"text"', None, id="a text"),
        pytest.param("[1]", None, id="a list"),
        pytest.param('{"role": "\\u0000"}', "(unreadable claims)", id="what no text can hold"),
        pytest.param('{"sub": 7}', None, id="no role"),
    ],
)
def test_bad_claims_neither_stop_the_statement_nor_hide_it(
    owner: Session, claims: str, role: str | None
) -> None:
    call(owner, "create table public.made (id int)", claims)
    row = owner.execute(ROWS.encode()).fetchall()[-1]
    assert (row[2], row[5]) == ("public.made", role)


def test_the_text_is_kept_only_when_the_owner_decides_it(owner: Session) -> None:
    statement = "create table public.quiet (id int)"
    owner.execute(statement.encode())
    last = "select query_sha256, query_text from driftbook.ddl_log order by id desc limit 1"
    assert owner.execute(last).fetchone() == (hashlib.sha256(statement.encode()).hexdigest(), None)
    owner.execute("set driftbook.log_query = 'on'")
    owner.execute("create table public.loud (id int)")
    row = owner.execute(last).fetchone()
    assert row is not None
    assert row[1] == "create table public.loud (id int)"


def test_a_subject_is_kept_as_a_hash(owner: Session) -> None:
    call(owner, "create table public.made (id int)")
    row = owner.execute(
        "select jwt_sub_sha256 from driftbook.ddl_log order by id desc limit 1"
    ).fetchone()
    assert row == (hashlib.sha256(b"u1").hexdigest(),)


def test_who_owns_nothing_of_it_cannot_read_change_or_evade_it(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute("create role intruder login; grant create on schema public to intruder")
    server.set_password("intruder")
    before = owner.execute(LAST).fetchone()
    with psycopg.connect(server.dsn(database, "intruder"), autocommit=True) as intruder:
        for statement in (
            "select * from driftbook.ddl_log",
            "delete from driftbook.ddl_log",
            "insert into driftbook.ddl_log (event, command_tag) values ('x', 'x')",
            "alter event trigger driftbook_ddl_end disable",
            "drop event trigger driftbook_sql_drop",
            "set session_replication_role = replica",
            (
                "create or replace function driftbook.record_ddl() returns event_trigger "
                "language plpgsql as $$ begin end $$"
            ),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                intruder.execute(statement.encode())
        intruder.execute("create table public.theirs (id int)")
    after = owner.execute(LAST).fetchone()
    assert before is not None
    assert after == (before[0] + 1,)


def test_a_bug_in_it_never_stops_a_deployment(owner: Session) -> None:
    owner.execute("alter table driftbook.ddl_log add constraint never check (id < 0) not valid")
    notices: list[str] = []
    owner.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    owner.execute("create table public.made (id int)")
    assert owner.execute("select 'public.made'::regclass::text").fetchone() == ("made",)
    assert any("driftbook.record_ddl" in notice for notice in notices)


def test_temporary_tables_are_no_rows(owner: Session) -> None:
    before = owner.execute(LAST).fetchone()
    owner.execute("create temporary table passing (id int); drop table passing")
    assert owner.execute(LAST).fetchone() == before


def test_an_extension_is_one_row_and_its_members_are_none(owner: Session) -> None:
    owner.execute("create extension citext")
    tags = [row[0] for row in owner.execute(ROWS.encode()).fetchall()]
    assert tags.count("CREATE EXTENSION") == 1
    assert "CREATE FUNCTION" not in tags


def test_an_audit_without_the_log_has_no_lines_and_no_gap(
    server: ShadowServer, database: str
) -> None:
    exhibited = audit(server, database)
    assert exhibited.exhibits["ddl_line"].empty
    assert exhibited.unread == ()


def test_an_audit_that_may_not_read_it_says_so(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute("grant usage on schema supabase_migrations to reader")
    owner.execute("grant select on supabase_migrations.schema_migrations to reader")
    [gap] = audit(server, database, "reader").unread
    assert (gap.exhibit, gap.why) == (
        "ddl_line",
        "the role of the audit may not read driftbook.ddl_log",
    )
    grants = gap.fix.removeprefix("run: ").partition(" (")[0].replace("ROLE", "reader")
    owner.execute(grants.encode())
    exhibited = audit(server, database, "reader")
    assert exhibited.unread == ()
    assert len(exhibited.exhibits["ddl_line"]) > 0


def test_rows_that_a_policy_hides_are_a_gap_and_not_nothing(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute("grant usage on schema driftbook, supabase_migrations to reader")
    owner.execute("grant select on all tables in schema driftbook, supabase_migrations to reader")
    owner.execute("create policy none on driftbook.ddl_log as restrictive using (false)")
    [gap] = audit(server, database, "reader").unread
    assert gap.why == "policies hide rows of driftbook.ddl_log from this role"
    assert audit(server, database).unread == ()  # who owns it sees it all


def test_the_newest_rows_are_kept_and_the_rest_is_told(
    server: ShadowServer, database: str, owner: Session
) -> None:
    owner.execute(
        "insert into driftbook.ddl_log (event, command_tag, object_identity) "
        "select 'ddl_command_end', 'CREATE TABLE', 'public.t' || n "
        "from pg_catalog.generate_series(1, 50001) as n"
    )
    exhibited = audit(server, database)
    lines = exhibited.exhibits["ddl_line"]
    assert len(lines) == 50_000
    assert lines["object_identity"].iloc[-1] == "public.t50001"
    assert [gap.why for gap in exhibited.unread] == [
        "only the newest 50000 rows of driftbook.ddl_log were read"
    ]


def test_hostile_names_come_back_as_they_are(
    server: ShadowServer, database: str, owner: Session
) -> None:
    names = [
        'we"ird\nname',
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "a.b",
        "\u202etxt",
        "p on public.t",
    ]
    for name in names:
        owner.execute(sql.SQL("create table public.{} (id int)").format(sql.Identifier(name)))
    exhibited = audit(server, database)
    clues = attach(exhibited)
    assert all(clues[name, "born"] for name in names)
    again = load(write_exhibits(exhibited.exhibits))
    lines = exhibited.exhibits["ddl_line"]
    assert list_exhibit_rows(again["ddl_line"]) == list_exhibit_rows(lines)
