"""One statement is told as one object, and read where its table or function takes a superuser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scratch import judge_in_scratch
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer

MADE = """
create table p (x int constraint bx check (x < 100), y text, w int);
create table kid (x int constraint bx check (x < 100), y text, extra int) inherits (p);
create table part (id int generated always as identity, k int) partition by list (k);
create table part1 partition of part for values in (1);
create language odd handler plpgsql_call_handler;
create table member (i int); create extension pg_trgm; alter extension pg_trgm add table member;
create type bt;
create function bt_in(cstring) returns bt language internal immutable strict as 'int4in';
create function bt_out(bt) returns cstring language internal immutable strict as 'int4out';
create type bt (input = bt_in, output = bt_out, like = int4);
create table t (odd bt, note text constraint c check (note <> ''));
create function f(a int) returns int language sql immutable leakproof cost 7
begin atomic select a + 1; end;
"""
ONE = {
    "alter table only p drop y": "column public.p.y",
    "alter table p drop constraint bx": "constraint public.p.bx",
    "alter table p add extra int": "column public.p.extra",
    "create or replace trusted language odd handler plpgsql_call_handler": "language odd",
    "grant select (i) on member to public": (
        'initial_privilege table.public.member.i."PUBLIC"."SELECT"'
    ),
}
SINCE_17 = {"alter table part alter id drop identity": "column public.part.id"}
# Another meaning, in a text of the same shape.
TEXTS = (
    "alter table t drop constraint c, add constraint c check (note::varchar <> '')",
    (
        "create or replace function f(a int) returns int language sql immutable leakproof cost 7 "
        "begin atomic select (a::bigint + 1)::int; end"
    ),
)


def read(server: ShadowServer, name: str) -> Snapshot:
    with connect_audit(server.dsn(name, server.superuser_name), label="a side") as session:
        return read_snapshot(session, source=name, captured_at=datetime(2024, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("statement", [*ONE, *SINCE_17, *TEXTS])
def test_one_statement_is_one_object(server: ShadowServer, statement: str) -> None:
    if statement in SINCE_17 and server.version_num < 170_000:
        pytest.skip("a partition has no identity of its own")
    with server.database() as name:
        with server.superuser(name) as connection:
            connection.execute("set search_path = public")
            connection.execute(MADE)
            expected = read(server, name)
            connection.execute(statement)
        live = read(server, name)
    changes = diff_snapshots(expected, live)
    roots = changes[changes["part_of"].isna()]
    told = sorted({f"{row.kind} {row.name}" for row in roots.itertuples(index=False)})
    if statement not in TEXTS:
        assert told == [(ONE | SINCE_17)[statement]]
        return
    judged = judge_in_scratch(changes, expected, live, server)
    assert (judged.equal, judged.unread) == ((), ())
