"""Moves of a database with the server's own programs."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from tests.postgres.lab import Lab


def run_program(lab: Lab, program: str, *arguments: str) -> None:
    """Run a client program of the server, as the superuser."""
    dsn = lab.server.dsn(lab.database, lab.server.superuser_name)
    environment = {**os.environ, "PGPASSWORD": str(conninfo_to_dict(dsn).get("password", ""))}
    path = lab.server.binaries.bindir / program
    subprocess.run([path, *arguments], check=True, env=environment, capture_output=True)


def dump_and_restore(lab: Lab, database: str, *options: str) -> str:
    """Return a new database, restored from a dump of ``database`` by pg_restore."""
    if not (lab.server.binaries.bindir / "pg_dump").is_file():
        pytest.skip("this server came without pg_dump")
    dump = lab.folder.parent / "lab.dump"
    role = lab.server.superuser_name
    new = lab.server.create_database()
    run_program(
        lab, "pg_dump", "-Fc", f"--file={dump}", f"--dbname={lab.server.dsn(database, role)}"
    )
    run_program(lab, "pg_restore", *options, f"--dbname={lab.server.dsn(new, role)}", str(dump))
    return new
