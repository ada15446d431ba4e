"""Captures that somebody else made: read whole, or refused with the reason."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.portable import make_part, make_parts, sign_head, write_lines

from driftbook.catalog.document import read_capture, write_capture
from driftbook.catalog.kinds import KINDS
from driftbook.catalog.portable.mark import holds_mark
from driftbook.catalog.portable.parts import COLUMNS, FRAMES, MAJORS, list_queries
from driftbook.catalog.portable.read import build_snapshot, open_capture
from driftbook.catalog.portable.script import write_script
from driftbook.catalog.portable.statement import write_select
from driftbook.catalog.reader import load_query
from driftbook.errors import SourceError
from driftbook.postgres.answer import NoAnswer, simplify, unwrap
from driftbook.sources import SourceKind, parse_source
from driftbook.sqltext.lexer import find_regions, mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMAS = list(KINDS["schema"].dtypes)
ROW = ["schöne <b>\u2028\x7f", *[None] * (len(SCHEMAS) - 1)]
PARTS = make_parts({"schema": [ROW]})
ANSWER = {"driftbook": "answer", "value": PARTS}


def write_csv(cell: str) -> str:
    file = StringIO()
    csv.writer(file).writerows([["answer"], [cell]])
    return file.getvalue()


WRITTEN = {
    "psql's lines": write_lines(PARTS),
    "psql's lines from Windows": write_lines(PARTS).replace("\n", "\r\n"),
    "psql's lines after others": "SET\nTime: 0.1 ms\n" + write_lines(PARTS),
    "a cell of JSON": json.dumps(ANSWER),
    "rows of one column": json.dumps([{"answer": ANSWER}]),
    "a text of JSON in rows": json.dumps([{"answer": json.dumps(ANSWER, ensure_ascii=False)}]),
    "indented by an editor": json.dumps([{"answer": ANSWER}], indent=4),
    "a table that psql drew": f" answer \n--------\n {json.dumps(ANSWER)}\n(1 row)\n".replace(
        '{"driftbook": "answer"', '{"driftbook" : "answer"'
    ),
    "a table exported as CSV": write_csv(json.dumps(ANSWER, ensure_ascii=False)),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_capture_is_read_however_it_was_saved(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "saved by somebody.capture"
    path.write_bytes(text.encode(encoding))
    snapshot = open_capture(path)
    assert snapshot.row("schema", (ROW[0],)) == dict(zip(SCHEMAS[1:], ROW[1:], strict=True))
    assert snapshot.version_num == 150018
    assert snapshot.captured_at.isoformat() == "2026-01-10T12:00:00+00:00"
    again = read_capture(write_capture(snapshot, tmp_path / "own.json"))
    assert again.root_hash == snapshot.root_hash
    assert open_capture(tmp_path / "own.json").root_hash == snapshot.root_hash


def drop(at: int) -> list[object]:
    return [part for place, part in enumerate(PARTS) if place != at % len(PARTS)]


def edit(**values: object) -> list[object]:
    return [PARTS[0], {**PARTS[1], **values}, *PARTS[2:]]


OTHER = make_parts(taken="2026-01-11T12:00:00.000000 4711")
NUMBER = make_part("schema", [[1, *ROW[1:]]])
HUGE = make_part(
    "sequence",
    [[2**70 if value == "Int64" else None for value in KINDS["sequence"].dtypes.values()]],
)
BAD: dict[str, tuple[str, str]] = {
    "empty": ("", "it is empty"),
    "cut off between lines": (write_lines(PARTS[:-1]), "its end is missing"),
    "cut off in a line": (write_lines(PARTS)[:-40], r"line \d+ is no JSON"),
    "without a frame": (write_lines(drop(2)), "not those that its end names"),
    "without a head": (write_lines(drop(0)), "no head"),
    "a frame twice": (write_lines([*PARTS[:2], *PARTS[1:]]), "not those that its end names"),
    "edited by hand": (write_lines(PARTS).replace("schöne", "schone"), "'schema' was altered"),
    "a row taken out": (write_lines(edit(rows=[])), "was altered"),
    "mixed with another": (write_lines([*PARTS[:2], *OTHER[2:]]), "of several captures"),
    "one after the other": (write_lines([*PARTS, *OTHER]), "several captures"),
    "of a later format": (write_lines([{**PARTS[0], "format": 2}, *PARTS[1:]]), "no head"),
    "a part that is none": (write_lines([PARTS[0], 1, *PARTS[1:]]), "no object"),
    "a number for a name": (write_lines([PARTS[0], NUMBER, *PARTS[2:]]), "wrong type|frames"),
    "a number without end": (
        write_lines([HUGE if part.get("frame") == "sequence" else part for part in PARTS]),
        ".",
    ),
    "no time zone": (
        write_lines([sign_head({**PARTS[0], "captured_at": "2026-01-10"}), *PARTS[1:]]),
        "time zone",
    ),
    "another major": (
        write_lines([{**PARTS[0], "version_num": 190000}, *PARTS[1:]]),
        "head was altered",
    ),
    "another time": (
        write_lines([{**PARTS[0], "captured_at": "9999-01-10T12:00:00+00:00"}, *PARTS[1:]]),
        "head was altered",
    ),
    "a dump in disguise": ("create table a (b int);\n", "neither JSON"),
    "JSON of something else": ('[{"a": 1}]', "no cell"),
    "nested without end": ("[" * 100_000, "."),
    "what is no text": ("\udcff", "utf-8"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_is_no_whole_capture_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "prod.capture"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SourceError, match=said) as caught:
        open_capture(path)
    assert caught.value.where == str(path)
    assert "make it again" in caught.value.fix


JSONS: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["rows", "frame", "end", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(place=st.integers(0, len(PARTS) - 1), key=st.sampled_from(sorted(PARTS[1])), value=JSONS)
def test_no_capture_ever_raises_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, place: int, key: str, value: object
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.capture"
    parts: list[object] = list(PARTS)
    parts[place] = {**PARTS[place], key: value}
    path.write_text(json.dumps(parts[0]) + "\n" + write_lines(parts[1:]), errors="replace")
    try:
        snapshot = open_capture(path)
    except SourceError:
        return
    assert snapshot.row("schema", (ROW[0],)) is not None


@given(value=JSONS)
def test_no_answer_is_ever_taken_for_another(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        unwrap(value)
    assert unwrap([{"x": {"driftbook": "answer", "value": value}}]) == value


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_capture_of_any_name_is_told_by_its_beginning(tmp_path: Path, text: str) -> None:
    if text.startswith(("SET", " answer")):
        return  # what has another ending than .capture begins with the capture
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "any name").write_bytes(text.encode(encoding))
        source = parse_source(str(tmp_path / "any name"), is_target=lambda _: False)
        assert source.kind is SourceKind.CAPTURE
    assert not holds_mark(b"select 1 -- " + text[:1024].encode())


@pytest.mark.parametrize("write", [write_script, lambda major: write_select(major or 18)])
@pytest.mark.parametrize("major", [None, *MAJORS])
def test_every_frame_is_asked_for(write: Callable[[int | None], str], major: int | None) -> None:
    text = write(major)
    assert not [name for name in FRAMES if f"'frame', '{name}'" not in text]


@pytest.mark.parametrize("major", MAJORS)
def test_the_select_is_one_that_guards_let_pass(major: int) -> None:
    text = write_select(major)
    kinds = {kind for kind, _, _ in find_regions(text)}
    assert text.startswith("select case when")
    assert ";" not in text
    assert "--" not in text
    assert kinds == {"quote"}
    assert "\\" not in text.replace("E'", "")[: text.index("E'")]
    assert not re.findall(r"(?i)\b(insert|update|delete|drop|create|alter|grant|truncate)\b", text)
    assert {"into", "call", "copy"}.isdisjoint(mask(text).lower().split())


def test_what_is_in_a_literal_is_said_otherwise() -> None:
    before = r"""select 'it''s; -- x', 'a\b', E'\n', "q", '', 'DROP it', 'dropped' -- c"""
    after = r"""select E'it''s\x3b \x2d- x', E'a\\b', E'\n', "q", '', E'\x44ROP it', 'dropped'"""
    assert simplify(before) == after + "\n"


def test_the_script_changes_nothing() -> None:
    lines = [line for line in write_script().splitlines() if not line.startswith("\\")]
    words = [statement.split()[:1] for statement in mask("\n".join(lines)).split(";")]
    assert {word for found in words for word in found} == {
        "begin",
        "set",
        "select",
        "savepoint",
        "rollback",
    }


def test_a_server_gets_the_queries_that_the_live_reader_has() -> None:
    for name in FRAMES:
        queries = list_queries(name)
        for major in MAJORS:
            since = max(one for one in queries if one <= major)
            assert queries[since] == load_query(name, major * 10_000)


def test_frames_that_were_read_one_by_one_are_known_as_such() -> None:
    parts = [{**part, "taken": str(at)} for at, part in enumerate(PARTS)]
    parts[0] = sign_head(parts[0])
    assert build_snapshot(parts, source="x", is_one_picture=False).counts()["schema"] == 1
    with pytest.raises(ValueError, match="several captures"):
        build_snapshot(parts, source="x")


def test_rows_are_unpacked_as_the_capture_says(tmp_path: Path) -> None:
    columns = COLUMNS["privilege"]
    row = ["x" if column in KINDS["privilege"].key else None for column in columns]
    row[columns.index("privilege")], row[columns.index("grantable")] = '["a","b"]', "[true,null]"
    part = {**make_part("privilege", [row]), "packed": ["privilege", "grantable"]}
    parts = [part if one.get("frame") == "privilege" else one for one in PARTS]
    (tmp_path / "a.capture").write_text(write_lines(parts))
    frame = open_capture(tmp_path / "a.capture").frames["privilege"]
    assert frame["privilege"].to_list() == ["a", "b"]
    assert frame["grantable"].isna().to_list() == [False, True]


def test_an_answer_that_is_not_there_is_said() -> None:
    with pytest.raises(NoAnswer):
        unwrap([{"a": "x"}, {"b": "y"}])
