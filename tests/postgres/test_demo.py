"""The demo story happens for real: every wound is in the catalogs, and nothing else is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from driftbook import demo
from driftbook.catalog.reader import read_snapshot
from driftbook.demo.project import make_project
from driftbook.demo.push import push_file
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.migrations.directory import read_directory
from driftbook.model import ChangeKind
from driftbook.postgres.connect import connect_audit, connect_plain
from driftbook.shadow.replay import replay
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer

    Session = psycopg.Connection[TupleRow]

FILES = read_directory(demo.MIGRATIONS).files
VERSIONS = {file.version for file in FILES}
APPLIED = VERSIONS - {*demo.LOST_ROWS, *demo.NEVER_APPLIED}
TABLES = """
    select n.nspname || '.' || c.relname
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
# What a wound changed, as one value of the catalogs.
PROBES = {
    "type_changed": """
        select pg_catalog.format_type(atttypid, atttypmod) from pg_catalog.pg_attribute
        where attrelid = 'public.products'::regclass and attname = 'unit_price'
    """,
    "index_dropped": "select pg_catalog.to_regclass('public.payments_invoice_id_idx')::text",
    "policy_loosened": """
        select pg_catalog.pg_get_expr(polqual, polrelid) from pg_catalog.pg_policy
        where polrelid = 'public.projects'::regclass and polname = 'projects_tenant'
    """,
    "rls_disabled": """
        select relrowsecurity from pg_catalog.pg_class where oid = 'public.customers'::regclass
    """,
    "granted_to_anon": """
        select pg_catalog.has_table_privilege('anon', 'public.invoices', 'select')
    """,
    "function_replaced": """
        select prosrc from pg_catalog.pg_proc
        where oid = 'public.approve_invoice(uuid)'::regprocedure
    """,
    "edited_default": """
        select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attribute as a
        left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = 'public.orders'::regclass and a.attname = 'currency'
    """,
    "edited_check": """
        select count(*) from pg_catalog.pg_constraint where conname = 'orders_total_check'
    """,
}


@dataclass
class Story:
    """Production, and databases that were built from the files alone."""

    production: Session
    applied: Session  # the files of the recorded versions
    everything: Session  # all files, each applied twice
    moved_by: str


@pytest.fixture(scope="module")
def story(server: ShadowServer) -> Iterator[Story]:
    production = demo.build_production(server)
    names = (
        production.database,
        build_from_files(server, APPLIED, times=1),
        build_from_files(server, VERSIONS, times=2),
    )
    live, some, everything = (connect_plain(server.dsn(name, "postgres")) for name in names)
    yield Story(live, some, everything, production.moved_by)
    for session, name in zip((live, some, everything), names, strict=True):
        session.close()
        server.drop_database(name)


def build_from_files(server: ShadowServer, versions: Collection[str], times: int) -> str:
    name = make_project(server)
    with connect_plain(server.dsn(name, "postgres")) as session:
        for file in FILES:
            if file.version in versions:
                statements = [one.text for one in split_cli(file.data.decode())]
                push_file(session, file.version, file.name, statements)
                for _ in range(times - 1):
                    session.execute(file.data)
    return name


def read(session: Session, query: str) -> set[object]:
    return {row[0] for row in session.execute(query.encode()).fetchall()}


def test_files_have_names_of_the_house_format() -> None:
    names = [file.path.name for file in FILES]
    assert all(re.fullmatch(r"20\d{12}_[a-z0-9_]+\.sql", name) for name in names)
    assert len(names) == 46
    assert (names[0][:6], names[-1][:6]) == ("202412", "202602")


def test_exactly_62_tables_are_in_no_file(story: Story) -> None:
    untracked = read(story.production, TABLES) - read(story.everything, TABLES)
    assert untracked == {table.name for table in demo.find_untracked_tables()}
    assert len(untracked) == 62


def test_production_lacks_only_the_table_that_nobody_applied(story: Story) -> None:
    missing = read(story.everything, TABLES) - read(story.production, TABLES)
    assert missing == {"public.usage_records"}


def test_lost_rows_make_no_table(story: Story) -> None:
    """Files at the recorded versions replay without the lost ones, and give the same tables."""
    assert read(story.everything, TABLES) - read(story.applied, TABLES) == {"public.usage_records"}


def test_untracked_tables_belong_to_the_role_of_the_migrations(story: Story) -> None:
    owners = read(
        story.production, "select tableowner::text from pg_tables where schemaname = 'public'"
    )
    assert owners == {"postgres"}


def test_the_tracking_table_lost_nine_rows(story: Story) -> None:
    rows = story.production.execute(
        "select version, statements from supabase_migrations.schema_migrations"
    ).fetchall()
    recorded: dict[str, list[str]] = dict(rows)
    assert recorded.keys() == APPLIED
    assert recorded[demo.APPLIED_BY_HAND] == ["-- applied manually"]
    changed = {
        file.version
        for file in FILES
        if file.version in recorded
        and recorded[file.version] != [one.text for one in split_cli(file.data.decode())]
    }
    assert changed == {demo.EDITED, demo.APPLIED_BY_HAND}


