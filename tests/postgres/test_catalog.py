"""What a real server's catalog gives: whole, equal for equal schemas, another for any change."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from driftbook.catalog.document import read_capture, write_capture
from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.reader import load_query, read_snapshot
from driftbook.catalog.snapshot import build_frame
from driftbook.drift.diff import diff_snapshots
from driftbook.errors import AuditError
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.catalog.snapshot import Snapshot
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
    run(server, rich, f"drop role {NOBODY}")


def test_every_kind_is_there_and_nothing_is_unaccounted(expected: Snapshot) -> None:
    empty = {kind for kind, count in expected.counts().items() if not count}
    assert empty == STORED_KINDS, "which the schema has no tables of"
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
        ("owner", "table app parent", {"role": "rich_owner"}),
        ("comment", "policy app parent readable", {"text": "policy"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_property_is_read(
    expected: Snapshot, kind: str, key: str, properties: dict[str, object]
) -> None:
    size = len(KINDS[kind].key)
    row = expected.row(kind, key.split(" ", size - 1))
    assert row
    assert {name: row[name] for name in properties} == properties


@pytest.mark.parametrize(
    ("key", "grantable", "is_owner"),
    [
        ("table app parent  rich_writer SELECT", True, False),
        ("table app parent  rich_owner TRUNCATE", False, True),
        ('table app parent note rich|"reader"|<script>alert(1)</script> UPDATE', False, False),
        ("schema  app  PUBLIC USAGE", False, False),
        ("function app touch()  PUBLIC EXECUTE", False, False),
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
    frames = {name: build_frame(rows.get(name, ()), kind.dtypes) for name, kind in KINDS.items()}
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


def test_an_unmodelled_object_is_counted(server: ShadowServer, database: str) -> None:
    run(server, database, "create text search dictionary words (template = simple)")
    run(server, database, "create operator family mine using btree")
    found = read(server, database).unaccounted
    assert found.to_numpy().tolist() == [
        ["pg_opfamily", "public", "mine"],
        ["pg_ts_dict", "public", "words"],
    ]


def test_a_refused_catalog_is_named(server: ShadowServer, database: str) -> None:
    run(server, database, f"create role {NOBODY} login")
    server.set_password(NOBODY)
    run(server, database, "revoke select on pg_catalog.pg_policy from public")
    with pytest.raises(
        AuditError, match="the policy catalog could not be read: permission"
    ) as caught:
        read(server, database, NOBODY)
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)
    assert "driftbook doctor" in caught.value.fix
