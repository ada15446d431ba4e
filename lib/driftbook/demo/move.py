"""The move of 2026-01-11: the database goes to another host, its tracking table does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from driftbook.demo.project import OWNER
from driftbook.demo.wounds import LOST_ROWS, SQL
from driftbook.errors import ServerError
from driftbook.postgres.launch import run_confined
from driftbook.postgres.rundir import write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer

DUMPED = "pg_dump"
CLONED = "template"
PROGRAMS = ("pg_dump", "pg_restore")
TRACKING_SCHEMA = "supabase_migrations"
NEW_TABLE = SQL / "new_tracking_table.sql"
READ_ROWS = (
    "select version, name, statements from supabase_migrations.schema_migrations "
    "where version <> all(%s) order by version"
)
WRITE_ROW = (
    "insert into supabase_migrations.schema_migrations (version, name, statements) "
    "values (%s, %s, %s)"
)


def move_database(server: ShadowServer, old: str) -> tuple[str, str]:
    """Move database ``old`` to a fresh one and lose rows of its tracking table.

    With ``pg_dump`` and ``pg_restore`` beside the server's programs it is a real dump and restore
    without the schema of the tracking table, as the CLI dumps. Without them the new host is a
    clone of the old one, which keeps the transaction ids of the old objects; only the schema of
    the tracking table is dropped and made anew. Both hosts are databases of one server.

    Returns:
        The name of the new database, and how it was moved: ``pg_dump`` or ``template``.
    """
    with server.superuser(old) as session:
        rows = session.execute(READ_ROWS, (list(LOST_ROWS),)).fetchall()
    how = DUMPED if all(_program(server, name).is_file() for name in PROGRAMS) else CLONED
    if how == DUMPED:
        new = server.create_database(owner=OWNER)
        _dump_and_restore(server, old, new)
    else:
        new = server.create_database(template=old, owner=OWNER)
    with server.superuser(new) as session:
        session.execute(f"drop schema if exists {TRACKING_SCHEMA} cascade")
        session.execute(NEW_TABLE.read_bytes())
        # One transaction, as an import of a table is: all rows have one xmin.
        with session.transaction(), session.cursor() as cursor:
            cursor.executemany(WRITE_ROW, rows)
    server.drop_database(old)
    return new, how


def _program(server: ShadowServer, name: str) -> Path:
    return server.binaries.bindir / name


def _dump_and_restore(server: ShadowServer, old: str, new: str) -> None:
    cluster = server.cluster
    dump, passfile = cluster.directory / "move.dump", cluster.directory / "move.pass"
    hosts = {name: conninfo_to_dict(server.dsn(name, server.superuser_name)) for name in (old, new)}
    # In a file, because arguments of a process can be read by every user of the machine.
    write_private(passfile, f"*:*:*:*:{hosts[old]['password']}\n", cluster.user)
    try:
        source, goal = (
            make_conninfo("", **{**hosts[name], "password": None, "passfile": str(passfile)})
            for name in (old, new)
        )
        what = ["--format=custom", "--compress=0", f"--exclude-schema={TRACKING_SCHEMA}"]
        _run(server, "pg_dump", [*what, f"--file={dump}", source])
        _run(server, "pg_restore", ["--exit-on-error", f"--dbname={goal}", str(dump)])
    finally:
        passfile.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)


def _run(server: ShadowServer, name: str, arguments: Sequence[str]) -> None:
    answer = run_confined(server.cluster.user, _program(server, name), arguments)
    if answer.returncode:
        raise ServerError(
            f"the demo's database could not be moved: {name} failed",
            where=answer.stderr.strip()[-2000:],
            fix="report it with this text: the demo needs nothing but this package",
        )
