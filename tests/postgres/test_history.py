"""The history in a PostgreSQL database: the same as in a file, for many machines at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from tests.unit.audits import SETTINGS, build_days

from driftbook.config import read_history_dsn, read_secrets
from driftbook.errors import ConfigError, ConnectionFailed, HistoryFailed
from driftbook.history import open_store, record_audit
from driftbook.history import tables as layout
from driftbook.history.keep import prune_target, verify_store
from driftbook.history.read import read_audit, read_audits, read_findings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from driftbook.config import Settings
    from driftbook.postgres.server import ShadowServer

VARIABLE = "HISTORY_URL"


@pytest.fixture
def shared(
    server: ShadowServer, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Return settings whose history is in a fresh database; a file would be in ``tmp_path``."""
    with server.superuser(database) as session:
        session.execute("create role historian login")
        session.execute("grant create, usage on schema public to historian")
    server.set_password("historian")
    given = conninfo_to_dict(server.dsn(database, "historian"))
    login = f"{given['user']}:{given.get('password', '')}"
    url = (
        f"postgresql+psycopg://{login}@/{given['dbname']}?host={given['host']}&port={given['port']}"
    )
    monkeypatch.setenv(VARIABLE, url)
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path))
    return SETTINGS.model_copy(update={"history_env": VARIABLE})


def test_a_server_keeps_what_a_file_keeps(shared: Settings) -> None:
    entries = build_days(6, 11)
    stores = [open_store(settings) for settings in (shared, SETTINGS)]
    pasts = [[record_audit(store, entry) for entry in entries] for store in stores]
    assert pasts[0] == pasts[1]
    for entry in entries:
        one, other = (read_audit(store, entry.audit_id) for store in stores)
        assert one is not None
        assert other is not None
        assert one.live is not None
        assert entry.live is not None
        assert one.live.root_hash == entry.live.root_hash
        assert (one.facts, one.past) == (other.facts, other.past)
    assert read_audits(stores[0], "prod") == read_audits(stores[1], "prod")
    assert read_findings(stores[0], "prod") == read_findings(stores[1], "prod")
    assert [verify_store(store).damaged for store in stores] == [(), ()]
    assert [prune_target(store, "prod", keep=2) for store in stores] == [4, 4]
    assert verify_store(stores[0]) == verify_store(stores[1])


def test_writers_at_once_wait_for_each_other(shared: Settings) -> None:
    days = [build_days(5, 12, target) for target in ("prod", "stage", "prod")]

    def record(number: int) -> int:
        return len([record_audit(open_store(shared), entry) for entry in days[number]])

    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(record, range(3))] == [5, 5, 5]
    verified = verify_store(open_store(shared))
    assert (verified.audits, verified.damaged) == (10, ())


def test_an_upgrade_of_a_server_that_fails_changes_nothing(
    shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for entry in build_days(2, 13):
        record_audit(open_store(shared), entry)

    def fail(connection: Connection) -> None:
        connection.execute(text("drop table driftbook_findings"))
        connection.execute(text("select * from nowhere"))

    with monkeypatch.context() as patch:
        patch.setattr(layout, "CURRENT", 2)
        patch.setattr("driftbook.history.store.CURRENT", 2)
        patch.setattr(layout, "UPGRADES", {1: fail})
        with pytest.raises(HistoryFailed, match="nowhere"):
            open_store(shared)
    assert read_findings(open_store(shared), "prod")


def test_the_address_of_the_store_is_a_secret(
    shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://writer:hunter2-Zq8@127.0.0.1:1/history"
    monkeypatch.setenv(VARIABLE, url)
    assert read_secrets(shared) == [url]
    with pytest.raises(ConnectionFailed) as caught:
        open_store(shared)
    assert "hunter2" not in f"{caught.value!r} {caught.value}"
    assert VARIABLE in str(caught.value)
    for value, problem in (("", "is not set"), ("mysql://writer:x@host/db", "no PostgreSQL URL")):
        monkeypatch.setenv(VARIABLE, value)
        with pytest.raises(ConfigError, match=problem):
            read_history_dsn(shared)
