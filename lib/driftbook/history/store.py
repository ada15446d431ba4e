"""Opening the store: a SQLite file of its owner, or a PostgreSQL database by its URL."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from driftbook.config import Settings, read_history_dsn
from driftbook.errors import HistoryFailed
from driftbook.history.tables import CURRENT, check_version, read_version, upgrade_tables
from driftbook.places import state_dir
from driftbook.postgres.connect import open_session
from driftbook.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

FILE = "history.sqlite"
PATIENCE = 60.0  # seconds that a writer waits for another one
LOCK = 0x64726966  # of PostgreSQL: one writer at a time, as SQLite has it


@dataclass(frozen=True, slots=True)
class Store:
    """An opened store; ``where`` names it for people and holds no secret."""

    engine: Engine
    where: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment.

        Raises:
            HistoryFailed: The store cannot be read.
        """
        with self._explaining("read"), self.engine.connect() as plain:
            # A reader of SQLite sees one moment anyway.
            level = {} if self.is_file else {"isolation_level": "REPEATABLE READ"}
            connection = plain.execution_options(**level)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that alone may write; everything in it happens, or nothing.

        Raises:
            HistoryFailed: The store cannot be written; it is as it was.
        """
        with self._explaining("written"), self.engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection

    def shrink(self) -> None:
        """Let a file give back the room of what was deleted; a server does so by itself."""
        if self.is_file:
            with self._explaining("written"), closing(self.engine.raw_connection()) as plain:
                plain.cursor().execute("vacuum")  # in no transaction

    @property
    def is_file(self) -> bool:
        """Return whether the store is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def _explaining(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            why = redact(str(cause).strip().partition("\n")[0])
            raise HistoryFailed(
                f"the history cannot be {verb}: {why}", where=self.where, fix=_find_fix(why)
            ) from None


def open_store(settings: Settings) -> Store:
    """Open the store of ``settings``; a file is made, private, and an older one is upgraded.

    Raises:
        ConfigError: The environment variable of the store is not set.
        HistoryFailed: The store cannot be opened, or a newer driftbook wrote it.
    """
    dsn = read_history_dsn(settings)
    store = _open_server(dsn, settings.history_env) if dsn else _open_file(state_dir() / FILE)
    with store.reading() as connection:
        version = read_version(connection)
    check_version(version, store.where)
    if version < CURRENT:
        with store.writing() as connection:
            upgrade_tables(connection, store.where)
    return store


def find_store(settings: Settings) -> Store | None:
    """Open the store for reading; ``None`` where nothing was ever recorded."""
    if not read_history_dsn(settings) and not (state_dir() / FILE).exists():
        return None
    return open_store(settings)


def _open_file(path: Path) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise HistoryFailed(
            f"the history cannot be opened: {error.strerror}",
            where=str(path),
            fix="free space or name another folder: DRIFTBOOK_STATE=DIR",
        ) from error

    def connect() -> sqlite3.Connection:
        # Without the driver's own transactions: it would not begin one before it writes.
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        # A reader never waits for a writer, and a crash leaves what was committed.
        connection.execute("pragma journal_mode = wal")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine, str(path))


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("begin immediate" if writing else "begin")


def _open_server(dsn: str, name: str) -> Store:
    where = f"the database of {name}"

    def connect() -> psycopg.Connection[tuple[object, ...]]:
        connection = open_session(dsn, label=where)
        connection.autocommit = False
        return connection

    return Store(create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool), where)


def _find_fix(why: str) -> str:
    if "full" in why or "space" in why:
        return "free space; what was stored before is as it was"
    if "not a database" in why or "malformed" in why:
        return "put the file back from a copy, or move it away to begin a new history"
    if "locked" in why:
        return "wait for the other run, then try again"
    return "grant what the message names, or name another store: history_env or DRIFTBOOK_STATE"
