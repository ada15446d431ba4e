"""Questions of people to a live database: they read, and nothing that they ask can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError
from driftbook.explore.query import Answer, ask

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer

SCHEMA = """
    create table public.kept (id int primary key, note text);
    insert into public.kept values (1, 'a'), (2, 'b');
    create sequence public.counter;
    create function public.write_it() returns int language plpgsql as
        $$ begin insert into public.kept values (3, 'c'); return 1; end $$;
    create function public.write_again() returns int language plpgsql security definer as
        $$ begin set transaction read write; insert into public.kept values (3, 'c'); return 1;
        end $$;
    create function public.set_again() returns int language plpgsql as
        $$ begin perform set_config('transaction_read_only', 'off', false);
        insert into public.kept values (3, 'c'); return 1; end $$;
    create procedure public.commit_it() language plpgsql as
        $$ begin commit; insert into public.kept values (3, 'c'); end $$;
"""
LABEL = "target production"


@pytest.fixture(scope="module")
def dsn(server: ShadowServer) -> str:
    name = server.create_database()
    with server.superuser(name) as session:
        session.execute(SCHEMA)
    return server.dsn(name, "supabase_admin")  # a superuser, whom no privilege stops


def put(dsn: str, text: str, limit: int = 100, timeout: float = 10) -> Answer:
    return ask(dsn, text, label=LABEL, limit=limit, timeout=timeout)


def test_a_question_has_its_rows(dsn: str) -> None:
    answer = put(dsn, "select id, note, id > 1 as later from public.kept order by id")
    assert answer.frame.to_dict("list") == {
        "id": [1, 2],
        "note": ["a", "b"],
        "later": [False, True],
    }
    assert not answer.is_cut


@pytest.mark.parametrize(
    "text",
    ["values (1)", "table public.kept", "with a as (select 1 as b) select b from a", "select 1;"],
)
def test_every_form_of_a_query_is_taken(dsn: str, text: str) -> None:
    assert len(put(dsn, text).frame) > 0


def test_more_rows_than_the_limit_are_cut_with_a_word(dsn: str) -> None:
    answer = put(dsn, "select * from generate_series(1, 50)", limit=10)
    assert (len(answer.frame), answer.is_cut) == (10, True)
    assert not put(dsn, "select * from generate_series(1, 10)", limit=10).is_cut


def test_no_row_has_its_columns(dsn: str) -> None:
    assert list(put(dsn, "select 1 as a, 2 as a where false").frame.columns) == ["a", "a #2"]


@pytest.mark.parametrize(
    "text",
    [
        "insert into public.kept values (3, 'c')",
        "with a as (insert into public.kept values (3, 'c') returning 1) select * from a",
        "select public.write_it()",
        "select public.write_again()",
        "select public.set_again()",
        "select set_config('transaction_read_only', 'off', false), public.write_it()",
        "select nextval('public.counter')",
        "select * into public.copied from public.kept",
        "select * from public.kept for update",
        "call public.commit_it()",
        "do $$ begin commit; end $$",
        "commit",
        "select 1; commit; insert into public.kept values (3, 'c')",
        "select 1; drop table public.kept",
        "copy public.kept to program 'true'",
        "create table public.made (id int)",
        "set transaction read write",
        "explain analyze insert into public.kept values (3, 'c')",
        "",
        "--",
    ],
)
def test_nothing_but_a_query_runs_and_nothing_is_written(dsn: str, text: str) -> None:
    with pytest.raises(ConfigError, match="the server refuses it") as caught:
        put(dsn, text)
    assert caught.value.fix
    assert caught.value.where == LABEL
    assert caught.value.__context__ is None
    assert put(dsn, "select count(*) as n from public.kept").frame["n"].tolist() == [2]
    made = put(dsn, "select count(*) as n from pg_class where relname in ('copied', 'made')")
    assert made.frame["n"].tolist() == [0]


def test_a_name_without_its_schema_is_told_what_it_lacks(dsn: str) -> None:
    with pytest.raises(ConfigError) as caught:
        put(dsn, "select * from kept")
    assert caught.value.fix == "write the schema as well: the search path is empty"


def test_a_question_that_takes_too_long_ends(dsn: str) -> None:
    with pytest.raises(ConfigError, match="statement timeout") as caught:
        put(dsn, "select pg_sleep(60)", timeout=0.2)
    assert "timeout=" in caught.value.fix


@pytest.mark.parametrize(("limit", "timeout"), [(0, 1), (1, 0), (1, 601)])
def test_limits_that_make_no_sense_are_refused(dsn: str, limit: int, timeout: float) -> None:
    with pytest.raises(ConfigError, match="a limit of 1 or more"):
        put(dsn, "select 1", limit=limit, timeout=timeout)
