"""The probe: a database with at least one object of every kind, for what no schema has all of."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

from driftbook.drift.scope import ScopeSettings
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.prepare import AUDITOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.postgres.server import ShadowServer

SCOPE = ScopeSettings(roles=True)  # everything
SPACE = "driftbook_probe_space"
IN_PLACE_VERSION = 150_000  # the first with tablespaces inside the server's own directory


@contextmanager
def build_probe(server: ShadowServer) -> Iterator[str]:
    """Yield the name of the probe's database on ``server``; it is gone after the block.

    Only SQL of our own runs there, so that the superuser may: some things only he can change.
    """
    has_space = server.version_num >= IN_PLACE_VERSION
    with open_database(server) as name:
        with server.superuser(name) as session:
            session.execute("set client_min_messages = error")
            session.execute(load_sql("auditor.sql").encode())
            for text in read_probe():
                session.execute(text.encode())
            if has_space:  # neither of the two can be done in a transaction
                session.execute("set allow_in_place_tablespaces = on")
                session.execute(f"create tablespace {SPACE} location ''")
        server.set_password(AUDITOR)
        try:
            yield name
        finally:
            if has_space:
                with server.superuser(name) as session:
                    session.execute(f"drop tablespace {SPACE}")


@contextmanager
def open_database(server: ShadowServer) -> Iterator[str]:
    """Yield the name of a database that may hold the probe: no subscription keeps it alive."""
    with server.database() as name:
        try:
            yield name
        finally:
            with server.superuser(name) as session:
                session.execute("drop subscription if exists subscribed")


def read_probe() -> list[str]:
    """Return the texts that make the probe, in their order."""
    folder = resources.files("driftbook.selftest") / "probe"
    files = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return [entry.read_text(encoding="utf-8") for entry in files if entry.name.endswith(".sql")]
