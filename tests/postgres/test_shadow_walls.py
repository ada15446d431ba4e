"""Migrations are code: what the role that runs them may never do, tried without interceptor."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from driftbook.errors import ConnectionFailed, ReplayFailed, ServerError
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.powers import read_powers
from driftbook.shadow.prepare import check_walls, prepare
from driftbook.shadow.scan import ExtensionNeed, Needs, RoleNeed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.prepare import Prepared

pytestmark = pytest.mark.postgres

CANARY = "<canary>"  # a file that only code outside the database could make
RUN = f"copy (select 'x') to program 'touch {CANARY}'"
# One attempt per entry; its last statement has to be refused. {me} is the replay role.
ATTEMPTS = {
    "copy to program": [RUN],
    "copy from program": ["create table t (a text)", f"copy t from program 'touch {CANARY}'"],
    "copy to a file": [f"copy (select 'x') to '{CANARY}'"],
    "copy from a file": ["create table t (a text)", "copy t from '/etc/passwd'"],
    "copy in a block": [f"do $$ begin execute $x$ {RUN} $x$; end $$"],
    "read a file": ["select pg_read_file('/etc/passwd')"],
    "read a file as bytes": ["select pg_read_binary_file('/etc/passwd')"],
    "list a directory": ["select pg_ls_dir('/')"],
    "stat a file": ["select pg_stat_file('/etc/passwd')"],
    "import a file": ["select lo_import('/etc/passwd')"],
    "export a file": ["select lo_export(lo_from_bytea(0, 'x'), '" + CANARY + "')"],
    "become superuser": ['alter role "{me}" superuser'],
    "make a superuser": ["create role another superuser"],
    "replication": ['alter role "{me}" replication'],
    "password of the superuser": ["alter role {admin} password 'x'"],
    "set role": ["set role {admin}"],
    "set session authorization": ["set session authorization {admin}"],
    "reset session authorization": ["reset session authorization", RUN],
    "set role none": ["set role none", RUN],
    "grant a predefined role": ['grant pg_execute_server_program to "{me}"'],
    "role in a predefined role": ["create role helper in role pg_execute_server_program"],
    "predefined role through another": [
        "create role helper",
        "grant pg_read_server_files to helper",
    ],
    "become the superuser's member": ['grant {admin} to "{me}"'],
    "become the auditor": ['grant driftbook_auditor to "{me}"'],
    "change the auditor": ["alter role driftbook_auditor set search_path = public"],
    "load a library": ["load 'auto_explain'"],
    "load a library by path": ["load '/tmp/driftbook.so'"],
    "function in c": ["create function f() returns int language c as '/tmp/x', 'y'"],
    "internal function": ["create function f() returns int language internal as 'pg_ls_dir'"],
    "untrusted language": ["create extension plpython3u"],
    "dblink": ["create extension dblink"],
    "file_fdw": ["create extension file_fdw"],
    "postgres_fdw": ["create extension postgres_fdw"],
    "pageinspect": ["create extension pageinspect"],
    "foreign data wrapper": ["create foreign data wrapper w"],
    "alter system": ["alter system set archive_command = 'touch x'"],
    "reload": ["select pg_reload_conf()"],
    "preload libraries": ["set session_preload_libraries = 'x'"],
    "preload libraries of a role": ["alter role \"{me}\" set session_preload_libraries = 'x'"],
    "library path": ["set dynamic_library_path = '/tmp'"],
    "event trigger": [
        "create function e() returns event_trigger language plpgsql as $$ begin end $$",
        "create event trigger e on ddl_command_start execute function e()",
    ],
    "subscription": ["create subscription s connection 'host=example.org' publication p"],
    "replication slot": ["select pg_create_logical_replication_slot('s', 'test_decoding')"],
    "tablespace": ["create tablespace x location '/tmp'"],
    "catalog write": [
        "update pg_catalog.pg_authid set rolsuper = true where rolname = '{me}'",
    ],
    "system table mods": ["set allow_system_table_mods = on"],
    "function in pg_catalog": [
        "create function pg_catalog.evil() returns int language sql as 'select 1'",
    ],
    "replace a system function": [
        "create or replace function pg_catalog.now() returns timestamptz language sql as 'select 1'"
    ],
    "owner of a function": [
        "create function f() returns int language sql security definer as 'select 1'",
        "alter function f() owner to {admin}",
    ],
    "replace a stand-in": [
        "create or replace function cron.unschedule(bigint) returns boolean language sql as 'x'"
    ],
    "trigger on a stand-in": [
        "create function g() returns trigger language plpgsql as $$ begin return new; end $$",
        "create trigger g before insert on cron.schema_of_its_own execute function g()",
    ],
    "template database": ["alter database template1 connection limit 0"],
    "maintenance database": ["alter database postgres connection limit 0"],
    "another's session": [
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'checkpointer'"
    ],
    "security label": ["security label on table pg_class is 'x'"],
    "rotate the log": ["select pg_rotate_logfile()"],
    "default privileges of the superuser": [
        "alter default privileges for role {admin} grant all on tables to public"
    ],
}


@pytest.fixture(params=["supabase", "plain"])
def prepared(server: ShadowServer, request: pytest.FixtureRequest) -> Iterator[Prepared]:
    mark = server.roles()
    needs = Needs(
        extensions=(ExtensionNeed("pg_cron", ""), ExtensionNeed("dblink", "")),
        roles=(RoleNeed("helper_made_before", "a.sql", 1, 1, created=True),),
        parameters=("app.settings.x",),
    )
    made = prepare(server, needs, request.param, "replay_owner", all_roles=request.param == "plain")
    yield made
    server.drop_database(made.database)
    server.drop_roles_made_since(mark)


def test_every_attempt_is_refused(server: ShadowServer, prepared: Prepared, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    canary = tmp_path / "canary"
    allowed = []
    for name, statements in ATTEMPTS.items():
        with connect_plain(server.dsn(prepared.database, prepared.role)) as session:
            for number, text in enumerate(statements):
                own = text.replace("{me}", prepared.role).replace(CANARY, str(canary))
                own = own.replace("{admin}", server.superuser_name)
                last = number == len(statements) - 1
                try:
                    done = session.execute(own.encode())
                except psycopg.Error:
                    continue
                # A function that answers false, or sees nothing to act on, refused too.
                if last and not (done.description and done.fetchone() in {None, (False,)}):
                    allowed.append(name)
    assert allowed == []
    assert not canary.exists()
    check_reach(server, prepared)


def check_reach(server: ShadowServer, prepared: Prepared) -> None:
    """Ask the server itself, from a database where no foreign text ran."""
    with server.database() as name, server.superuser(name) as session:
        assert read_powers(session, prepared.role) == []


def test_the_database_is_closed_to_the_superuser(server: ShadowServer, prepared: Prepared) -> None:
    with pytest.raises(ServerError), server.superuser(prepared.database):
        pass


def test_other_databases_are_closed_to_the_replay_role(
    server: ShadowServer, prepared: Prepared
) -> None:
    for name in ("postgres", "template1"):
        with pytest.raises(ConnectionFailed):
            connect_plain(server.dsn(name, prepared.role))


def test_no_replication_connection(server: ShadowServer, prepared: Prepared) -> None:
    dsn = server.dsn(prepared.database, prepared.role)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, replication="database")


@pytest.mark.parametrize(
    "breach",
    [
        "grant pg_execute_server_program to {me}",
        "alter role {me} superuser",
        "alter role {me} replication",
        "create role between; grant pg_read_server_files to between; grant between to {me}",
    ],
)
def test_the_assertion_sees_a_breach(breach: str, server: ShadowServer, prepared: Prepared) -> None:
    with server.database() as name, server.superuser(name) as session:
        session.execute("select set_config('driftbook.replay_role', %s, false)", (prepared.role,))
        check_walls(session, prepared.role)
        session.execute("begin")
        session.execute(breach.replace("{me}", f'"{prepared.role}"').encode())
        with pytest.raises(ReplayFailed, match="could leave the shadow"):
            check_walls(session, prepared.role)
        with suppress(psycopg.Error):
            session.execute("rollback")
