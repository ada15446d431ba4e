"""What the watch keeps is what a fresh snapshot reads, after every file and every statement."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.reader import read_snapshot
from driftbook.catalog.snapshot import build_frame
from driftbook.catalog.watch import CatalogWatch
from driftbook.drift.differing import read_rows
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import connect_audit, connect_watch
from driftbook.shadow.replay import replay
from driftbook.shadow.runner import PUBLISH_WRITES
from driftbook.shadow.steps import FAR_REACHING, Stepper
from driftbook.sqltext import split_server

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import FileResult
    from driftbook.shadow.script import Script

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

GOLDEN = Path(__file__).parents[1] / "golden" / "replay"
RICH = Path(__file__).with_name("rich_schema.sql")
NEWEST = 180_000
AT = datetime(2026, 1, 1, tzinfo=UTC)
EXPECTATIONS = {
    path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(GOLDEN.glob("*/expect.toml"))
}
CASES = [name for name, expect in EXPECTATIONS.items() if "dump" not in expect]
# Texts that show other objects, whose own rows stay as they are when these change.
AT_A_DISTANCE = (
    """
create table a (id int primary key, kind text, at timestamptz default now());
create table b (id int, a_id int references a (id), check (id > 0));
create index a_kind_idx on a (kind) where kind <> 'x';
create view v as select a.kind, b.id from a join b on b.a_id = a.id;
create function f(x a) returns text language sql as 'select $1.kind';
create policy p on b using (exists (select from a where a.id = a_id and a.kind = 'y'));
create trigger t before update on b for each row when (old.id <> new.id)
    execute function suppress_redundant_updates_trigger();
create rule r as on delete to b do instead nothing;
create statistics s on id, kind from a;
create publication feed for table a (id, kind), b where (id > 1);
comment on column a.kind is 'of what kind';
create type mood as enum ('good', 'bad');
create domain age as int check (value > 0);
create type pair as (one int, two mood);
create table c (m mood, g age, p pair, s serial);
alter table a rename column kind to sort;
alter table a rename to things;
alter view v rename to w;
alter type mood rename to feeling;
alter type feeling rename value 'bad' to 'worse';
alter type feeling add value 'best' before 'good';
alter domain age add constraint not_old check (value < 200);
alter domain age drop constraint not_old;
alter type pair rename attribute one to first;
create schema other;
alter table c set schema other;
alter sequence other.c_s_seq owned by none;
alter function f(things) owner to current_user;
alter function f(things) rename to g;
grant select (id), update on things to public;
revoke all on things from public;
alter default privileges in schema other grant select on tables to public;
alter default privileges in schema other revoke select on tables from public;
alter schema other rename to another;
alter publication feed add table another.c;
alter publication feed drop table b;
alter publication feed rename to stream;
alter table b add column n int default 1;
alter table b alter column n type bigint;
alter table b drop constraint b_a_id_fkey;
alter table things drop constraint a_pkey;
""",
    """
create table p (id int not null, at date not null, note text) partition by range (at);
create table p1 partition of p for values from ('2026-01-01') to ('2026-02-01');
create index p_id_idx on p (id);
create table p2 (id int not null, at date not null, note text);
alter table p attach partition p2 for values from ('2026-02-01') to ('2026-03-01');
alter table p add column more int default 5;
alter table p add constraint positive check (id > 0);
create trigger t before insert on p for each row
    execute function suppress_redundant_updates_trigger();
alter table p disable trigger t;
alter table p add primary key (id, at);
alter table p detach partition p1;
create table q () inherits (p1);
alter table p1 add column extra text;
alter table q no inherit p1;
alter table p replica identity full;
alter table p1 replica identity using index p1_pkey;

create table e (id int generated always as identity, p_id int, p_at date, primary key (id));
create table l (e_id int) partition by hash (e_id);
create table l1 partition of l for values with (modulus 1, remainder 0);
alter table l add constraint of_e foreign key (e_id) references e;
alter table l1 disable trigger all;
alter table l1 enable trigger all;
create materialized view m as select id, note from p with no data;
refresh materialized view m;
alter materialized view m set (toast.autovacuum_enabled = false);
alter materialized view m alter column note set storage external;
create unique index m_id on m (id);
alter table p1 cluster on p1_pkey;
alter table p1 set (fillfactor = 70);
alter table p1 set unlogged;
alter table p1 alter column note set storage external;
alter table p1 alter column id set statistics 50;
alter index p1_pkey set (fillfactor = 80);
create role watched_reader;
create role watched_other;
grant select on all tables in schema public to watched_reader with grant option;
alter table p owner to watched_reader;
reassign owned by watched_reader to current_user;
alter role watched_reader with login connection limit 3 valid until '2030-01-01';
grant watched_reader to watched_other with admin option;
alter role watched_reader set work_mem = '1MB';
alter role all set application_name = 'watched';
alter role all reset application_name;
comment on role watched_reader is 'who reads';
alter role watched_reader reset all;
revoke watched_reader from watched_other;
alter role watched_reader rename to watched_writer;
drop owned by watched_writer;
drop table p cascade;
drop table p1 cascade;
drop role watched_writer;
drop role watched_other;
""",
    """
create type mood as enum ('good', 'bad');
create function mood_cmp(mood, mood) returns int language sql immutable
    as 'select pg_catalog.enum_cmp($1, $2)';
