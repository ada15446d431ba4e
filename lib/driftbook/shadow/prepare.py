"""Making a database ready for files, then closing it to the superuser for good."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from driftbook.errors import ReplayFailed
from driftbook.postgres.external import ExternalServer
from driftbook.postgres.powers import read_powers
from driftbook.shadow import extensions, guest
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.result import Note
from driftbook.shadow.roles import OWNERS, make_roles
from driftbook.shadow.stand_in import PLATFORM_OWNER, StandIn, take_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import Platform
    from driftbook.shadow.scan import Needs

    Session = psycopg.Connection[TupleRow]

AUDITOR = "driftbook_auditor"
PARAMETER_VERSION = 150_000


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server has; see ``facts.sql``."""

    version_num: int
    trusted: frozenset[str]
    available: frozenset[str]
    installed: frozenset[str]
    methods: frozenset[str]
    languages: frozenset[str]
    settings: frozenset[str]
    roles: frozenset[str]
    wrappers: frozenset[str]
    functions: frozenset[str] = frozenset()  # of PostgreSQL itself


@dataclass(frozen=True, slots=True)
class Prepared:
    """A closed database, and what was made in it beforehand.

    Attributes:
        provisions: What each extension that the files or the platform name is here.
        schemas: Made for extensions.
        roles: Made for the files.
        parameters: That the replay role may set.
    """

    database: str
    role: str
    platform: Platform
    facts: ServerFacts
    provisions: Mapping[str, extensions.Provision]
    schemas: frozenset[str] = field(default=frozenset())
    roles: frozenset[str] = field(default=frozenset())
    parameters: frozenset[str] = field(default=frozenset())


def prepare(  # noqa: PLR0913 - what decides a database, by name
    server: ShadowServer,
    needs: Needs,
    platform: Platform,
    replay_role: str,
    *,
    all_roles: bool,
    stand_in: StandIn | None = None,
) -> Prepared:
    """Make a database for the files behind ``needs`` and close it.

    Args:
        server: Started unless it runs.
        needs: What a scan of all files found.
        platform: Whose prelude is loaded.
        replay_role: Who will run the files; the platform supabase has its own.
        all_roles: Make every role that is named, also one that no file creates.
        stand_in: What live has in place of the platform; it may belong to any role.

    Raises:
        ReplayFailed: Our own SQL does not run here, or the replay role could become more than
            it may be.
    """
    if isinstance(server, ExternalServer) and server.is_guest:
        return prepare_as_guest(server, needs, platform, replay_role)
    is_own = platform == "supabase" and stand_in is None
    role = PLATFORM_OWNER if is_own else replay_role
    if role == server.superuser_name or role in {AUDITOR, OWNERS} or role.startswith("pg_"):
        raise ReplayFailed(
            f"files cannot be replayed as {role!r}",
            fix="name the role that owns the target's objects as replay_role",
        )
    server.start()
    database = server.create_database()
    try:
        with server.superuser(database) as session:
            prepared = _prepare(
                server, session, needs, database, platform, role, all_roles, stand_in
            )
        server.set_password(role)
        server.set_password(AUDITOR)
        server.close_database(database, role)
    except psycopg.Error as error:
        server.drop_database(database)
        raise ReplayFailed(
            f"the shadow cannot be prepared: {error.diag.message_primary or error}",
            where=f"platform {platform}, server {server.version_num}",
            fix="try another server version: shadow_major in the target",
        ) from error
    except ReplayFailed:
        server.drop_database(database)
        raise
    return prepared


def _prepare(  # noqa: PLR0913, PLR0917 - one step after the other, all of one database
    server: ShadowServer,
    session: Session,
    needs: Needs,
    database: str,
    platform: Platform,
    role: str,
    all_roles: bool,  # noqa: FBT001 - handed through
    stand_in: StandIn | None,
) -> Prepared:
    session.execute("set client_min_messages = error")
    session.execute("select pg_catalog.set_config('driftbook.replay_role', %s, false)", (role,))
    real = extensions.read_available(server, session)
    places = stand_in.extensions if stand_in else None
    plan = extensions.plan(needs.extensions, real, platform, places)
    extensions.write_controls(server, plan)
    _load_platform(session, platform, role, database)
    if stand_in is not None:
        take_over(session, stand_in, role)
    schemas = extensions.create(session, plan, role, as_stub=not extensions.takes_controls(server))
    existing = read_facts(session).roles
    roles = make_roles(session, needs.roles, existing, platform, role, all_roles=all_roles)
    parameters = _grant_parameters(session, needs, role)
    session.execute((load_sql("auditor.sql") + load_sql("stored.sql")).encode())
    session.execute(load_sql("close.sql").encode())
    check_walls(session, role)
    return Prepared(
        database,
        role,
        platform,
        read_facts(session),
        {item.name: item for item in plan},
        schemas,
        roles,
        parameters,
    )


