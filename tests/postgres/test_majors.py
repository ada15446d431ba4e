"""Servers of two majors read one schema and say that it is one; what only one can have is named."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.audit.gaps import find_major_gaps
from driftbook.catalog.reader import read_snapshot
from driftbook.drift.canonical import equalise
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.majors import find_own_texts, major_of
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot

pytestmark = pytest.mark.postgres

RICH = (Path(__file__).parent / "rich_schema.sql").read_text(encoding="utf-8")
MORE = """
create role reader;
create table public.m (id int primary key, vc varchar not null, check (vc in ('a', 'b')));
create view public.m_view as select m.id, m.vc from public.m where m.vc in ('a', 'b');
create function public.m_move() returns void language sql begin atomic
    update public.m as x set vc = 'a' where x.id = 1; end;
create domain public.m_name as text not null check (value <> '');
grant all on public.m to reader;
alter default privileges in schema public grant all on tables to reader;
"""
NEW = """
create table public.only_new (id int, doubled int generated always as (id * 2) virtual,
    place int4range, during tsrange,
    constraint only_pk primary key (place, during without overlaps),
    constraint only_check check (id > 0) not enforced);
"""
BEFORE = "create table public.only_new (id int, place int4range not null, during tsrange not null);"
PUBLIC_OF_15 = (
    "alter schema public owner to pg_database_owner; revoke create on schema public from public"
)
SERVERS = {found.major: found for found in reversed(find_binaries())}
PAIRS = list(permutations(sorted(SERVERS), 2))


@dataclass(frozen=True)
class Sides:
    expected: ShadowServer
    live: ShadowServer
    names: tuple[str, str]

    def make(self, expected: str, live: str) -> None:
        for server, name, text in zip(
            (self.expected, self.live), self.names, (expected, live), strict=True
        ):
            with server.superuser(name) as session:
                if server.version_num < 150_000:
                    session.execute(PUBLIC_OF_15.encode())
                session.execute(text.encode())

    def read(self) -> tuple[Snapshot, Snapshot]:
        sides = []
        for server, name in zip((self.expected, self.live), self.names, strict=True):
            dsn = server.dsn(name, server.superuser_name)
            with connect_audit(dsn, label="a side") as session:
                at = datetime(2024, 1, 1, tzinfo=UTC)
                sides.append(read_snapshot(session, source=name, captured_at=at))
        return sides[0], sides[1]

    def settle(self, expected: Snapshot, live: Snapshot) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the changes before and after the round trip."""
        changes = diff_snapshots(expected, live)
        with self.expected.superuser(self.names[0]) as scratch:
            return changes, equalise(changes, expected, live, scratch)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[int, ShadowServer]]:
    with ExitStack() as stack:
        yield {
            major: stack.enter_context(ShadowServer(found, superuser="supabase_admin"))
            for major, found in SERVERS.items()
        }


@pytest.fixture(params=PAIRS, ids=lambda pair: f"files on {pair[0]}, live on {pair[1]}")
def sides(servers: dict[int, ShadowServer], request: pytest.FixtureRequest) -> Iterator[Sides]:
    expected, live = (servers[major] for major in request.param)
    marks = [(server, server.roles()) for server in (expected, live)]
    with expected.database() as one, live.database() as other:
        yield Sides(expected, live, (one, other))
    for server, mark in marks:
        server.drop_roles_made_since(mark)


def test_one_schema_is_one_schema(sides: Sides) -> None:
    sides.make(RICH + MORE, RICH + MORE)
    expected, live = sides.read()
    _, left = sides.settle(expected, live)
    told = left[left["kind"] != "extension"]  # each server has its own
    assert told[["kind", "name", "property", "expected", "live"]].to_dict("records") == []


def test_a_text_that_differs_is_marked(sides: Sides) -> None:
    sides.make(MORE, MORE.replace("where m.vc in ('a', 'b')", "where m.vc in ('a', 'c')"))
    expected, live = sides.read()
    _, left = sides.settle(expected, live)
    assert left["name"].tolist() == ["public.m_view"]
    assert find_own_texts(left, expected, live) == [True]


def test_what_only_the_newer_can_have_is_no_change(sides: Sides) -> None:
    expected, live = sides.read()
    if not major_of(expected) < 18 <= major_of(live):
        pytest.skip("live is not of the newer kind")
    sides.make(BEFORE, NEW + "create role reader; grant maintain on public.only_new to reader;")
    expected, live = sides.read()
    scoped = apply_scope(expected, live, expected, ScopeSettings())
    assert [one.name for one in scoped.unchecked] == [
        "column public.only_new.doubled",
        "constraint public.only_new.only_check",
        "constraint public.only_new.only_pk",
        "index public.only_pk",
        'privilege table.public.only_new.reader."MAINTAIN"',
    ][: 4 + (major_of(expected) < 17)]
    assert len(find_major_gaps(scoped.unchecked)) == len(scoped.unchecked)
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert changes["kind"].tolist() == ([] if major_of(expected) < 17 else ["privilege"])