create operator class mood_ops for type mood using btree as function 1 mood_cmp(mood, mood);
alter operator family mood_ops using btree add operator 1 < (anyenum, anyenum);
alter operator family mood_ops using btree add operator 2 <= (anyenum, anyenum);
alter type mood rename to feeling;
alter operator family mood_ops using btree drop operator 1 (anyenum, anyenum);
alter function mood_cmp(feeling, feeling) rename to feeling_cmp;
alter operator class mood_ops using btree rename to feeling_ops;
comment on operator class feeling_ops using btree is 'of feelings';
alter operator class feeling_ops using btree owner to pg_monitor;
create text search dictionary words (template = simple);
create text search configuration searched (parser = default);
alter text search configuration searched add mapping for word, int with words;
alter text search configuration searched alter mapping for word with simple, words;
alter text search dictionary words rename to terms;
alter text search dictionary terms (stopwords = 'english');
alter text search configuration searched drop mapping for int;
alter text search configuration searched owner to pg_monitor;
create foreign data wrapper wrapper;
create server remote foreign data wrapper wrapper;
create user mapping for public server remote;
create user mapping for pg_monitor server remote;
alter server remote rename to distant;
drop user mapping for public server distant;
create subscription watched_sub connection 'host=nowhere' publication pub
    with (connect = false, slot_name = none);
comment on subscription watched_sub is 'from elsewhere';
alter subscription watched_sub set publication other with (refresh = false);
drop subscription watched_sub;
create function call() returns language_handler language c
    as '$libdir/plpgsql', 'plpgsql_call_handler';
create trusted language tongue handler call;
grant usage on language tongue to pg_monitor;
comment on extension plpgsql is 'said otherwise';
revoke usage on language tongue from public;
alter language tongue rename to speech;
alter language speech owner to pg_monitor;
create transform for int language speech (from sql with function prsd_lextype(internal));
comment on transform for int language speech is 'of numbers';
drop transform for int language speech;
create access method heapish type table handler heap_tableam_handler;
comment on access method heapish is 'as heap';
drop access method heapish;
create conversion recoded for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
alter conversion recoded owner to pg_monitor;
insert into pg_seclabel values ('feeling'::regtype, 'pg_type'::regclass, 0, 'p', 'l');
drop operator family mood_ops using btree cascade;
drop language speech cascade;
""",
)


def find_difference(server: ShadowServer, watch: CatalogWatch) -> dict[str, object]:
    """Return kind → rows that only the watch has, and those that only a fresh snapshot has."""
    info = watch.connection.info
    with connect_audit(server.dsn(info.dbname, info.user), label="fresh") as session:
        frames = read_snapshot(session, source="fresh", captured_at=AT).frames
    different: dict[str, object] = {}
    for name in watch.rows:
        kind = KINDS[name]
        merged = [
            (*key, *values) for rows in watch.rows[name].values() for key, values in rows.items()
        ]
        fresh = read_rows(frames[name], kind)
        kept = read_rows(build_frame(merged, kind.dtypes), kind)
        if fresh != kept:
            stale = {key: row for key, row in kept.items() if fresh.get(key) != row}
            unseen = {key: row for key, row in fresh.items() if kept.get(key) != row}
            different[name] = stale, unseen
    return different


@pytest.mark.parametrize("case", CASES)
def test_after_every_file(case: str, server: ShadowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    if server.version_num < NEWEST and CASES.index(case) % 3:
        pytest.skip("every case is tried on the newest server, every third on all of them")
    different: dict[str, object] = {}
    tell = Stepper.tell

    def check(stepper: Stepper, result: FileResult, script: Script) -> None:
        tell(stepper, result, script)
        assert stepper._watch is not None  # noqa: SLF001 - what it keeps is asked for
        found = find_difference(server, stepper._watch)  # noqa: SLF001
        if found:
            different.setdefault(result.file, found)

    monkeypatch.setattr(Stepper, "tell", check)
    expect = EXPECTATIONS[case]
    mark = server.roles()
    result = replay(
        server,
        read_directory(GOLDEN / case, convention=expect.get("convention", "supabase")),
        platform=expect.get("platform", "supabase"),
        replay_role=expect.get("replay_role", "postgres"),
        mode=expect.get("mode", "survey"),
        observe=lambda _: None,
    )
    server.drop_database(result.database)
    server.drop_roles_made_since(mark)
    assert different == {}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        pytest.param(RICH.read_text(encoding="utf-8"), True, id="rich schema"),
        pytest.param(AT_A_DISTANCE[0], True, id="texts of other objects"),
        pytest.param(AT_A_DISTANCE[0], False, id="without counters"),
        pytest.param(AT_A_DISTANCE[1], True, id="partitions and owners"),
        pytest.param(AT_A_DISTANCE[2], True, id="what teaches the server"),
    ],
)
def test_after_every_statement(
    server: ShadowServer, database: str, text: str, *, counted: bool
) -> None:
    statements = split_server(text)
    assert statements
    different: dict[str, object] = {}
    with (
        server.superuser(database) as session,
        connect_watch(server.dsn(database, server.superuser_name)) as connection,
    ):

        def publish() -> bool:
            if counted:
                session.execute(PUBLISH_WRITES)
            return counted

        watch = CatalogWatch(connection, publish)
        watch.read_all()
        # A missed row stays missed: older servers are compared less often.
        step = 2 if server.version_num >= NEWEST else 8
        for number, statement in enumerate(statements, start=1):
            session.execute(statement.text.encode())
            far = FAR_REACHING.search(statement.text)
            watch.read_all() if far else watch.read_changed()
            due = number % step == 0 or number == len(statements)
            found = find_difference(server, watch) if due else {}
            if found:
                different[statement.text] = found
                watch.read_all()
    assert different == {}
