"""Preparing a database on a server where we are a guest: nothing is made that needs power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.errors import ReplayFailed
from driftbook.shadow import extensions
from driftbook.shadow.scan import PSEUDO_ROLES

if TYPE_CHECKING:
    from driftbook.postgres.external import ExternalServer
    from driftbook.shadow.prepare import Session
    from driftbook.shadow.result import Platform
    from driftbook.shadow.scan import Needs

PLATFORM = "the platform supabase cannot be made by a login without power"


def check_platform(platform: Platform) -> None:
    """Raise :class:`ReplayFailed` for a platform that only a superuser can make."""
    if platform != "plain":
        raise ReplayFailed(
            PLATFORM,
            where="shadow",
            fix="remove the shadow from the target: a server is started then; or name a superuser "
            'of a server that may be harmed, with shadow_trust = "disposable"',
        )


def check_roles(
    session: Session, needs: Needs, existing: frozenset[str], login: str, role: str
) -> frozenset[str]:
    """Return the roles that files name, all of which exist.

    Raises:
        ReplayFailed: Some do not, or the login is not a member of ``role``: with the SQL to run.
    """
    named = {need.name for need in needs.roles if not need.name.startswith("pg_")} - PSEUDO_ROLES
    missing = sorted((named | {role}) - existing)
    statements = [
        sql.SQL("create role {};").format(sql.Identifier(name)).as_string(session)
        for name in missing
    ]
    member = "select pg_catalog.pg_has_role(session_user, %s::name, 'member')"
    row = None if role in missing else session.execute(member, (role,)).fetchone()
    if row is None or not row[0]:
        grant = sql.SQL("grant {} to {};").format(sql.Identifier(role), sql.Identifier(login))
        statements.append(grant.as_string(session))
    if statements:
        raise ReplayFailed(
            f"the shadow's server lacks roles, or memberships, of the files: "
            f"{', '.join(missing) or role}",
            where="roles belong to a whole server, and this one is not ours",
            fix="run there as its administrator: " + " ".join(statements),
        )
    return frozenset(named)


def plan_extensions(
    server: ExternalServer, session: Session, needs: Needs, platform: Platform
) -> list[extensions.Provision]:
    """Return what stands for each extension: only trusted ones are real to a guest."""
    real = extensions.read_available(server, session)
    trusted = {name: True for name, is_trusted in real.items() if is_trusted}
    return extensions.plan(needs.extensions, trusted, platform)
