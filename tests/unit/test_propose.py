"""``driftbook init`` reads the repository, says why, and never overwrites."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from driftbook.config import read_settings
from driftbook.errors import ConfigError
from driftbook.propose import propose_target, write_proposal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    migrations = tmp_path / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "20250101000000_first.sql").write_text("select 1;", encoding="utf-8")
    (tmp_path / "supabase" / "config.toml").write_text(
        '[api]\nschemas = ["public", "graphql_public", "api"]\n[db]\nmajor_version = 15\n',
        encoding="utf-8",
    )
    return tmp_path


def test_a_supabase_project_is_recognised(repository: Path) -> None:
    proposal = propose_target(repository, "production", None, None)
    target = tomllib.loads(proposal.text)["targets"]["production"]
    assert target == {
        "dsn_env": "PRODUCTION_DSN",
        "migrations": "supabase/migrations",
        "platform": "supabase",
        "shadow_major": 15,
        "exposed_schemas": ["public", "api"],
    }
    assert any("config.toml" in line for line in proposal.explain())


def test_what_is_written_is_what_is_read(repository: Path) -> None:
    write_proposal(propose_target(repository, "production", None, None), repository)
    write_proposal(propose_target(repository, "staging", None, "STAGE"), repository)
    settings = read_settings(repository / "params")
    assert settings.target("production").shadow_major == 15
    assert settings.target("staging").dsn_env == "STAGE"


def test_a_target_is_never_overwritten(repository: Path) -> None:
    proposal = propose_target(repository, "production", None, None)
    path = write_proposal(proposal, repository)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="described already"):
        write_proposal(proposal, repository)
    assert path.read_bytes() == before


def test_a_repository_without_migrations_is_told_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no migrations directory") as caught:
        propose_target(tmp_path, "production", None, None)
    assert "supabase/migrations" in caught.value.fix


def test_plain_files_get_the_plain_convention(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "first.sql").write_text("select 1;", encoding="utf-8")
    proposal = propose_target(tmp_path, "production", None, None)
    target = tomllib.loads(proposal.text)["targets"]["production"]
    assert (target["convention"], target["platform"]) == ("plain", "plain")


def fill(repository: Path, *names: str, text: str = "select 1;") -> None:
    for name in names:
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


TOOLS = {
    "flyway": ("app/src/main/resources/db/migration", "V1__a.sql", "public.flyway_schema_history"),
    "dbmate": ("db/migrations", "20250101000000_a.sql", "public.schema_migrations"),
    "golang-migrate": ("server/migrations", "1_a.up.sql", "public.schema_migrations"),
    "prisma": ("packages/db/prisma/migrations", "1_a/migration.sql", "public._prisma_migrations"),
    "drizzle": ("drizzle", "meta/_journal.json", "drizzle.__drizzle_migrations"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_is_recognised_by_its_files(tmp_path: Path, tool: str) -> None:
    place, file, table = TOOLS[tool]
    fill(tmp_path, f"{place}/{file}", text="-- migrate:up\n")
    fill(tmp_path, "node_modules/x/migrations/1_a.up.sql", "queries/a.sql", ".cache/1_a.up.sql")
    proposal = propose_target(tmp_path, "production", None, None)
    target = tomllib.loads(proposal.text)["targets"]["production"]
    assert target["migrations"] == place
    assert (target["convention"], target["tracking_table"]) == (tool, table)
    assert "migrations = " + f'"{place}": found here' in proposal.explain()


def test_of_several_directories_the_most_certain_is_taken_and_all_are_named(
    repository: Path,
) -> None:
    fill(repository, "prisma/migrations/migration_lock.toml", "migrations/001_a.sql")
    [line] = [
        line
        for line in propose_target(repository, "production", None, None).explain()
        if line.startswith("migrations")
    ]
    assert line == (
        'migrations = "supabase/migrations": found here; also found: '
        "prisma/migrations (prisma), migrations (plain)"
    )


def test_numbered_files_are_nobodys_without_a_sign_of_supabase(tmp_path: Path) -> None:
    fill(tmp_path, "db/migrations/001_a.sql")
    proposal = propose_target(tmp_path, "production", None, None)
    target = tomllib.loads(proposal.text)["targets"]["production"]
    assert (target["convention"], "tracking_table" in target) == ("plain", False)
