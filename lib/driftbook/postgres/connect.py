"""Sessions: the read-only one of an audit, and plain ones for the shadow."""

from __future__ import annotations

import ipaddress
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn, Protocol

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from driftbook import __version__
from driftbook.errors import ConnectionFailed
from driftbook.postgres.failures import TLS_FIX, explain_refusal, refuse_string

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from psycopg.rows import TupleRow

CONNECT_SECONDS = 10
OLDEST_VERSION = 140_000
WEAK_TLS = {"disable", "allow", "prefer"}
FOREIGN_URL = re.compile(
    r"\s*(?!postgres(?:ql)?:)[a-z][a-z0-9]*(?:\+[a-z0-9_]+)?://", re.IGNORECASE
)
# Set inside the transaction, so that it holds behind poolers that share sessions as well.
SETTINGS: Mapping[str, str] = {
    "search_path": "",  # deparsed names are fully qualified
    "row_security": "off",  # a filtered read is an error instead of no rows
    "statement_timeout": "60s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "client_encoding": "UTF8",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # a worker takes longer to start than to help
    "application_name": f"driftbook/{__version__}",
}
PROOF = {"transaction_isolation": "repeatable read", "transaction_read_only": "on"}
MAY_EXPORT = (
    "select pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'execute')"
)
# With the size of the largest catalog, which says how long a reading takes.
SIZE = "bytes of pg_attribute"
READ_BACK = (
    "select n, pg_catalog.current_setting(n) from pg_catalog.unnest(%s::text[]) as n union all "
    "select %s, pg_catalog.pg_relation_size('pg_catalog.pg_attribute'::pg_catalog.regclass)::text"
)


class Dsn:
    """A connection string; a secret that shows itself to nobody who prints it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string itself, for the driver."""
        return self._value

    def __repr__(self) -> str:
        return "‹secret›"  # noqa: RUF001 - the quotes that reports use for what they hide

    def __reduce__(self) -> NoReturn:
        raise TypeError("a connection string is not written anywhere")


@dataclass(frozen=True, slots=True)
class AuditSession:
    """One transaction that reads one consistent state and cannot write.

    Attributes:
        connection: The session, inside its transaction.
        version_num: 150018, as the server counts.
        settings: What the server says the transaction's settings are.
        catalog_bytes: Size of the largest catalog.
        open_beside: Opens a second session that sees the same moment; ``None``: there can be none.
    """

    connection: psycopg.Connection[TupleRow] = field(repr=False)
    version_num: int
    settings: Mapping[str, str]
    catalog_bytes: int = 0
    open_beside: Callable[[], AbstractContextManager[AuditSession]] | None = field(
        default=None, repr=False
    )

    def fetch(
        self, query: str, given: Mapping[str, str] | None = None, *, filtered: bool = False
    ) -> list[dict[str, object]]:
        """Return the rows of ``query`` as column → value.

        Args:
            query: A SELECT, with ``%(name)s`` for what is ``given``.
            given: Name → text.
            filtered: Whether row level security may hide rows; else the server refuses then.
        """
        run = self.connection.execute
        # A savepoint: a refusal must not end the audit's transaction.
        with self.connection.transaction(), self.connection.cursor(row_factory=dict_row) as cursor:
            if filtered:
                run("set local row_security = on")
            rows = cursor.execute(query.encode(), given).fetchall()
            if filtered:
                run("set local row_security = off")
        return rows


class Fetcher(Protocol):
    """A session, or what stands for one, that answers queries."""

    def fetch(
        self, query: str, given: Mapping[str, str] | None = None, *, filtered: bool = False
    ) -> list[dict[str, object]]:
        """Return the rows of ``query`` as :meth:`AuditSession.fetch` does."""
        ...


@contextmanager
def connect_audit(dsn: Dsn | str, *, label: str, insecure: bool = False) -> Iterator[AuditSession]:
    """Yield the one transaction in which an audit reads a database; it is rolled back.

    Args:
        dsn: ``postgresql://…``, ``key=value …`` or ``service=name``.
        label: What errors call the database, for example ``target production``.
        insecure: Allow a session without TLS to another machine.

    Raises:
        ConnectionFailed: No such session can be had; never says host, user or password.
    """
    with _open_audit(dsn, label, insecure=insecure) as session:

        @contextmanager
        def open_beside() -> Iterator[AuditSession]:
            # Asked beforehand: a refusal would end the audit's transaction.
            ask = session.connection.execute
            if ask(MAY_EXPORT).fetchone() != (True,):
                raise ConnectionFailed(
                    "the role may not export a snapshot",
                    where=label,
                    fix="grant execute on function pg_export_snapshot() to it",
                )
            ((seen,),) = ask("select pg_catalog.pg_export_snapshot()").fetchall()
            with _open_audit(dsn, label, insecure=insecure, seen=str(seen)) as other:
                yield other

        yield replace(session, open_beside=open_beside)


@contextmanager
def _open_audit(
    dsn: Dsn | str, label: str, *, insecure: bool, seen: str = ""
) -> Iterator[AuditSession]:
    connection = open_session(dsn, label=label, insecure=insecure)
    try:
        yield _begin(connection, label, seen)
    finally:
        with suppress(psycopg.Error):
            connection.rollback()
        connection.close()


