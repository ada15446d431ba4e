"""Two statements have one key when, and only when, they say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.sqltext import collapse, digest_statement, digest_unguarded

TABLE = "create table t (a int default 1)"
BODY = "create function f() returns int language plpgsql as $${}$$"
# Each with a place for a constant, a name or a condition.
FRAMES = st.sampled_from(
    [
        "create table t (a text default {})",
        "create policy p on t using (a = {})",
        "alter table t add constraint c check (a <> {})",
        "create view v as select a from t where b in ({}, 'x')",
        "comment on table t is {}",
        "insert into t values ({})",
        "alter type e add value {}",
        "create function f() returns text language sql as {}",
        "create function f() returns text language sql return {}",
        "do {}",
        "create index i on t (a) where b = {}",
        "create trigger g before insert on t for each row execute function f({})",
        "alter role r set a.b to {}",
    ]
)
# What the server cannot hold is no text of a statement.
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("CREATE TABLE T(A INTEGER DEFAULT 1);", id="case, blanks and synonyms"),
        pytest.param('create table "t" ("a" int default 1)', id="needless quotes"),
        pytest.param("-- why\ncreate table t (\n  a int /* x */ default 1)", id="comments"),
    ],
)
def test_the_same_in_other_words(other: str) -> None:
    assert digest_statement(other) == digest_statement(TABLE)
    assert digest_statement(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'x'", "select 'y'"),
        ("select a from t", "select a from public.t"),
        (TABLE, "create table if not exists t (a int default 1)"),
        (BODY.format("begin return 1; end"), BODY.format("begin return 2; end")),
        (BODY.format("begin return 1; end"), BODY.format("begin return 1;  end")),
        (BODY.format("begin return 1; end"), BODY.format("begin return 1; END")),
        (BODY.format("-- x"), BODY.format("-- y")),
        (BODY.format("a\n"), BODY.format("a\r\n")),
        ("do $$begin a; end$$", "do $$begin b; end$$"),
        ("drop table t", "drop table t cascade"),
        ("create policy p on t using (a = '1')", "create policy p on t using (a = '2')"),
        ("create tablespace s location '/a'", "create tablespace s location '/b'"),
    ],
)
def test_another_word_is_another_statement(one: str, other: str) -> None:
    assert digest_statement(one) != digest_statement(other)


def test_what_encloses_a_body_is_not_of_it() -> None:
    other = "create function f() returns int language plpgsql as 'x ''y'''"
    assert digest_statement(BODY.format("x 'y'")) == digest_statement(other)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("-- only a comment", id="a comment"),
        pytest.param("applied manually", id="no SQL"),
        pytest.param("select 1; select 2", id="two statements"),
        pytest.param("select 1\0 x", id="a NUL"),
        pytest.param("select '\ud800'", id="half a character"),
        pytest.param("select E'\\xff'", id="bytes that are no text"),
        pytest.param("select 1" + "+1" * 5_000, id="a deep tree"),
        pytest.param("select " + "1," * 9_000 + "1", id="more than is read"),
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    assert digest_statement(text) is None
    assert digest_unguarded(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alter type e add value ''", "alter type e add value 'x'"),
        ("load ''", "load 'x'"),
        ("prepare transaction ''", "prepare transaction 'x'"),
        ("select " + "(" * 3_000 + "1" + ")" * 3_000, "select " + "(" * 3_000 + "2" + ")" * 3_000),
    ],
)
def test_no_statement_ends_the_process(one: str, other: str) -> None:
    assert None not in {digest_statement(one), digest_statement(other)}
    assert digest_statement(one) != digest_statement(other)


@pytest.mark.parametrize(
    ("guarded", "bare"),
    [
        ("create table if not exists t (a int)", "create table t (a int)"),
        ("create table if not exists t as select 1", "create table t as select 1"),
        ("create index if not exists i on t (a)", "create index i on t (a)"),
        ("create schema if not exists s", "create schema s"),
        ("create extension if not exists x", "create extension x"),
        ("create sequence if not exists s", "create sequence s"),
        ("create statistics if not exists s on a, b from t", "create statistics s on a, b from t"),
        ('create collation if not exists c from "C"', 'create collation c from "C"'),
        (
            "create server if not exists s foreign data wrapper w",
            "create server s foreign data wrapper w",
        ),
        ("create user mapping if not exists for u server s", "create user mapping for u server s"),
        ("alter type e add value if not exists 'x'", "alter type e add value 'x'"),
        (
            "alter table if exists t add column if not exists a int",
            "alter table t add column a int",
        ),
        ("alter table t drop column if exists a", "alter table t drop column a"),
        ("alter table t drop constraint if exists a", "alter table t drop constraint a"),
        ("alter table if exists t rename to u", "alter table t rename to u"),
        ("alter table if exists t set schema s", "alter table t set schema s"),
        ("alter sequence if exists s cycle", "alter sequence s cycle"),
        ("drop policy if exists p on t", "drop policy p on t"),
        ("drop table if exists t cascade", "drop table t cascade"),
        ("drop role if exists r", "drop role r"),
        ("drop subscription if exists s", "drop subscription s"),
        ("create or replace view v as select 1", "create view v as select 1"),
        (BODY.replace("create", "create or replace"), BODY),
        (
            "create or replace trigger g before insert on t execute function f()",
            "create trigger g before insert on t execute function f()",
        ),
        (
            "create or replace rule r as on insert to t do nothing",
            "create rule r as on insert to t do nothing",
        ),
        (
            "create or replace aggregate a(int) (sfunc = f, stype = int)",
            "create aggregate a(int) (sfunc = f, stype = int)",
        ),
    ],
)
def test_guards_are_taken_off(guarded: str, bare: str) -> None:
    assert digest_statement(guarded) != digest_statement(bare)
    assert digest_unguarded(guarded) == digest_unguarded(bare) == digest_statement(bare)


def test_guards_in_a_body_and_what_only_looks_like_one_stay() -> None:
    inside = BODY.format("drop table if exists t")
    assert digest_unguarded(inside) != digest_unguarded(BODY.format("drop table t"))
    exchange = "alter text search configuration c alter mapping replace a with b"
    assert digest_unguarded(exchange) == digest_statement(exchange)


@given(FRAMES, VALUES, VALUES)
def test_one_character_more_or_less_is_another_statement(frame: str, one: str, other: str) -> None:
    texts = [frame.format(quote(value)) for value in (one, other)]
    written = [digest_statement(text) for text in texts]
    assert None not in written
    assert (written[0] == written[1]) == (one == other)
    assert (digest_unguarded(texts[0]) == digest_unguarded(texts[1])) == (one == other)


@given(FRAMES, VALUES, st.sampled_from(["\n", "\t", "  ", "/* x */", "-- x\n"]))
def test_blanks_and_comments_between_words_do_not_count(frame: str, value: str, blank: str) -> None:
    text = frame.format(quote(value))
    other = frame.replace(" ", blank).format(quote(value))
    assert collapse(other) == collapse(text)
    assert digest_statement(other) == digest_statement(text)


def quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
