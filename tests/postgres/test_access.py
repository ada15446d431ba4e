"""The judgement of access against the server's own: a role is asked to read, write and call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest

from driftbook.access.groups import group_moves
from driftbook.access.moves import find_moves
from driftbook.access.reach import Reach, judge_right
from driftbook.access.read import read_access
from driftbook.access.words import write_group
from driftbook.catalog.reader import read_snapshot
from driftbook.model import ObjectRef
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.access.facts import AccessFacts
    from driftbook.postgres.server import ShadowServer

    # What is judged, and what the server did: role, privilege, object and rows or -1.
    Asked = tuple[AccessFacts, dict[tuple[str, str, ObjectRef], int]]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROWS = 3
ROLES = "ann ben cat dan eve fay boss team nobody".split()
# ann inherits from team, ben may only become team, cat passes row level security, dan inherits
# from the owner, eve reads all data, fay inherits from somebody who inherits from team.
CAST = """
    create role team; create role boss; create role ann in role team; create role nobody;
    create role ben noinherit; grant team to ben; create role cat bypassrls;
    create role dan in role boss; create role eve in role pg_read_all_data;
    create role fay in role ann;
"""
SECURITY = {"off": "", "on": "enable", "forced": "enable force"}
GRANTS = {
    "none": "",
    "public": "grant select, insert on {0} to public",
    "team": "grant all on {0} to team",
    "cat": "grant select, update, delete on {0} to cat, nobody",
    "column": "grant select (id), update (note), insert (id) on {0} to nobody, cat",
}
POLICIES = {
    "none": "",
    "open": "create policy p on {0} using (true)",
    "closed": "create policy p on {0} using (false)",
    "some": "create policy p on {0} for select to team using (id > 1)",
    "limited": """create policy p on {0} using (true);
        create policy q on {0} as restrictive to team using (id > 1)""",
    "restrictive": "create policy q on {0} as restrictive using (true)",
    "insert": "create policy p on {0} for insert to public with check (id > 1)",
    "write": """create policy p on {0} for update to nobody, team using (true) with check (false);
        create policy q on {0} for delete to "ann" using (id = 1)""",
    "silent": "create policy p on {0} for select to team; create policy q on {0} for insert",
}
COMMANDS = {
    "SELECT": "select count(*) from {0}",
    "INSERT": "insert into {0} (id) values (9)",
    "UPDATE": "update {0} set note = ''",
    "DELETE": "delete from {0}",
}
VIEWS = """
    create table app.base (id int); insert into app.base values (1);
    create view app.as_owner as select * from app.base;
    create view app.as_caller with (security_invoker = true) as select * from app.base;
    create function app.f() returns int language sql security definer as 'select 1';
    create function app.g() returns int language sql as 'select 1';
    revoke execute on function app.f() from public; grant execute on function app.f() to team;
    grant select on app.as_owner to team; grant select on app.as_caller to public;
"""
BEHIND = {
    ObjectRef("view", ("app", "as_owner")): "select count(*) from app.as_owner",
    ObjectRef("view", ("app", "as_caller")): "select count(*) from app.as_caller",
    ObjectRef("function", ("app", "f()")): "select app.f()",
    ObjectRef("function", ("app", "g()")): "select app.g()",
}
# What one role could do is undone: every answer is of the same rows.
PROBE = """
create function public.probe(who text, command text) returns bigint language plpgsql as $$
declare n bigint;
begin
    perform set_config('role', who, true);
    if command like 'select%' then execute command into n;
    else execute command; get diagnostics n = row_count; end if;
    raise sqlstate 'ZZ001';
exception
    when sqlstate 'ZZ001' then return n;
    when insufficient_privilege then
        return case when sqlerrm like '%row-level security%' then 0 else -1 end;
end $$;
"""


CHANGED_HANDS = """
    create role tief; create role hoch; create role guest; create schema app;
    grant usage on schema app to guest, tief, hoch;
    create table app.x (id int); insert into app.x values (1); alter table app.x owner to hoch;
    create view app.vw as select * from app.x; grant select, insert on app.vw to guest;
    create function app.f() returns setof app.x language sql security definer
        as 'select * from app.x';
    create function app.g() returns int language sql as 'select 1';
    alter view app.vw owner to tief;
    alter function app.f() owner to tief; alter function app.g() owner to tief;
