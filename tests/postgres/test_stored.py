"""What a role may read of the rows that are objects: all of them, or it is said that it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.audit.gaps import find_unread_gaps
from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.reader import find_stored, read_snapshot
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import AuditSession, connect_audit
from driftbook.shadow.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.steps import Step

HERE = Path(__file__).parent
RICH = (HERE / "rich_schema.sql").read_text(encoding="utf-8")
ROWS = (HERE.parent / "golden/drift/rows_of_the_platform/expected.sql").read_text(encoding="utf-8")
NOBODY, AUDITOR = "driftbook_nobody", "driftbook_auditor"
RECIPE = "".join(
    files("driftbook.audit").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")
    for name in ("audit_role", "audit_rows")
)
TRACKED = """
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text);
alter table supabase_migrations.schema_migrations enable row level security;
alter table storage.buckets enable row level security;
"""
FILE = """
create extension pg_cron;
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('avatars', 'avatars', true, 1000, array['image/png', 'image/jpeg']);
select cron.schedule('nightly', '0 3 * * *', 'delete from public.sessions');
select cron.schedule('0 4 * * *', 'vacuum');
select cron.schedule('0 4 * * *', 'vacuum');
select cron.alter_job((select jobid from cron.job where jobname = 'nightly'), active := false);
select cron.schedule('hourly', '0 * * * *', 'vacuum');
select vault.create_secret('s3cr3t', 'mail_key', 'of the mail service');
"""


LATER = "select cron.unschedule('hourly'); create table public.plain (id int);"


def read(server: ShadowServer, database: str, role: str) -> Snapshot:
    with connect_audit(server.dsn(database, role), label="test") as session:
        return read_snapshot(session, source="test", captured_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def rich(server: ShadowServer) -> Iterator[str]:
    """Yield a database with an object of every kind, rows of the platform included."""
    mark = server.roles()
    with server.database() as name:
        with server.superuser(name) as connection:
            connection.execute((RICH + ROWS + TRACKED).encode())
            connection.execute(f"create role {NOBODY} login".encode())
        server.set_password(NOBODY)
        yield name
    server.drop_roles_made_since(mark)


def test_a_role_without_any_privilege_sees_what_needs_none_and_names_the_rest(
    server: ShadowServer, rich: str
) -> None:
    everything, seen = (read(server, rich, role) for role in (server.superuser_name, NOBODY))
    assert not everything.unread
    assert all(len(everything.frames[kind]) for kind in STORED_KINDS)
    assert seen.unread.keys() == STORED_KINDS
    assert seen.frames.keys() == KINDS.keys() - STORED_KINDS
    for name, frame in seen.frames.items():
        assert frame.equals(everything.frames[name]), name
    assert diff_snapshots(everything, seen).empty
    gaps = find_unread_gaps((everything, seen))
    for kind, table in (("storage_bucket", "storage.buckets"), ("cron_job", "cron.job")):
        (gap,) = (gap for gap in gaps if kind in gap.what)
        assert table in gap.why
        assert "driftbook doctor" in gap.fix


def test_the_recipe_of_the_audit_role_shows_everything_and_no_secret(
    server: ShadowServer, rich: str
) -> None:
    everything = read(server, rich, server.superuser_name)
    with server.superuser(rich) as connection:
        for _ in range(2):
            connection.execute(RECIPE.encode())
    server.set_password(AUDITOR)
    seen = read(server, rich, AUDITOR)
    assert not seen.unread
    scoped = apply_scope(everything, seen, None, ScopeSettings())
    assert diff_snapshots(scoped.expected, scoped.live).empty, "grants and policies are ours"
    with (
        connect_audit(server.dsn(rich, AUDITOR), label="test") as session,
        pytest.raises(Exception, match="permission denied"),
    ):
        session.fetch("select secret from vault.secrets")
    with server.superuser(rich) as connection:
        connection.execute(b"alter policy driftbook_auditor_reads on storage.buckets to public")
    wider = apply_scope(everything, read(server, rich, AUDITOR), None, ScopeSettings())
    changes = diff_snapshots(wider.expected, wider.live)
    assert changes["kind"].tolist() == ["policy"], "a policy of that name hides nothing"
    with server.superuser(rich) as connection:
        connection.execute(b"drop policy driftbook_auditor_reads on storage.buckets")


GRANT = (
    "grant usage on schema storage to driftbook_nobody;"
    "grant select on storage.buckets to driftbook_nobody;"
)
LESS = """
revoke select on storage.buckets from driftbook_nobody;
grant select (id, name, public, file_size_limit) on storage.buckets to driftbook_nobody;
"""
VIEW = """
alter table storage.buckets rename to real;
create view storage.buckets as select * from storage.real;
"""
OWN_TYPE = """
create domain storage.flag as boolean;
alter table storage.buckets alter public type storage.flag using false;
"""
EARLY = """
alter table storage.buckets drop owner, drop file_size_limit, drop allowed_mime_types;
"""
LATE = """
create type storage.buckettype as enum ('STANDARD', 'ANALYTICS');
alter table storage.buckets add type storage.buckettype default 'ANALYTICS';
"""
OPEN = "create policy p on storage.buckets for select using (true);"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", "may not use the schema of storage.buckets"),
        ("grant usage on schema storage to driftbook_nobody", "(allowed_mime_types, file_size_l"),
        (GRANT, "row level security would hide rows of storage.buckets"),
        (GRANT + OPEN, ""),
        (GRANT + OPEN + "alter table storage.buckets disable row level security", ""),
        (
            GRANT + OPEN + "create policy q on storage.buckets as restrictive using (id > 'a')",
            "row level security would hide rows of storage.buckets",
        ),
        (
            GRANT + "create policy p on storage.buckets for select using (public)",
            "row level security would hide rows of storage.buckets",
        ),
        (
            GRANT + OPEN + LESS,
            "may not read storage.buckets (allowed_mime_types)",
        ),
        (
            VIEW + GRANT,
            "storage.buckets is no ordinary table",
        ),
        (
            GRANT + OPEN + OWN_TYPE,
            "columns of types that are not the server's: public",
        ),
    ],
)  # fmt: skip
def test_rows_are_read_where_nothing_can_hide_one(
    server: ShadowServer, rich: str, statement: str, reason: str
) -> None:
    with server.superuser(rich) as connection:
        connection.execute("begin; set local search_path = ''; set local row_security = off")
        connection.execute(statement.encode())
        connection.execute(f"set local role {NOBODY}".encode())
        session = AuditSession(connection, server.version_num, {})
        snapshot = read_snapshot(session, source="test", captured_at=datetime.now(UTC))
        (bucket,) = (one for one in find_stored(session) if one.kind == "storage_bucket")
        connection.execute("rollback")
    assert reason in bucket.refuse()
    assert snapshot.unread.get("storage_bucket", "") == bucket.refuse()
    if not reason:
        assert snapshot.frames["storage_bucket"]["name"].tolist() == ["avatars", "invoices"]


@pytest.mark.parametrize(
    ("statement", "label", "row"),
    [
        ("drop table storage.buckets", "no such table: no bucket", None),
        (
            "alter table storage.buckets drop public",
            "a table of somebody's own of that name",
            None,
        ),
        (
            EARLY,
            "the table of an early version",
            {"label": None, "public": True, "file_size_limit": None,
             "allowed_mime_types": None, "type": "STANDARD"},
        ),
        (
            LATE,
            "the table of a later version",
            {"label": None, "public": True, "file_size_limit": None,
             "allowed_mime_types": "image/jpeg, image/png", "type": "ANALYTICS"},
        ),
    ],
)  # fmt: skip
def test_every_version_of_the_table_is_read(
    server: ShadowServer, rich: str, statement: str, label: str, row: dict[str, object] | None
) -> None:
    with server.superuser(rich) as connection:
        connection.execute("begin; set local search_path = ''")
        connection.execute(statement.encode())
        session = AuditSession(connection, server.version_num, {})
        snapshot = read_snapshot(session, source="test", captured_at=datetime.now(UTC))
        connection.execute("rollback")
    assert not snapshot.unread, label
    assert snapshot.row("storage_bucket", ("avatars",)) == row, label


def test_files_give_the_rows_that_they_make(server: ShadowServer, tmp_path: Path) -> None:
    (tmp_path / "20260101000000_rows.sql").write_text(FILE, encoding="utf-8")
    (tmp_path / "20260102000000_less.sql").write_text(LATER, encoding="utf-8")
    steps: list[Step] = []
    found = replay(
        server,
        read_directory(tmp_path),
        platform="supabase",
        replay_role="postgres",
        versions=None,
        observe=steps.append,
    )
    assert [file.error for file in found.files] == [None, None]
    assert not found.expected.unread
    assert found.expected.row("storage_bucket", ("avatars",)) == {
        "label": None,
        "public": True,
        "file_size_limit": 1000,
        "allowed_mime_types": "image/jpeg, image/png",
        "type": "STANDARD",
    }
    assert found.expected.row("cron_job", ("nightly",)) == {
        "schedule": "0 3 * * *",
        "command": "delete from public.sessions",
        "database": None,
        "username": "postgres",
        "active": False,
    }
    made, less = steps
    assert (made.before["storage_bucket"], *made.after["storage_bucket"]) == ({}, ("avatars",))
    assert less.before.keys() & STORED_KINDS == {"cron_job"}
    assert less.before["cron_job"].keys() - less.after["cron_job"].keys() == {("hourly",)}
    jobs = found.expected.frames["cron_job"]["name"].tolist()
    assert [name.partition(" ")[0] for name in jobs] == ["nightly", "unnamed", "unnamed"]
    secrets = found.expected.frames["vault_secret_name"].to_dict("records")
    assert secrets == [{"name": "mail_key", "description": "of the mail service"}]
