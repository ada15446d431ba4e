"""The shadow server: a real PostgreSQL for databases that are thrown away."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import psycopg

from driftbook.errors import ServerError
from driftbook.postgres import maintenance
from driftbook.postgres.cluster import MAINTENANCE, Cluster
from driftbook.postgres.watch import Guard, Watchdog

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from psycopg.rows import TupleRow

    from driftbook.postgres.archive import Archive
    from driftbook.postgres.binaries import Binaries, Origin
    from driftbook.postgres.remote import RemoteCluster

CLOSE_MAINTENANCE = "revoke connect, temporary on database postgres, template1 from public"


class ShadowServer:
    """A server that lives as long as its block, reached over its socket only.

    Args:
        binaries: Which server.
        superuser: Name of the bootstrap superuser.
        keep: Leave the files when it stops, to look at them.
        place: Where its directory is made; chosen when ``None``.
        settings: Of its configuration, beside our own.

    Attributes:
        binaries: The programs that run; a copy where the service user could not reach them.
        version_num: 150018, as the server counts.
        is_guest: It runs already and gives us no power; see ``ExternalServer``.

    Raises:
        ServerError: It cannot be started; see :class:`~driftbook.postgres.cluster.Cluster`.
    """

    is_guest = False

    def __init__(
        self,
        binaries: Binaries,
        superuser: str = "driftbook",
        *,
        keep: bool = False,
        place: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._requested, self._keep, self._place = binaries, keep, place
        self._settings = settings or {}
        self.superuser_name = superuser
        self._cluster: Cluster | RemoteCluster | None = None
        self._watchdog: Watchdog | None = None
        self._session: psycopg.Connection[TupleRow] | None = None
        self._passwords: dict[str, str] = {}
        self._closed: set[str] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<ShadowServer {self.binaries} {'running' if self.running else 'stopped'}>"

    def start(self, seed: Archive | None = None) -> None:
        """Start the server unless it runs; a ``with`` block does it by itself.

        Its files are new, or those of ``seed``: its databases and roles are there then, closed
        to nobody and without a password that anybody knows.
        """
        if self._cluster is None:
            self._cluster = Cluster(
                self._requested,
                self.superuser_name,
                keep=self._keep,
                place=self._place,
                settings=self._settings,
                seed=seed,
            )
            # Databases that no migration may touch; who may connect there could.
            with self._maintenance() as session:
                session.execute(CLOSE_MAINTENANCE)

    def stop(self) -> None:
        """End the server and remove its files; harmless when repeated."""
        if self._cluster is not None:
            self._end_session()
            self._cluster.stop()
            self._cluster = self._watchdog = None

    def stopped(self) -> AbstractContextManager[Path]:
        """Stop the server for the length of a block; see :meth:`Cluster.stopped`."""
        self._end_session()
        return self.cluster.stopped()

    @property
    def binaries(self) -> Binaries:
        """Return the programs that run."""
        return self._cluster.binaries if isinstance(self._cluster, Cluster) else self._requested

    @property
    def origin(self) -> Origin:
        """Return which server this is, and why."""
        return self.binaries.origin

    @property
    def version_num(self) -> int:
        """Return the version as the server counts: 150018."""
        return self.binaries.version_num

    @property
    def running(self) -> bool:
        """Return whether the server is up."""
        return self._cluster is not None and self._cluster.running

    @property
    def cluster(self) -> Cluster:
        """Return the running cluster, which is our own.

        Raises:
            ServerError: It is not running, or not ours.
        """
        if not isinstance(self._cluster, Cluster):
            raise ServerError("the shadow server is not running", fix="use it inside its block")
        return self._cluster

    @property
    def _reached(self) -> Cluster | RemoteCluster:
        if self._cluster is None:
            raise ServerError("the shadow server is not running", fix="use it inside its block")
        return self._cluster

    @property
    def stubs_dir(self) -> Path | None:
        """Return the directory for stub extensions, read by 18 and newer; ``None``: not ours."""
        return self._reached.stubs

    @property
    def network_namespace(self) -> bool:
        """Return whether the server is cut off from the network by the kernel."""
        return self._reached.network_namespace

    def write_stub(self, name: str, text: str) -> Path:
        """Write a file of a stub extension, for example ``pg_cron.control``; return its path."""
        path = self.cluster.stubs / "extension" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self.cluster.user.own(path)
        return path

    def create_database(self, template: str | None = None, owner: str | None = None) -> str:
        """Create an empty database, or a clone of ``template``; return its unique name.

        A clone of a closed database is closed as well.
        """
        name = f"driftbook_{secrets.token_hex(6)}"
        with self._maintenance() as session:
            maintenance.create_database(session, name, template or "template0", owner)
        if template in self._closed:
            self._closed.add(name)
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database together with its sessions; a frozen one too."""
        with self._maintenance() as session:
            maintenance.drop_database(session, name)
        self._closed.discard(name)

    @contextmanager
    def database(self, template: str | None = None, owner: str | None = None) -> Iterator[str]:
        """Yield the name of a fresh database that is dropped with the block."""
        name = self.create_database(template, owner)
        try:
            yield name
        finally:
            if self.running:
                self.drop_database(name)

    @contextmanager
    def superuser(self, name: str) -> Iterator[psycopg.Connection[TupleRow]]:
        """Yield a session of the superuser in database ``name``, with autocommit.

        Raises:
            ServerError: The database was closed: foreign text may have run there, and a
                superuser's session would execute its functions and operators.
        """
        with psycopg.connect(self.dsn(name, self.superuser_name), autocommit=True) as connection:
            yield connection

    def close_database(self, name: str, replay_role: str = "") -> None:
        """Mark ``name`` as closed: from now on no session of the superuser opens it."""
        if replay_role == self.superuser_name:
            raise ServerError(
                "migrations would run as the superuser of the shadow",
                where=f"replay role {replay_role!r}",
                fix="name another replay_role in the target",
            )
        self._closed.add(name)

    def freeze(self, name: str) -> None:
        """Make ``name`` a template: no session can open or change it any more."""
        with self._maintenance() as session:
            maintenance.freeze_database(session, name)

    def set_password(self, role: str) -> None:
        """Give ``role`` a random password, known to this object only."""
        password = secrets.token_urlsafe(24)
        with self._maintenance() as session:
            maintenance.set_password(session, role, password)
        self._passwords[role] = password

    def dsn(self, name: str, role: str) -> str:
        """Return the connection string of ``role`` in database ``name``; a secret.

        Raises:
            ServerError: No password of the role is known, or the superuser asks for a closed
                database.
        """
        if role == self.superuser_name:
            if name in self._closed:
                raise ServerError(
                    "a database that ran migrations is closed to the superuser",
                    where=f"database {name!r}",
                    fix="use the replay role, or a fresh database",
                )
            return self._reached.superuser_conninfo(name)
        if role not in self._passwords:
            raise ServerError(
                f"role {role!r} has no password in the shadow",
                fix="call set_password(role) before the first session",
            )
        return self._reached.conninfo(name, role, self._passwords[role])

    def roles(self) -> frozenset[str]:
        """Return all roles that do not belong to PostgreSQL: a mark to return to."""
        with self._maintenance() as session:
            return maintenance.read_roles(session)

    def drop_roles_made_since(self, mark: Collection[str]) -> list[str]:
        """Drop the roles that are not in ``mark`` and that no database needs; return them."""
        with self._maintenance() as session:
            made = maintenance.read_roles(session) - set(mark) - {self.superuser_name}
            dropped = maintenance.drop_roles(session, made)
        for role in dropped:
            self._passwords.pop(role, None)
        return dropped

    def run_watched(
        self, connection: psycopg.Connection[TupleRow], seconds: float
    ) -> AbstractContextManager[Guard]:
        """Limit the time of a block; see :meth:`driftbook.postgres.watch.Watchdog.watch`."""
        if self._watchdog is None:
            self._watchdog = Watchdog(self._reached)
        return self._watchdog.watch(connection, seconds)

    def log_tail(self, lines: int = 20) -> str:
        """Return the last ``lines`` of the server's log."""
        return self._reached.log_tail(lines)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[TupleRow]]:
        """Yield the one session that is kept: to open it takes longer than most uses of it."""
        if self._session is None or self._session.closed:
            secret = self._reached.superuser_conninfo(MAINTENANCE)
            self._session = psycopg.connect(secret, autocommit=True)
        try:
            yield self._session
        except psycopg.OperationalError:
            self._end_session()
            raise

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
