"""Roles that the files name: made beforehand where they cannot make them here themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from driftbook.shadow.prelude import read_platform_roles
from driftbook.shadow.scan import PSEUDO_ROLES

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    from driftbook.shadow.result import Platform
    from driftbook.shadow.scan import RoleNeed

    Session = psycopg.Connection[TupleRow]

OWNERS = "driftbook_owner"
INLINE_ROLES_VERSION = 160_000  # CREATEROLE may be kept: it grants no predefined role any more


def make_roles(  # noqa: PLR0913 - what decides it, by name
    session: Session,
    needs: tuple[RoleNeed, ...],
    existing: frozenset[str],
    platform: Platform,
    role: str,
    *,
    all_roles: bool,
) -> frozenset[str]:
    """Make the roles that files cannot make here themselves; return their names."""
    inline = session.info.server_version >= INLINE_ROLES_VERSION
    wanted = choose_roles(needs, existing, platform, role, all_roles=all_roles, inline=inline)
    for name in wanted:
        _make_role(session, name, role, exists=name in existing)
    return frozenset(wanted)


def choose_roles(  # noqa: PLR0913 - what decides it, by name
    needs: tuple[RoleNeed, ...],
    existing: frozenset[str],
    platform: Platform,
    role: str,
    *,
    all_roles: bool,
    inline: bool,
) -> list[str]:
    """Return the roles that are made beforehand, in the order of the files.

    ``inline``: files can make roles themselves.
    """
    own = read_platform_roles() if platform == "supabase" else frozenset({role})
    chosen = list[str]()
    for need in needs:
        if need.name in own | PSEUDO_ROLES or need.name.startswith("pg_"):
            continue
        if all_roles:
            wanted = need.created or not (need.created_in_block and inline)
        elif inline:
            # Left by an earlier replay on this server: the file's statement would fail.
            wanted = need.created and need.name in existing
        else:
            wanted = need.created or need.created_in_block or need.granted
        if wanted:
            chosen.append(need.name)
    return chosen


def _make_role(session: Session, name: str, role: str, *, exists: bool) -> None:
    if not exists:
        session.execute(sql.SQL("create role {}").format(sql.Identifier(name)))
    try:
        grant = sql.SQL("grant {} to {} with admin option")
        session.execute(grant.format(sql.Identifier(name), sql.Identifier(role)))
    except psycopg.errors.InvalidGrantOperation:  # an earlier replay made it a member of ours
        return
    if session.execute("select from pg_catalog.pg_roles where rolname = %s", (OWNERS,)).rowcount:
        grant = sql.SQL("grant {} to {}")
        session.execute(grant.format(sql.Identifier(OWNERS), sql.Identifier(name)))
