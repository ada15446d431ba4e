"""Cutting a text into statements: as the Supabase CLI does, and as the server does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.sqltext import (
    Statement,
    blank_client_parts,
    compare_splits,
    find_position,
    mask,
    split_cli,
    split_server,
)

PIECES = st.sampled_from(
    [
        *"' \" ; $ $$ $a$ -- /* */ / - \\ ( ) é — begin ATOMIC end END append a 1 E' $1".split(),
        *(" ", "\n", "'x'", "select 1", ","),
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def texts(statements: list[Statement] | None) -> list[str] | None:
    return None if statements is None else [statement.text for statement in statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(" ;; \n;", [], id="separators only"),
        pytest.param("select 1;\nselect 2", ["select 1", "select 2"], id="no last separator"),
        pytest.param("-- a;\nselect 1; -- b", ["-- a;\nselect 1", "-- b"], id="comments stay"),
        pytest.param("select ';', 'it''s;';x", ["select ';', 'it''s;'", "x"], id="quotes"),
        pytest.param('select "a;""b;";x', ['select "a;""b;"', "x"], id="quoted names"),
        pytest.param("/* a /* ; */ ; */ b; c", ["/* a /* ; */ ; */ b", "c"], id="nested comments"),
        pytest.param("$a$;$b$;$a$;x", ["$a$;$b$;$a$", "x"], id="dollar tags"),
        pytest.param("$$a;$$;x", ["$$a;$$", "x"], id="dollars without a tag"),
        pytest.param("select $1;x", ["select $1", "x"], id="a parameter is no tag"),
        pytest.param("f(a; b);x", ["f(a; b)", "x"], id="parentheses"),
        pytest.param("f((a); b);x", ["f((a)", "b)", "x"], id="the first closing one ends all"),
        pytest.param("E'\\'; ';x", ["E'\\'", "';x"], id="backslashes mean nothing in quotes"),
        pytest.param("a \\; b; c", ["a \\; b", "c"], id="a backslash outside hides one character"),
        pytest.param(
            "begin\n atomic a; b; end; c", ["begin\n atomic a; b; end", "c"], id="begin atomic"
        ),
        pytest.param(
            "begin atomic append; b; end; c", ["begin atomic append; b; end", "c"], id="a word"
        ),
        pytest.param(
            "begin atomic 'end'; b; end; c", ["begin atomic 'end'; b; end", "c"], id="not quoted"
        ),
        pytest.param("f_atomic(); b; end", ["f_atomic()", "b", "end"], id="atomic in a name"),
        pytest.param("atomic a; b; end", ["atomic a", "b", "end"], id="atomic without begin"),
        pytest.param("x_begin atomic a; b", ["x_begin atomic a", "b"], id="begin in a name"),
        pytest.param("$é$;$é$;x", ["$é$;$é$", "x"], id="a tag of other letters"),
        pytest.param("a$b$;c$b$", ["a$b$", "c$b$"], id="a dollar in a name is no tag"),
        pytest.param("/*/ ; */ a", ["/*/", "*/ a"], id="a comment that closes at once"),
        pytest.param("\u00a0a\u00a0;\u2003b", ["a", "b"], id="white space of Go"),
        pytest.param("\x1ca;b", ["\x1ca", "b"], id="what only Python calls white space"),
        pytest.param("\ufeffa", ["\ufeffa"], id="a byte-order mark stays"),
    ],
)
def test_as_the_cli(text: str, expected: list[str]) -> None:
    assert texts(split_cli(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select E'\\';'; select 2", ["select E'\\';'", "select 2"]),
        ("-- é\nselect 'é'; select 2 -- b", ["select 'é'", "select 2 -- b"]),
        (
            "create rule r as on insert to t do (select (1); select 2); select 3",
            ["create rule r as on insert to t do (select (1); select 2)", "select 3"],
        ),
        ("selec 1; select 2", None),
        ("-- nothing", []),
    ],
)
def test_as_the_server(text: str, expected: list[str] | None) -> None:
    assert texts(split_server(text)) == expected


def test_places_are_those_of_first_words() -> None:
    found = split_cli("-- é\n  select 1;\n/* x */ select 2; -- end")
    assert [(each.line, each.column, each.has_code) for each in found] == [
        (2, 3, True),
        (3, 9, True),
        (3, 19, False),
    ]


@pytest.mark.parametrize(
    ("text", "agree"),
    [
        ("select 1; -- x\nselect 2", True),
        ("select E'\\';'; select 2", False),
        ("create function f() returns int language sql begin atomic select 1; end; x y", True),
        ("create procedure f() begin atomic select case when b then 1 end; select 2; end", False),
    ],
)
def test_where_the_two_part(text: str, agree: bool) -> None:  # noqa: FBT001 - a table
    assert compare_splits(text).agree is agree


@given(TEXTS)
def test_rejoined_statements_split_to_themselves(text: str) -> None:
    # What is never closed swallows what is joined behind it, its last ";" too.
    once = [each for each in texts(split_cli(text)) or [] if not each.endswith(";")]
    whole = all(texts(split_cli(each + "\n;")) == [each] for each in once)
    if whole:
        assert texts(split_cli("\n;\n".join(once))) == once


@given(TEXTS)
def test_offsets_and_lines_point_into_the_text(text: str) -> None:
    for split in (split_cli, split_server):
        for each in split(text) or []:
            assert text[each.offset : each.offset + len(each.text)] == each.text
            start = each.offset + (len(each.text) - len(each.text.lstrip()))
            assert each.line >= find_position(text, start)[0]


@given(TEXTS)
def test_nothing_but_separators_is_lost(text: str) -> None:
    kept = "".join(each.text for each in split_cli(text))
    assert re.sub(r"[;\s]", "", kept) == re.sub(r"[;\s]", "", text)


@given(TEXTS)
def test_masks_keep_length_and_lines(text: str) -> None:
    for masked in (mask(text), blank_client_parts(text)[0]):
        assert len(masked) == len(text)
        assert masked.count("\n") == text.count("\n")


def test_what_only_psql_understands() -> None:
    text = (
        "\\restrict x\nselect '\\a', E'\\'\\n';\ncopy t from stdin;\n1\t'it;\n\\.\n"
        "select 2; -- \\x\n\\unrestrict x\n"
    )
    blanked, parts = blank_client_parts(text)
    assert [(part.kind, part.line) for part in parts] == [
        ("meta-command", 1),
        ("copy-data", 3),
        ("meta-command", 7),
    ]
    assert texts(split_server(blanked)) == ["select '\\a', E'\\'\\n'", "select 2"]


def test_copy_data_without_an_end() -> None:
    blanked, parts = blank_client_parts("copy t from stdin;\n1\n2")
    assert blanked.strip() == ""
    assert [part.kind for part in parts] == ["copy-data"]
