"""The shadow on a server that somebody named: only databases of our own are touched there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from driftbook.errors import ConfigError, ServerError
from driftbook.postgres.binaries import OLDEST_MAJOR, Binaries
from driftbook.postgres.cluster import MAINTENANCE
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.powers import read_powers
from driftbook.postgres.remote import RemoteCluster
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Collection

    from psycopg.rows import TupleRow

    from driftbook.postgres.archive import Archive

IDENTIFIER = "select system_identifier::text from pg_catalog.pg_control_system()"
LOGIN = (
    "select r.rolname::text, r.rolsuper, r.rolcreatedb from pg_catalog.pg_roles as r "
    "where r.rolname = session_user"
)


class ExternalServer(ShadowServer):
    """A shadow on a running server; with the block its databases end, the server does not.

    A login without power runs the files itself, or as a role that it is a member of; a superuser
    is accepted only where the target calls the server disposable, and is used as on our own.

    Args:
        dsn: Of its login; a secret.
        identifier: The system identifier of the target's server, which it must not be.
        disposable: Files may harm it; roles that they need are made and stay.

    Raises:
        ConfigError: It is the target's server, or the login has power and it is not disposable.
        ServerError: The login may not create databases, or the server is too old.
        ConnectionFailed: It cannot be reached.
    """

    def __init__(self, dsn: str, identifier: str = "", *, disposable: bool = False) -> None:
        super().__init__(Binaries(Path(), 0, "", "external", "named by the target"))
        self._dsn, self._identifier, self._disposable = dsn, identifier, disposable
        self._made: set[str] = set()
        self._runs_as = ""

    def start(self, seed: Archive | None = None) -> None:
        """Look at the server and its login; a ``with`` block does it by itself."""
        del seed  # its files are not ours
        if self._cluster is not None:
            return
        with connect_plain(self._dsn) as session:
            number = session.info.server_version
            self._check_server(session)
            row = session.execute(LOGIN).fetchone()
            assert row is not None  # noqa: S101 - whoever asks is a role
            self.superuser_name, is_superuser, creates = str(row[0]), bool(row[1]), bool(row[2])
            if not self._disposable:
                self._check_powers(session)
            if not (creates or is_superuser):
                raise ServerError(
                    "the login of the shadow may not create databases",
                    where="shadow",
                    fix=f"alter role {quote(session, self.superuser_name)} createdb;",
                )
        self.is_guest = not is_superuser
        version = f"{number // 10_000}.{number % 10_000}"
        reason = "a disposable server" if self._disposable else "named by the target"
        self._requested = Binaries(Path(), number, version, "external", reason)
        self._cluster = RemoteCluster(self._dsn)

    def stop(self) -> None:
        """Drop every database that was made here; harmless when repeated."""
        if self._cluster is None:
            return
        for name in sorted(self._made):
            with suppress(psycopg.Error):
                self.drop_database(name)
        super().stop()

    @property
    def login_database(self) -> str:
        """Return the database that the connection string names; nothing is made in it."""
        return MAINTENANCE

    def run_as(self, role: str) -> None:
        """Let every session in databases made from now on be ``role``, as a guest can."""
        self._runs_as = role

    def create_database(self, template: str | None = None, owner: str | None = None) -> str:
        """Create an empty database, or a clone of ``template``; return its unique name."""
        name = super().create_database(template, self._runs_as or owner)
        self._made.add(name)
        if self._runs_as and self._runs_as != self.superuser_name:
            # A setting of this login in this database, gone with it; RESET ALL returns to it.
            setting = sql.SQL("alter role {} in database {} set role = {}")
            names = (self.superuser_name, name, self._runs_as)
            with self._maintenance() as session:
                session.execute(setting.format(*map(sql.Identifier, names)))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database that was made here, and no other."""
        if name in self._made:
            super().drop_database(name)
            self._made.discard(name)

    def drop_roles_made_since(self, mark: Collection[str]) -> list[str]:
        """Drop none: others may have made them."""
        del mark
        return []

    def set_password(self, role: str) -> None:
        """Give ``role`` a password, on a disposable server; a guest has its own."""
        if not self.is_guest:
            super().set_password(role)

    def close_database(self, name: str, replay_role: str = "") -> None:
        """Mark ``name`` as closed to a superuser; a guest is none."""
        if not self.is_guest:
            super().close_database(name, replay_role)

    def dsn(self, name: str, role: str) -> str:
        """Return the connection string of ``role`` in database ``name``; of the guest, for any."""
        return super().dsn(name, self.superuser_name if self.is_guest else role)

    def _check_server(self, session: psycopg.Connection[TupleRow]) -> None:
        if session.info.server_version < OLDEST_MAJOR * 10_000:
            raise ServerError(
                f"the shadow is older than PostgreSQL {OLDEST_MAJOR}",
                where="shadow",
                fix="name a newer server, or none",
            )
        if self._identifier and self._identifier == read_identifier(session):
            raise ConfigError(
                "the shadow is the target's own server: files would be replayed beside live data",
                where="shadow",
                fix="name another server, or none: one is started then",
            )

    def _check_powers(self, session: psycopg.Connection[TupleRow]) -> None:
        powers = read_powers(session, self.superuser_name)
        if powers:
            raise ConfigError(
                f"the login of the shadow could do more than own a database: {', '.join(powers)}",
                where="shadow",
                fix="name a login with CREATEDB and nothing else; only where the server may be "
                'harmed by the files: shadow_trust = "disposable"',
            )


def read_identifier(session: psycopg.Connection[TupleRow]) -> str:
    """Return what tells one server, and every copy of its files, from all others."""
    try:
        row = session.execute(IDENTIFIER).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        raise ServerError(
            "whether the shadow is the target's own server cannot be told",
            where="pg_control_system()",
            fix="grant execute on function pg_control_system() to the logins of both, "
            "or name no shadow: one is started then",
        ) from None
    assert row is not None  # noqa: S101 - a function of one row
    return str(row[0])


def quote(session: psycopg.Connection[TupleRow], name: str) -> str:
    """Return ``name`` as SQL writes it."""
    return sql.Identifier(name).as_string(session)
