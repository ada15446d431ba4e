"""Where somebody rebuilt the platform: the shadow takes over what its objects depend on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg
    from psycopg.rows import TupleRow

    Session = psycopg.Connection[TupleRow]

PLATFORM_OWNER = "postgres"  # whose objects the platform's default privileges are for
KINDS = {"table": "tables", "sequence": "sequences", "function": "functions"}


@dataclass(frozen=True, slots=True)
class DefaultGrant:
    """One default privilege: of objects of one kind in ``schema``; empty: in any."""

    schema: str
    object_kind: str
    grantee: str
    privilege: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a live database has in place of the platform.

    Attributes:
        role: Owner of the project's objects.
        defaults: Default privileges of that role.
        extensions: Where each extension lies.
    """

    role: str = PLATFORM_OWNER
    defaults: frozenset[DefaultGrant] = frozenset()
    extensions: Mapping[str, str] = field(default_factory=dict)


def take_over(session: Session, stand_in: StandIn, role: str) -> None:
    """Make the platform in the session's database as ``stand_in`` is, for files run as ``role``.

    Default privileges decide the grants of whatever the files create: those that live lacks
    leave. What live has and the platform never had was made by files, or by hand: it stays out.
    """
    platform = _read_defaults(session)
    for grant in sorted(platform, key=repr):
        if grant.grantee != PLATFORM_OWNER:
            _alter_default(session, "revoke", grant, PLATFORM_OWNER)
    known = {(grant.object_kind, grant.grantee, grant.privilege) for grant in platform}
    for grant in sorted(stand_in.defaults, key=repr):
        if (grant.object_kind, grant.grantee, grant.privilege) in known:
            _alter_default(session, "grant", grant, role)
    _move_extensions(session, stand_in.extensions, role)


def _read_defaults(session: Session) -> set[DefaultGrant]:
    rows = session.execute(
        "select n.nspname::text, d.defaclobjtype::text, g.rolname::text, x.privilege_type"
        " from pg_catalog.pg_default_acl as d"
        " inner join pg_catalog.pg_namespace as n on d.defaclnamespace = n.oid"
        " cross join lateral pg_catalog.aclexplode(d.defaclacl) as x"
        " inner join pg_catalog.pg_roles as g on x.grantee = g.oid"
        " where n.nspname = 'public' and d.defaclrole = %s::regrole",
        (PLATFORM_OWNER,),
    )
    names = {"r": "table", "S": "sequence", "f": "function"}
    return {DefaultGrant(row[0], names[row[1]], row[2], row[3]) for row in rows}


def _alter_default(session: Session, verb: str, grant: DefaultGrant, role: str) -> None:
    inside = sql.SQL("in schema {} ").format(sql.Identifier(grant.schema)) if grant.schema else None
    session.execute(
        sql.SQL("alter default privileges for role {} {}{} {} on {} {} {}").format(
            sql.Identifier(role),
            inside or sql.SQL(""),
            sql.SQL(verb),
            sql.SQL(grant.privilege),
            sql.SQL(KINDS[grant.object_kind]),
            sql.SQL("from" if verb == "revoke" else "to"),
            sql.Identifier(grant.grantee),
        )
    )


def _move_extensions(session: Session, places: Mapping[str, str], role: str) -> None:
    """Move what the platform has installed; types and defaults name its schema."""
    rows = session.execute(
        "select e.extname::text, n.nspname::text from pg_catalog.pg_extension as e"
        " inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid"
        " where e.extrelocatable order by 1"
    ).fetchall()
    for name, schema in rows:
        wanted = places.get(name, schema)
        if wanted == schema:
            continue
        make = sql.SQL("create schema if not exists {} authorization {}")
        session.execute(make.format(sql.Identifier(wanted), sql.Identifier(role)))
        move = sql.SQL("alter extension {} set schema {}")
        session.execute(move.format(sql.Identifier(name), sql.Identifier(wanted)))
