"""A database that cannot be reached is named by its target; nobody reads a password on a screen."""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.cli.program import SECRET, Ended, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.postgres


def check_secret(ended: Ended, program: Program) -> None:
    """Check that the password is in no stream and in no file of the run, in no spelling."""
    texts = [ended.out, ended.err]
    texts += [
        path.read_bytes().decode(errors="replace")
        for path in program.home.rglob("*")
        if path.is_file()
    ]
    for spelling in (SECRET, quote(SECRET), quote(SECRET, safe=""), quote_plus(SECRET), "hunter2"):
        assert not [text for text in texts if spelling in text]


def build_url(dsn: str) -> str:
    given = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    user = f"{given['user']}:{quote(given['password'], safe='')}"
    host = quote(given["host"], safe="")
    return f"postgresql://{user}@{host}:{given['port']}/{given['dbname']}"


@pytest.mark.parametrize("command", [("audit", "prod"), ("diff", "migrations", "prod")])
def test_a_host_that_nobody_serves_is_an_audit_that_could_not_be_made(
    program: Program,
    inside: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    program.write_target("prod", 'migrations = "migrations"')
    program.write("migrations/20250101000000_a.sql", "create table a (id int);")
    dsn = f"postgresql://auditor:{quote(SECRET, safe='')}@127.0.0.1:1/live"
    monkeypatch.setenv("PROD_DSN", dsn)
    ended = inside(*command)
    ended.check_error(3, "cannot be reached", "where: target prod")
    check_secret(ended, program)
    assert not list((program.home / "reports").glob("*"))


def test_a_doctor_names_the_remedy_of_an_unreachable_host(program: Program) -> None:
    program.write_target("prod")
    ended = program("doctor", "prod", PROD_DSN=f"host=127.0.0.1 port=1 password='{SECRET}'")
    assert ended.code == 3
    assert "problem  connection: the server cannot be reached; fix: check host" in ended.out
    check_secret(ended, program)


def test_a_wrong_password_of_a_target_is_shown_nowhere(program: Program, audited: str) -> None:
    ended = program("audit", "prod", PROD_DSN=make_conninfo(audited, password=SECRET))
    ended.check_error(3, "the password or the user was refused", "where: target prod")
    check_secret(ended, program)


def test_a_wrong_password_in_an_argument_is_shown_nowhere(program: Program, audited: str) -> None:
    wrong = build_url(make_conninfo(audited, password=SECRET))
    ended = program("diff", "migrations", wrong)
    ended.check_error(3, "the password or the user was refused", "where: live database")
    check_secret(ended, program)


@pytest.mark.parametrize("write", [str, build_url], ids=["key=value", "URL"])
def test_a_password_of_special_characters_opens_the_database(
    program: Program, guarded: str, write: Callable[[str], str]
) -> None:
    ended = program("capture", write(guarded), "-o", "live.json")
    assert (ended.code, ended.out) == (0, "live.json\n")
    assert json.loads((program.home / "live.json").read_bytes())["version_num"] >= 140_000
    check_secret(ended, program)


def test_a_password_that_is_not_encoded_is_refused_and_shown_nowhere(program: Program) -> None:
    ended = program("capture", f"postgresql://auditor:{SECRET}@127.0.0.1:1/live")
    ended.check_error(3, "percent-encode")
    check_secret(ended, program)


def test_a_variable_that_is_not_set_is_named(
    program: Program, inside: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write_target("prod", 'migrations = "."')
    program.write("20250101000000_a.sql", "create table a (id int);")
    monkeypatch.delenv("PROD_DSN", raising=False)
    ended = inside("audit", "prod")
    ended.check_error(2, "variable PROD_DSN is not set", "where: target 'prod'")


@contextmanager
def play_server(version: str) -> Iterator[int]:
    """Yield the port of a server that says it is of ``version``, and no more."""

    def build(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    def answer(listener: socket.socket) -> None:
        session, _ = listener.accept()
        with closing(session):
            session.settimeout(10)
            session.recv(4096)
            status = b"server_version\0" + version.encode() + b"\0"
            session.sendall(build(b"R", b"\0\0\0\0") + build(b"S", status) + build(b"Z", b"I"))
            session.recv(4096)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(30)
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
    thread.join(10)
    assert not thread.is_alive()


def test_a_server_too_old_to_audit_says_its_version(program: Program) -> None:
    program.write("migrations/20250101000000_a.sql", "create table a (id int);")
    with play_server("13.20") as port:
        dsn = f"host=127.0.0.1 port={port} user=u dbname=d sslmode=disable gssencmode=disable"
        ended = program("diff", "migrations", dsn)
    ended.check_error(3, "PostgreSQL 13", "14 is the oldest", "fix: upgrade the server")
