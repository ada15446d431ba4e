"""One database gives one root hash: read live, by a psql script, one SELECT, or an RPC."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import astuple
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from tests.postgrest import FUNCTIONS, KEY, serve_database

from driftbook import demo
from driftbook.audit.remote import read_captured_side, read_remote_side
from driftbook.audit.sides import read_live_side
from driftbook.catalog.document import write_capture
from driftbook.catalog.portable.parts import COLUMNS, MAY_READ
from driftbook.catalog.portable.read import open_capture
from driftbook.catalog.portable.remote import read_remote_snapshot
from driftbook.catalog.portable.script import write_script
from driftbook.catalog.portable.statement import write_select
from driftbook.catalog.reader import read_snapshot
from driftbook.catalog.stored import StoredTable
from driftbook.errors import AuditError, RpcFailed, SourceError
from driftbook.model import Rpc
from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.rpc import open_rpc
from driftbook.tracking.captured import write_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer

RICH = (Path(__file__).parent / "rich_schema.sql").read_text(encoding="utf-8")
# Whatever a role or a database was given: none of it may show in a text.
HOSTILE = """
    set search_path = app, public; set quote_all_identifiers = on; set timezone = 'Asia/Kolkata';
    set datestyle = 'SQL, DMY'; set intervalstyle = sql_standard; set bytea_output = escape;
    set extra_float_digits = -3; set standard_conforming_strings = off;
    set escape_string_warning = off;
"""
TEXTS = """
    create table app.texts (
        a timestamptz default '2026-01-02 03:04:05+00', b interval default '1 day 02:00',
        c bytea default '\\xdeadbeef', d float8 default '0.30000000000000004'::float8,
        e text default E'a\\\\b', f date default '2026-01-02'
    ) partition by range (a);
    create table app.texts_1 partition of app.texts
        for values from ('2026-01-01 00:00+00') to ('2026-02-01 00:00+00');
    create view app.texts_view as select a, 'back\\slash'::text as "order" from app.texts;
"""


TABLES = """
    create schema storage; create schema vault; create schema cron;
    create table storage.buckets (
        id text, name text, owner uuid, created_at timestamptz, updated_at timestamptz,
        public boolean, allowed_mime_types text[]
    );
    insert into storage.buckets values ('a', 'a;--\\', null, null, null, true, '{image/png}');
    create table vault.secrets (
        name text, description text, secret text, key_id uuid, nonce bytea
    );
    insert into vault.secrets values ('stripe', 'd''é', 'never', null, null);
    alter table vault.secrets enable row level security;
    create policy all_of_it on vault.secrets for select using (true);
    create table cron.job (
        jobid bigint, schedule text, command text, nodename text, nodeport int, username text
    );
"""
TRACKED = """
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text, name text, statements text[]);
    insert into supabase_migrations.schema_migrations values
        ('20260101000000', E'ä\\b', array[E'select ''1'';\\n--']),
        ('20260102000000', null, null);
    alter table supabase_migrations.schema_migrations enable row level security;
    create role rpc_stranger; create role rpc_caller login;
    grant usage on schema vault to rpc_caller;
    grant select (name, description) on vault.secrets to rpc_caller;
