"""Files against a database that psql made from them, on its own or with a stand-in platform.

A case is a folder of ``tests/golden/compare``: ``platform.sql`` is there before the files,
``migrations`` are applied as an ordinary owner of another name, ``by_hand.sql`` comes after
them; ``expect.json`` has the lines that name a difference or a gap.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from psycopg import sql

from driftbook.audit.collect import collect_evidence
from driftbook.audit.compare import CompareOptions, capture_source, compare_sources
from driftbook.audit.session import Audit
from driftbook.config import Target, read_settings
from driftbook.model import Severity

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer

CASES = sorted(Path(__file__).parents[1].glob("golden/compare/*/"))
OWNER = "shop_owner"


def say_nothing(*_: object) -> None:
    """Take progress and drop it."""


def make_live(server: ShadowServer, database: str, case: Path) -> str:
    """Make the database of ``case`` as people do and return its address."""
    parts = [case / "platform.sql", *sorted((case / "migrations").iterdir()), case / "by_hand.sql"]
    with server.superuser(database) as connection:
        connection.execute(f"create role {OWNER} superuser")
        owner = sql.SQL("alter database {} owner to {}")
        connection.execute(owner.format(sql.Identifier(database), sql.Identifier(OWNER)))
        connection.execute(f"set role {OWNER}")
        for part in parts:
            if part.exists():
                connection.execute(part.read_text(encoding="utf-8").encode())
    return server.dsn(database, server.superuser_name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_what_differs_is_told(server: ShadowServer, database: str, case: Path) -> None:
    live = make_live(server, database, case)
    comparison = compare_sources(
        str(case / "migrations"), live, read_settings(), CompareOptions(), say_nothing
    )
    told = [line for line in comparison.lines() if line[0] in "+-~?"]
    assert told == json.loads((case / "expect.json").read_text(encoding="utf-8"))
    assert comparison.exit_code == int(bool(told))
    turned = compare_sources(
        live, str(case / "migrations"), read_settings(), CompareOptions(), say_nothing
    )
    assert len(turned.changes) == len(comparison.changes)


def test_a_capture_stands_for_its_database(
    server: ShadowServer, database: str, tmp_path: Path
) -> None:
    case = next(case for case in CASES if case.name == "stand_in_equal")
    live = make_live(server, database, case)
    settings, options = read_settings(), CompareOptions()
    capture = str(capture_source(live, tmp_path / "live.json", settings, options, say_nothing))
    for pair in ((str(case / "migrations"), capture), (capture, live)):
        assert compare_sources(*pair, settings, options, say_nothing).exit_code == 0


@pytest.mark.parametrize("name", ["plain_equal", "stand_in_equal"])
def test_a_dump_stands_for_its_database(
    server: ShadowServer, database: str, tmp_path: Path, name: str
) -> None:
    live = make_live(server, database, next(case for case in CASES if case.name == name))
    pg_dump = server.binaries.bindir / "pg_dump"
    if not pg_dump.exists():
        pytest.skip("this server came without pg_dump")
    dump = tmp_path / "live.sql"
    command = [str(pg_dump), "--schema-only", f"--file={dump}", live]
    subprocess.run(command, check=True, capture_output=True)
    settings, options = read_settings(), CompareOptions()
    assert compare_sources(str(dump), live, settings, options, say_nothing).exit_code == 0


@pytest.mark.parametrize(
    ("name", "platform", "found"),
    [
        ("plain_equal", "plain", 0),
        ("plain_index_by_hand", "plain", 1),
        ("stand_in_equal", "supabase", 0),
        ("stand_in_policy_by_hand", "supabase", 2),
    ],
)
def test_an_audit_sees_what_a_comparison_sees(  # noqa: PLR0913, PLR0917 - fixtures and a case
    server: ShadowServer,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    platform: Literal["plain", "supabase"],
    found: int,
) -> None:
    case = next(case for case in CASES if case.name == name)
    monkeypatch.setenv("LIVE", make_live(server, database, case))
    files = sorted((case / "migrations").iterdir())
    with server.superuser(database) as session:
        session.execute("create schema supabase_migrations")
        session.execute("create table supabase_migrations.schema_migrations (version text)")
        for file in files:
            row = "insert into supabase_migrations.schema_migrations values (%s)"
            session.execute(row, (file.name.partition("_")[0],))
    target = Target(name="live", dsn_env="LIVE", migrations=case / "migrations", platform=platform)
    audit = Audit("drift_audit", collect_evidence(target), Severity.HIGH)
    assert len(audit.changes) == found
    assert audit.evidence.facts.gaps == ()
    assert set(audit.versions["state"]) == {"confirmed_by_effect"}
