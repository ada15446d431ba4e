"""What the superuser does from the maintenance database: databases and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Collection

    from psycopg.rows import TupleRow

    Session = psycopg.Connection[TupleRow]

# CREATE DATABASE copies files twice as fast as it logs them where nothing is synced anyway.
FILE_COPY_VERSION = 150_000
ROLES = "select rolname::text from pg_catalog.pg_roles where oid >= 16384 order by rolname"
OWNER = (
    "select pg_catalog.pg_get_userbyid(datdba)::text from pg_catalog.pg_database where datname = %s"
)
IS_TEMPLATE = "select 1 from pg_catalog.pg_database where datistemplate and datname = %s"
END_SESSIONS = (
    "select pg_catalog.pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity "
    "where datname = %s"
)


def create_database(session: Session, name: str, template: str, owner: str | None) -> None:
    """Create database ``name`` as a copy of ``template``, with its owner unless told another.

    Who owns a database may create in its schema ``public``: a copy under another owner would
    refuse what the template allows.
    """
    if owner is None:
        row = session.execute(OWNER, (template,)).fetchone()
        owner = str(row[0]) if row else None
    statement = sql.SQL("create database {} template {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    if owner:
        statement += sql.SQL(" owner {}").format(sql.Identifier(owner))
    if session.info.server_version >= FILE_COPY_VERSION:
        statement += sql.SQL(" strategy file_copy")
    session.execute(statement)


def drop_database(session: Session, name: str) -> None:
    """Drop database ``name`` with its sessions, a frozen one too; none is no error."""
    identifier = sql.Identifier(name)
    if session.execute(IS_TEMPLATE, (name,)).fetchone():
        session.execute(sql.SQL("alter database {} is_template false").format(identifier))
    session.execute(sql.SQL("drop database if exists {} with (force)").format(identifier))


def freeze_database(session: Session, name: str) -> None:
    """End the sessions of database ``name``, admit no more, and let it be copied."""
    statement = sql.SQL("alter database {} with allow_connections false is_template true")
    session.execute(statement.format(sql.Identifier(name)))
    session.execute(END_SESSIONS, (name,))


def set_password(session: Session, role: str, password: str) -> None:
    """Set the password of ``role``, hashed on this side: no log ever sees it."""
    hashed = session.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("alter role {} password {}")
    session.execute(statement.format(sql.Identifier(role), sql.Literal(hashed.decode())))


def read_roles(session: Session) -> frozenset[str]:
    """Return all roles that do not belong to PostgreSQL itself."""
    return frozenset(str(row[0]) for row in session.execute(ROLES).fetchall())


def drop_roles(session: Session, roles: Collection[str]) -> list[str]:
    """Drop those of ``roles`` that no database needs; return them.

    A role may stand in the way of another: it is tried again until nothing more goes.
    """
    left, dropped = sorted(roles), list[str]()
    while left:
        gone = [role for role in left if _drop_role(session, role)]
        if not gone:
            break
        dropped += gone
        left = [role for role in left if role not in gone]
    return dropped


def _drop_role(session: Session, role: str) -> bool:
    identifier = sql.Identifier(role)
    try:
        with session.transaction():
            session.execute(sql.SQL("drop owned by {} cascade").format(identifier))
            session.execute(sql.SQL("drop role {}").format(identifier))
    except psycopg.errors.DependentObjectsStillExist:
        return False
    return True
