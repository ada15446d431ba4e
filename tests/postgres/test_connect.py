"""Sessions that cannot write, and refusals that never show a secret."""

from __future__ import annotations

import pickle
import socket
import struct
import threading
import traceback
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from driftbook import __version__
from driftbook.errors import ConnectionFailed
from driftbook.postgres.connect import Dsn, connect_audit, connect_plain, is_local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer

SECRET = "hunter2-Σ"  # noqa: S105 - a canary
LABEL = "target production"


def refuse(dsn: str, *secrets: str, insecure: bool = False) -> ConnectionFailed:
    """Return the refusal of ``dsn``, which shows none of ``secrets`` in any form."""
    with (
        pytest.raises(ConnectionFailed) as caught,
        connect_audit(dsn, label=LABEL, insecure=insecure),
    ):
        pass
    error = caught.value
    # The driver's error would bring its own text along into tracebacks and logs.
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    for secret in secrets:
        assert secret not in shown
        assert quote(secret) not in shown
    assert error.where == LABEL
    assert error.fix
    return error


@pytest.fixture
def auditor(server: ShadowServer, database: str) -> str:
    with server.superuser(database) as connection:
        connection.execute("create role auditor login")
    server.set_password("auditor")
    return server.dsn(database, "auditor")


def change(dsn: str, **options: object) -> str:
    return make_conninfo(dsn, **{key: str(value) for key, value in options.items()})


def write_url(dsn: str, password: str) -> str:
    given = conninfo_to_dict(dsn)
    host = quote(str(given["host"]), safe="")
    return f"postgresql://{given['user']}:{password}@{host}:{given['port']}/{given['dbname']}"


def test_the_session_is_one_read_only_transaction(auditor: str) -> None:
    with connect_audit(auditor, label=LABEL) as session:
        connection = session.connection
        settings = session.settings
        assert settings["transaction_isolation"] == "repeatable read"
        assert settings["transaction_read_only"] == "on"
        assert settings["search_path"] == '""'
        assert settings["row_security"] == "off"
        assert settings["client_encoding"] == "UTF8"
        assert settings["application_name"] == f"driftbook/{__version__}"
        assert session.version_num == connection.info.server_version
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        query = "select pg_catalog.pg_current_xact_id_if_assigned()::text"
        assert connection.execute(query).fetchone() == (None,)
    assert connection.closed


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (id int)",
        "create temporary table t (id int)",
        "set transaction read write",
        "comment on schema public is 'x'",
    ],
)
def test_the_session_cannot_write(server: ShadowServer, database: str, statement: str) -> None:
    dsn = server.dsn(database, server.superuser_name)  # the role could; the transaction cannot
    with connect_audit(dsn, label=LABEL) as session, pytest.raises(psycopg.Error):
        session.connection.execute(statement)


def test_the_session_sees_one_state(server: ShadowServer, database: str, auditor: str) -> None:
    count = "select count(*) from pg_catalog.pg_class where relname = 'late'"
    with connect_audit(auditor, label=LABEL) as session:
        with server.superuser(database) as connection:
            connection.execute("create table late (id int)")
        assert session.connection.execute(count).fetchone() == (0,)


def test_an_error_inside_the_audit_stays_what_it_is(auditor: str) -> None:
    with pytest.raises(ZeroDivisionError), connect_audit(auditor, label=LABEL) as session:
        raise ZeroDivisionError(session.version_num)


def test_settings_of_the_role_do_not_leak_into_the_session(
    server: ShadowServer, database: str, auditor: str
) -> None:
    with server.superuser(database) as connection:
        connection.execute("alter role auditor set datestyle = 'German, DMY'")
        connection.execute("alter role auditor set search_path = 'public'")
        connection.execute("alter role auditor set quote_all_identifiers = on")
        connection.execute("alter role auditor set client_encoding = 'LATIN1'")
    with connect_audit(auditor, label=LABEL) as session:
        assert session.settings["datestyle"] == "ISO, YMD"
        assert session.settings["quote_all_identifiers"] == "off"
        assert session.connection.execute("select 'Σ'").fetchone() == ("Σ",)


