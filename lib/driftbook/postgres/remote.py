"""A server that runs already, reached by its connection string; not ours to start, stop or kill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from driftbook.postgres.cluster import MAINTENANCE

if TYPE_CHECKING:
    from pathlib import Path


class RemoteCluster:
    """What a :class:`~driftbook.postgres.cluster.Cluster` is to a shadow, of a running server.

    Args:
        dsn: Of its one login; a secret.
    """

    network_namespace = False
    stubs: Path | None = None  # its files are out of reach

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.running = True

    def superuser_conninfo(self, database: str = MAINTENANCE) -> str:
        """Return the string of the login; the maintenance database is the one it names."""
        named = {} if database == MAINTENANCE else {"dbname": database}
        return make_conninfo(self._dsn, connect_timeout=10, **named)

    def conninfo(self, database: str, role: str, password: str) -> str:
        """Return the string of ``role`` in ``database``."""
        return make_conninfo(self._dsn, dbname=database, user=role, password=password)

    def log_tail(self, lines: int = 20) -> str:
        """Return nothing: its log is out of reach, whatever ``lines`` are wanted."""
        del lines
        return ""

    def find_excess(self) -> bool:
        """Return false: its disk is not ours to limit."""
        return False

    def kill(self) -> None:
        """Do nothing: others may use it. A session was cancelled and terminated before."""

    def stop(self) -> None:
        """Forget it; it runs on."""
        self.running = False