def prepare_as_guest(
    server: ExternalServer, needs: Needs, platform: Platform, role: str
) -> Prepared:
    """Make a database on a server that gives us no power; raises as :func:`prepare`."""
    guest.check_platform(platform)
    with server.superuser(server.login_database) as session:
        existing = read_facts(session).roles
        roles = guest.check_roles(session, needs, existing, server.superuser_name, role)
    server.run_as(role)
    database = server.create_database()
    try:
        with server.superuser(database) as session:
            plan = guest.plan_extensions(server, session, needs, platform)
            schemas = extensions.create(session, plan, role, as_stub=True)
            facts = read_facts(session)
    except psycopg.Error as error:
        raise ReplayFailed(
            f"the shadow cannot be prepared: {error.diag.message_primary or error}",
            where=f"as {role!r}, server {server.version_num}",
            fix="remove the shadow from the target: a server is started then",
        ) from error
    found = {item.name: item for item in plan}
    return Prepared(database, role, platform, facts, found, schemas, roles)


def check_walls(session: Session, role: str) -> None:
    """Refuse a replay whose role is, or can become, more than an owner.

    Raises:
        ReplayFailed: It could run programs, read files, or become superuser.
    """
    found = read_powers(session, role)
    if found:
        raise ReplayFailed(
            f"role {role!r} could leave the shadow through {', '.join(map(repr, found))}",
            fix="report this: a prelude must not make such a role",
        )


def read_facts(session: Session) -> ServerFacts:
    """Return what the server has."""
    row = session.execute(load_sql("facts.sql").encode()).fetchone()
    assert row is not None  # noqa: S101 - a select without from gives one row
    return ServerFacts(session.info.server_version, *(frozenset(column) for column in row))


def _load_platform(session: Session, platform: Platform, role: str, database: str) -> None:
    if platform == "supabase":
        session.execute(load_sql("supabase/roles.sql").encode())
        session.execute(load_sql("supabase/database.sql").encode())
        if role != PLATFORM_OWNER:
            session.execute(load_sql("supabase/replay_role.sql").encode())
        owner = sql.SQL("alter database {} owner to {}")
        session.execute(owner.format(sql.Identifier(database), sql.Identifier(role)))
        return
    if not session.execute("select from pg_catalog.pg_roles where rolname = %s", (role,)).rowcount:
        session.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
    attributes = "alter role {} login nosuperuser createdb createrole noreplication bypassrls"
    session.execute(sql.SQL(attributes).format(sql.Identifier(role)))
    session.execute(sql.SQL("alter role {} reset all").format(sql.Identifier(role)))
    session.execute(load_sql("plain/database.sql").encode())


def _grant_parameters(session: Session, needs: Needs, role: str) -> frozenset[str]:
    if session.info.server_version < PARAMETER_VERSION:
        return frozenset()
    known = read_facts(session).settings
    wanted = frozenset(name for name in needs.parameters if name.lower() not in known)
    for name in sorted(wanted):
        grant = sql.SQL("grant set on parameter {} to {}")
        parts = sql.SQL(".").join(sql.Identifier(part) for part in name.split("."))
        session.execute(grant.format(parts, sql.Identifier(role)))
    return wanted


def note_beforehand(prepared: Prepared, needs: Needs) -> list[Note]:
    """Return a note for everything that was made although no statement of a file makes it."""
    stubs = [
        Note("extension-stubbed", "", 0, 0, item.name, "a stand-in was made: the server lacks it")
        for item in prepared.provisions.values()
        if item.preinstalled and not item.is_real
    ]
    return stubs + [
        Note(
            "role-prepared",
            need.file,
            need.statement_no,
            need.line,
            need.name,
            "made before the first file: the files name it and none creates it",
        )
        for need in needs.roles
        if need.name in prepared.roles and not (need.created or need.created_in_block)
    ]
