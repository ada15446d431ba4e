"""Logs are read as they are: every format, torn, packed, hostile; no secret stays in a frame."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.errors import ConfigError
from driftbook.forensics.lines import LOG_LINE, SHOWN, build_lines
from driftbook.forensics.logs import ReadLogs, Window, files, read_logs
from driftbook.forensics.logs.commands import find_command, is_runner
from driftbook.forensics.logs.times import UnreadableTime, read_access_time, read_server_time
from driftbook.history.exhibits import read_exhibits, write_exhibits

if TYPE_CHECKING:
    import pandas as pd

SAMPLES = Path(__file__).parent / "logs"  # recorded from real servers
SHOWN_COLUMNS = ["source", "tag", "object_identity", "xid", "nested", "protocol"]


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return path


def csv_record(
    message: str, *, time: str = "2026-11-28 14:12:51.303 CET", **values: str
) -> list[str]:
    """Return a record of a csvlog with 26 columns."""
    record = [""] * 26
    record[0], record[1], record[2], record[4] = time, "postgres", "shop", "10.0.0.7:5122"
    record[5], record[7], record[10], record[11] = "6b0a.3be5", "idle", "0", "LOG"
    record[13], record[22] = message, "psql"
    places = {
        "severity": 11,
        "query": 19,
        "application": 22,
        "database": 2,
        "xid": 10,
        "session": 5,
    }
    for name, value in values.items():
        record[places[name]] = value
    return record


def write_csv(folder: Path, *records: list[str], name: str = "a.log") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(records)
    return write(folder, name, text.getvalue())


def read(*paths: Path, window: Window | None = None, **more: str) -> ReadLogs:
    return read_logs(paths, window, **more)  # type: ignore[arg-type]


def tell(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(
        frame[list(columns)]
        .astype(object)
        .where(frame[list(columns)].notna(), None)
        .itertuples(index=False, name=None)
    )


# What real servers wrote ------------------------------------------------------------------------


@pytest.mark.parametrize("major", ["15", "18"])
def test_csvlog_and_jsonlog_of_one_server_say_the_same(major: str) -> None:
    csvlog = read(SAMPLES / f"postgres{major}.csv").lines
    jsonlog = read(SAMPLES / f"postgres{major}.jsonl").lines
    columns = [name for name in LOG_LINE if name not in {"source", "raw_ref"}]
    assert len(csvlog) > 10
    assert tell(csvlog, *columns) == tell(jsonlog, *columns)


def test_statements_carry_how_they_were_sent() -> None:
    lines = read(SAMPLES / "postgres18.csv").lines
    sent = {text.split("(")[0].strip(): how for text, how in tell(lines, "text", "protocol")}  # type: ignore[attr-defined]
    assert sent["create table public.orders"] == "execute <unnamed>"
    assert sent["create view public.open_orders as select id from public.orders"] == "statement"
    assert not any(text.startswith("select 'create table") for text in sent)


def test_pgaudit_shows_what_a_function_ran() -> None:
    lines = read(SAMPLES / "postgres15.csv").lines
    rows = tell(lines[lines["source"] == "pgaudit"], *SHOWN_COLUMNS[1:], "db_role", "application")
    who = ("authenticator", "PostgREST")
    assert ("CREATE TABLE", "public.by_runner", 775, True, "SELECT", *who) in rows
    assert ("EXECUTE", "public.exec_sql", None, False, None, *who) in rows
    assert ("CREATE TABLE", "public.in_do", 758, True, "DO", "postgres", "psql") in rows
    assert ("CREATE TABLE", "public.orders", 748, False, None, "postgres", "supabase") in rows
    assert ("DROP TABLE", "public.gone_view", 773, False, None, "postgres", "psql") in rows


def test_times_of_the_server_are_converted() -> None:
    lines = read(SAMPLES / "postgres15.csv").lines
    assert lines["observed_at"].min().isoformat() == "2026-11-28T13:12:51.288000+00:00"


@pytest.mark.parametrize("major", ["15", "18"])
def test_the_ddl_log_names_the_request(major: str) -> None:
    lines = read(SAMPLES / f"ddl_log{major}.csv").lines
    rows = tell(lines, "object_identity", "classid", "request_path", "jwt_role", "db_role")
    last = ("public.by_runner", 1259, "POST /rpc/exec_sql", "service_role")
    assert rows[-1] == (*last, "authenticator as service_role")
    assert "DROP TABLE COLUMN" in set(lines["tag"])


@pytest.mark.parametrize(("major", "top", "inner"), [("15", 775, 776), ("18", 798, 799)])
def test_wal_dates_transactions_and_those_inside(major: str, top: int, inner: int) -> None:
    lines = read(SAMPLES / f"waldump{major}.txt").lines.set_index("xid")
    assert lines.loc[top, "observed_at"] == lines.loc[inner, "observed_at"]
    assert (lines.loc[top, "nested"], lines.loc[inner, "nested"]) == (False, True)


def test_statistics_of_statements_have_no_time() -> None:
    lines = read(SAMPLES / "statements18.csv").lines
    assert tell(lines, "tag", "db_role", "observed_at") == [
        ("CREATE TABLE", "admin", None),
        ("DROP TABLE", "admin", None),
        ("SELECT", "admin", None),
    ]


def test_access_logs_give_calls_that_run_sql_and_no_others() -> None:
    both = read(SAMPLES / "access.log", SAMPLES / "gateway.jsonl")
    assert both.gaps == ()
    assert tell(both.lines, "request_path", "client", "application") == [
        ("POST /rest/v1/rpc/exec_sql", "203.0.113.9", "supabase-py/2.4"),
        ("POST /rest/v1/rpc/exec_sql", "203.0.113.9", "supabase-py/2.4"),
        ("POST /rest/v1/rpc/run_sql", "203.0.113.8", "curl/8"),
        ("POST /pg/query", "203.0.113.7", "<script>alert(1)</script>"),
    ]


def test_secrets_of_a_real_log_are_not_in_the_frame() -> None:
    lines = read(SAMPLES).lines
    held = " ".join(str(cell) for row in tell(lines, *LOG_LINE) for cell in row)
    assert "notify_shop" in held
    assert "sk_live_" not in held


def test_a_record_of_an_export_is_read_as_one_of_the_server(tmp_path: Path) -> None:
    parsed = {
        "user_name": "postgres",
        "database_name": "postgres",
        "session_id": "6b0a.1",
        "command_tag": "CREATE TABLE",
        "application_name": "Supavisor",
        "error_severity": "LOG",
    }
    record = {
        "event_message": "AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.a,create table a (),",
        "timestamp": 1795871571470000,
        "metadata": [{"host": "db", "parsed": [parsed]}],
    }
    path = write(tmp_path, "export", json.dumps([record, record], indent=None))
    found = read(path)
    assert tell(found.lines, "raw_ref", "object_identity", "application", "db_role") == [
        ("export[1]", "public.a", "Supavisor", "postgres"),
        ("export[2]", "public.a", "Supavisor", "postgres"),
    ]
    assert found.lines["observed_at"].iloc[0].isoformat() == "2026-11-28T13:12:51.470000+00:00"


# Folders, windows, damage -----------------------------------------------------------------------


def test_a_folder_is_mixed_and_holds_what_is_no_log(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt", "We looked at the server.\n")
    write(tmp_path, "empty.csv", "")
    write(tmp_path, "picture", bytes(range(256)) * 40 + b"\0" * 4000)
    write(tmp_path, "utf16.csv", "2026,create".encode("utf-16") * 100)
    write(tmp_path, "stderr.log", "2026-11-28 13:12:51 UTC [1] LOG:  statement: drop table a\n")
    (tmp_path / "deep").mkdir()
    packed = gzip.compress((SAMPLES / "postgres18.csv").read_bytes())
    write(tmp_path / "deep", "misleading.json", packed)
    found = read(tmp_path)
    assert set(found.lines["raw_ref"].str.partition(":")[0]) == {"deep/misleading.json"}
    assert {gap.path: gap.why.partition(":")[0] for gap in found.gaps} == {
        "empty.csv": "it is empty",
        "notes.txt": "it is no log of a format that is known",
        "picture": "it is binary, or UTF-16",
        "stderr.log": "it is a plain text log, in which a statement can pretend to be a line",
        "utf16.csv": "it is binary, or UTF-16",
    }


def test_a_window_narrows_and_both_ends_are_inside() -> None:
    at = datetime(2026, 11, 28, 13, 12, 51, 331000, tzinfo=UTC)
    lines = read(SAMPLES / "postgres15.csv", window=Window(at, at)).lines
    assert tell(lines, "tag") == [("CREATE TABLE",)]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such log"):
        read(tmp_path / "missing.csv")


def test_a_packed_file_that_ends_early_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress((SAMPLES / "postgres18.csv").read_bytes() * 400)
    found = read(write(tmp_path, "a.gz", packed[: len(packed) // 2]))
    assert len(found.lines) > 0
    [gap] = found.gaps
    assert gap.why.startswith("it cannot be read to its end: EOFError")


def test_damaged_lines_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        'id bigint)",,,torn\n'
        + (SAMPLES / "postgres18.csv").read_text(encoding="utf-8")
        + '2026-11-28 13:12:52.622 UTC,"postgres","shop"\n',
    )
    found = read(path)
    assert len(found.lines) == len(read(SAMPLES / "postgres18.csv").lines)
    assert sorted(gap.why.partition(" columns")[0] for gap in found.gaps) == [
        "1 damaged lines, the first at a.csv:1: 4",
        "1 damaged lines, the first at a.csv:23: 3",
    ]


def test_damage_of_many_kinds_is_told_in_few_words(tmp_path: Path) -> None:
    text = "statement: drop table public.a"
    records = [csv_record(text), *([""] * width for width in range(1, 23))]
    found = read(write_csv(tmp_path, *records))
    assert len(found.lines) == 1
    assert len(found.gaps) == files.REASONS + 1
    assert sum(int(gap.why.split()[0]) for gap in found.gaps) == 22


def test_a_zone_that_could_be_two_is_a_gap_until_it_is_named(tmp_path: Path) -> None:
    record = csv_record("statement: drop table public.a", time="2026-11-28 14:12:51.303 IST")
    path = write_csv(tmp_path, record)
    found = read(path)
    assert found.lines.empty
    assert "the time zone IST is not known for sure" in found.gaps[0].why
    lines = read_logs([path], zone=ZoneInfo("Asia/Kolkata")).lines
    assert lines["observed_at"].iloc[0].isoformat() == "2026-11-28T08:42:51.303000+00:00"


def test_a_statement_that_failed_is_left_out(tmp_path: Path) -> None:
    text = "create table public.twice (id int)"
    path = write_csv(
        tmp_path,
        csv_record(f"statement: {text}"),
        csv_record(f"statement: {text}", session="other"),
        csv_record('relation "twice" already exists', severity="ERROR", query=text),
    )
    assert tell(read(path).lines, "session") == [("other",)]


def test_records_of_other_databases_are_left_out_when_one_is_named(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        csv_record("statement: drop table public.a"),
        csv_record("statement: drop table public.b", database="other"),
    )
    assert tell(read(path, database="shop").lines, "object_identity") == [("public.a",)]


def test_more_lines_than_are_kept_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 2)
    path = write_csv(tmp_path, *[csv_record("statement: drop table public.a") for _ in range(5)])
    found = read(path)
    assert len(found.lines) == 2
    assert found.gaps[0].why.startswith("there are more than 2 lines")


# Hostile input ----------------------------------------------------------------------------------


def test_a_text_cannot_pretend_to_be_a_line(tmp_path: Path) -> None:
    fake = (
        '\n2026-11-28 14:12:51.303 CET,"admin","shop",1,"10.0.0.1:1",a.b,1,"idle",,,,LOG,00000,'
        '"statement: drop table x.y",,,,,,,,,"",,,\n'
    )
    path = write_csv(tmp_path, csv_record(f"statement: create table public.a ();{fake}"))
    assert tell(read(path).lines, "db_role", "tag") == [("postgres", "CREATE TABLE")]


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("<script>alert(1)</script>", id="HTML"),
        pytest.param("\x1b[31mred\x1b[0m", id="ANSI"),
        pytest.param("nul\0nul", id="NUL"),
        pytest.param("=cmd|' /C calc'!A0", id="formula"),
        pytest.param("\u202egnp.txt", id="bidi"),
        pytest.param("\udcff\ud800", id="surrogates"),
        pytest.param('"quoted\n""name"', id="quotes and lines"),
    ],
)
def test_hostile_texts_are_kept_and_can_be_stored(tmp_path: Path, hostile: str) -> None:
    message = f"statement: create table public.a () -- {hostile}"
    plain = write_csv(
        tmp_path, csv_record(message.encode("utf-8", "replace").decode(), application="x")
    )
    record = {
        "timestamp": "2026-11-28 13:12:51.3 UTC",
        "dbname": "a",
        "message": message,
        "application_name": hostile,
    }
    coded = write(tmp_path, "b.json", json.dumps(record) + "\n")
    found = read(plain, coded)
    assert found.gaps == ()
    assert len(found.lines) == 2
    again = read_exhibits(write_exhibits({"log": found.lines}))["log"]
    assert tell(again, *LOG_LINE) == tell(found.lines, *LOG_LINE)
    "".join(str(cell) for row in tell(found.lines, *LOG_LINE) for cell in row).encode()


def test_other_encodings_are_read_byte_by_byte(tmp_path: Path) -> None:
    path = write_csv(tmp_path, csv_record("statement: create table public.KEY ()"))
    path.write_bytes(path.read_bytes().replace(b"KEY", b"caf\xe9"))
    assert tell(read(path).lines, "text") == [("create table public.caf\\xe9 ()",)]


def test_a_field_of_ten_megabytes_is_cut_and_hashed(tmp_path: Path) -> None:
    text = "create function public.big() returns text return '" + "x" * 10_000_000 + "'"
    lines = read(write_csv(tmp_path, csv_record(f"statement: {text}"))).lines
    [(kept, digest)] = tell(lines, "text", "text_sha256")
    assert len(str(kept)) == SHOWN
    assert digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_quote_that_is_never_closed_ends_in_a_gap(tmp_path: Path) -> None:
    path = write_csv(tmp_path, csv_record("statement: drop table public.a"))
    with path.open("a", encoding="utf-8") as file:
        file.write('2026-11-28 14:12:51.303 CET,"never closed\n' + "x,\n" * 1000)
    found = read(path)
    assert len(found.lines) == 1
    assert len(found.gaps) == 1


def test_deep_json_is_damage_and_no_crash(tmp_path: Path) -> None:
    good = json.dumps(
        {
            "timestamp": "2026-11-28 13:12:51 UTC",
            "dbname": "a",
            "message": "statement: drop table a.b",
        }
    )
    path = write(tmp_path, "a.json", f"{good}\n{'[' * 100_000}\n{good}\n" + '{"a":' * 50_000 + "\n")
    found = read(path)
    assert len(found.lines) == 2
    assert sum(int(gap.why.split()[0]) for gap in found.gaps) == 2


def test_a_key_in_an_address_or_a_name_is_not_kept(tmp_path: Path) -> None:
    path = "/rest/v1/rpc/exec_sql?apikey=abcdefabcdefabcdefabcdef"
    line = f'10.0.0.1 - - [28/Nov/2026:14:12:51 +0100] "POST {path} HTTP/1.1" 200 1\n'
    lines = read(write(tmp_path, "a", line)).lines
    assert tell(lines, "request_path") == [("POST /rest/v1/rpc/exec_sql",)]


@given(st.binary(max_size=400))
def test_no_bytes_make_a_reader_fail(data: bytes) -> None:
    for name in (
        "postgres18.csv",
        "postgres18.jsonl",
        "ddl_log18.csv",
        "waldump18.txt",
        "access.log",
    ):
        sample = (SAMPLES / name).read_bytes()
        middle = len(sample) // 2
        collector = files._Collector(Window())  # noqa: SLF001 - a folder per example would be slow
        torn = sample[:middle] + data + sample[middle:]
        collector.read(files.Place(name), partial(io.BytesIO, torn))
        build_lines(collector.lines)


# Texts and times --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tag", "dropped"),
    [
        pytest.param("create or replace function f() …", "CREATE FUNCTION", "", id="replaced"),
        pytest.param("CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX", "", id="unique"),
        pytest.param("create unlogged table t ()", "CREATE TABLE", "", id="unlogged"),
        pytest.param("begin; alter table a.t add b int; commit", "ALTER TABLE", "", id="later"),
        pytest.param("drop table if exists a.t cascade;", "DROP TABLE", "a.t", id="dropped"),
        pytest.param('drop view "A"."x y"', "DROP VIEW", '"A"."x y"', id="dropped, quoted"),
        pytest.param("drop table a.t, a.u", "DROP TABLE", "", id="several are not one"),
        pytest.param("drop table t", "DROP TABLE", "", id="no schema is no name"),
        pytest.param("/* hi */ comment on table t is 'x'", "COMMENT", "", id="behind a comment"),
        pytest.param("do $$ begin end $$", "DO", "", id="a block"),
        pytest.param("grant all on t to anon", "GRANT", "", id="grant"),
        pytest.param("select public.exec_sql($1)", "SELECT", "", id="a runner"),
        pytest.param("select * from rpc_run_sql('x')", "SELECT", "", id="a runner as a source"),
        pytest.param("select 'create table a ()'", None, "", id="a literal"),
        pytest.param("insert into t values ('; drop table t')", None, "", id="in a literal"),
        pytest.param("select count(*) from t", None, "", id="a query"),
        pytest.param("update t set created = 1", None, "", id="a word that only begins so"),
    ],
)
def test_what_concerns_the_schema(text: str, tag: str | None, dropped: str) -> None:
    command = find_command(text)
    assert (command and command.tag, command.dropped if command else "") == (tag, dropped)


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("exec_sql", True),
        ("execute_sql_statement", True),
        ("run_query", True),
        ("exec", True),
        ("pg_query", True),
        ("execute_order", False),
        ("run_payroll", False),
        ("search_products", False),
    ],
)
def test_functions_that_run_what_they_are_given(name: str, *, runs: bool) -> None:
    assert is_runner(name) is runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01 14:00:00.123 CEST", "2026-07-01T12:00:00.123000+00:00"),
        ("2026-07-01 14:00:00 +03", "2026-07-01T11:00:00+00:00"),
        ("2026-07-01 14:00:00-0330", "2026-07-01T17:30:00+00:00"),
        ("2026-07-01T14:00:00.123456Z", "2026-07-01T14:00:00.123456+00:00"),
    ],
)
def test_times_of_servers(text: str, expected: str) -> None:
    assert read_server_time(text).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01 00:00:00 UTC", "2026-07-01 14:00:00 CST", "2026-07-01 14:00:00"],
)
def test_what_is_no_time_for_sure(text: str) -> None:
    with pytest.raises(UnreadableTime):
        read_server_time(text)


@given(st.datetimes(datetime(2001, 9, 10), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the library wants them naive
def test_an_epoch_is_told_by_its_size(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    for unit in (1, 10**3, 10**6, 10**9):
        assert read_access_time(int(whole.timestamp()) * unit) == whole
