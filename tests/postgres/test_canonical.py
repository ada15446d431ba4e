"""A definition that reads back in another form is no drift; one other letter in it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.canonical import equalise
from driftbook.drift.diff import diff_snapshots
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer

# Every place where PostgreSQL keeps an expression; {c}, {new} and {value} stand for the same test.
PLACES = """
create table public.t (vc varchar, twin boolean generated always as ({c}) stored,
    constraint t_check check ({c}));
alter table public.t enable row level security;
create policy t_policy on public.t using ({c}) with check ({c});
create index t_index on public.t (vc) where {c};
create view public.t_view as select vc from public.t where {c};
create materialized view public.t_matview as select vc from public.t where {c};
create function public.nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger t_trigger before update on public.t for each row when ({new})
    execute function public.nothing();
create domain public.d as varchar constraint d_check check ({value});
create function public.f(vc varchar) returns boolean language sql begin atomic select {c}; end;
"""
WRITTEN = "{} in ('a', 'b')"
READ_ONCE = "({})::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])"
OTHER = "{} in ('a', 'c')"
# Two properties of the policy, one of everything else.
CHANGED = {
    ("column", "generation"),
    ("constraint", "definition"),
    ("policy", "using"),
    ("policy", "with_check"),
    ("index", "definition"),
    ("view", "definition"),
    ("materialized_view", "definition"),
    ("trigger", "definition"),
    ("function", "body"),
}


def fill(form: str) -> str:
    return PLACES.format(c=form.format("vc"), new=form.format("new.vc"), value=form.format("value"))


class Sides:
    def __init__(self, server: ShadowServer, names: tuple[str, str]) -> None:
        self.server, self.names = server, names

    def make(self, *forms: str) -> None:
        for name, form in zip(self.names, forms, strict=True):
            with self.server.superuser(name) as connection:
                connection.execute(fill(form))

    def read(self, name: str) -> Snapshot:
        dsn = self.server.dsn(name, self.server.superuser_name)
        with connect_audit(dsn, label="a side") as session:
            return read_snapshot(session, source=name, captured_at=datetime(2024, 1, 1, tzinfo=UTC))

    def diff(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the changes before and after the round trip."""
        expected, live = map(self.read, self.names)
        changes = diff_snapshots(expected, live)
        with self.server.superuser(self.names[0]) as scratch:
            left = equalise(changes, expected, live, scratch)
        assert self.read(self.names[0]).root_hash == expected.root_hash
        return changes, left


@pytest.fixture
def sides(server: ShadowServer) -> Iterator[Sides]:
    with server.database() as expected, server.database() as live:
        yield Sides(server, (expected, live))


@pytest.mark.parametrize(
    "forms",
    [
        pytest.param((WRITTEN, READ_ONCE), id="live was restored"),
        pytest.param((READ_ONCE, WRITTEN), id="the files are a dump"),
    ],
)
def test_another_form_is_no_change(sides: Sides, forms: tuple[str, str]) -> None:
    sides.make(*forms)
    changes, left = sides.diff()
    assert {*zip(changes["kind"], changes["property"], strict=True)} == CHANGED
    assert left["name"].tolist() == []


@pytest.mark.parametrize(
    "forms",
    [
        pytest.param((WRITTEN, OTHER), id="live differs"),
        pytest.param((OTHER, READ_ONCE), id="and was restored"),
    ],
)
def test_another_letter_is_one_change_each(sides: Sides, forms: tuple[str, str]) -> None:
    sides.make(*forms)
    changes, left = sides.diff()
    assert {*zip(left["kind"], left["property"], strict=True)} == CHANGED
    assert len(left) == len(CHANGED) + 1  # the domain's check too
    assert len(changes) == len(left)


def test_what_does_not_load_stays(sides: Sides) -> None:
    sides.make(WRITTEN, WRITTEN)
    with sides.server.superuser(sides.names[1]) as connection:
        connection.execute(
            "create table public.u (vc varchar);"
            "create or replace view public.t_view as select vc from public.u"
        )
    _, left = sides.diff()
    assert left[left["part_of"].isna()]["name"].tolist() == ["public.u", "public.t_view"]


def test_a_text_may_name_a_column_that_only_live_has(sides: Sides) -> None:
    sides.make(WRITTEN, READ_ONCE)
    with sides.server.superuser(sides.names[1]) as connection:
        connection.execute("alter table public.t add column extra int")
    _, left = sides.diff()
    assert left["name"].tolist() == ["public.t.extra"]
