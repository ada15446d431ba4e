"""What was only renumbered is recognised; what cannot be told is never guessed."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.tracking.matching import (
    Candidates,
    Containment,
    Move,
    Moves,
    Script,
    build_script,
    find_containment,
    find_duplicate_contents,
    find_moves,
)
from driftbook.versions import Flag

CONTENTS = st.lists(st.text("abc", max_size=4), max_size=5)


def build(*contents: str, start: int = 1, name: str = "") -> list[Script]:
    """Return scripts of one-letter statements, numbered from ``start``."""
    return [
        Script(str(at), name, tuple(text)) for at, text in zip(count(start), contents, strict=False)
    ]


def test_a_content_under_another_version() -> None:
    files, rows = build("a", "b", "c"), build("a", "c", start=7)
    assert find_moves(files, rows, ()) == Moves((Move("1", "7"), Move("3", "8")))


def test_layout_does_not_hide_a_move() -> None:
    file = build_script("1", "a", ["create table t (a int)", "-- end"])
    row = build_script("2", None, ["CREATE TABLE t(a integer)"])
    assert find_moves([file], [row], ()).pairs == (Move("1", "2"),)


@pytest.mark.parametrize(
    ("files", "rows", "both"),
    [
        pytest.param(build("a"), build("a"), {"1"}, id="the same version"),
        pytest.param(build("a"), build("b", start=7), (), id="another content"),
        pytest.param(build("ab"), build("ba", start=7), (), id="another order"),
        pytest.param(build(""), build("", start=7), (), id="comments only"),
        pytest.param(build("a", "b"), build("b", "a"), {"1", "2"}, id="recorded as it is"),
    ],
)
def test_what_is_no_move(files: list[Script], rows: list[Script], both: set[str]) -> None:
    assert find_moves(files, rows, both) == Moves()


def test_several_candidates_are_never_paired() -> None:
    files = [*build("a", "a"), Script("3", "x", ("a",))]
    rows = build("a", start=7, name="x")
    assert find_moves(files, rows, ()) == Moves((), (Candidates(("3", "1", "2"), ("7",)),))
    assert find_moves(rows, files, ()) == Moves((), (Candidates(("7",), ("3", "1", "2")),))
    assert find_moves(files, rows, {"1", "2"}).pairs == (Move("3", "7"),)


@pytest.mark.parametrize(
    ("files", "rows", "expected"),
    [
        pytest.param(
            build("ab", "cd"),
            build("abcd", start=7),
            (Containment(Flag.MERGED, "7", ("1", "2"), 1.0),),
            id="one record of two files",
        ),
        pytest.param(
            build("abcd"),
            build("ab", "cd", start=7),
            (Containment(Flag.SPLIT, "1", ("7", "8"), 1.0),),
            id="two records of one file",
        ),
        pytest.param(
            build("ab", "c", "x"),
            build("abcde", start=7),
            (Containment(Flag.MERGED, "7", ("1", "2"), 0.6),),
            id="as much as is shown",
        ),
        pytest.param(build("a", "b"), build("abcd", start=7), (), id="half"),
        pytest.param(build("abc"), build("abcd", start=7), (), id="one part is no cut"),
        pytest.param(build("abx", "cdx"), build("abcd", start=7), (), id="parts with more"),
        pytest.param(build("ab", "a", "b"), build("abz", start=7), (), id="counted once"),
        pytest.param(
            build("a", "ab", "b", "c"),
            build("abc", start=7),
            (Containment(Flag.MERGED, "7", ("2", "4"), 1.0),),
            id="large parts first, in file order",
        ),
        pytest.param(
            build("a", "a"),
            build("aa", start=7),
            (Containment(Flag.MERGED, "7", ("1", "2"), 1.0),),
            id="a statement that is there twice",
        ),
        pytest.param(build("", ""), build("", start=7), (), id="comments only"),
    ],
)
def test_merged_and_split(
    files: list[Script], rows: list[Script], expected: tuple[Containment, ...]
) -> None:
    found = find_containment(files, rows, ())
    assert [(one.flag, one.version, one.parts) for one in found] == [
        (one.flag, one.version, one.parts) for one in expected
    ]
    assert [one.share for one in found] == pytest.approx([one.share for one in expected])


def test_what_is_on_both_sides_is_in_nothing_else() -> None:
    assert find_containment(build("ab", "cd"), build("abcd", start=7), {"1"}) == ()


def test_files_that_say_the_same() -> None:
    files = [*build("a", "", "b", "a", ""), Script("9", "one", ("c",)), Script("9", "two", ("c",))]
    assert find_duplicate_contents(files) == (("1", "4"),)


@given(CONTENTS, CONTENTS)
def test_a_pair_is_alone_with_its_content(mine: list[str], others: list[str]) -> None:
    files, rows = build(*mine), build(*others, start=20)
    found = find_moves(files, rows, ())
    keys = {one.version: one.keys for one in (*files, *rows)}
    for pair in found.pairs:
        assert keys[pair.file_version] == keys[pair.row_version] != ()
        assert list(keys.values()).count(keys[pair.file_version]) == 2
    named = [version for some in found.ambiguous for version in some.file_versions]
    named += [pair.file_version for pair in found.pairs]
    assert named == list(dict.fromkeys(named))
    assert set(named) == {
        one.version for one in files if one.keys in {row.keys for row in rows} and one.keys
    }


@given(CONTENTS, CONTENTS)
def test_the_sides_are_alike(mine: list[str], others: list[str]) -> None:
    files, rows = build(*mine), build(*others, start=20)
    forth, back = find_moves(files, rows, ()), find_moves(rows, files, ())
    assert {(one.file_version, one.row_version) for one in forth.pairs} == {
        (one.row_version, one.file_version) for one in back.pairs
    }
    turned = {Flag.MERGED: Flag.SPLIT, Flag.SPLIT: Flag.MERGED}
    assert {(one.version, one.parts, one.flag) for one in find_containment(files, rows, ())} == {
        (one.version, one.parts, turned[one.flag]) for one in find_containment(rows, files, ())
    }


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=4), min_size=2, max_size=5))
def test_what_is_joined_is_found(parts: list[str]) -> None:
    (found,) = find_containment(build(*parts), build("".join(parts), start=20), ())
    assert found.share == 1
    assert found.flag is Flag.MERGED


def test_statements_that_every_file_has_tell_nothing() -> None:
    made = [tuple(f"{at}-{place}" for place in range(50)) for at in range(200)]
    shared = ("grant", "comment")  # statements that every file has
    files = [Script(f"1{at:04}", "", (*keys, *shared)) for at, keys in enumerate(made)]
    rows = [Script(f"2{at:04}", "", (*keys, *shared)) for at, keys in enumerate(made)]
    rows += [Script(f"3{at:04}", "", shared) for at in range(200)]
    assert len(find_moves(files, rows, ()).pairs) == 200
    assert find_containment(files, rows, ()) == ()
    assert find_duplicate_contents(files) == ()