def test_a_service_names_a_database(
    auditor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "services"
    kept = ("host", "port", "dbname", "user", "password")
    given = conninfo_to_dict(auditor)
    lines = "\n".join(f"{key}={given[key]}" for key in kept)
    file.write_text(f"[scratch]\n{lines}\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    with connect_audit("service=scratch", label=LABEL) as session:
        assert session.connection.info.user == "auditor"
    assert "service" in refuse("service=nonesuch").problem


def test_a_url_with_an_encoded_password_connects(server: ShadowServer, auditor: str) -> None:
    hard = "p@ss/w#?%:Σ"
    with server.superuser("postgres") as connection:
        connection.execute(
            psycopg.sql.SQL("alter role auditor password {}").format(psycopg.sql.Literal(hard))
        )
    url = write_url(auditor, quote(hard, safe=""))
    with connect_audit(Dsn(url), label=LABEL) as session:
        assert session.version_num
    for broken in (hard, "p@ss"):  # not encoded: read as host, port or database
        refuse(write_url(auditor, broken), hard, "ss/w", "p@ss", "ss@", insecure=False)


def test_a_wrong_password_is_never_shown(auditor: str) -> None:
    error = refuse(change(auditor, password=SECRET), SECRET, "auditor")
    assert "password" in error.problem
    error = refuse(write_url(auditor, quote(SECRET)), SECRET, "auditor")
    assert "password" in error.problem


@pytest.mark.parametrize(
    ("dsn", "word"),
    [
        pytest.param(f"postgresql+psycopg://u:{SECRET}@h/d", "own form", id="SQLAlchemy"),
        pytest.param(f"mysql://u:{SECRET}@h/d", "own form", id="another database"),
        pytest.param(f"postgresql://u:{SECRET}@x@127.0.0.1/d", "read", id="unescaped @"),
        pytest.param(f"postgresql://u:{SECRET}%ZZ@127.0.0.1/d", "read", id="bad percent"),
        pytest.param(f"postgresql://u:{SECRET}@127.0.0.1:5x/d", "read", id="bad port"),
        pytest.param(f"u:{SECRET}@h/d", "read", id="no scheme"),
        pytest.param(f"host=h password='{SECRET}", "read", id="open quote"),
        pytest.param(f"password={SECRET} nonsense=1", "read", id="unknown key"),
        pytest.param(f"password={SECRET} host=h\0", "host", id="NUL"),
        pytest.param(f"postgresql://u:{SECRET}@127.0.0.1:1/d", "reached", id="nobody there"),
        pytest.param(f"host=/nonexistent password={SECRET}", "reached", id="no socket"),
        pytest.param(
            f"postgresql://u:{SECRET}@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=/{SECRET}",
            "",
            id="certificate",
        ),
        pytest.param(f"host=no.{'x' * 70}.invalid password={SECRET}", "read", id="odd host"),
        pytest.param(f"host=nowhere.invalid password={SECRET}", "host", id="unknown host"),
        pytest.param(
            f"host=nowhere.invalid sslmode=prefer password={SECRET}", "encrypted", id="no TLS"
        ),
    ],
)
def test_a_string_that_leads_nowhere_is_never_shown(dsn: str, word: str) -> None:
    assert word in refuse(dsn, SECRET, "hunter2").problem


REVOKE = (
    "do $$ begin execute format('revoke connect on database %I from public', "
    "current_database()); end $$"
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(("select 1", {"dbname": "gone"}, "does not exist"), id="unknown database"),
        pytest.param(("select 1", {"user": "nobody knows"}, "refused"), id="unknown role"),
        pytest.param(("alter role auditor nologin", {}, "may not log in"), id="no login"),
        pytest.param(("alter role auditor connection limit 0", {}, "too many"), id="too many"),
        pytest.param((REVOKE, {}, "may not connect"), id="no right to connect"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: ShadowServer, database: str, auditor: str, case: tuple[str, dict[str, str], str]
) -> None:
    setup, options, word = case
    with server.superuser(database) as connection:
        connection.execute(setup.encode())
    password = str(conninfo_to_dict(auditor)["password"])
    assert word in refuse(change(auditor, **options), password, "nobody knows").problem


@pytest.mark.parametrize(
    "body",
    [
        "raise exception 'password authentication failed for user %', 'hunter2'",
        "create temporary table seen (id int)",
    ],
)
def test_a_login_event_trigger_is_named_and_never_answered_by_writing(
    server: ShadowServer, database: str, auditor: str, body: str
) -> None:
    if server.version_num < 170_000:
        pytest.skip("needs 17")
    with server.superuser(database) as connection:
        connection.execute("alter role auditor set default_transaction_read_only = on")
        connection.execute(
            "create function refuse() returns event_trigger language plpgsql as $$ begin "
            f"if session_user = 'auditor' then {body}; end if; end $$".encode()
        )
        connection.execute("create event trigger gate on login execute function refuse()")
    assert "login event trigger" in refuse(auditor, "hunter2").problem


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("", True),
        ("/run/postgresql", True),
        ("@abstract", True),
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("db", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to judge
    ],
)
def test_only_this_machine_needs_no_encryption(host: str, local: bool) -> None:  # noqa: FBT001
    assert is_local(host) is local


@contextmanager
def speak(host: str, replies: list[bytes]) -> Iterator[int]:
    """Yield the port of a listener that answers the first messages of a session."""
    with closing(socket.create_server((host, 0))) as listener:
        listener.settimeout(10)

        def answer() -> None:
            try:
                session, _ = listener.accept()
            except OSError:
                return
            with closing(session):
                session.settimeout(5)
                for reply in replies:
                    if not session.recv(4096):
                        return
                    session.sendall(reply)
                session.recv(4096)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
    thread.join(10)


def build_welcome(version: str) -> bytes:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    status = message(b"S", b"server_version\0" + version.encode() + b"\0")
    status += message(b"S", b"client_encoding\0UTF8\0")
    return message(b"R", struct.pack("!i", 0)) + status + message(b"Z", b"I")


def test_an_old_server_is_refused_by_its_version() -> None:
    with speak("127.0.0.1", [build_welcome("13.14")]) as port:
        dsn = f"host=127.0.0.1 port={port} user=u dbname=d sslmode=disable"
        assert "PostgreSQL 13" in refuse(dsn).problem


def find_own_address() -> str:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only picks an interface
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def test_without_tls_the_password_stays_here() -> None:
    address = find_own_address()
    if is_local(address):
        pytest.skip("this machine has no other address")
    with speak(address, [b"N"]) as port:
        dsn = f"postgresql://u:{SECRET}@{address}:{port}/d"
        assert "TLS" in refuse(dsn, SECRET, address).problem


def test_a_service_without_tls_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = find_own_address()
    if is_local(address):
        pytest.skip("this machine has no other address")
    with speak(address, [build_welcome("17.2")]) as port:
        file = tmp_path / "services"
        lines = f"host={address}\nport={port}\nuser=u\ndbname=d\nsslmode=disable\n"
        file.write_text(f"[far]\n{lines}gssencmode=disable\n", encoding="utf-8")
        monkeypatch.setenv("PGSERVICEFILE", str(file))
        assert "encrypted" in refuse("service=far", address).problem


def test_a_connection_string_shows_itself_to_nobody() -> None:
    dsn = Dsn(f"postgresql://u:{SECRET}@h/d")
    assert SECRET not in f"{dsn} {dsn!r} {[dsn]}"
    assert SECRET in dsn.reveal()
    with pytest.raises(TypeError):
        pickle.dumps(dsn)


def test_a_plain_session_of_the_shadow_commits_by_itself(auditor: str) -> None:
    with connect_plain(auditor) as connection:
        assert connection.autocommit
        assert connection.execute("select 1").fetchone() == (1,)
    with pytest.raises(ConnectionFailed, match="password"):
        connect_plain(change(auditor, password="wrong"))  # noqa: S106 - a guess
