"""A function behind HTTP: every way in which it gives no answer is told, and the key never."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from tests.postgrest import KEY, Answer, serve

from driftbook.config import Target, read_access, read_dsn, read_settings
from driftbook.errors import ConfigError, ConnectionFailed, RpcFailed
from driftbook.explore.live import find_live
from driftbook.model import Rpc
from driftbook.postgres import rpc as module
from driftbook.postgres.rpc import open_rpc

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {"server_version_num": "150018", "search_path": "", "transaction_read_only": "off"}
GOOD: Answer = (200, json.dumps({"driftbook": "answer", "value": SETTINGS}).encode(), {})


def say(status: int, **document: object) -> Answer:
    return status, json.dumps(document).encode(), {}


BAD: dict[str, tuple[Answer, str, str]] = {
    "no key": (say(401, message="Invalid API key"), "401", "the key was refused: Invalid API key"),
    "expired": (say(401, code="PGRST301", message="JWT expired"), "PGRST301", "no valid token"),
    "may not": (say(403, code="42501", message="permission denied"), "42501", "may not execute"),
    "gone": (say(404, code="PGRST202", message="Could not find"), "PGRST202", "no such function"),
    "not found": ((404, b"<html>", {}), "404", "there is no such function"),
    "too long": ((413, b"<html>", {}), "413", "longer than what stands before"),
    "too slow": (say(500, code="57014", message="canceling"), "57014", "statement timeout"),
    "gateway": ((504, b"upstream", {}), "504", "no answer in time"),
    "broken": ((502, b"<html>", {}), "502", "it answered 502"),
    "refused": (say(400, code="P0001", message="SELECT only"), "P0001", "refuses the statement"),
    "no JSON": ((200, b"<html>", {}), "answer", "the answer is no JSON"),
    "nothing": ((200, b"null", {}), "answer", "not what was asked for"),
    "other JSON": (say(200, a=1), "answer", "not what was asked for"),
    "an error inside": (say(200, error="syntax error", code="42601"), "42601", "syntax error"),
    "echoed key": (say(400, message=f"bad key {KEY}"), "400", r"bad key \*\*\*"),
    "hidden text": (say(400, message="a\u202eb" + "x" * 9999), "400", r"a\\u202eb"),
}


@pytest.mark.parametrize(("answer", "code", "said"), BAD.values(), ids=BAD)
def test_what_is_no_answer_is_told(answer: Answer, code: str, said: str) -> None:
    with serve(lambda *_: answer) as served:
        rpc = Rpc(served.of("query_sql"), "query", KEY)
        with pytest.raises(RpcFailed, match=said) as caught, open_rpc(rpc, label="target x"):
            pass
    error = caught.value
    assert error.code == code
    assert error.where == "target x"
    assert KEY not in f"{error} {error.__context__} {rpc!r}"
    assert served.address not in str(error)
    assert len(error.problem) < 500
    assert served.keys == [KEY]


def test_the_key_goes_to_no_other_address() -> None:
    with serve(lambda *_: GOOD) as other:
        for status in (301, 302, 307, 308):
            leading: Answer = (status, b"", {"Location": other.of("query_sql")})
            with serve(lambda *_, leading=leading: leading) as served:  # type: ignore[misc]
                rpc = Rpc(served.of("query_sql"), "query", KEY)
                with (
                    pytest.raises(RpcFailed, match="leads to another address"),
                    open_rpc(rpc, label="x"),
                ):
                    pass
    assert other.bodies == []


def test_only_a_lost_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0)
    answers = [(0, b"", {}), (0, b"", {}), GOOD]
    with serve(lambda *_: answers.pop(0)) as served:
        rpc = Rpc(served.of("query_sql"), "sql", KEY)
        with open_rpc(rpc, label="x") as session:
            assert session.version_num == 150018
    assert [list(body) for body in served.bodies] == [["sql"]] * 3
    with pytest.raises(RpcFailed, match="could not be reached"), open_rpc(rpc, label="x"):
        pass


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, given_up = threading.Event(), threading.Event()

    def wait(*_: object) -> Answer:
        asked.set()
        given_up.wait(60)
        return GOOD

    monkeypatch.setattr(module, "SILENT_SECONDS", 0.05)
    with serve(wait) as served:
        rpc = Rpc(served.of("query_sql"), "query", KEY)
        with pytest.raises(RpcFailed, match="no answer in time") as caught:
            open_rpc(rpc, label="x").__enter__()
        given_up.set()
    assert caught.value.code == "timeout"
    assert asked.is_set()
    assert len(served.keys) == 1


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    with serve(lambda *_: (200, b" " * 1001, {})) as served:
        rpc = Rpc(served.of("query_sql"), "query", "")
        with pytest.raises(RpcFailed, match="larger than 1,000 bytes"), open_rpc(rpc, label="x"):
            pass
    assert served.keys == ["", "the headers differ"]


def test_neither_proxy_nor_netrc_sees_or_changes_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login thief password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serve(lambda *_: GOOD) as proxy, serve(lambda *_: GOOD) as served:
        monkeypatch.setenv("http_proxy", proxy.address)
        with open_rpc(Rpc(served.of("query_sql"), "query", KEY), label="x"):
            pass
    assert (served.keys, proxy.keys) == ([KEY], [])


def test_a_key_is_not_sent_in_plain_text() -> None:
    rpc = Rpc("http://203.0.113.7/rest/v1/rpc/query_sql", "query", KEY)
    with pytest.raises(ConnectionFailed, match="without encryption"), open_rpc(rpc, label="x"):
        pass


def test_an_old_server_is_refused() -> None:
    old = {"driftbook": "answer", "value": {**SETTINGS, "server_version_num": "130001"}}
    with serve(lambda *_: say(200, **old)) as served:
        rpc = Rpc(served.of("query_sql"), "query", KEY)
        with pytest.raises(ConnectionFailed, match="PostgreSQL 13"), open_rpc(rpc, label="x"):
            pass


def test_a_target_says_where_its_key_is(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://x.example/rest/v1/rpc/f"
    target = Target(name="prod", rpc=address, rpc_key_env="PROD_KEY", rpc_argument="sql")
    with pytest.raises(ConfigError, match="PROD_KEY is not set"):
        read_access(target)
    monkeypatch.setenv("PROD_KEY", KEY)
    assert read_access(target) == Rpc(address, "sql", KEY)
    assert KEY not in repr(read_access(target))
    for find in (read_dsn, find_live):
        with pytest.raises(ConfigError, match="known by its rpc alone"):
            find(target)


def test_a_target_has_one_way_to_its_database(tmp_path: Path) -> None:
    lines = ["[targets.prod]", 'rpc = "https://x.example/rest/v1/rpc/f"', 'dsn_env = "DSN"']
    (tmp_path / "targets.toml").write_text("\n".join(lines))
    with pytest.raises(ConfigError, match="more than one way to the database"):
        read_settings(tmp_path)
    for address in ("https://u:p@x.example/f", "https://x.example/f?apikey=1", "x.example/f"):
        (tmp_path / "targets.toml").write_text(f'[targets.prod]\nrpc = "{address}"')
        with pytest.raises(ConfigError) as caught:
            read_settings(tmp_path)
        assert address not in str(caught.value)
