"""A recovered file is cut into exactly what was recorded, and its name leads nowhere else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_splitting import PIECES, TEXTS, texts

from driftbook.migrations.conventions import read_supabase_name
from driftbook.sqltext import split_cli
from driftbook.tracking.recover import recover_name, recover_text


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param((), "", id="nothing"),
        pytest.param(("select 1",), "select 1;\n", id="one"),
        pytest.param(("select 1", "select 2"), "select 1;\n\nselect 2;\n", id="two"),
        pytest.param(("-- a",), "-- a\n", id="only a comment"),
        pytest.param(("select 1", "-- end"), "select 1;\n\n-- end\n", id="a comment at the end"),
        pytest.param(
            ("select 1 -- a", "select 2 -- b"),
            "select 1 -- a\n;\n\nselect 2 -- b\n;\n",
            id="comments that would swallow the semicolon",
        ),
        pytest.param(("select 'a;",), "select 'a;\n", id="a quote that never ends"),
        pytest.param(
            ("create function f() returns int language sql begin atomic a; end", "b"),
            "create function f() returns int language sql begin atomic a; end;\n\nb;\n",
            id="a body with semicolons",
        ),
    ],
)
def test_a_file_of_statements(statements: tuple[str, ...], expected: str) -> None:
    assert recover_text(statements) == expected


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(("select 1; select 2",), id="two in one"),
        pytest.param(("select 'a", "select 2"), id="a quote that swallows the next"),
        pytest.param(("",), id="an empty one"),
        pytest.param((" select 1",), id="white space before it"),
        pytest.param(("select 1;", "select 2"), id="its semicolon"),
    ],
)
def test_what_no_file_is_cut_into(statements: tuple[str, ...]) -> None:
    assert recover_text(statements) is None


@given(TEXTS)
def test_whatever_was_cut_is_recovered(text: str) -> None:
    statements = texts(split_cli(text)) or []
    recovered = recover_text(statements)
    assert recovered is not None
    assert texts(split_cli(recovered)) == statements


@given(st.lists(st.lists(PIECES, max_size=8).map("".join), max_size=4))
def test_what_is_recovered_is_what_was_recorded(statements: list[str]) -> None:
    recovered = recover_text(statements)
    assert recovered is None or texts(split_cli(recovered)) == statements


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add_users", "7_add_users.sql"),
        (None, "7_recovered.sql"),
        ("", "7_recovered.sql"),
        ("../../etc/passwd", "7__.._etc_passwd.sql"),
        ("..", "7_recovered.sql"),
        (".hidden", "7_hidden.sql"),
        ("a b\n\0;'\"é", "7_a_b_.sql"),
        ("x" * 300, f"7_{'x' * 100}.sql"),
    ],
)
def test_a_name_is_reduced(name: str | None, expected: str) -> None:
    assert recover_name("7", name) == expected


@pytest.mark.parametrize("version", ["", "../7", "7a", "7\n", "٢", "7" * 101])
def test_no_file_can_have_such_a_version(version: str) -> None:
    assert recover_name(version, "a") == ""


def test_the_tool_does_not_pass_over_the_file() -> None:
    assert recover_name("20200101000000", "init") == "20200101000000_recovered.sql"
    assert recover_name("20230101000000", "init") == "20230101000000_init.sql"


@given(st.from_regex(r"[0-9]{1,14}", fullmatch=True), st.none() | st.text())
def test_a_name_is_read_back_and_leads_nowhere_else(version: str, name: str | None) -> None:
    file = recover_name(version, name)
    assert re.fullmatch(r"[0-9]+_[A-Za-z0-9_-][A-Za-z0-9_.-]*\.sql", file)
    assert len(file) <= 14 + 1 + 100 + 4
    assert read_supabase_name(file, 0).version == version
