"""The move of 2026-01-11: the database goes to another host, its tracking table does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.demo.project import OWNER
from driftbook.demo.wounds import LOST_ROWS, SQL
from driftbook.postgres.dumps import has_programs, reach, run_program

if TYPE_CHECKING:
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
    how = DUMPED if has_programs(server, *PROGRAMS) else CLONED
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


def _dump_and_restore(server: ShadowServer, old: str, new: str) -> None:
    dump = server.cluster.directory / "move.dump"
    try:
        with reach(server, server.superuser_name, old, new) as (source, goal):
            what = ["--format=custom", "--compress=0", f"--exclude-schema={TRACKING_SCHEMA}"]
            run_program(server, "pg_dump", [*what, f"--file={dump}", source])
            run_program(server, "pg_restore", ["--exit-on-error", f"--dbname={goal}", str(dump)])
    finally:
        dump.unlink(missing_ok=True)
