"""What a real server's catalog gives: whole, equal for equal schemas, another for any change."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.audit.sides import read_live_side
from driftbook.catalog import reader
from driftbook.catalog.document import build_document, read_capture, write_capture
from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.packing import unpack_rows
from driftbook.catalog.reader import load_query, read_snapshot
from driftbook.catalog.snapshot import build_frame
from driftbook.drift.diff import diff_snapshots
from driftbook.errors import AuditError
from driftbook.forensics.witness import WITNESSES, build_witness_query
from driftbook.postgres.connect import connect_audit
from driftbook.rules.ddl_access import comment, grant_statement, grants, object_name
from driftbook.rules.definitions import owner
from driftbook.rules.facts import Grant, Side, name_parts
from driftbook.tracking.table import TrackingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.connect import AuditSession
    from driftbook.postgres.server import ShadowServer

RICH = (Path(__file__).parent / "rich_schema.sql").read_text(encoding="utf-8")
NOBODY = "driftbook_nobody"


def run(server: ShadowServer, database: str, text: str) -> None:
    with server.superuser(database) as connection:
        connection.execute(text.encode())


def read(server: ShadowServer, database: str, role: str = "") -> Snapshot:
    dsn = server.dsn(database, role or server.superuser_name)
    with connect_audit(dsn, label="test") as session:
        return read_snapshot(session, source=database, captured_at=datetime.now(UTC))


@pytest.fixture(scope="module")
def rich(server: ShadowServer) -> Iterator[str]:
    """Yield a database with one object of every kind; tests change clones of it."""
    mark = server.roles()
    with server.database() as name:
        run(server, name, RICH)
        yield name
    server.drop_roles_made_since(mark)


@pytest.fixture(scope="module")
def expected(server: ShadowServer, rich: str) -> Snapshot:
    return read(server, rich)


def test_a_role_without_any_privilege_sees_everything(
    server: ShadowServer, rich: str, expected: Snapshot
) -> None:
    run(server, rich, f"create role {NOBODY} login")
    server.set_password(NOBODY)
    seen = read(server, rich, NOBODY)
    assert seen.root_hash == expected.root_hash
    with connect_audit(server.dsn(rich, NOBODY), label="rich") as session:
        for kind in WITNESSES:  # what dates an object needs no more
            query = build_witness_query(kind, session.version_num)
            session.connection.execute(query.encode())
    run(server, rich, f"drop role {NOBODY}")


def test_two_sessions_read_what_one_reads(
    server: ShadowServer, rich: str, expected: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LARGE", 0)
    asked = set()
    allowed = reader.read_allowed

    def note(session: AuditSession, names: Sequence[str]) -> object:
        asked.add(session.connection.info.backend_pid)
        return allowed(session, names)

    monkeypatch.setattr(reader, "read_allowed", note)
    assert read(server, rich).root_hash == expected.root_hash
    assert len(asked) == 2
    run(server, rich, f"create role {NOBODY} login connection limit 1")
    server.set_password(NOBODY)
    assert read(server, rich, NOBODY).root_hash == expected.root_hash
    assert len(asked) == 3, "a role that may have one session reads in it"
    run(server, rich, f"alter role {NOBODY} connection limit 3")
    run(server, rich, "revoke execute on function pg_catalog.pg_export_snapshot() from public")
    read(server, rich, NOBODY)
    assert len(asked) == 4, "and so does one that may not share what it sees"
    run(server, rich, "grant execute on function pg_catalog.pg_export_snapshot() to public")
    run(server, rich, f"drop role {NOBODY}")


def test_every_kind_is_there_and_nothing_is_unaccounted(expected: Snapshot) -> None:
    counts = expected.counts()
    # Of the first no template may have one; the others need a module of the server.
    assert {kind for kind, count in counts.items() if not count} == {
        "subscription",
        "security_label",
        *STORED_KINDS,  # the schema has no tables of these
    }
    assert expected.unaccounted.empty


def test_rows_are_sorted_by_a_key_that_is_unique(expected: Snapshot) -> None:
    for name, kind in KINDS.items():
        frame = expected.frames[name]
        assert frame.dtypes.astype(str).to_dict() == kind.dtypes
        keys = list(frame[list(kind.key)].itertuples(index=False, name=None))
        assert keys == sorted(set(keys)), name


@pytest.mark.parametrize(
    ("kind", "key", "properties"),
    [
        ("table", "app parent", {"kind": "ordinary", "rls_enabled": True, "rls_forced": True}),
        ("table", "app parent", {"options": "autovacuum_enabled=false, fillfactor=70, "
                                            "toast.autovacuum_enabled=false"}),
        ("table", "app grandchild", {"parents": "app.child, app.second_parent"}),
        ("table", "app parted_2", {"partition_bound": "FOR VALUES FROM (10) TO (20)"}),
        ("table", "app parted", {"kind": "partitioned", "partition_key": "RANGE (id)"}),
        ("table", "app distant", {"kind": "foreign", "foreign_server": "remote"}),
        ("table", "app typed", {"of_type": "app.pair"}),
        ("table", "app referring", {"replica_identity": "index"}),
        ("column", "app parent id", {"identity": "always", "position": 1, "not_null": True}),
        ("column", "app parent mail", {"type": "app.email", "collation": None, "position": 3}),
        ("column", "app parent note", {"storage": "external", "compression": "pglz",
                                       "statistics": 50, "options": "n_distinct=5"}),
        ("column", "app parent doubled", {"generated": "stored", "default": None}),
        ("column", "app child id", {"inherited": True, "local": False, "position": None}),
        ("column", "app parted_2 id", {"inherited": True, "local": False, "position": None}),
        ("constraint", "app email email_check", {"of": "domain", "type": "check"}),
        ("constraint", "app referring referring_parent_id_fkey", {"validated": False}),
        ("index", "app parted_1_k_idx", {"parent_index": "app.parted_k", "table": "parted_1"}),
        ("index", "app parent_pkey", {"constraint": "parent_pkey", "primary": True}),
        ("index", "app referring_identity", {"clustered": True, "replica_identity": True}),
        ("view", "app v", {"options": "check_option=local, security_barrier=true"}),
        ("materialized_view", "app mv", {"populated": False}),
        ("sequence", "app parent_serial_no_seq", {"owned_by": "app.parent.serial_no"}),
        ("sequence", "app counter", {"min": -100, "increment": -2, "cycle": True}),
        ("function", "app add_one(integer, integer)", {
            "config": "search_path=pg_catalog, pg_temp, work_mem=1MB", "security_definer": True,
            "strict": True, "volatility": "immutable", "cost": "7", "kind": "function"}),
        ("function", "app my_sum(integer)", {"kind": "aggregate"}),
        ("trigger", "app parted_1 on_parted", {"enabled": "disabled", "inherited": True}),
        ("trigger", "app referring checked", {"enabled": "always"}),
        ("policy", "app parent readable", {"roles": "PUBLIC", "using": "true", "with_check": None}),
        ("enum", "app mood", {"labels": "'sad', 'it''s ok', 'happy\n</script>'"}),
        ("domain", "app email", {"collation": 'pg_catalog."C"', "not_null": True}),
        ("foreign_server", "remote", {"options": "host=h, password=***"}),
        ("user_mapping", "remote rich_writer", {}),
        ("user_mapping", "remote PUBLIC", {}),
        ("operator_class", "app mood_ops(btree)", {
            "input": "app.mood", "default": False, "family": "app.moods", "operators": None,
            "functions": "1 (app.mood, app.mood) app.mood_cmp(app.mood,app.mood)"}),
        ("operator_family", "app moods(btree)", {"functions": None}),
        ("operator_family", 'app lo"ose(hash)', {
            "operators": "1 =(integer,bigint)",
            "functions": "1 (integer, integer) hashint4(integer)"}),
        ("access_method", "heapish", {"type": "table", "handler": "heap_tableam_handler"}),
        ("conversion", "app recoded", {"source": "LATIN1", "target": "UTF8", "default": False}),
        ("language", "tongue", {"trusted": False, "inline": "app.tongue_inline(internal)"}),
        ("language", 'ton"gue', {"trusted": True, "inline": None, "validator": None}),
        ("transform", "integer tongue", {"from_sql": "prsd_lextype(internal)", "to_sql": None}),
        ("text_search_parser", "app cutter", {"start": "prsd_start", "headline": None}),
        ("text_search_template", "app plain", {"init": "dsimple_init"}),
        ("text_search_dictionary", "app words", {
            "template": "pg_catalog.simple", "options": "stopwords = 'english'"}),
        ("text_search_configuration", "app cut", {
            "parser": "app.cutter", "mappings": "2: app.words"}),
        ("owner", "table app parent", {"role": "rich_owner"}),
        ("owner", "operator_class app mood_ops(btree)", {"role": "rich_owner"}),
        ("owner", "text_search_dictionary app words", {"role": "rich_owner"}),
        ("owner", "language  tongue", {"role": "rich_owner"}),
        ("comment", "cast  integer app.mood", {"text": "cast"}),
        ("comment", "transform  integer tongue", {"text": "transform"}),
        ("comment", "operator_family app moods(btree) ", {"text": "operator family"}),
        ("comment", "policy app parent readable", {"text": "policy"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_property_is_read(
    expected: Snapshot, kind: str, key: str, properties: dict[str, object]
) -> None:
    size = len(KINDS[kind].key)
    row = expected.row(kind, key.split(" ", size - 1))
    assert row is not None
    assert {name: row[name] for name in properties} == properties


@pytest.mark.parametrize(
    ("key", "grantable", "is_owner"),
    [
        ("table app parent  rich_writer SELECT", True, False),
        ("table app parent  rich_owner TRUNCATE", False, True),
        ('table app parent note rich|"reader"|<script>alert(1)</script> UPDATE', False, False),
        ("schema  app  PUBLIC USAGE", False, False),
        ("function app touch()  PUBLIC EXECUTE", False, False),
        ("foreign_data_wrapper  wrapper  rich_writer USAGE", False, False),
        ('language  ton"gue  rich_writer USAGE', False, False),
        ("language  plpgsql  rich_writer USAGE", False, False),
        ("language  sql  PUBLIC USAGE", False, False),
    ],
)
def test_a_privilege_is_read(
    expected: Snapshot, key: str, *, grantable: bool, is_owner: bool
) -> None:
    row = expected.row("privilege", [part.replace("|", " ") for part in key.split(" ")])
    assert row
    assert (row["grantable"], row["is_owner"]) == (grantable, is_owner)


def test_what_was_revoked_is_no_row(expected: Snapshot) -> None:
    gone = ("function", "app", "add_one(integer, integer)", "", "PUBLIC", "EXECUTE")
    assert expected.row("privilege", gone) is None
    built_in = expected.row(
        "default_privilege", ("rich_owner", "", "function", "PUBLIC", "EXECUTE")
    )
    assert built_in == {"granted": False, "grantable": False}


def test_an_identity_is_no_sequence_of_its_own(expected: Snapshot) -> None:
    assert expected.row("sequence", ("app", "parent_id_seq")) is None
    row = expected.row("column", ("app", "parent", "id"))
    assert row
    assert str(row["identity_options"]).startswith("as bigint start 10 increment 5")


def test_what_an_extension_brings_is_in_no_frame(expected: Snapshot) -> None:
    if expected.row("extension", ("pgcrypto",)) is None:
        pytest.skip("this server has no pgcrypto")
    for kind in ("function", "owner", "privilege"):
        assert not expected.frames[kind]["name"].str.startswith(("crypt(", "digest(")).any()


def test_no_oid_and_no_transaction_id_is_shown(expected: Snapshot) -> None:
    columns = {column for frame in expected.frames.values() for column in frame.columns}
    assert not {column for column in columns if "oid" in column or "xmin" in column}


def test_the_same_schema_made_twice_is_equal(
    server: ShadowServer, database: str, rich: str, expected: Snapshot
) -> None:
    run(server, database, "create table shift_numbers (a integer, b text)")
    run(server, database, "drop table shift_numbers")
    run(server, database, RICH)
    again = read(server, database)
    assert diff_snapshots(expected, again).empty
    assert again.root_hash == expected.root_hash
    assert rich != database


def test_a_capture_of_it_is_equal(expected: Snapshot, tmp_path: Path) -> None:
    capture = read_capture(write_capture(expected, tmp_path / "rich.json"))
    assert capture.root_hash == expected.root_hash
    assert diff_snapshots(expected, capture).empty


def test_a_restored_dump_is_equal(
    server: ShadowServer, database: str, rich: str, expected: Snapshot
) -> None:
    dump, psql = (server.binaries.bindir / name for name in ("pg_dump", "psql"))
    if not dump.exists():
        pytest.skip(f"{server.binaries} has no pg_dump")
    path = dict(os.environ)
    text = subprocess.run(
        [dump, "--schema-only", server.dsn(rich, server.superuser_name)],
        check=True, capture_output=True, env=path,
    ).stdout  # fmt: skip
    subprocess.run(
        [psql, "-qXv", "ON_ERROR_STOP=1", server.dsn(database, server.superuser_name)],
        check=True, capture_output=True, env=path, input=text,
    )  # fmt: skip
    changes = diff_snapshots(expected, read(server, database))
    assert changes[["name", "change", "property"]].to_numpy().tolist() == []


ALTERATIONS = """
alter table app.parent disable row level security
alter table app.parent no force row level security
alter table app.parent reset (fillfactor)
alter table app.parent set (toast.autovacuum_enabled = true)
alter table app.parent replica identity default
alter table app.referring alter parent_id type integer
alter table app.parent alter mood drop default
alter table app.parent alter mood set not null
alter table app.parent alter id set generated by default
alter table app.parent alter id set increment 6
alter table app.parent drop column doubled
alter table app.parent alter note set storage main
alter table app.parent alter note set statistics -1
alter table app.parent alter note reset (n_distinct)
alter table app.parent add column one_more integer
alter table app.parent owner to rich_writer
alter table app.second_parent set unlogged
alter table app.grandchild no inherit app.second_parent
alter table app.referring validate constraint referring_parent_id_fkey
alter table app.referring alter constraint referring_parent_id_fkey deferrable
alter table app.referring disable trigger all
alter table app.referring set without cluster
alter table app.referring rename constraint "ck ""'<b>" to ck
alter table app.parted detach partition app.parted_1
alter table app.parted_1 enable trigger on_parted
alter index app.parent_expr alter column 2 set statistics 301
alter index app.parent_total rename to parent_total_2
update pg_catalog.pg_index set indisvalid = false where indexrelid = 'app.parent_total'::regclass
drop index app.parent_total
alter statistics app.parent_stats set statistics 78
alter view app.v set (check_option = cascaded)
alter view app.v alter note drop default
create or replace view app.v as select id, note from app.parent where id > 1
refresh materialized view app.mv
alter sequence app.counter maxvalue 99
alter sequence app.counter owned by app.referring.id
alter sequence app.parent_serial_no_seq owned by none
alter function app.add_one(integer, integer) reset work_mem
alter function app.add_one(integer, integer) security invoker
alter function app.add_one(integer, integer) parallel unsafe
alter function app.touch() cost 5
create or replace function app.touch() returns trigger language plpgsql as 'begin return old; end'
alter table app.parent disable trigger touch_it
alter event trigger watch_ddl disable
alter table app.referring disable rule "ru""le"
alter policy readable on app.parent using (false)
alter policy readable on app.parent to rich_writer
alter type app.mood add value 'new' before 'sad'
alter type app.mood rename value 'sad' to 'glad'
alter type app.pair add attribute d integer cascade
alter domain app.email drop not null
alter domain app.email set default 'c@d'
alter domain app.email drop constraint email_check
drop operator app.@+ (integer, integer)
alter foreign table app.distant options (set table_name 'z')
alter foreign table app.distant alter a options (set column_name 'z')
alter server remote options (set host 'i')
alter server remote version '2'
alter foreign data wrapper wrapper options (set debug 'false')
alter publication pub set (publish = 'insert')
alter publication pub drop table app.referring
grant delete on app.parent to rich_writer
revoke grant option for select on app.parent from rich_writer
grant update (total) on app.parent to rich_writer
revoke usage on schema app from public
revoke truncate on app.parent from rich_owner
revoke execute on function app.touch() from public
revoke usage on type app.mood from rich_writer
alter default privileges for role rich_owner in schema app revoke select on tables from rich_writer
alter default privileges for role rich_owner grant execute on functions to public
alter schema app owner to rich_writer
alter function app.touch() owner to rich_writer
alter type app.mood owner to rich_writer
alter publication pub owner to rich_owner
comment on table app.parent is 'other'
comment on column app.parent.note is null
comment on trigger touch_it on app.parent is 'other'
create schema one_more
create user mapping for rich_owner server remote
drop user mapping for public server remote
alter operator family app.moods using btree drop operator 1 (anyenum, anyenum)
alter operator family app."lo""ose" using hash drop function 1 (integer, integer)
drop operator class app.mood_ops using btree
alter operator class app.mood_ops using btree rename to more_ops
alter operator family app.moods using btree owner to rich_writer
comment on operator family app.moods using btree is null
drop access method heapish
alter conversion app.recoded rename to coded
drop conversion app.recoded
create or replace trusted language tongue handler app.tongue_call
alter language tongue owner to rich_writer
revoke usage on language sql from public
grant usage on language sql to rich_writer with grant option
drop transform for integer language tongue
create or replace transform for integer language tongue (to sql with function int4recv(internal))
drop text search parser app.cutter cascade
alter text search template app.plain rename to pure
alter text search dictionary app.words (stopwords)
alter text search dictionary app.words (stopwords = 'german')
alter text search dictionary app.words owner to rich_writer
alter text search configuration app.searched drop mapping for word
alter text search configuration app.searched alter mapping for word with english_stem, app.words
alter text search configuration app.searched alter mapping replace app.words with simple
alter text search configuration app.searched owner to rich_writer
comment on text search configuration app.searched is null
comment on cast (integer as app.mood) is 'other'
comment on transform for integer language tongue is null
grant usage on foreign data wrapper wrapper to rich_owner
insert into pg_catalog.pg_seclabel values ('app.v'::regclass, 'pg_class'::regclass, 1, 'p', 'l')
insert into pg_seclabel values ('app'::regnamespace, 'pg_namespace'::regclass, 0, 'p', 'l')
drop cast (integer as app.mood)
drop type app.shell_type
""".strip().splitlines()


@pytest.fixture(scope="module")
def shadow_of_rich(server: ShadowServer, rich: str, expected: Snapshot) -> Iterator[str]:
    """Yield a clone of the rich database in which changes are made and taken back."""
    with server.database(template=rich) as name:
        assert read(server, name).root_hash == expected.root_hash
        yield name


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_any_alteration_changes_the_hash(
    server: ShadowServer, shadow_of_rich: str, expected: Snapshot, statement: str
) -> None:
    with server.superuser(shadow_of_rich) as connection:
        connection.execute(
            "begin; set local search_path = ''; set local allow_system_table_mods = on"
        )
        connection.execute(statement.encode())
        rows = {
            name: connection.execute(load_query(name, server.version_num).encode()).fetchall()
            for name in KINDS
            if name not in STORED_KINDS
        }
        connection.execute("rollback")
    frames = {
        name: build_frame(unpack_rows(kind, rows.get(name, ())), kind.dtypes)
        for name, kind in KINDS.items()
    }
    altered = expected.with_frames(frames)
    assert altered.root_hash != expected.root_hash
    assert not diff_snapshots(expected, altered).empty


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("alter table s add constraint c check (a > 0) not enforced", "constraint"),
        ("alter table s add constraint n not null a not valid", "column"),
        ("alter table s add constraint n not null a no inherit", "column"),
        ("alter table s add v integer generated always as (a + 1) virtual", "column"),
        ("alter default privileges grant select on large objects to public", "default_privilege"),
        ("alter publication p set (publish_generated_columns = stored)", "publication"),
        ("grant maintain on s to public", "privilege"),
    ],
)
def test_what_18_brought_is_seen(
    server: ShadowServer, database: str, statement: str, changed: str
) -> None:
    if server.version_num < 180_000:
        pytest.skip("needs PostgreSQL 18")
    run(server, database, "create table public.s (a integer); create publication p for table s")
    before = read(server, database)
    run(server, database, statement)
    changes = diff_snapshots(before, read(server, database))
    assert set(changes["kind"]) == {changed}


def test_what_is_written_about_any_object_is_what_the_server_understands(
    server: ShadowServer, shadow_of_rich: str, expected: Snapshot
) -> None:
    side = Side(expected)
    written = [made for key in side.rows("comment") for made in comment(side, key)]
    written += [
        owner(key, str(row[0]), side)
        for key, row in side.rows("owner").items()
        if key[2] != "shell_type"  # it has no input and output yet
    ]
    keys = {name_parts("privilege", key)["name"]: key for key in side.rows("privilege")}
    for key in keys.values():
        parts = name_parts("privilege", key)
        if parts["name"] == "shell_type":
            continue
        on = (parts["object_kind"], tuple(filter(None, (parts["schema"], parts["name"]))))
        written += grants(side, *on) if len(on[1]) > 1 else [
            grant_statement(object_name(side, *on), "rich_writer", [
                Grant("rich_writer", parts["privilege"], "", grantable=False, is_owner=False)
            ])
        ]  # fmt: skip
    assert len(written) > 100
    with server.superuser(shadow_of_rich) as connection:
        connection.execute("begin; set local search_path = ''")
        for statement in written:
            connection.execute(statement)
        connection.execute("rollback")


SUBSCRIPTIONS = """
alter subscription sub set publication pub with (refresh = false)
alter subscription sub set (slot_name = 'other')
alter subscription sub set (synchronous_commit = 'local')
alter subscription sub set (binary = true)
alter subscription sub set (streaming = true)
alter subscription sub owner to {nobody}
alter subscription sub rename to bus
comment on subscription sub is 'from elsewhere'
alter subscription sub disable
insert into pg_shseclabel select oid, tableoid, 'p', 'l' from pg_subscription
alter subscription sub set (disable_on_error = true)
alter subscription sub set (origin = none)
alter subscription sub set (password_required = false)
alter subscription sub set (run_as_owner = true)
""".strip().splitlines()  # fmt: skip
SINCE = {"disable_on": 150_000, "origin": 160_000, "password_": 160_000, "run_as": 160_000}


def test_a_subscription_is_read_without_its_connection(server: ShadowServer, database: str) -> None:
    run(server, database, f"create role {NOBODY} superuser")
    run(
        server,
        database,
        "create subscription sub connection 'host=nowhere password=hunter2'"
        ' publication pub, "o""ther" with (connect = false, slot_name = \'s\')',
    )
    try:
        run(server, database, "alter subscription sub enable")
        run(server, database, f"create role {NOBODY}2 login")
        server.set_password(f"{NOBODY}2")
        before = read(server, database, f"{NOBODY}2")
        assert before.unaccounted.empty
        assert "hunter2" not in str(build_document(before))
        row = before.row("subscription", ("sub",))
        assert row
        assert (row["publications"], row["slot"], row["enabled"]) == ('"o""ther", pub', "s", True)
        for statement in SUBSCRIPTIONS:
            since = [number for word, number in SINCE.items() if f"({word}" in statement]
            if since and server.version_num < since[0]:
                continue
            run(server, database, statement.format(nobody=NOBODY))
            after = read(server, database)
            assert after.root_hash != before.root_hash, statement
            before = after
            run(server, database, "alter subscription bus rename to sub" if " bus" in statement
                else "select 1")  # fmt: skip
            before = read(server, database) if " bus" in statement else before
    finally:
        run(server, database, "alter subscription sub disable")
        run(server, database, "alter subscription sub set (slot_name = none)")
        run(server, database, "drop subscription sub")


def test_an_option_that_tells_a_secret_is_compared_by_its_presence(
    server: ShadowServer, database: str
) -> None:
    run(
        server,
        database,
        "create foreign data wrapper w; create server s foreign data wrapper w options ("
        "host 'h', api_key 'hunter2', conn_string 'tcp://u:hunter2@h', \"PWD\" 'hunter2\nhunter2',"
        "url 'https://user:hunter2@h/x?a=b@c', connect_timeout '5')",
    )
    row = read(server, database).row("foreign_server", ("s",))
    assert row
    assert row["options"] == (
        "PWD=***, api_key=***, conn_string=***, connect_timeout=5, host=h, "
        "url=https://***@h/x?a=b@c"
    )


def test_a_privilege_on_a_parameter_is_read(server: ShadowServer, database: str) -> None:
    if server.version_num < 150_000:
        pytest.skip("needs PostgreSQL 15")
    run(server, database, f"create role {NOBODY}")
    run(server, database, f"grant set on parameter work_mem to {NOBODY}")
    found = read(server, database)
    key = ("parameter", "", "work_mem", "", NOBODY, "SET")
    assert found.row("privilege", key)
    run(server, database, f"revoke set on parameter work_mem from {NOBODY}")
    assert read(server, database).row("privilege", key) is None


def test_a_catalog_that_is_not_known_is_told_by_its_rows(
    server: ShadowServer, rich: str, expected: Snapshot
) -> None:
    known = "'pg_policy', "
    query = load_query("unaccounted", server.version_num)
    assert known in query
    with server.superuser(rich) as connection:
        rows = connection.execute(query.replace(known, "").encode()).fetchall()
    assert rows == [
        ("pg_policy", "", f"{name} on app.parent") for name in ('"po""l <script>"', "readable")
    ]
    assert expected.unaccounted.empty


NOVEL = """
set allow_system_table_mods = on;
create table pg_catalog.pg_novel (oid oid, novname name);
insert into pg_catalog.pg_novel values (1, 'x');
create table pg_catalog.pg_empty (oid oid);
create function pg_catalog.hidden() returns integer language sql as 'select 1';
create type information_schema.hidden as enum ('a');
create text search dictionary pg_catalog.hidden (template = simple);
"""


def test_what_no_frame_holds_is_counted(server: ShadowServer, database: str) -> None:
    run(server, database, NOVEL)
    found = read(server, database).unaccounted
    assert found.to_numpy().tolist() == [
        ["pg_class", "pg_catalog", "pg_empty"],
        ["pg_class", "pg_catalog", "pg_novel"],
        ["pg_novel", "", "(rows)"],
        ["pg_proc", "pg_catalog", "hidden"],
        ["pg_ts_dict", "pg_catalog", "hidden"],
        ["pg_type", "information_schema", "hidden"],
    ]


def test_a_refused_catalog_is_named_and_the_others_are_read(
    server: ShadowServer, database: str
) -> None:
    run(server, database, f"create role {NOBODY} login; create table t (id int)")
    server.set_password(NOBODY)
    run(server, database, "revoke select on pg_catalog.pg_policy from public")
    everything, seen = read(server, database), read(server, database, NOBODY)
    assert "permission denied for table pg_policy" in seen.unread["policy"]
    # All that needs this catalog, and no more.
    assert set(seen.unread) == {"policy", "comment", *STORED_KINDS}
    assert not seen.unread.keys() & seen.frames.keys()
    assert diff_snapshots(everything, seen).empty
    assert seen.row("table", ("public", "t"))
    tracking = read_live_side(server.dsn(database, NOBODY), "test").tracking
    assert tracking.status is TrackingStatus.UNREADABLE
    assert "pg_policy" in tracking.why


def test_a_catalog_that_cannot_be_read_for_another_reason_is_no_gap(
    server: ShadowServer, database: str
) -> None:
    dsn = server.dsn(database, server.superuser_name)
    with server.superuser(database) as other, connect_audit(dsn, label="test") as session:
        other.execute("begin; lock pg_catalog.pg_policy in access exclusive mode")
        session.connection.execute("set local lock_timeout = '10ms'")
        with pytest.raises(AuditError, match="catalog could not be read: cancel") as caught:
            read_snapshot(session, source="test", captured_at=datetime.now(UTC))
    assert caught.value.where in KINDS
