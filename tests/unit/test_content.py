"""A record that says something else than its file is told from one that only looks different."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.migrations.conventions import split_plain
from driftbook.migrations.directory import MigrationFile
from driftbook.sqltext import split_cli
from driftbook.tracking.content import (
    compare_content,
    content_key,
    describe_difference,
    is_sql,
    read_keys,
)
from driftbook.versions import Content

if TYPE_CHECKING:
    from driftbook.tracking.content import Split

TABLE = "create table t (a int default 1)"
FUNCTION = "create function f() returns int language sql as $$ select 1 $$"
POLICY = "create policy p on t using (a = '1')"
TEXT = f"-- first\n{TABLE};\n\n{FUNCTION};\n{POLICY};\n-- done\n"
STATEMENTS = st.lists(
    st.sampled_from([TABLE, FUNCTION, POLICY, "select 'x;y'", "drop table t", "grant a to b"]),
    min_size=1,
    max_size=6,
)
# What may change and never is an edit.
NOISE = st.sampled_from(
    [
        lambda text: f"-- why\n{text}",
        lambda text: f"/* ; */ {text} -- x",
        lambda text: text.replace(" ", "\n  ", 1),
        lambda text: text.replace("create", "CREATE").replace("int ", "integer "),
    ]
)


def build(text: str, *facts: str) -> MigrationFile:
    return MigrationFile(Path("1_a.sql"), "1", "a", text.encode(), facts)


def recorded(text: str) -> tuple[str, ...]:
    return tuple(statement.text for statement in split_cli(text))


def compare(text: str, *statements: str) -> Content:
    return compare_content(build(text), statements, split_cli)


@pytest.mark.parametrize(
    ("statements", "content"),
    [
        pytest.param(recorded(TEXT), Content.IDENTICAL, id="as the tool records it"),
        pytest.param((TEXT,), Content.IDENTICAL, id="the whole file as one statement"),
        pytest.param((TABLE, FUNCTION, POLICY), Content.EQUAL, id="without comments"),
        pytest.param((f"{TABLE};{FUNCTION}", POLICY), Content.EQUAL, id="cut otherwise"),
        pytest.param((TABLE.upper(), FUNCTION, POLICY), Content.EQUAL, id="case"),
        pytest.param(
            (TABLE.replace("int", "integer"), FUNCTION, POLICY), Content.EQUAL, id="a synonym"
        ),
        pytest.param(
            (TABLE.replace("table", "table if not exists"), FUNCTION, POLICY),
            Content.GUARDED,
            id="a guard",
        ),
        pytest.param(
            (TABLE, FUNCTION.replace("create", "create or replace"), POLICY),
            Content.GUARDED,
            id="or replace",
        ),
        pytest.param((TABLE.replace("1", "2"), FUNCTION, POLICY), Content.DIFFERENT, id="a number"),
        pytest.param((TABLE, FUNCTION.replace("1 ", "1"), POLICY), Content.DIFFERENT, id="a body"),
        pytest.param((TABLE, FUNCTION, POLICY.replace("1", "2")), Content.DIFFERENT, id="a policy"),
        pytest.param((TABLE, POLICY, FUNCTION), Content.DIFFERENT, id="another order"),
        pytest.param((TABLE, FUNCTION), Content.DIFFERENT, id="one less"),
        pytest.param((TABLE, FUNCTION, POLICY, TABLE), Content.DIFFERENT, id="one more"),
        pytest.param(("applied manually", TABLE), Content.DIFFERENT, id="a note and SQL"),
        pytest.param(("create the table by hand",), Content.DIFFERENT, id="a note like SQL"),
        pytest.param(("-- applied manually",), Content.PLACEHOLDER, id="a comment"),
        pytest.param(("applied manually",), Content.PLACEHOLDER, id="a note"),
        pytest.param(("(see the ticket)", "-- x"), Content.PLACEHOLDER, id="a note in parentheses"),
        pytest.param(("d41d8cd98f00b204e9800998ecf8427e",), Content.PLACEHOLDER, id="a hash"),
        pytest.param(("do1f8cd98f00b204e9800998ecf8427e",), Content.PLACEHOLDER, id="hash, do"),
        pytest.param(None, Content.UNKNOWN, id="NULL"),
        pytest.param((), Content.UNKNOWN, id="an empty list"),
        pytest.param(("", " "), Content.UNKNOWN, id="a list of nothing"),
    ],
)
def test_a_file_against_its_record(statements: tuple[str, ...] | None, content: Content) -> None:
    assert compare_content(build(TEXT), statements, split_cli) is content


@pytest.mark.parametrize(
    ("statements", "content"),
    [
        pytest.param(None, Content.NONE, id="NULL, as the tool records it"),
        pytest.param((), Content.NONE, id="an empty list"),
        pytest.param(("-- nothing yet",), Content.IDENTICAL, id="its comment"),
        pytest.param(("-- something else",), Content.NONE, id="another comment"),
        pytest.param(("applied manually",), Content.PLACEHOLDER, id="a note"),
        pytest.param((TABLE,), Content.DIFFERENT, id="emptied after it was applied"),
    ],
)
@pytest.mark.parametrize("split", [split_cli, split_plain])
def test_a_file_without_statements(
    split: Split, statements: tuple[str, ...] | None, content: Content
) -> None:
    if split is split_plain and content is Content.IDENTICAL:
        content = Content.NONE  # the server's cut leaves comments out
    assert compare_content(build("-- nothing yet\n"), statements, split) is content


def test_what_cannot_be_read_is_not_called_equal() -> None:
    unread = build("", "file-bytes:too-large")
    assert compare_content(unread, (), split_cli) is Content.UNKNOWN
    assert "too-large" in describe_difference(unread, (), split_cli)


def test_what_does_not_parse_is_compared_as_text() -> None:
    odd = "create table t (a int) with new words"
    assert compare(odd, odd.replace("table t ", "TABLE  t")) is Content.EQUAL
    assert compare(odd, odd.replace("words", "word")) is Content.DIFFERENT


@pytest.mark.parametrize(
    ("text", "statements", "said"),
    [
        (TEXT, recorded(TEXT), ""),
        (TEXT, (TABLE, FUNCTION, POLICY), ""),
        (
            TEXT,
            (TABLE, FUNCTION.replace("1", "2"), POLICY),
            "1 of 3 statements differs, first at line 4",
        ),
        (
            TEXT,
            (TABLE, FUNCTION.replace("1", "2"), POLICY.replace("1", "2")),
            "2 of 3 statements differ, first at line 4",
        ),
        (
            TEXT,
            ("drop table a", "drop table b"),
            "3 of 3 statements differ, first at line 2; 2 are recorded",
        ),
        (TEXT, (TABLE, POLICY), "the record lacks 1 of 3 statements, first at line 4"),
        (TEXT, (TABLE, FUNCTION), "the record lacks 1 of 3 statements, first at line 5"),
        (TEXT, (TABLE, FUNCTION, POLICY, TABLE), "the file lacks 1 of 4 recorded statements"),
        (
            TEXT,
            (TABLE, POLICY, FUNCTION),
            "the statements are recorded in another order, first at line 4",
        ),
        (
            TEXT,
            (TABLE.replace("table", "table if not exists"), FUNCTION, POLICY),
            "1 of 3 statements differs, first at line 2, but only in IF [NOT] EXISTS or OR REPLACE",
        ),
        (
            "do $$a\r\n$$;",
            ("do $$a\n$$",),
            "1 of 1 statements differs, first at line 1, but only in line ends (CRLF or LF)",
        ),
        (
            f"\ufeff{TABLE}",
            (TABLE,),
            "1 of 1 statements differs, first at line 1, but only in a byte-order mark",
        ),
        ("-- x", (TABLE, POLICY), "the file has no statement, its record holds 2"),
        (TEXT, None, "its record holds no statements"),
        (TEXT, (" ",), "its record holds an empty list of statements"),
        (TEXT, ("", "-- by hand"), "its record holds no SQL, only '-- by hand'"),
        ("-- x", None, ""),
    ],
)
def test_a_difference_in_one_sentence(
    text: str, statements: tuple[str, ...] | None, said: str
) -> None:
    assert describe_difference(build(text), statements, split_cli) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/* x */ (select 1)", True),
        ("WITH a as (select 1) select 2", True),
        ("end;", True),
        ("ending", False),
        ("42", False),
        ("", False),
    ],
)
def test_a_statement_begins_with_a_word_of_its_own(text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_sql(text) is expected


def test_contents_have_one_key() -> None:
    key = content_key((TABLE, FUNCTION))
    assert key == content_key(("-- x", TABLE.upper(), f"{FUNCTION} -- y"))
    assert len({key, content_key((FUNCTION, TABLE)), content_key((TABLE,))}) == 3
    assert content_key(()) == content_key(("-- x", " ")) == ""
    assert read_keys(("-- x", TABLE)) == read_keys((TABLE,))


@given(STATEMENTS, st.data())
def test_noise_is_never_an_edit(statements: list[str], data: st.DataObject) -> None:
    text = "; ".join(data.draw(NOISE)(one) + "\n" for one in statements)
    assert compare(text, *statements) in {Content.IDENTICAL, Content.EQUAL}
    assert describe_difference(build(text), tuple(statements), split_cli) == ""
    assert content_key(recorded(text)) == content_key(statements)


@given(STATEMENTS, st.data())
def test_one_character_is_always_an_edit(statements: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(statements) - 1))
    edited = list(statements)
    edited[at] = data.draw(
        st.sampled_from(
            ["drop table u", "select 'x; y'", POLICY.replace("1", "2"), "revoke a from b"]
        )
    )
    if edited != statements:
        assert compare(";\n".join(edited), *statements) is Content.DIFFERENT
        assert "differ" in describe_difference(
            build(";\n".join(edited)), tuple(statements), split_cli
        )
        assert content_key(edited) != content_key(statements)
