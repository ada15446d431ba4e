"""A rename ends no history: not of a table, nor of its parts, nor of those that take its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.audit.blame import follow
from driftbook.audit.frames import build_lifelines, build_touches
from driftbook.audit.names import list_last_names
from driftbook.audit.objects import describe_deeds, find_thing
from driftbook.audit.plan import Plan
from driftbook.audit.trace import Diary, Tracer
from driftbook.errors import ConfigError
from driftbook.migrations.directory import read_directory
from driftbook.progress import say_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.model import ObjectRef
    from driftbook.postgres.server import ShadowServer
    from driftbook.versions import Fact

pytestmark = pytest.mark.postgres

FILES = {
    "1_base.sql": "create table orders (id int primary key, total numeric, note text);"
    "create index orders_total on orders (total); create table spare (id int);",
    "2_more.sql": "alter table orders add column paid boolean;",
    "3_rename.sql": "alter table orders rename to invoices;"
    "alter table invoices rename column total to amount;"
    "alter table invoices add column extra int;",
    "4_move.sql": "create index invoices_paid on invoices (paid); create schema billing;"
    "alter table invoices set schema billing;"
    "create view v as select id, amount from billing.invoices;",
    "5_swap.sql": "alter table spare rename to tmp; alter table billing.invoices set schema public;"
    "alter table public.invoices rename to spare; alter table tmp rename to invoices;",
    "6_last.sql": "alter table spare drop column note; drop index orders_total;"
    "create function f() returns int language sql return 1; alter function f() rename to g;",
}

PARTS = "3 of kind column, 1 of kind constraint, 1 of kind index"


@pytest.fixture(scope="module")
def diaries(
    server: ShadowServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Diary, Diary]]:
    """What was told file by file, and statement by statement."""
    folder = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    mark = server.roles()
    tracer = Tracer(server, Plan("plain", "postgres", None), None, say_nothing)
    runs = [tracer.replay(read_directory(folder), None, pieces) for pieces in ((), FILES)]
    yield runs[0].diary, runs[1].diary
    for run in runs:
        assert not run.diary.failures
        server.drop_database(run.result.database)
    server.drop_roles_made_since(mark)


def blame(diaries: tuple[Diary, Diary], name: str) -> list[tuple[str, tuple[str, ...]]]:
    whole, pieces = diaries
    thing = find_thing(name, whole.facts)
    told = follow(thing, list(zip(pieces.facts, pieces.statements, strict=True)))
    steps: dict[tuple[str, int], tuple[ObjectRef, list[Fact]]] = {}
    for fact, number, called in told:
        steps.setdefault((fact.file, number), (called, []))[1].append(fact)
    return [(file[:1], describe_deeds(facts, at)) for (file, _), (at, facts) in steps.items()]


def test_a_renamed_table_has_its_first_file(diaries: tuple[Diary, Diary]) -> None:
    assert blame(diaries, "spare") == [
        (
            "1",
            ("created", "parts created: 3 of kind column, 1 of kind constraint, 1 of kind index"),
        ),
        ("1", ("index public.orders_total created",)),
        ("2", ("column public.orders.paid created",)),
        ("3", ("renamed from table public.orders",)),
        (
            "3",
            (
                "column public.invoices.amount renamed from column public.invoices.total",
                "index public.orders_total altered: definition",
            ),
        ),
        ("3", ("column public.invoices.extra created",)),
        ("4", ("index public.invoices_paid created",)),
        ("4", ("renamed from table public.invoices",)),
        ("5", ("renamed from table billing.invoices",)),
        ("5", ("renamed from table public.invoices",)),
        ("6", ("column public.spare.note dropped",)),
        ("6", ("index public.orders_total dropped",)),
    ]


def test_the_table_that_took_the_name_has_its_own_history(diaries: tuple[Diary, Diary]) -> None:
    assert blame(diaries, "public.invoices") == [
        ("1", ("created", "column public.spare.id created")),
        ("5", ("renamed from table public.spare",)),
        ("5", ("renamed from table public.tmp",)),
    ]


def test_the_old_name_says_what_became_of_it(diaries: tuple[Diary, Diary]) -> None:
    assert blame(diaries, "public.orders")[-1] == ("3", ("renamed to table public.invoices",))


def test_a_renamed_column_has_its_first_file(diaries: tuple[Diary, Diary]) -> None:
    told = blame(diaries, "public.spare.amount")
    assert told[0] == ("1", ("created",))
    assert ("3", ("renamed from column public.invoices.total",)) in told


def test_a_renamed_function_has_its_first_statement(diaries: tuple[Diary, Diary]) -> None:
    assert blame(diaries, "g") == [
        ("6", ("created",)),
        ("6", ("renamed from function public.f()",)),
    ]


def test_a_column_of_a_view_leads_to_the_view(diaries: tuple[Diary, Diary]) -> None:
    assert str(find_thing("public.v.amount", diaries[0].facts)) == "view public.v"
    with pytest.raises(ConfigError, match="no migration makes"):
        find_thing("public.w.amount", diaries[0].facts)


def test_life_lines_go_through_renames(diaries: tuple[Diary, Diary]) -> None:
    """Also where a file is told as a whole: there the two tables only swap names."""
    facts = diaries[0].facts
    lines = build_lifelines(build_touches(facts, ()))
    rows = lines[["table", "created_in", "dropped_in", "alterations"]]
    assert list(rows.itertuples(index=False, name=None)) == [
        ("public.spare", "1", "", 5),
        ("public.invoices", "1", "", 1),
    ]
    assert None in list_last_names(facts)


def test_a_name_that_another_object_took_tells_of_that_one_alone(
    server: ShadowServer, tmp_path: Path
) -> None:
    texts = {
        "1_old.sql": "create table orders (id int); comment on table orders is 'of old';",
        "2_away.sql": "alter table orders rename to sales;",
        "3_anew.sql": "create table orders (number int);",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    mark = server.roles()
    tracer = Tracer(server, Plan("plain", "postgres", None), None, say_nothing)
    runs = [tracer.replay(read_directory(tmp_path), None, pieces) for pieces in ((), texts)]
    told = (runs[0].diary, runs[1].diary)
    assert [file for file, _ in blame(told, "public.orders")] == ["3"]
    assert [file for file, _ in blame(told, "public.sales")] == ["1", "1", "2"]
    for run in runs:
        server.drop_database(run.result.database)
    server.drop_roles_made_since(mark)
