"""A change made by hand gives the finding that names it, and its fix makes both sides equal.

A case is a folder of ``tests/golden/drift``: ``expected.sql`` makes the side of the files,
``live.sql`` is what somebody did to a copy of it, ``expect.json`` says key, severity and title
of every finding, worst first.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.canonical import equalise
from driftbook.drift.diff import diff_snapshots
from driftbook.postgres.connect import connect_audit
from driftbook.rules import RuleContext, find_drift

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.model import Finding
    from driftbook.postgres.server import ShadowServer

CASES = sorted(Path(__file__).parents[1].glob("golden/drift/*/"))
ROLES = ("anon", "authenticated", "reporting")


class Pair:
    """Two databases of one server: as the files say, and as it was found."""

    def __init__(self, server: ShadowServer, expected: str, live: str) -> None:
        self.server, self.names = server, (expected, live)

    def run(self, which: int, sql: str) -> None:
        if sql.strip():
            with self.server.superuser(self.names[which]) as connection:
                connection.execute(sql)

    def read(self, which: int) -> Snapshot:
        dsn = self.server.dsn(self.names[which], self.server.superuser_name)
        with connect_audit(dsn, label="a case") as session:
            return read_snapshot(
                session, source=f"side {which}", captured_at=datetime(2024, 1, 1, tzinfo=UTC)
            )

    def diff(self) -> tuple[pd.DataFrame, Snapshot, Snapshot]:
        expected, live = self.read(0), self.read(1)
        changes = diff_snapshots(expected, live)
        with self.server.superuser(self.names[0]) as scratch:
            return equalise(changes, expected, live, scratch), expected, live

    def find(self) -> list[Finding]:
        return find_drift(*self.diff(), RuleContext())


@contextmanager
def open_pair(server: ShadowServer, case: Path) -> Iterator[Pair]:
    with server.database() as expected:
        with server.superuser(expected) as connection:
            for role in ROLES:
                connection.execute(
                    f"do $$ begin create role {role};"
                    " exception when duplicate_object then null; end $$"
                )
            connection.execute((case / "expected.sql").read_text(encoding="utf-8"))
        with server.database(template=expected) as live:
            pair = Pair(server, expected, live)
            pair.run(1, (case / "live.sql").read_text(encoding="utf-8"))
            yield pair


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_is_found_and_its_fix_ends_it(server: ShadowServer, case: Path) -> None:
    with open_pair(server, case) as pair:
        findings = pair.find()
        told = [[each.key, each.severity.value, each.title] for each in findings]
        assert told == json.loads((case / "expect.json").read_text(encoding="utf-8"))
        if not all(each.fix_is_sql for each in findings):
            return
        for _ in range(2):  # a migration can run twice
            for which in (0, 1):
                for each in findings:
                    pair.run(which, each.fix)
        assert [each.title for each in pair.find()] == []
