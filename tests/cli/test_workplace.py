"""The first minutes: what init writes is what doctor reads, and nothing is overwritten."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

    from driftbook.postgres.server import ShadowServer

CONFIG = """
    [api]
    schemas = ["public", "graphql_public", "store"]
    [db]
    major_version = 17
"""


@pytest.fixture(autouse=True)
def _repository(program: Program) -> None:
    program.write("supabase/migrations/20250101000000_a.sql", "create table a (id int);")
    program.write("supabase/config.toml", CONFIG)


def read_targets(program: Program) -> dict[str, dict[str, object]]:
    text = (program.home / "params" / "targets.toml").read_text(encoding="utf-8")
    targets: dict[str, dict[str, object]] = tomllib.loads(text)["targets"]
    return targets


def test_init_reads_the_configuration_of_the_project(program: Program) -> None:
    ended = program("init")
    assert (ended.code, ended.err) == (0, "")
    assert read_targets(program) == {
        "production": {
            "dsn_env": "PRODUCTION_DSN",
            "migrations": "supabase/migrations",
            "platform": "supabase",
            "shadow_major": 17,
            "exposed_schemas": ["public", "store"],
        }
    }
    assert "shadow_major = 17: db.major_version of supabase/config.toml" in ended.out
    assert "next: export PRODUCTION_DSN=postgresql://…; driftbook doctor production" in ended.out


def test_init_adds_and_never_overwrites(program: Program, inside: Callable[..., Ended]) -> None:
    assert inside("init", "--dry-run").code == 0
    assert not (program.home / "params").exists()
    assert inside("init").code == 0
    assert inside("init", "--target", "staging", "--dsn-env", "STAGE").code == 0
    before = (program.home / "params" / "targets.toml").read_bytes()
    inside("init").check_error(2, "'production' is described already", "targets.toml")
    assert (program.home / "params" / "targets.toml").read_bytes() == before
    assert sorted(read_targets(program)) == ["production", "staging"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[api\n", ["config.toml is not TOML"], id="no TOML"),
        pytest.param("db = 1\n", ["db is no table"], id="a value for a table"),
        pytest.param("[api]\nschemas = 'public'\n", ["api.schemas"], id="a text for a list"),
    ],
)
def test_init_refuses_a_configuration_that_it_cannot_read(
    program: Program, inside: Callable[..., Ended], text: str, words: list[str]
) -> None:
    path = program.write("supabase/config.toml", text)
    inside("init").check_error(2, *words, str(path))
    assert not (program.home / "params").exists()


def test_init_proposes_no_server_that_cannot_be_a_shadow(
    program: Program, inside: Callable[..., Ended]
) -> None:
    program.write("supabase/config.toml", "[db]\nmajor_version = 13\n")
    assert inside("init").code == 0
    assert "shadow_major" not in read_targets(program)["production"]
    assert inside("doctor").code == 0


def test_init_without_migrations_says_where_it_looked(
    program: Program, inside: Callable[..., Ended]
) -> None:
    (program.home / "supabase" / "migrations" / "20250101000000_a.sql").unlink()
    ended = inside("init")
    ended.check_error(2, "no migrations directory was found", "--migrations DIR")
    inside("init", "--migrations", "nowhere").check_error(2, "nowhere is not a directory")


def test_doctor_says_what_this_machine_has(program: Program, inside: Callable[..., Ended]) -> None:
    ended = inside("doctor")
    assert ended.code == 0
    assert "ok       server: PostgreSQL " in ended.out
    assert f"ok       reports: {program.home / 'reports'}" in ended.out
    assert f"ok       evidence and locks: {program.home / 'state'}" in ended.out
    # It looks and leaves nothing.
    assert sorted(path.name for path in program.home.iterdir()) == ["supabase"]


@pytest.mark.postgres
def test_doctor_says_what_an_audit_would_leave_unchecked(
    inside: Callable[..., Ended], live: str, audited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROD_DSN", audited)
    ended = inside("doctor", "prod")
    assert ended.code == 0, ended.out
    assert "ok       migrations: 2 files" in ended.out
    assert "ok       tracking table: 2 rows of the Supabase CLI in" in ended.out
    assert "ok       audit role: has no power beyond reading the catalog" in ended.out
    with connect_plain(live) as session:
        session.execute("revoke select on supabase_migrations.schema_migrations from auditor")
    ended = inside("doctor", "prod")
    assert ended.code == 0
    assert "note     tracking table: the audit role may not read it" in ended.out
    assert "grant select on supabase_migrations.schema_migrations to auditor" in ended.out
    assert "-- the role an audit needs, and no more:" in ended.out
    monkeypatch.setenv("PROD_DSN", live)
    assert "note     audit role: has more than an audit needs" in inside("doctor", "prod").out


def test_init_writes_the_migration_of_the_ddl_log_once(
    program: Program, inside: Callable[..., Ended]
) -> None:
    directory = program.home / "supabase" / "migrations"
    shown = inside("init", "--ddl-log", "--dry-run")
    assert shown.code == 0
    assert len(list(directory.iterdir())) == 1
    ended = inside("init", "--ddl-log")
    assert (ended.code, ended.err) == (0, "")
    [path] = directory.glob("*_driftbook_ddl_log.sql")
    assert f"wrote {path}" in ended.out
    assert path.read_text(encoding="utf-8").strip() == shown.out.strip()
    assert not (program.home / "params").exists()
    before = path.read_bytes()
    inside("init", "--ddl-log").check_error(2, "among the migrations already", str(path))
    assert path.read_bytes() == before
    inside("init", "--ddl-log", "--migrations", "nowhere").check_error(2, "cannot be written")


def test_the_migration_of_the_ddl_log_is_no_file_of_another_tool(
    program: Program, inside: Callable[..., Ended]
) -> None:
    program.write("db/migration/V1__a.sql", "select 1;")
    ended = inside("init", "--ddl-log", "--migrations", "db/migration")
    ended.check_error(2, "files of Flyway", "--dry-run")
    assert len(list((program.home / "db" / "migration").iterdir())) == 1


GRANTS = """
    grant usage on schema driftbook to auditor;
    grant select on driftbook.ddl_log to auditor;
"""


@pytest.mark.postgres
def test_a_database_with_the_ddl_log_passes_until_the_log_is_disabled(
    program: Program, production: ShadowServer, live: str, audited: str
) -> None:
    assert program("init", "--ddl-log", "--migrations", "migrations").code == 0
    [path] = (program.home / "migrations").glob("*_driftbook_ddl_log.sql")
    grants = program.write(f"migrations/{int(path.name[:14]) + 1}_who_reads_the_log.sql", GRANTS)
    with production.superuser(str(conninfo_to_dict(live)["dbname"])) as session:
        session.execute("alter role postgres superuser")
        try:
            with connect_plain(live) as owner:
                for file in (path, grants):
                    owner.execute(file.read_bytes())
                    owner.execute(
                        "insert into supabase_migrations.schema_migrations values (%s, %s)",
                        (file.name[:14], file.name[15:-4]),
                    )
        finally:
            session.execute("alter role postgres nosuperuser")
        audit = ("run", "drift_audit", "-p", "target", "prod")
        ended = program(*audit, PROD_DSN=audited)
        assert ended.code == 0, ended.out + ended.err
        session.execute("alter event trigger driftbook_sql_drop disable")
        assert program(*audit, PROD_DSN=audited).code == 1
