"""An empty project of the platform, as the team once got it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.shadow import extensions
from driftbook.shadow.prelude import load_sql

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer

OWNER = "postgres"  # migrations run as this role


def make_project(server: ShadowServer) -> str:
    """Return the name of a fresh database that looks like the platform.

    It is prepared as a shadow is, but not closed: production has a superuser, and only SQL of
    this package ever runs in it. The platform's own extensions are all that the files need
    (and ``pg_trgm``, which is trusted); where the server lacks one, its stand-in is made.
    """
    database = server.create_database()
    with server.superuser(database) as session:
        plan = extensions.plan((), extensions.read_available(server, session), "supabase")
        extensions.write_controls(server, plan)
        session.execute(load_sql("supabase/roles.sql").encode())
        session.execute(load_sql("supabase/database.sql").encode())
        owner = sql.SQL("alter database {} owner to {}")
        session.execute(owner.format(sql.Identifier(database), sql.Identifier(OWNER)))
        extensions.create(session, plan, OWNER, as_stub=not extensions.takes_controls(server))
    server.set_password(OWNER)
    return database
