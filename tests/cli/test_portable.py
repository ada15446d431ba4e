"""A production that nobody may connect to is audited by what its people can run for us."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.postgrest import FUNCTIONS, KEY, serve_database

from driftbook.catalog.portable.script import write_script
from driftbook.catalog.portable.statement import write_select
from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.program import Ended, Program
    from tests.postgrest import Served

    from driftbook.postgres.server import ShadowServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def served(production: ShadowServer, program: Program, live: str) -> Iterator[Served]:
    """Yield a function in front of ``live``, and the target ``prod`` that names it."""
    with connect_plain(live) as session:
        session.execute(FUNCTIONS.encode())
    name = str(conninfo_to_dict(live)["dbname"])
    with serve_database(production.dsn(name, production.superuser_name), "auditor") as found:
        address = found.of("query_sql")
        init = program("init", "--target", "prod", "--migrations", "migrations", "--rpc", address)
        assert "next: export PROD_KEY=…; driftbook doctor prod" in init.out
        path = program.home / "params" / "targets.toml"
        plain, ours = (f'convention = "{name}"' for name in ("plain", "supabase"))
        text = path.read_text(encoding="utf-8").replace(plain, ours)
        path.write_text(text + 'exclude = ["function:public.*_sql*"]\n', encoding="utf-8")
        yield found


def test_an_audit_by_rpc_passes_until_something_is_changed(
    program: Program, served: Served, live: str
) -> None:
    passed = program.scheduling("drift_audit")("audit", "prod", PROD_KEY=KEY)
    assert passed.code == 0, passed.err
    with connect_plain(live) as session:
        session.execute("alter table public.people disable row level security")
    failed = program("diff", "migrations", "prod", PROD_KEY=KEY)
    assert "~ table public.people: rls_enabled is false, expected true" in failed.out, failed.err
    reports = (program.home / "reports").rglob("*.html")
    assert not [path for path in reports if served.address.encode() in path.read_bytes()]
    written = [path for path in program.home.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    assert served.keys[0] == KEY


def test_doctor_capture_and_diff_take_the_road_of_the_target(
    inside: Callable[..., Ended], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside("capture", "prod").check_error(2, "environment variable PROD_KEY is not set")
    monkeypatch.setenv("PROD_KEY", KEY)
    told = inside("doctor", "prod")
    assert "rpc: PostgreSQL" in told.out, told.err
    assert "one SELECT at a time" in told.out
    assert "2 rows of" in told.out, told.out
    assert inside("capture", "prod", "-o", "prod.json").code == 0
    ended = inside("diff", "prod.json", "prod", "--format", "json")
    assert json.loads(ended.out)["equal"], ended.out
    assert served.bodies


def test_an_audit_of_what_psql_captured_passes(
    program: Program, inside: Callable[..., Ended], production: ShadowServer, live: str
) -> None:
    psql = production.binaries.bindir / "psql"
    if not psql.exists():
        pytest.skip("this server came without psql")
    lines = ["[targets.prod]", 'capture = "prod.capture"', 'migrations = "migrations"']
    program.write("params/targets.toml", "\n".join(lines))
    printed = inside("capture", "--script", "prod")
    output = program.home / "prod.capture"
    script = program.write("capture.sql", printed.out)
    subprocess.run([psql, "-X", "-f", script, live, "-o", output], check=True)
    told = inside("doctor", "prod")
    assert "capture: PostgreSQL" in told.out, told.err
    assert "2 rows of" in told.out
    ended = program.scheduling("drift_audit")("audit", "prod")
    assert ended.code == 0, ended.err + ended.out


def test_what_somebody_else_runs_is_printed(inside: Callable[..., Ended]) -> None:
    assert inside("capture", "--script").out == write_script()
    assert inside("capture", "--script", "--major", "16").out == write_script(16)
    assert inside("capture", "--select", "--major", "15").out == write_select(15)
    for wrong in (
        ["--select"],
        ["--script", "--select"],
        ["--script", "nobody"],
        ["--select", "--major", "15", "nobody"],
        ["--script", "-o", "capture.sql"],
        [],
        ["prod", "--major", "15"],
    ):
        inside("capture", *wrong).check_error(2, where=False)
