"""Dependencies as every server keeps them, by names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftbook.forensics.exhibits import read_exhibits
from driftbook.forensics.frames import read_ref
from driftbook.forensics.graph import build_graph, find_dependents
from driftbook.model import ObjectRef
from driftbook.postgres.connect import connect_audit
from driftbook.tracking.read import read_tracking

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.postgres.server import ShadowServer
    from driftbook.tracking.table import Tracking

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCHEMA = """
    create schema app;
    create type app.mood as enum ('sad', 'ok');
    create type app.pair as (one int, mood app.mood);
    create domain app.email as text;
    create sequence app.counter;
    create function app.is_mine(id int) returns boolean language sql as 'select true';
    create function app.touch() returns trigger language plpgsql as 'begin return new; end';
    create table app.people (id int primary key, mail app.email, moods app.mood[]);
    create table app.orders (
        id int primary key default nextval('app.counter'), person int references app.people,
        both_of app.pair, "we""ird" text
    );
    create index orders_mine on app.orders (app.is_mine(id));
    create view app.totals as select person, count(*) as n from app.orders group by person;
    create materialized view app.cached as select * from app.totals;
    create function app.all_people() returns setof app.people language sql
        begin atomic select * from app.people; end;
    create trigger orders_touch before update on app.orders
        for each row execute function app.touch();
    alter table app.orders enable row level security;
    create policy mine on app.orders using (app.is_mine(id));
    create table app.parted (id int) partition by range (id);
    create table app.parted_1 partition of app.parted for values from (1) to (9);
    create publication pub for table app.orders;
"""


@pytest.fixture
def dependency(server: ShadowServer, database: str) -> pd.DataFrame:
    with server.superuser(database) as session:
        session.execute(SCHEMA)
    with connect_audit(server.dsn(database, "supabase_admin"), label="test") as session:
        tracking: Tracking = read_tracking(session, "supabase_migrations.schema_migrations")
        exhibited = read_exhibits(session, tracking, NOON)
    assert exhibited.unread == ()
    return exhibited.exhibits["dependency"]


def test_every_way_to_need_something_is_known_by_name(dependency: pd.DataFrame) -> None:
    named = {
        (str(read_ref(kind, key)), str(read_ref(on_kind, on_key)), how)
        for kind, key, on_kind, on_key, how in dependency.itertuples(index=False, name=None)
    }
    wanted = {
        ("constraint app.orders.orders_person_fkey", "column app.people.id", "constraint"),
        ("column app.orders.id", "sequence app.counter", "default"),
        ("column app.orders.both_of", "composite_type app.pair", "type"),
        ("composite_type app.pair", "enum app.mood", "type"),
        ("column app.people.mail", "domain app.email", "type"),
        ("column app.people.moods", "enum app.mood", "type"),
        ("index app.orders_mine", "function app.is_mine(integer)", "use"),
        ("view app.totals", "column app.orders.person", "query"),
        ("materialized_view app.cached", "view app.totals", "query"),
        ("function app.all_people()", "table app.people", "type"),
        ("function app.all_people()", "column app.people.id", "body"),
        ("trigger app.orders.orders_touch", "function app.touch()", "trigger"),
        ("policy app.orders.mine", "function app.is_mine(integer)", "policy"),
        ("table app.parted_1", "table app.parted", "part"),
        ("publication pub", "table app.orders", "publication"),
    }
    assert wanted - named == set()


def test_what_a_change_of_a_type_reaches(dependency: pd.DataFrame) -> None:
    reached = find_dependents(build_graph(dependency), ObjectRef("enum", ("app", "mood")))
    assert {(str(one.thing), one.depth) for one in reached} == {
        ("composite_type app.pair", 1),
        ("table app.people", 1),
        ("table app.orders", 2),
        ("function app.all_people()", 2),
        ("view app.totals", 3),
        ("publication pub", 3),
        ("materialized_view app.cached", 4),
    }
