"""What the text of an error is about, what statements make, and what goes back to what."""

from __future__ import annotations

import pytest

from driftbook.failures import FailureClass, FailureFact, find_roots
from driftbook.shadow.failures.subject import Subject, find_subject
from driftbook.shadow.prelude import may_bring
from driftbook.shadow.result import Failure
from driftbook.sqltext import Making, read_makings
from driftbook.versions import Deed

D = Deed.DROPPED


def subject_of(message: str, statement: str = "", sqlstate: str = "42P01") -> Subject | None:
    return find_subject(Failure("f", "1", 1, 1, 1, sqlstate, message), statement)


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ('relation "a.b" does not exist', Subject("relation", "a", "b")),
        ('relation "b" does not exist', Subject("relation", "", "b")),
        ('table "b" does not exist', Subject("relation", "", "b")),
        ('materialized view "b" does not exist', Subject("relation", "", "b")),
        ('type "app.mood[]" does not exist', Subject("type", "app", "mood")),
        ("type app.mood[] does not exist", Subject("type", "app", "mood")),
        ("type mood does not exist", Subject("type", "", "mood")),
        ('type "Mood" does not exist', Subject("type", "", "Mood")),
        ('role "web anon" does not exist', Subject("role", "", "web anon")),
        ('schema "app" does not exist', Subject("schema", "", "app")),
        ('column "x" of relation "t" does not exist', Subject("column", "", "x", "t")),
        ('column "x" does not exist', Subject("column", "", "x")),
        ("column t.x does not exist", Subject("column", "", "x", "t")),
        ('column "x" named in key does not exist', Subject("column", "", "x")),
        ('record "new" has no field "x"', Subject("column", "", "x")),
        ('policy "p" for table "t" does not exist', Subject("policy", "", "p", "t")),
        ('trigger "g" for relation "t" already exists', Subject("trigger", "", "g", "t")),
        ('constraint "c" of relation "t" does not exist', Subject("constraint", "", "c", "t")),
        (
            "function app.f(uuid, text) does not exist",
            Subject("function", "app", "f", arguments="uuid, text"),
        ),
        ('function "f" already exists with same argument types', Subject("function", "", "f")),
        ('could not find a function named "f"', Subject("function", "", "f")),
        ('invalid input value for enum app.mood: "odd"', Subject("value", "app", "odd", "mood")),
        ("operator does not exist: uuid = text", None),
        ('missing FROM-clause entry for table "t"', None),
    ],
)
def test_the_subject_of_a_message(message: str, subject: Subject | None) -> None:
    assert subject_of(message) == subject


def test_the_key_that_a_statement_asks_for() -> None:
    conflict = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    insert = 'insert into app.t (a, "B") values (1, 2) on conflict ("B", a) do nothing'
    assert subject_of(conflict, insert, "42P10") == Subject("key", "app", "B,a", "t")
    given = 'there is no unique constraint matching given keys for referenced table "t"'
    foreign = "create table u (a int references s, b int references public.t (x, a))"
    assert subject_of(given, foreign, "42830") == Subject("key", "", "a,x", "t")
    assert str(Subject("key", "", "a,x", "t")) == "unique key (a, x) of table t"


@pytest.mark.parametrize(
    ("text", "makings"),
    [
        ("alter table a.b rename to c", [("relation", "a", "b", D), ("relation", "a", "c")]),
        ("alter table b rename column x to y", [("column", "", "x", D), ("column", "", "y")]),
        ("alter function f(int) set schema z", [("function", "", "f", D), ("function", "z", "f")]),
        ("drop policy p on a.t", [("policy", "a", "p", D)]),
        ("drop table if exists a.b, c", [("relation", "a", "b", D), ("relation", "", "c", D)]),
        ("alter type m add value 'x'", [("value", "", "x")]),
        (
            "create table t (id serial primary key)",
            [
                ("relation", "", "t"),
                ("column", "", "id"),
                ("relation", "", "t_id_seq"),
                ("constraint", "", "t_pkey"),
                ("relation", "", "t_pkey"),
                ("key", "", "id"),
                ("key", "", ""),
            ],
        ),
        (
            "do $$ begin if true then create type m as enum (); end if; drop table t; end $$",
            [("type", "", "m"), ("relation", "", "t", D)],
        ),
        (
            "do $$ begin execute format('create view %I.v as select 1', 's'); end $$",
            [("relation", "", "v")],
        ),
        (
            (
                "create function f() returns void language plpgsql as "
                "$$ begin create table made (); drop table gone; end $$"
            ),
            [("function", "", "f"), ("relation", "", "made")],
        ),
        ("this is no statement", []),
    ],
)
def test_what_a_statement_makes_and_drops(text: str, makings: list[tuple[str, ...]]) -> None:
    found = [
        (one.kind, one.schema, one.name, *([D] if one.deed is D else []))
        for one in read_makings(text)
    ]
    assert found == makings


def test_guards_and_arguments_are_read() -> None:
    first, *_ = read_makings("create table if not exists t (id int)")
    assert first == Making("relation", "", "t", is_guarded=True)
    (function,) = read_makings(
        "create function f(a int, b int default 1, out c int, variadic d int[]) language sql as ''"
    )
    assert function.arity == (1, 100)
    assert function.types == ("integer", "integer", "integer[]")
    (dropped,) = read_makings("drop function f(int8, app.mood)")
    assert (dropped.arity, dropped.types) == ((2, 2), ("bigint", "mood"))
    assert Subject("function", "", "f", arguments="app.mood, text").types == ("mood", "text")
    assert Subject("function", "", "f", arguments="").types == ()
    assert Subject("function", "", "f").types is None


def test_an_extension_that_is_not_listed_may_bring_anything() -> None:
    assert may_bring("postgis", "st_area")
    assert not may_bring("postgis", "my_area")
    assert may_bring("nobody_knows_it", "my_area")
    assert may_bring("vector", "hnsw")


def failed(file: str, **values: object) -> FailureFact:
    kind = values.pop("kind", FailureClass.NEVER_CREATED)
    return FailureFact(file[0], file, 1, "42P01", "m", kind=kind, **values)  # type: ignore[arg-type]


def test_roots_come_with_what_fails_because_of_them() -> None:
    data = failed("0", kind=FailureClass.DATA)
    one = failed("1", object="table t", used_by=3)
    two = failed("2", object="table public.t", used_by=3)
    after = failed("3", kind=FailureClass.CASCADE, root="2")
    roots = find_roots([data, one, two, after])
    assert [root.blocked for root in roots] == [("1", "2", "3"), ("0",)]
    assert roots[0].describe() == "table public.t is used by 3 files and created by none"
    assert roots[0].describe_others() == "2, 3 fail with it"
    assert roots[1].describe() == "m"
    assert not roots[1].describe_others()