"""


def read_facts(server: ShadowServer, database: str) -> AccessFacts:
    with connect_audit(server.dsn(database, "supabase_admin"), label="test") as session:
        snapshot = read_snapshot(session, source="test", captured_at=NOON)
    return read_access(snapshot)


@pytest.fixture(scope="module")
def asked(server: ShadowServer) -> Iterator[Asked]:
    mark = server.roles()
    names = []
    with server.database() as database:
        with server.superuser(database) as session:
            session.execute(CAST + PROBE + "create schema app; create schema shut;")
            session.execute("grant usage on schema app to public")
            for parts in product(SECURITY, GRANTS, POLICIES):
                name = "app." + "_".join(parts)
                names.append(name)
                session.execute(_write_table(name, *parts))
            names.append("shut.t")
            session.execute(_write_table("shut.t", "off", "public", "none"))
            session.execute(VIEWS)
            questions = [
                (role, privilege, ObjectRef("table", tuple(name.split("."))), command.format(name))
                for role, name, (privilege, command) in product(ROLES, names, COMMANDS.items())
            ]
            questions += [
                (role, "SELECT" if ref.kind == "view" else "EXECUTE", ref, command)
                for role, (ref, command) in product(ROLES, BEHIND.items())
            ]
            cursor = session.execute(
                "select array_agg(public.probe(q.role, q.command) order by q.at) "
                "from unnest(%s::text[], %s::text[]) with ordinality as q (role, command, at)",
                ([one[0] for one in questions], [one[3] for one in questions]),
            )
            row = cursor.fetchone()
            facts = read_facts(server, database)
        assert row is not None
        answers = {one[:3]: rows for one, rows in zip(questions, row[0], strict=True)}
        yield facts, answers
    server.drop_roles_made_since(mark)


def _write_table(name: str, security: str, grants: str, policies: str) -> str:
    switches = [
        f"alter table {name} {word} row level security" for word in SECURITY[security].split()
    ]
    statements = [
        f"create table {name} (id int, note text)",
        f"insert into {name} select generate_series(1, {ROWS})",
        *switches,
        GRANTS[grants].format(name),
        POLICIES[policies].format(name),
        f"alter table {name} owner to boss",
    ]
    return ";".join(filter(None, statements))


def test_a_role_reaches_what_it_is_said_to_reach(
    asked: Asked,
) -> None:
    known, answers = asked
    facts = replace(known, roles=replace(known.roles, masks={}))  # each was asked as itself
    wrong = []
    for (role, privilege, ref), rows in answers.items():
        reach = judge_right(facts, role, privilege, facts.things[ref]).reach
        if ref in BEHIND:
            continue
        full = 1 if privilege == "INSERT" else ROWS
        served = (
            Reach.NOTHING
            if rows < 0
            else Reach.NO_ROWS
            if rows == 0
            else Reach.EVERYTHING
            if rows == full
            else Reach.SOME_ROWS
        )
        # A condition may hold for every row that there is, or for none.
        is_conditional = reach is Reach.SOME_ROWS and served >= Reach.NO_ROWS
        if reach is not served and not is_conditional:
            wrong.append((role, privilege, ref.name, reach.name, served.name))
    assert wrong == []


def test_who_may_become_another_role_reaches_what_that_one_does(
    asked: Asked,
) -> None:
    facts, _ = asked
    thing = facts.things[ObjectRef("table", ("app", "on_team_some"))]
    ben, team = (judge_right(facts, role, "SELECT", thing) for role in ("ben", "team"))
    assert (ben.reach, ben.worn) == (team.reach, "team")
    assert ben.reach is Reach.SOME_ROWS


def test_views_and_functions_are_reached_as_owner_or_caller(asked: Asked) -> None:
    facts, answers = asked
    facts = replace(facts, roles=replace(facts.roles, masks={}))
    found = {(role, ref): rows for (role, _, ref), rows in answers.items() if ref in BEHIND}
    assert len(found) == len(ROLES) * len(BEHIND)
    for (role, ref), rows in found.items():
        privilege = "SELECT" if ref.kind == "view" else "EXECUTE"
        reach = judge_right(facts, role, privilege, facts.things[ref]).reach
        # What is reached with one's own rights may still be refused behind it.
        wanted = {Reach.NOTHING: [-1], Reach.AS_OWNER: [1], Reach.AS_CALLER: [1, -1]}[reach]
        assert rows in wanted, (role, ref.name)
    assert {rows for (_, ref), rows in found.items() if ref.name == "app.as_owner"} == {1, -1}


def test_who_calls_what_changed_hands_gets_the_rights_of_the_new_owner(
    server: ShadowServer,
) -> None:
    mark = server.roles()
    asked = ("select count(*) from app.vw", "select count(*) from app.f()")
    probe = "select array[public.probe('guest', %s), public.probe('guest', %s)]"
    with server.database() as database, server.superuser(database) as session:
        session.execute(CHANGED_HANDS + PROBE)
        refused = session.execute(probe, asked).fetchone()
        before = read_facts(server, database)
        session.execute("alter view app.vw owner to hoch; alter function app.f() owner to hoch")
        session.execute("alter function app.g() owner to hoch")
        served = session.execute(probe, asked).fetchone()
        after = read_facts(server, database)
    server.drop_roles_made_since(mark)
    assert (refused, served) == (([-1, -1],), ([1, 1],))
    roles = ("PUBLIC", "guest", "hoch", "tief")
    told = [write_group(group) for group in group_moves(find_moves(before, after, roles))]
    swapped = "with the rights of hoch instead of those of tief: it has another owner"
    assert f"guest, hoch and tief can now call app.f() {swapped}" in told
    assert f"guest can now read and insert app.vw {swapped}" in told
    assert not any("app.g()" in text for text in told)
    lost = [text for text in told if text.startswith("tief can no longer")]
    assert lost
    assert all("it is not the owner any more" in text for text in lost)