@contextmanager
def connect_watch(dsn: Dsn | str) -> Iterator[psycopg.Connection[TupleRow]]:
    """Yield a session with autocommit that reads the shadow's catalogs again and again.

    What it reads looks as in an audit; plans are made once, for reading costs less than planning.

    Raises:
        ConnectionFailed: As for :func:`connect_audit`.
    """
    connection = open_session(dsn, label="the shadow", insecure=True)
    try:
        settings = {**SETTINGS, "default_transaction_read_only": "on"}
        settings["plan_cache_mode"] = "force_generic_plan"
        settings["idle_in_transaction_session_timeout"] = "0"
        # Few rows are looked for by their OIDs: without statistics the planner would read it all.
        settings |= dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off")
        connection.execute(
            sql.SQL("; ").join(
                sql.SQL("set {} = {}").format(sql.Identifier(name), sql.Literal(value))
                for name, value in settings.items()
            )
        )
        yield connection
    finally:
        connection.close()


def connect_plain(dsn: Dsn | str, *, label: str = "the shadow") -> psycopg.Connection[TupleRow]:
    """Return a session with autocommit, for the shadow only.

    Raises:
        ConnectionFailed: As for :func:`connect_audit`.
    """
    return open_session(dsn, label=label, insecure=True)


def open_session(
    dsn: Dsn | str, *, label: str, insecure: bool = False
) -> psycopg.Connection[TupleRow]:
    """Return a session with autocommit that works behind a pooler of transactions.

    Raises:
        ConnectionFailed: As for :func:`connect_audit`.
    """
    secret = dsn if isinstance(dsn, Dsn) else Dsn(dsn)
    refusal: ConnectionFailed | None = None
    try:
        connection = psycopg.connect(
            _complete(secret, label, insecure=insecure), autocommit=True, prepare_threshold=None
        )
    except (psycopg.Error, UnicodeError, ValueError) as error:
        refusal = explain_refusal(error, label)
    # Raised out here: the driver's error, which may hold the string, is not even the context.
    if refusal:
        raise refusal
    try:
        _check_session(connection, label, insecure=insecure)
    except ConnectionFailed:
        connection.close()
        raise
    return connection


def is_local(host: str) -> bool:
    """Return whether ``host`` is a socket or this machine itself."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _complete(secret: Dsn, label: str, *, insecure: bool) -> str:
    if FOREIGN_URL.match(secret.reveal()):
        raise ConnectionFailed(
            "the connection string is no URL of PostgreSQL's own form",
            where=label,
            fix="write postgresql://… without the name of a driver (postgresql+psycopg://)",
        )
    given = {key: str(value) for key, value in conninfo_to_dict(secret.reveal()).items()}
    hosts = (given.get("hostaddr") or given.get("host") or "").split(",")
    if any("@" in host[1:] for host in hosts):  # part of a password that was not encoded
        raise refuse_string(label)
    given["connect_timeout"] = str(CONNECT_SECONDS)
    # What libpq reads from a service file is not known yet; the open session is checked.
    if not (insecure or "service" in given or all(map(is_local, hosts))):
        if given.get("sslmode") in WEAK_TLS:
            raise _refuse_plain_text(label)
        if "sslmode" not in given and _has_weak_default():
            given["sslmode"] = "require"  # decided before the password is sent
    return make_conninfo(**given)


def _has_weak_default() -> bool:
    defaults = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
    return (defaults.get(b"sslmode") or b"prefer").decode() in WEAK_TLS


def _check_session(connection: psycopg.Connection[TupleRow], label: str, *, insecure: bool) -> None:
    address = connection.info.hostaddr or connection.info.host
    if not (insecure or connection.pgconn.ssl_in_use or is_local(address)):
        raise _refuse_plain_text(label)
    if connection.info.server_version < OLDEST_VERSION:
        raise refuse_version(connection.info.server_version, label)


def refuse_version(version_num: int, label: str) -> ConnectionFailed:
    """Return the error for a server that is too old."""
    return ConnectionFailed(
        f"the server is PostgreSQL {version_num // 10_000}; 14 is the oldest that can be audited",
        where=label,
        fix="upgrade the server",
    )


def _refuse_plain_text(label: str) -> ConnectionFailed:
    return ConnectionFailed(
        "the session to another machine would not be encrypted", where=label, fix=TLS_FIX
    )


def _begin(connection: psycopg.Connection[TupleRow], label: str, seen: str) -> AuditSession:
    """Begin the transaction; it sees the exported snapshot ``seen``, where there is one."""
    statements: list[sql.Composable] = [sql.SQL("begin isolation level repeatable read read only")]
    if seen:
        statements.append(sql.SQL("set transaction snapshot {}").format(sql.Literal(seen)))
    names = [*SETTINGS, *PROOF, "server_version_num"]
    batch = sql.SQL("; ").join(
        [
            *statements,
            *(
                sql.SQL("set local {} = {}").format(sql.Identifier(name), sql.Literal(value))
                for name, value in SETTINGS.items()
            ),
        ]
    )
    refusal: ConnectionFailed | None = None
    found: dict[str, str] = {}
    try:
        connection.execute(batch)  # one message: a pooler cannot part it
        rows = connection.execute(READ_BACK, (names, SIZE)).fetchall()
        found = {str(name): str(value) for name, value in rows}
    except psycopg.Error as error:
        refusal = explain_refusal(error, label)
    if refusal:
        raise refusal
    if any(found[name] != value for name, value in PROOF.items()) or found["search_path"] != '""':
        raise ConnectionFailed(
            "the server does not keep the settings of a read-only transaction",
            where=label,
            fix="connect to the server itself, or to a pooler in session or transaction mode",
        )
    size = int(found.pop(SIZE))
    return AuditSession(connection, int(found["server_version_num"]), found, size)
