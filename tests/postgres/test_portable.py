"""One database gives one root hash: read live, by a psql script, by one SELECT."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog.portable.read import open_capture
from driftbook.catalog.portable.script import write_script
from driftbook.catalog.portable.statement import write_select
from driftbook.catalog.reader import read_snapshot
from driftbook.errors import SourceError
from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer

RICH = (Path(__file__).parent / "rich_schema.sql").read_text(encoding="utf-8")
# Whatever a role or a database was given: none of it may show in a text.
HOSTILE = """
    set search_path = app, public; set quote_all_identifiers = on; set timezone = 'Asia/Kolkata';
    set datestyle = 'SQL, DMY'; set intervalstyle = sql_standard; set bytea_output = escape;
    set extra_float_digits = -3; set standard_conforming_strings = off;
    set escape_string_warning = off;
"""
TEXTS = """
    create table app.texts (
        a timestamptz default '2026-01-02 03:04:05+00', b interval default '1 day 02:00',
        c bytea default '\\xdeadbeef', d float8 default '0.30000000000000004'::float8,
        e text default E'a\\\\b', f date default '2026-01-02'
    ) partition by range (a);
    create table app.texts_1 partition of app.texts
        for values from ('2026-01-01 00:00+00') to ('2026-02-01 00:00+00');
    create view app.texts_view as select a, 'back\\slash'::text as "order" from app.texts;
"""


@pytest.fixture(scope="module")
def rich(server: ShadowServer) -> Iterator[str]:
    mark = server.roles()
    with server.database() as name:
        with server.superuser(name) as connection:
            connection.execute((RICH + TEXTS).encode())
        yield name
    server.drop_roles_made_since(mark)


@pytest.fixture(scope="module")
def live(server: ShadowServer, rich: str) -> Snapshot:
    with connect_audit(server.dsn(rich, server.superuser_name), label="test") as session:
        return read_snapshot(session, source=rich, captured_at=datetime.now(UTC))


def run_psql(server: ShadowServer, database: str, script: str, folder: Path) -> Path:
    """Run ``script`` as people do, with a psqlrc that makes it hard; return its output file."""
    folders = [server.binaries.bindir, *(found.bindir for found in find_binaries())]
    psql = next((one / "psql" for one in folders if (one / "psql").exists()), None)
    if psql is None:
        pytest.skip("no server came with psql")
    file, output, rc = folder / "capture.sql", folder / "out" / "prod.capture", folder / "psqlrc"
    output.parent.mkdir()
    file.write_text(script, encoding="utf-8")
    rc.write_text("\\x on\n\\timing on\n\\pset null NULL\n\\set ECHO all\n" + HOSTILE)
    done = subprocess.run(
        [psql, "-f", file, server.dsn(database, server.superuser_name), "-o", output],
        env={"PSQLRC": str(rc), "HOME": str(folder), "PGCLIENTENCODING": "LATIN1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return output


@pytest.mark.parametrize("is_of_one_major", [False, True])
def test_a_script_sees_what_a_session_sees(
    server: ShadowServer, rich: str, live: Snapshot, tmp_path: Path, *, is_of_one_major: bool
) -> None:
    script = write_script(server.binaries.major if is_of_one_major else None)
    snapshot = open_capture(run_psql(server, rich, script, tmp_path))
    assert snapshot.root_hash == live.root_hash
    assert snapshot.version_num == live.version_num
    assert snapshot.unaccounted.equals(live.unaccounted)


def test_one_select_sees_what_a_session_sees(
    server: ShadowServer, rich: str, live: Snapshot, tmp_path: Path
) -> None:
    with server.superuser(rich) as connection:
        connection.execute(HOSTILE.encode())
        row = connection.execute(write_select(server.binaries.major).encode()).fetchone()
    assert row is not None
    path = tmp_path / "cell.txt"
    path.write_text(json.dumps(row[0]))
    assert open_capture(path).root_hash == live.root_hash


def test_a_script_of_another_major_reads_nothing(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    other = 14 if server.binaries.major != 14 else 15
    with pytest.raises(AssertionError, match=f"driftbook: this script is for PostgreSQL {other}"):
        run_psql(server, rich, write_script(other), tmp_path)
    with pytest.raises(SourceError, match="neither JSON"):
        open_capture(tmp_path / "out" / "prod.capture")


def test_a_step_that_fails_ends_the_script_and_is_named(
    server: ShadowServer, rich: str, tmp_path: Path
) -> None:
    script = write_script().replace("from pg_catalog.pg_policy as", "from pg_catalog.pg_polity as")
    with pytest.raises(AssertionError, match="driftbook: the frame policy could not be read"):
        run_psql(server, rich, script, tmp_path)
    with pytest.raises(SourceError, match="its end is missing"):
        open_capture(tmp_path / "out" / "prod.capture")