"""
KEPT = ("supabase_migrations.schema_migrations", "supabase")


@pytest.fixture(scope="module")
def rich(server: ShadowServer) -> Iterator[str]:
    mark = server.roles()
    with server.database() as name:
        with server.superuser(name) as connection:
            connection.execute((RICH + TEXTS + TABLES + TRACKED + FUNCTIONS).encode())
        yield name
    server.drop_roles_made_since(mark)


@pytest.fixture(scope="module")
def live(server: ShadowServer, rich: str) -> Snapshot:
    with connect_audit(server.dsn(rich, server.superuser_name), label="test") as session:
        return read_snapshot(session, source=rich, captured_at=datetime.now(UTC))


@pytest.fixture(scope="module")
def of_caller(server: ShadowServer, rich: str) -> Snapshot:
    """Return what a role sees that may read no table but the names of secrets."""
    server.set_password("rpc_caller")
    with connect_audit(server.dsn(rich, "rpc_caller"), label="test") as session:
        snapshot = read_snapshot(session, source=rich, captured_at=datetime.now(UTC))
    assert snapshot.row("vault_secret_name", ("stripe",)) == {"description": "d'é"}
    assert list(snapshot.unread) == ["cron_job", "storage_bucket"]
    return snapshot


def run_psql(
    server: ShadowServer, database: str, script: str, folder: Path, role: str = ""
) -> Path:
    """Run ``script`` as people do, with a psqlrc that makes it hard; return its output file."""
    folders = [server.binaries.bindir, *(found.bindir for found in find_binaries())]
    psql = next((one / "psql" for one in folders if (one / "psql").exists()), None)
    if psql is None:
        pytest.skip("no server came with psql")
    file, output, rc = folder / "capture.sql", folder / "out" / "prod.capture", folder / "psqlrc"
    output.parent.mkdir()
    file.write_text(script, encoding="utf-8")
    rc.write_text("\\x on\n\\timing on\n\\pset null NULL\n\\set ECHO all\n" + HOSTILE)
    done = subprocess.run(
        [psql, "-f", file, server.dsn(database, role or server.superuser_name), "-o", output],
        env={"PSQLRC": str(rc), "HOME": str(folder), "PGCLIENTENCODING": "LATIN1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return output


@pytest.mark.parametrize("is_of_one_major", [False, True])
def test_a_script_sees_what_a_session_sees(
    server: ShadowServer, rich: str, live: Snapshot, tmp_path: Path, *, is_of_one_major: bool
) -> None:
    script = write_script(server.binaries.major if is_of_one_major else None)
    snapshot = open_capture(run_psql(server, rich, script, tmp_path))
    assert snapshot.root_hash == live.root_hash
    assert snapshot.version_num == live.version_num
    assert snapshot.unaccounted.equals(live.unaccounted)


def test_a_script_tells_what_its_role_may_not_read(
    server: ShadowServer, rich: str, of_caller: Snapshot, tmp_path: Path
) -> None:
    output = run_psql(server, rich, write_script(), tmp_path, "rpc_caller")
    snapshot = open_capture(output)
    assert snapshot.root_hash == of_caller.root_hash
    assert snapshot.unread == of_caller.unread
    capture = write_capture(snapshot, tmp_path / "own.json")
    assert open_capture(capture).unread == of_caller.unread


def test_a_table_that_cannot_be_read_after_all_is_told(
    server: ShadowServer, rich: str, live: Snapshot, tmp_path: Path
) -> None:
    script = write_script().replace("cron.job as", "cron.jobs as")
    snapshot = open_capture(run_psql(server, rich, script, tmp_path))
    assert list(snapshot.unread) == ["cron_job"]
    assert 'relation "cron.jobs" does not exist' in snapshot.unread["cron_job"]
    assert set(snapshot.frames) == set(live.frames) - {"cron_job"}


def test_the_server_refuses_what_the_reader_refuses(server: ShadowServer, rich: str) -> None:
    switches = product((True, False), (True, False), (None, "a"), (None, "a"), *[(True, False)] * 2)
    tables = [
        StoredTable(f"k{number}", "s.t", is_table, can_use, denied, foreign, filtered, admits)
        for number, (is_table, can_use, denied, foreign, filtered, admits) in enumerate(switches)
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS["stored_table"]))
    rows = [sql.SQL(", ").join(map(sql.Literal, astuple(table))) for table in tables]
    values = sql.SQL("), (").join(rows)
    given = sql.SQL("select * from (values ({})) as v ({})").format(values, names).as_string()
    with server.superuser(rich) as connection:
        for table in tables:
            query = MAY_READ.format(tables=given, name=table.kind)
            assert connection.execute(query.encode()).fetchall() == [(not table.refuse(),)]


def test_one_select_sees_what_a_session_sees(
    server: ShadowServer, rich: str, live: Snapshot, tmp_path: Path
) -> None:
    path, query = tmp_path / "cell.txt", write_select(server.binaries.major)
    with server.superuser(rich) as connection:
        connection.execute(HOSTILE.encode())
        try:
            row = connection.execute(query.encode()).fetchone()
        except psycopg.errors.FeatureNotSupported as error:
            pytest.skip(str(error))
    path.write_text(json.dumps(row))
    assert open_capture(path).root_hash == live.root_hash


def test_one_select_tells_what_its_role_may_not_read(
    server: ShadowServer, rich: str, of_caller: Snapshot, tmp_path: Path
) -> None:
    path, query = tmp_path / "cell.txt", write_select(server.binaries.major)
    with server.superuser(rich) as connection:
        connection.execute(HOSTILE.encode())
        connection.execute("set role rpc_stranger")
        row = connection.execute(query.encode()).fetchone()
    path.write_text(json.dumps(row))
    snapshot = open_capture(path)
    assert sorted(snapshot.unread) == ["cron_job", "storage_bucket", "vault_secret_name"]
    others = snapshot.frames.keys()
    assert others == of_caller.frames.keys() - {"vault_secret_name"}
    assert all(snapshot.frames[kind].equals(of_caller.frames[kind]) for kind in others)


def test_a_script_of_another_major_reads_nothing(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    other = 14 if server.binaries.major != 14 else 15
    with pytest.raises(AssertionError, match=f"driftbook: this script is for PostgreSQL {other}"):
        run_psql(server, rich, write_script(other), tmp_path)
    with pytest.raises(SourceError, match="neither JSON"):
        open_capture(tmp_path / "out" / "prod.capture")


def test_a_step_that_fails_ends_the_script_and_is_named(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    script = write_script().replace("from pg_catalog.pg_policy as", "from pg_catalog.pg_polity as")
    with pytest.raises(AssertionError, match="driftbook: the frame policy could not be read"):
        run_psql(server, rich, script, tmp_path)
    with pytest.raises(SourceError, match="its end is missing"):
        open_capture(tmp_path / "out" / "prod.capture")


def test_the_script_of_a_target_records_its_tracking_table(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    server.set_password("rpc_caller")
    script = write_script(steps=write_steps(KEPT[0]))
    known = read_live_side(server.dsn(rich, server.superuser_name), "x", kept=KEPT).tracking
    for role in (server.superuser_name, "rpc_caller"):
        folder = tmp_path / role
        folder.mkdir()
        output = run_psql(server, rich, script, folder, role)
        found = read_captured_side(output, "x", kept=KEPT).tracking
        if role == "rpc_caller":
            assert found.why == "the audit role may not read it"
        else:
            assert found == known
        other = read_captured_side(output, "x", kept=("public.schema_migrations", "supabase"))
        assert other.tracking.why == "the capture does not hold it"
    text = output.read_text(encoding="utf-8").replace("can_select", "can_choose")
    output.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="was altered"):
        open_capture(output)


@pytest.mark.parametrize(
    ("function", "longest", "is_one_picture"),
    [
        pytest.param("query_sql", 1_000_000, True, id="json, guarded, security definer"),
        pytest.param("jsonb_sql", 1_000_000, True, id="jsonb that wraps its result"),
        pytest.param("rows_sql", 20_000, False, id="a set of json, stable, behind a limit"),
    ],
)
def test_an_rpc_sees_what_a_session_sees(  # noqa: PLR0913 - fixtures and a case
    server: ShadowServer,
    rich: str,
    live: Snapshot,
    function: str,
    longest: int,
    *,
    is_one_picture: bool,
) -> None:
    dsn = server.dsn(rich, server.superuser_name)
    with serve_database(dsn, "rpc_caller", longest=longest) as served:
        rpc = Rpc(served.of(function), "query", KEY)
        remote = read_remote_side(rpc, "target x", kept=KEPT)
    assert remote.snapshot.root_hash == live.root_hash
    assert remote.snapshot.unaccounted.equals(live.unaccounted)
    assert remote.tracking == read_live_side(dsn, "x", kept=KEPT).tracking
    assert remote.tracking.rows[0].statements == ("select '1';\n--",)
    assert {one.exhibit for one in remote.exhibited.unread} == set(remote.exhibited.exhibits)
    # The settings, three for the tracking table before and after, the catalog, three tables.
    assert (len(served.bodies) == 1 + 3 + 1 + 3 + 3) is is_one_picture


def test_what_the_caller_may_not_read_is_told(
    server: ShadowServer, rich: str, of_caller: Snapshot
) -> None:
    with serve_database(server.dsn(rich, server.superuser_name), "rpc_caller") as served:
        rpc = Rpc(served.of("text_sql"), "query", KEY)  # runs with the rights of its caller
        remote = read_remote_side(rpc, "target x", kept=KEPT)
        assert remote.snapshot.root_hash == of_caller.root_hash
        assert remote.snapshot.unread == of_caller.unread
        assert remote.tracking.versions is None
        assert remote.tracking.why == "the audit role may not read it"
        wrong = Rpc(served.of("text_sql"), "sql", KEY)
        with pytest.raises(RpcFailed, match=r"no such function.*public\.text_sql\(sql\)"):
            read_remote_side(wrong, "target x", kept=KEPT)


def test_the_function_of_the_page_reads_what_the_role_of_an_audit_reads(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "capture.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```sql\n(create function .*?)```", page, re.DOTALL)
    with server.superuser(rich) as connection:
        known = {str(row[0]) for row in connection.execute("select rolname from pg_roles")}
        for role in {"anon", "authenticated", "service_role", "driftbook_auditor"} - known:
            connection.execute(f"create role {role} login".encode())
        connection.execute(recipe.encode())
    server.set_password("driftbook_auditor")
    output = run_psql(server, rich, write_script(), tmp_path, "driftbook_auditor")
    dsn = server.dsn(rich, server.superuser_name)
    with serve_database(dsn, "service_role") as served:
        rpc = Rpc(served.of("driftbook_query"), "query", KEY)
        remote = read_remote_side(rpc, "target x", kept=KEPT)
    assert remote.snapshot.root_hash == open_capture(output).root_hash
    assert sorted(remote.snapshot.unread) == ["cron_job", "storage_bucket", "vault_secret_name"]
    with serve_database(dsn, "anon") as served:
        rpc = Rpc(served.of("driftbook_query"), "query", KEY)
        with pytest.raises(RpcFailed, match="may not execute the function"):
            read_remote_side(rpc, "target x", kept=KEPT)


def test_frames_of_several_moments_are_no_capture(server: ShadowServer, rich: str) -> None:
    with (
        serve_database(server.dsn(rich, server.superuser_name), "rpc_caller") as served,
        open_rpc(Rpc(served.of("restless_sql"), "query", KEY), label="target x") as session,
        pytest.raises(AuditError, match="changed while its frames were read"),
    ):
        read_remote_snapshot(session, source="x", captured_at=datetime.now(UTC))


def test_the_demo_has_one_root_hash_on_every_road(server: ShadowServer, tmp_path: Path) -> None:
    name = demo.build_production(server).database
    try:
        with server.superuser(name) as connection:
            connection.execute(FUNCTIONS.encode())
            connection.execute("grant execute on all functions in schema public to anon")
        dsn = server.dsn(name, server.superuser_name)
        with connect_audit(dsn, label="test") as session:
            live = read_snapshot(session, source=name, captured_at=datetime.now(UTC))
        script = open_capture(run_psql(server, name, write_script(), tmp_path))
        with (
            serve_database(dsn, "anon") as served,
            open_rpc(Rpc(served.of("jsonb_sql"), "query", KEY), label="test") as remote,
        ):
            rpc = read_remote_snapshot(remote, source=name, captured_at=datetime.now(UTC))
        assert live.root_hash == script.root_hash == rpc.root_hash
        assert live.unread == script.unread == rpc.unread
        assert len(live.frames["storage_bucket"])
    finally:
        server.drop_database(name)
