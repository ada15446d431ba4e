"""A comparison that cries wolf, or misses the one change that matters, helps nobody."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

    from driftbook.postgres.server import ShadowServer

pytestmark = pytest.mark.postgres

ROWS = Path(__file__).parents[1] / "golden/drift/rows_of_the_platform/expected.sql"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"  # noqa: S105 - invented
HOSTILE = "<script>alert(1)</script>"


def read_changes(ended: Ended) -> list[tuple[str, str, str, str]]:
    """Return kind, name, change and property of each change, which the exit code counts."""
    document = json.loads(ended.out)
    changes = [
        (change["kind"], change["name"], change["change"], change["property"])
        for change in document["changes"]
    ]
    assert document["incomplete"] == []
    assert document["equal"] is (not changes)
    assert ended.code == int(bool(changes)), ended.err
    return changes


@pytest.fixture(autouse=True)
def _no_tracking(live: str) -> None:
    """Leave nothing in the database but what the files made."""
    with connect_plain(live) as session:
        session.execute("drop schema supabase_migrations cascade")


def test_a_database_made_from_the_files_equals_them_until_it_is_changed(
    program: Program, live: str
) -> None:
    assert read_changes(program("diff", "migrations", live, "--format", "json")) == []
    with connect_plain(live) as session:
        session.execute("alter table public.people disable row level security")
    ended = program("diff", "migrations", live, "--format", "json")
    assert read_changes(ended) == [("table", "public.people", "altered", "rls_enabled")]
    (change,) = json.loads(ended.out)["changes"]
    assert (change["expected"], change["live"], change["class"]) == ("true", "false", "security")
    assert "every role with a grant reaches every row" in change["means"]
    told = program("diff", "migrations", live, "--access", "--explain").out.splitlines()
    assert told[0].startswith("! ") or told[0].startswith("None: every role reaches")
    assert told[1] == "~ table public.people: rls_enabled is false, expected true"
    assert told[2] == f"    {change['means']}"


def test_a_capture_equals_its_database_until_that_is_changed(program: Program, live: str) -> None:
    assert program("capture", live, "-o", "before.json").code == 0
    mode = (program.home / "before.json").stat().st_mode & 0o777
    assert mode == 0o600  # function bodies may hold secrets
    assert read_changes(program("diff", "before.json", live, "--format", "json")) == []
    with connect_plain(live) as session:
        session.execute(f'create table public."{HOSTILE}" (id int)'.encode())
    ended = program("diff", "before.json", live, "--format", "json")
    assert read_changes(ended) == [("table", f'public."{HOSTILE}"', "only_live", "")]
    assert HOSTILE in ended.out
    table = program("diff", "before.json", live)
    assert table.code == 1
    assert table.out.startswith(f'+ table public."{HOSTILE}" (')


def test_roles_are_counted_until_somebody_asks_for_them(
    program: Program, production: ShadowServer, live: str
) -> None:
    assert program("capture", live, "-o", "before.json").code == 0
    with production.superuser("postgres") as session:
        session.execute("create role asked_for; grant pg_monitor to asked_for")
    try:
        ended = program("diff", "before.json", live)
        assert ended.code == 0
        assert "not asked for: 2 differences of roles and memberships" in ended.out
        found = read_changes(program("diff", "before.json", live, "--roles", "--format", "json"))
    finally:
        with production.superuser("postgres") as session:
            session.execute("drop role asked_for")
    assert found == [("role", "asked_for", "only_live", "")]


def test_rows_that_may_not_be_read_are_named_and_nothing_passes(
    inside: Callable[..., Ended],
    program: Program,
    production: ShadowServer,
    live: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connect_plain(live) as session:
        session.execute(ROWS.read_bytes())
    assert inside("capture", live, "-o", "all.json").code == 0
    dsn = production.dsn(str(conninfo_to_dict(live)["dbname"]), "auditor")
    monkeypatch.setenv("PROD_DSN", dsn)
    ended = inside("diff", "all.json", dsn, "--format", "json")
    assert ended.code == 4, ended.out + ended.err
    document = json.loads(ended.out)
    assert document["equal"] is True
    told = {gap["what"]: gap["why"] for gap in document["incomplete"]}
    assert "cron.job" in told["Not read of live database: cron_job"]
    assert "storage.buckets" in told["Not read of live database: storage_bucket"]
    with connect_plain(live) as session:
        session.execute("update cron.job set command = %s", (f"select call('Bearer {TOKEN}')",))
    ended = inside("diff", "all.json", live)
    assert (ended.code, TOKEN in ended.out) == (1, False)
    assert "~ cron_job nightly: command is select call('Bearer " in ended.out
    kinds = ("cron_job", "storage_bucket", "vault_secret_name")
    excludes = ", ".join(f'"{kind}:*"' for kind in kinds)
    program.write_target("prod", f"exclude = [{excludes}]")
    ended = inside("diff", "all.json", "prod", "--format", "json")
    assert ended.code == 0, "who wants none of them misses none"
    left_out = {row["kind"]: row["reason"] for row in json.loads(ended.out)["left_out"]}
    assert kinds == tuple(kind for kind in kinds if left_out[kind].startswith("excluded"))
    ended = inside("doctor", "prod")
    assert "note     rows: the audit role may not use the schema of cron.job" in ended.out
    assert "with it you would also see storage buckets" in ended.out
    assert "with it an audit also sees buckets, cron jobs and the names of secrets" in ended.out


def test_a_dump_equals_its_database(program: Program, production: ShadowServer, live: str) -> None:
    pg_dump = production.binaries.bindir / "pg_dump"
    if not pg_dump.exists():
        pytest.skip("needs pg_dump beside the server")
    given = conninfo_to_dict(live)
    command = [pg_dump, "--schema-only", "-h", given["host"], "-p", given["port"]]
    command += ["-U", given["user"], "-d", given["dbname"], "-f", program.home / "dump.sql"]
    environment = {"PATH": os.environ["PATH"], "PGPASSWORD": str(given["password"])}
    subprocess.run([str(part) for part in command], check=True, env=environment)
    assert read_changes(program("diff", "dump.sql", live, "--format", "json")) == []


def test_a_capture_replaces_nothing_but_files(program: Program, live: str) -> None:
    # Root could replace a device: the file takes the place of what has its name.
    os.mkfifo(program.home / "pipe")
    ended = program("capture", live, "-o", "pipe")
    ended.check_error(2, "no regular file", str(program.home / "pipe"))
    assert (program.home / "pipe").is_fifo()


def test_both_servers_are_named_and_texts_of_two_majors_marked(
    program: Program, production: ShadowServer, live: str
) -> None:
    majors = {found.major: found for found in find_binaries() if found.source != "fetched"}
    others = sorted(majors.keys() - {production.binaries.major})
    if not others:
        pytest.skip("needs servers of two majors")
    with connect_plain(live) as session:
        session.execute(b"alter policy people_read on people using (id > 1)")
    command = ("diff", "migrations", live, "--shadow-major", str(others[-1]), "--format", "json")
    said = json.loads(program(*command).out)
    other = majors[others[-1]]
    assert said["shadow"]["version"] == said["from"]["server_version"] == other.version
    assert (said["shadow"]["source"], bool(said["shadow"]["reason"])) == (other.source, True)
    assert said["to"]["server_version"] == production.binaries.version
    assert said["cross_major"] is True
    assert [(each["name"], each["property"], each["cross_major"]) for each in said["changes"]] == [
        ("public.people.people_read", "using", True)
    ]
