"""Tables of other tools: what they say of files, and that none is read as another tool's.

Their DDL is that of their public source: Flyway's ``PostgreSQLDatabase``, dbmate's ``postgres.go``,
golang-migrate's ``database/postgres``, Prisma's ``sql_schema_connector``, Drizzle's ``pg-core``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.directory import Directory, MigrationFile
from driftbook.postgres.connect import connect_audit
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.prepare import AUDITOR
from driftbook.tracking.read import join_files, read_tracking
from driftbook.tracking.table import TrackingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.postgres.server import ShadowServer
    from driftbook.tracking.table import Tracking

pytestmark = pytest.mark.postgres

TEXT = b"create table t (id int);\n"
TABLES = {
    "flyway": """
        create table flyway.flyway_schema_history (
            installed_rank int not null, version varchar(50), description varchar(200) not null,
            type varchar(20) not null, script varchar(1000) not null, checksum int,
            installed_by varchar(100) not null, installed_on timestamp not null default now(),
            execution_time int not null, success boolean not null,
            constraint flyway_schema_history_pk primary key (installed_rank)
        );
        create index flyway_schema_history_s_idx on flyway.flyway_schema_history (success)
    """,
    "dbmate": "create table dbmate.schema_migrations (version varchar(128) primary key)",
    "golang-migrate": """
        create table golang.schema_migrations (
            version bigint not null primary key, dirty boolean not null
        )
    """,
    "prisma": """
        create table prisma._prisma_migrations (
            id varchar(36) primary key not null, checksum varchar(64) not null,
            finished_at timestamptz, migration_name varchar(255) not null, logs text,
            rolled_back_at timestamptz, started_at timestamptz not null default now(),
            applied_steps_count integer not null default 0
        )
    """,
    "drizzle": """
        create table drizzle.__drizzle_migrations (
            id serial primary key, hash text not null, created_at bigint
        )
    """,
    "supabase": """
        create table supabase.schema_migrations (
            version text primary key, statements text[], name text
        )
    """,
}
NAMES = {
    "flyway": "flyway.flyway_schema_history",
    "dbmate": "dbmate.schema_migrations",
    "golang-migrate": "golang.schema_migrations",
    "prisma": "prisma._prisma_migrations",
    "drizzle": "drizzle.__drizzle_migrations",
    "supabase": "supabase.schema_migrations",
}


@pytest.fixture(scope="module")
def tables(server: ShadowServer) -> Iterator[str]:
    """Yield a database with an empty table of every tool."""
    with server.database() as name:
        mark = server.roles()
        with server.superuser(name) as session:
            session.execute(load_sql("auditor.sql").encode())
            session.execute(f"grant connect on database {name} to {AUDITOR}".encode())
            for tool, ddl in TABLES.items():
                schema = NAMES[tool].partition(".")[0]
                session.execute(f"create schema {schema}; {ddl};".encode())
                session.execute(f"grant usage on schema {schema} to {AUDITOR}".encode())
                session.execute(
                    f"grant select on all tables in schema {schema} to {AUDITOR}".encode()
                )
        server.set_password(AUDITOR)
        yield name
    server.drop_roles_made_since(mark)


def read(server: ShadowServer, database: str, tool: str, table: str, rows: str = "") -> Tracking:
    """Return ``table`` as the audit reads it for ``tool`` while it holds ``rows``."""
    with server.superuser(database) as owner:
        if rows:
            owner.execute(f"insert into {NAMES[tool]} {rows}".encode())
        try:
            with connect_audit(server.dsn(database, AUDITOR), label="live") as session:
                return read_tracking(session, table, tool)
        finally:
            owner.execute(f"truncate {NAMES[tool]}".encode())


def lay_out(tool: str, *files: tuple[str, str], when: int = 1000) -> Directory:
    """Return a directory with ``files``: version and title each, all of the same text."""
    return Directory(
        Path("migrations"),
        tuple(
            MigrationFile(Path(f"{version}__{name}.sql"), version, name, TEXT, when=when * at)
            for at, (version, name) in enumerate(files, 1)
        ),
        (),
        tool,
    )


def sum_up(tool: str) -> str:
    """Return what ``tool`` records as the checksum of a file here."""
    find = CONVENTIONS[tool].checksum
    assert find is not None
    return min(find(TEXT))


FLYWAY = (("1", "one"), ("1.2", "two"), ("10", "three"), ("R__views", "views"))
EVENT = "(installed_rank, version, description, type, script, checksum, installed_by, success,"
EVENT += " execution_time) values "


def event(rank: int, version: str, name: str, kind: str = "SQL", *, done: bool = True) -> str:
    shown = f"'{version}'" if version else "null"
    checksum = "null" if kind in {"BASELINE", "SCHEMA", "DELETE"} else sum_up("flyway")
    return f"({rank}, {shown}, '{name}', '{kind}', 's', {checksum}, 'me', {done}, 1)"


@pytest.mark.parametrize(
    ("rows", "applied", "failed", "outdated"),
    [
        pytest.param(
            [event(0, "", "<< Flyway Schema Creation >>", "SCHEMA"), event(1, "1", "one")],
            {"1"},
            set(),
            set(),
            id="a schema that Flyway made is no migration",
        ),
        pytest.param(
            [event(1, "1.0", "one"), event(2, "01.2", "two")],
            {"1", "1.2"},
            set(),
            set(),
            id="zeros do not tell versions apart",
        ),
        pytest.param(
            [event(1, "1", "one"), event(2, "1.2", "two", done=False)],
            {"1"},
            {"1.2"},
            set(),
            id="failed",
        ),
        pytest.param(
            [event(1, "1", "one", done=False), event(2, "1", "one")],
            {"1"},
            set(),
            set(),
            id="failed, then done: the newest row counts",
        ),
        pytest.param(
            [event(1, "1", "one"), event(2, "1.2", "two"), event(3, "1.2", "two", "UNDO_SQL")],
            {"1"},
            set(),
            set(),
            id="undone",
        ),
        pytest.param(
            [event(1, "1", "one"), event(2, "7", "gone"), event(3, "7", "gone", "DELETE")],
            {"1"},
            set(),
            set(),
            id="deleted by a repair",
        ),
        pytest.param(
            [event(1, "2", "<< Flyway Baseline >>", "BASELINE"), event(2, "10", "three")],
            {"1", "1.2", "10"},
            set(),
            set(),
            id="a baseline takes what is older as applied, and needs no file",
        ),
        pytest.param(
            [event(1, "1", "one"), event(2, "", "views")],
            {"1", "R__views"},
            set(),
            set(),
            id="repeatable",
        ),
        pytest.param(
            [event(1, "", "views").replace(sum_up("flyway"), "7")],
            {"R__views"},
            set(),
            {"R__views"},
            id="a repeatable that changed since",
        ),
        pytest.param(
            [event(1, "", "views"), event(2, "", "views").replace(sum_up("flyway"), "7")],
            {"R__views"},
            set(),
            {"R__views"},
            id="of a repeatable the newest run counts",
        ),
    ],
)
def test_flyway(  # noqa: PLR0913, PLR0917 - a case and its fixtures
    server: ShadowServer,
    tables: str,
    rows: list[str],
    applied: set[str],
    failed: set[str],
    outdated: set[str],
) -> None:
    tracking = read(server, tables, "flyway", NAMES["flyway"], EVENT + ", ".join(rows))
    joined = join_files(tracking, lay_out("flyway", *FLYWAY))
    assert joined.versions == applied
    assert {row.version for row in joined.failed} == failed
    assert joined.outdated == outdated


PRISMA = (("20260101000000_init", ""), ("20260102000000_more", ""))
ATTEMPT = "(id, checksum, migration_name, started_at, finished_at, rolled_back_at) values "


def attempt(name: str, finished: str, rolled_back: str, at: int = 1) -> str:
    shown = [f"'2026-01-0{at}'", finished, rolled_back]
    return f"(gen_random_uuid()::text, '{sum_up('prisma')}', '{name}', {', '.join(shown)})"


@pytest.mark.parametrize(
    ("rows", "applied", "failed"),
    [
        pytest.param(
            [attempt(PRISMA[0][0], "now()", "null")], {PRISMA[0][0]}, set(), id="finished"
        ),
        pytest.param([attempt(PRISMA[0][0], "null", "null")], set(), {PRISMA[0][0]}, id="failed"),
        pytest.param([attempt(PRISMA[0][0], "null", "now()")], set(), set(), id="rolled back"),
        pytest.param(
            [
                attempt(PRISMA[0][0], "null", "now()"),
                attempt(PRISMA[0][0], "now()", "null", 2),
            ],
            {PRISMA[0][0]},
            set(),
            id="rolled back, then done",
        ),
    ],
)
def test_prisma(
    server: ShadowServer, tables: str, rows: list[str], applied: set[str], failed: set[str]
) -> None:
    tracking = read(server, tables, "prisma", NAMES["prisma"], ATTEMPT + ", ".join(rows))
    joined = join_files(tracking, lay_out("prisma", *PRISMA))
    assert joined.versions == applied
    assert {row.version for row in joined.failed} == failed


NUMBERED = (("9", "a"), ("10", "b"), ("0011", "c"))


@pytest.mark.parametrize(
    ("rows", "applied"),
    [
        pytest.param("", set(), id="nothing yet"),
        pytest.param("values (10, false)", {"9", "10"}, id="by number, not by text"),
        pytest.param("values (11, false)", {"9", "10", "0011"}, id="zeros are no part of it"),
        pytest.param("values (12, false)", {"9", "10", "0011", "12"}, id="its file is gone"),
        pytest.param("values (11, true)", None, id="dirty: nobody knows"),
    ],
)
def test_golang_migrate(
    server: ShadowServer, tables: str, rows: str, applied: set[str] | None
) -> None:
    tool = "golang-migrate"
    joined = join_files(read(server, tables, tool, NAMES[tool], rows), lay_out(tool, *NUMBERED))
    assert joined.versions == applied
    if applied is None:
        assert joined.status is TrackingStatus.UNDECIDED
        assert "dirty at version 11" in joined.why
        assert "migrate force 11" in joined.fix
        assert "migrate force 10" in joined.fix


def test_dbmate(server: ShadowServer, tables: str) -> None:
    tracking = read(server, tables, "dbmate", NAMES["dbmate"], "values ('9'), ('0011')")
    assert join_files(tracking, lay_out("dbmate", *NUMBERED)).versions == {"9", "0011"}


@pytest.mark.parametrize(
    ("rows", "applied"),
    [
        pytest.param("('x', 1000)", {"0000_a"}, id="by the time of the journal"),
        pytest.param(
            "('x', 1000), ('y', 3000)",
            {"0000_a", "0002_c"},
            id="one between, merged later, never ran",
        ),
        pytest.param(
            f"('{sum_up('drizzle') if CONVENTIONS['drizzle'].checksum else ''}', 5)",
            {"0000_a"},
            id="a journal that was written anew: by the hash",
        ),
        pytest.param("('x', 7)", {"7"}, id="neither time nor hash has a file"),
    ],
)
def test_drizzle(server: ShadowServer, tables: str, rows: str, applied: set[str]) -> None:
    values = f"(hash, created_at) values {rows}"
    tracking = read(server, tables, "drizzle", NAMES["drizzle"], values)
    files = lay_out("drizzle", ("0000_a", "a"), ("0001_b", "b"), ("0002_c", "c"))
    assert join_files(tracking, files).versions == applied


@pytest.mark.parametrize(
    ("tool", "table", "fix"),
    [
        pytest.param("flyway", "public.flyway_schema_history", NAMES["flyway"], id="found"),
        pytest.param("dbmate", "public.schema_migrations", "name the right one", id="of many"),
    ],
)
def test_a_table_elsewhere_is_named(
    server: ShadowServer, tables: str, tool: str, table: str, fix: str
) -> None:
    with connect_audit(server.dsn(tables, AUDITOR), label="live") as session:
        tracking = read_tracking(session, table, tool)
    assert tracking.status is TrackingStatus.ABSENT
    assert fix in tracking.fix


@pytest.mark.parametrize("keeper", NAMES)
@pytest.mark.parametrize("tool", NAMES)
def test_no_table_is_read_as_another_tools(
    server: ShadowServer, tables: str, tool: str, keeper: str
) -> None:
    tracking = read(server, tables, tool, NAMES[keeper])
    # A table with a version and nothing else is dbmate's, or that of an old Supabase CLI.
    if tool == keeper or (tool, keeper) == ("supabase", "dbmate"):
        assert tracking.status is TrackingStatus.EMPTY
        return
    assert tracking.status is TrackingStatus.UNREADABLE
    assert tracking.versions is None
    if keeper != "dbmate":
        assert f'set convention = "{keeper}"' in tracking.fix