def test_what_the_lost_files_made_is_there(story: Story) -> None:
    made = """
        select pg_catalog.to_regclass('public.open_invoices') is not null
           and pg_catalog.to_regclass('public.tasks_search_idx') is not null
           and pg_catalog.to_regprocedure('public.unread_notifications()') is not null
           and (select count(*) from public.plans) = 3
    """
    assert read(story.production, made) == {True}
    assert read(story.applied, made) == {False}


def test_two_files_were_never_applied() -> None:
    newest = max(APPLIED)
    below, above = demo.NEVER_APPLIED
    assert below < newest < above


@pytest.mark.parametrize("wound", demo.WOUNDS, ids=lambda wound: wound.name)
def test_a_wound_is_in_the_catalogs(story: Story, wound: demo.Wound) -> None:
    probe = PROBES[wound.name]
    assert read(story.production, probe) != read(story.applied, probe)


def test_a_visitor_reads_customers(story: Story) -> None:
    """RLS is off and the platform grants visitors everything on tables in ``public``."""
    with story.production.transaction(force_rollback=True):
        story.production.execute("set local role anon")
        assert read(story.production, "select count(*) from public.customers") == {0}


def test_the_files_keep_visitors_away_from_invoices(story: Story) -> None:
    with story.applied.transaction(force_rollback=True):
        story.applied.execute("set local role anon")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            story.applied.execute("select count(*) from public.invoices")


def test_the_move_was_a_dump_and_restore(story: Story) -> None:
    assert story.moved_by == "pg_dump"


def test_without_pg_dump_the_move_is_a_clone(
    server: ShadowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftbook.demo.move.PROGRAMS", ("no_such_program",))
    production = demo.build_production(server)
    assert production.moved_by == "template"
    with connect_plain(server.dsn(production.database, "postgres")) as session:
        rows = "select version from supabase_migrations.schema_migrations"
        assert read(session, rows) == APPLIED
    server.drop_database(production.database)


def test_the_drift_is_the_story_and_nothing_else(server: ShadowServer) -> None:
    """Recorded files replayed in a shadow, against the production that they are said to make."""
    with (
        demo.run_production(binaries=server.binaries) as dsn,
        connect_audit(dsn, label="the demo") as session,
    ):
        live = read_snapshot(session, source="live", captured_at=datetime.now(UTC))
    replayed = replay(
        server, read_directory(demo.MIGRATIONS), versions=APPLIED, platform="supabase"
    )
    assert not [file for file in replayed.files if file.error]
    sides = apply_scope(replayed.expected, live, replayed.platform, ScopeSettings())
    changes = diff_snapshots(sides.expected, sides.live)
    roots = changes[changes["part_of"].isna()]
    columns = roots[["kind", "key", "change", "property"]]
    found = {tuple(row) for row in columns.itertuples(index=False, name=None)}
    told = {(w.object.kind, w.object.parts, w.change, w.property) for w in demo.WOUNDS}
    told |= {
        (thing.kind, thing.parts, ChangeKind.ONLY_LIVE, "")
        for thing in (*demo.find_untracked_tables(), *demo.LOST_EFFECTS)
    }
    assert found == told


def test_production_runs_for_an_audit(server: ShadowServer) -> None:
    """A server of its own, read by a role that may only read."""
    told: list[tuple[str, int, int]] = []
    with (
        demo.run_production(lambda *stage: told.append(stage), server.binaries) as dsn,
        connect_plain(dsn) as session,
    ):
        rows = "select count(*) from supabase_migrations.schema_migrations"
        assert read(session, rows) == {len(APPLIED)}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select from public.payments")
    assert told[-1][1] == told[-1][2] > len(APPLIED)


def test_the_story_passes_night_by_night(server: ShadowServer) -> None:
    """Rows are lost, tables come, one goes again; the last night is the production of an audit."""
    untracked = {thing.name for thing in demo.find_untracked_tables()}
    nights = []
    with demo.run_story(binaries=server.binaries) as moments:
        for moment in moments:
            with connect_plain(moment.dsn) as session:
                rows = read(session, "select version from supabase_migrations.schema_migrations")
                tables = read(session, TABLES)
            with demo.write_repository(until=moment.at) as migrations:
                files = {file.version for file in read_directory(migrations).files}
            assert all(version < f"{moment.at:%Y%m%d%H%M%S}" for version in files)
            lost = files - rows - set(demo.NEVER_APPLIED)
            helpers = sum("import" in table for table in tables - untracked)
            nights.append((len(lost), len(tables & untracked), helpers))
    first, some, most, last = nights
    assert first == (0, 0, 0)
    assert some[0] == len(demo.LOST_ROWS)
    assert 0 < some[1] < len(untracked)
    assert some[2] == 1
    assert most == last == (len(demo.LOST_ROWS), len(untracked), 0)
    assert {version for version in VERSIONS if version not in files} == set()
