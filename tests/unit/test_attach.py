"""Lines join objects by OID, by transaction, or by time and name; where several fit, none does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.forensics.attach import attach_lines
from driftbook.forensics.frames import CLUE, EXHIBITS, write_key
from driftbook.forensics.identity import find_refs
from driftbook.forensics.lines import Line, LogSource, build_lines
from driftbook.forensics.logs import read_logs
from driftbook.history.exhibits import build_exhibit
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    import pandas as pd

SAMPLES = Path(__file__).parent / "logs"
AT = datetime(2026, 11, 28, 13, 12, 51, 400000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ORDERS = ObjectRef("table", ("public", "orders"))
Clue = dict[str, object]


def witness(
    ref: ObjectRef, oid: int, born: int, touched: int = 0, at: datetime | None = None
) -> tuple[object, ...]:
    catalog = {"function": "pg_proc", "policy": "pg_policy"}.get(ref.kind, "pg_class")
    time = at.isoformat() if at else None
    rows = (born, "pg_attribute[-1]", touched or born, catalog, time, time)
    return (ref.kind, write_key(ref), oid, catalog, "postgres", *rows)


def table(
    name: str, oid: int, born: int, touched: int = 0, at: datetime | None = None
) -> tuple[object, ...]:
    return witness(ObjectRef("table", ("public", name)), oid, born, touched, at)


def attach(
    lines: pd.DataFrame | list[Line],
    *rows: tuple[object, ...],
    records: dict[str, int] | None = None,
) -> dict[tuple[str, str], list[Clue]]:
    """Return (name, aspect) → clues."""
    pushed = [(version, xid, None) for version, xid in (records or {}).items()]
    clues = attach_lines(
        build_exhibit(rows, EXHIBITS["witness"]),
        build_exhibit(pushed, EXHIBITS["record"]),
        build_lines(lines) if isinstance(lines, list) else lines,
    )
    assert list(clues.columns) == [name for name in CLUE if name != "id"]
    found: dict[tuple[str, str], list[Clue]] = {}
    for row in clues.to_dict("records"):
        name = json.loads(row["key"])[-1]
        found.setdefault((name, row["aspect"]), []).append({str(k): v for k, v in row.items()})
    return found


def said(clues: list[Clue], source: str) -> list[object]:
    return [clue["value"] for clue in clues if clue["source"] == source]


def event(name: str, oid: int, xid: int, **more: object) -> Line:
    """Return a row of the DDL log about a table."""
    values = {"tag": "CREATE TABLE", "session": "1", "observed_at": AT, **more}
    return Line(  # type: ignore[arg-type]
        source=LogSource.DDL_LOG,
        raw_ref=f"log:{xid}",
        xid=xid,
        object_type="table",
        object_identity=f"public.{name}",
        classid=1259,
        objid=oid,
        **values,
    )


def statement(text: str, **more: object) -> Line:
    """Return a logged statement, which has no transaction."""
    values = {"tag": "CREATE TABLE", "observed_at": AT, "session": "1", "raw_ref": text, **more}
    return Line(source=LogSource.CSVLOG, text=text, **values)  # type: ignore[arg-type]


# Of real servers --------------------------------------------------------------------------------


def test_pgaudit_of_a_real_server_names_door_and_actor() -> None:
    found = attach(
        read_logs([SAMPLES / "postgres15.csv"]).lines,
        table("orders", 16429, 748, 765),
        table("by_runner", 16459, 775),
        table("in_do", 16444, 759),
        table('we"ird\nname', 16441, 756),
        witness(ObjectRef("function", ("public", "notify_shop(integer, text)")), 16451, 763),
        records={"20250101000000": 748},
    )
    assert said(found["by_runner", "channel"], "pgaudit") == ["sql_runner"]
    assert said(found["by_runner", "actor"], "pgaudit") == ["PostgREST", "[local]", "authenticator"]
    assert said(found["orders", "born"], "pgaudit") == ["CREATE TABLE public.orders"]
    assert said(found["orders", "channel"], "log") == ["cli_push"]
    assert said(found["orders", "touched"], "pgaudit") == ["GRANT"]
    assert said(found['we"ird\nname', "born"], "pgaudit")
    assert said(found["notify_shop(integer, text)", "born"], "pgaudit")
    assert ("in_do", "born") not in found  # its row is of a subtransaction: no line has that one


@pytest.mark.parametrize(
    ("major", "oids", "xids"),
    [("15", (16459, 16444), (775, 759)), ("18", (16465, 16450), (798, 782))],
)
def test_the_ddl_log_and_wal_of_a_real_server_reach_into_subtransactions(
    major: str, oids: tuple[int, int], xids: tuple[int, int]
) -> None:
    files = [SAMPLES / f"ddl_log{major}.csv", SAMPLES / f"waldump{major}.txt"]
    lines = read_logs(files).lines
    found = attach(lines, table("by_runner", oids[0], xids[0]), table("in_do", oids[1], xids[1]))
    assert said(found["by_runner", "channel"], "ddl_log") == ["sql_runner"]
    assert said(found["in_do", "born"], "ddl_log") == ["CREATE TABLE public.in_do"]
    assert said(found["in_do", "born"], "wal") == ["COMMIT"]


@pytest.mark.parametrize("name", ["ddl_log18.csv", "postgres15.csv"])
def test_what_a_real_server_dropped(name: str) -> None:
    found = attach(read_logs([SAMPLES / name]).lines)
    dropped = {key for key, aspect in found if aspect == "dropped"}
    assert dropped >= {"gone", "gone_view", "note"}


# Joining ----------------------------------------------------------------------------------------


def test_the_oid_of_another_server_claims_nothing() -> None:
    lines = [event("somebody", 16400, 700)]
    assert attach(lines, table("orders", 16400, 900)) == {}


def test_a_line_that_is_later_than_the_commit_is_of_another_server() -> None:
    lines = [event("orders", 16400, 900, observed_at=AT + 3 * SECOND)]
    assert attach(lines, table("orders", 16400, 900, at=AT)) == {}


def test_a_line_long_before_the_commit_is_of_the_same_transaction() -> None:
    lines = [event("orders", 16400, 900, observed_at=AT - 600 * SECOND)]
    assert attach(lines, table("orders", 16400, 900, at=AT))["orders", "born"]


def test_a_later_touch_that_no_line_names_is_not_claimed() -> None:
    found = attach([event("orders", 16400, 900)], table("orders", 16400, 900, 950))
    assert ("orders", "born") in found
    assert ("orders", "touched") not in found


def test_sessions_that_disagree_claim_nothing() -> None:
    lines = [event("orders", 16400, 900), event("orders", 16400, 900, session="2")]
    found = attach(lines, table("orders", 16400, 900))
    [born] = found["orders", "born"]
    assert (born["value"], born["note"]) == (
        "",
        "no claim: 2 lines could be meant, and they name several sessions",
    )
    assert ("orders", "actor") not in found


def test_a_line_of_the_transaction_tells_the_actor_though_it_names_another_object() -> None:
    lines = [event("other", 16500, 900, db_role="deployer")]
    found = attach(lines, table("orders", 16400, 900))
    assert said(found["orders", "actor"], "ddl_log") == ["deployer"]
    [born] = found["orders", "born"]
    assert born["note"] == "a line of the same transaction; it does not name the object"


@pytest.mark.parametrize(
    ("text", "offset", "joined"),
    [
        pytest.param("create table public.orders ()", 0, True, id="names it"),
        pytest.param('create table "orders" ()', -2, True, id="names it in quotes"),
        pytest.param("create table ORDERS ()", 0, True, id="the server folds case"),
        pytest.param('create table "ORDERS" ()', 0, False, id="another in quotes"),
        pytest.param("create table public.orders_old ()", 0, False, id="a longer name"),
        pytest.param("create table public.orders ()", -3, False, id="too early"),
    ],
)
def test_statements_without_a_transaction_join_by_time_and_name(
    text: str, offset: int, *, joined: bool
) -> None:
    lines = [statement(text, observed_at=AT + offset * SECOND)]
    found = attach(lines, table("orders", 16400, 900, at=AT))
    assert (("orders", "born") in found) is joined


def test_without_commit_times_the_one_statement_that_makes_it_joins() -> None:
    made = statement("create table public.orders ()")
    found = attach([made], table("orders", 16400, 900))
    assert {row["note"] for row in found["orders", "born"]} == {
        "the only line that makes an object of this name"
    }
    assert attach([made, made], table("orders", 16400, 900)) == {}
    view = statement("create view public.orders as", tag="CREATE VIEW")
    assert attach([view], table("orders", 16400, 900)) == {}


def test_two_sessions_at_the_same_time_claim_nothing() -> None:
    text = "create table public.orders ()"
    lines = [statement(text), statement(text, session="2", raw_ref="other")]
    [born] = attach(lines, table("orders", 16400, 900, at=AT))["orders", "born"]
    assert born["value"] == ""


# Doors ------------------------------------------------------------------------------------------


def call(path: str = "POST /rest/v1/rpc/exec_sql", **more: object) -> Line:
    values = {"observed_at": AT, "raw_ref": "access:1", **more}
    return Line(source=LogSource.HTTP, request_path=path, client="10.0.0.1", **values)  # type: ignore[arg-type]


def test_a_call_at_that_time_is_a_hint() -> None:
    [channel] = attach([call()], table("orders", 16400, 900, at=AT))["orders", "channel"]
    assert channel["value"] == "sql_runner"
    assert str(channel["note"]).startswith("a hint")
    assert channel["weight"] == 12


def test_several_calls_at_that_time_are_none() -> None:
    lines = [call(), call(raw_ref="access:2")]
    found = attach(lines, table("orders", 16400, 900, at=AT))
    assert ("orders", "channel") not in found
    assert str(found["orders", "born"][0]["note"]).startswith("no claim: 2 calls")


def test_a_call_says_nothing_of_what_was_pushed() -> None:
    row = table("orders", 16400, 900, at=AT)
    assert attach([call()], row, records={"1": 900}) == {}


def audit_line(**more: object) -> Line:
    values = {"tag": "CREATE TABLE", "nested": True, "protocol": "SELECT", "xid": 900, **more}
    return Line(
        AT, LogSource.PGAUDIT, "a:1", object_type="table", object_identity="public.orders", **values
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "records", "channel"),
    [
        pytest.param(audit_line(), {}, "sql_runner", id="inside a SELECT"),
        pytest.param(audit_line(), {"1": 900}, None, id="inside a SELECT of a pushed file"),
        pytest.param(audit_line(protocol="DO"), {}, None, id="inside a DO"),
        pytest.param(audit_line(nested=False, protocol=""), {}, None, id="by itself"),
        pytest.param(
            event("orders", 16400, 900, request_path="POST /rpc/any_name"),
            {},
            "sql_runner",
            id="the request says so",
        ),
        pytest.param(
            event("orders", 16400, 900, request_path="GET /orders"), {}, None, id="another request"
        ),
        pytest.param(
            event("orders", 16400, 900, application="Supabase Studio"), {}, "studio", id="a name"
        ),
    ],
)
def test_doors(line: Line, records: dict[str, int], channel: str | None) -> None:
    found = attach([line], table("orders", 16400, 900), records=records)
    assert [clue["value"] for clue in found.get(("orders", "channel"), [])] == (
        [channel] if channel else []
    )


# What was dropped -------------------------------------------------------------------------------


def drop(name: str, at: datetime = AT, xid: int = 900) -> Line:
    return event(name, 16400, xid, tag="DROP TABLE", observed_at=at)


def test_the_last_drop_of_a_name_counts_and_a_live_object_is_not_gone() -> None:
    lines = [drop("gone"), drop("gone", AT + SECOND, 905), drop("orders")]
    found = attach(lines, table("orders", 17000, 950), records={"1": 800, "2": 904})
    [dropped] = found["gone", "dropped"]
    assert (dropped["raw_ref"], dropped["after_version"]) == ("log:905", "2")
    assert ("orders", "dropped") not in found


def logged_drop(database: str, name: str = "gone", **more: object) -> Line:
    """Return a drop as the server's log has it, of one of its databases."""
    values = {"tag": "DROP TABLE", "raw_ref": f"{database}:{name}", "database": database, **more}
    identity = f"public.{name}"
    return Line(AT, LogSource.PGAUDIT, object_type="table", object_identity=identity, **values)  # type: ignore[arg-type]


def test_the_drop_of_a_name_in_another_database_is_no_claim() -> None:
    made = logged_drop("shop", "orders", tag="CREATE TABLE", xid=900)
    row = table("orders", 16400, 900)
    [dropped] = attach([logged_drop("staging"), made], row)["gone", "dropped"]
    assert (dropped["value"], dropped["note"]) == ("", "no claim: the line is of database staging")
    [dropped] = attach([logged_drop("staging"), logged_drop("shop"), made], row)["gone", "dropped"]
    assert (dropped["value"], dropped["raw_ref"]) == ("DROP TABLE public.gone", "shop:gone")


@pytest.mark.parametrize(
    ("databases", "joined"),
    [
        pytest.param(("shop", ""), True, id="the only one that makes what is there"),
        pytest.param(("shop", "staging"), False, id="both make it"),
    ],
)
def test_a_name_alone_joins_where_one_database_can_be_meant(
    databases: tuple[str, str], *, joined: bool
) -> None:
    lines = [
        statement("create table public.orders ()", database=databases[0]),
        statement("create table public.customers ()", database=databases[1] or "shop"),
        statement("create role app", tag="CREATE ROLE", database="postgres"),
    ]
    rows = (table("orders", 16400, 900), table("customers", 16500, 901))
    assert bool(attach(lines, *rows)) is joined


def test_of_several_databases_none_is_ours_until_a_line_joins() -> None:
    found = attach([logged_drop("staging"), logged_drop("shop")])
    assert [clue["value"] for clue in found["gone", "dropped"]] == [""]
    [alone] = attach([logged_drop("shop")])["gone", "dropped"]
    assert alone["value"] == "DROP TABLE public.gone"


@pytest.mark.parametrize(
    ("object_type", "identity", "expected"),
    [
        ("table", "public.a", ("table", "public", "a")),
        ("table", 'public."a.b"', ("table", "public", "a.b")),
        ("table column", 'public."we""ird\nname".c', ("column", "public", 'we"ird\nname', "c")),
        ("policy", '"p on q.r" on public.t', ("policy", "public", "t", "p on q.r")),
        ("function", "public.f()", ("function", "public", "f()")),
        (
            "function",
            'public."F"(pg_catalog.text,a."B"[])',
            ("function", "public", 'F(text, a."B"[])'),
        ),
        ("schema", "private", ("schema", "private")),
        ("materialized view", "a.v", ("materialized_view", "a", "v")),
    ],
)
def test_identities_become_the_names_of_frames(
    object_type: str, identity: str, expected: tuple[str, ...]
) -> None:
    assert find_refs(object_type, identity) == {ObjectRef(expected[0], expected[1:])}


@pytest.mark.parametrize(
    ("object_type", "identity"),
    [("transform", "for x"), ("table", ""), ("table", "a b"), ("function", "f"), ("policy", "p")],
)
def test_an_identity_of_no_known_form_names_nothing(object_type: str, identity: str) -> None:
    assert not {ref for ref in find_refs(object_type, identity) if len(ref.parts) > 1}


# Laws -------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["orders", "by_hand", "x"])
EVENTS = st.builds(
    event,
    NAMES,
    st.integers(16400, 16403),
    st.integers(890, 910),
    session=st.sampled_from(["1", "2"]),
)


@given(st.lists(EVENTS, max_size=8), st.integers(890, 910), st.integers(16400, 16403))
def test_a_claim_of_a_birth_rests_on_the_transaction_or_on_oid_and_name(
    lines: list[Line], xid: int, oid: int
) -> None:
    found = attach(lines, table("orders", oid, xid))
    for clue in found.get(("orders", "born"), []):
        used = [line for line in lines if line.raw_ref == clue["raw_ref"]]
        assert any(
            line.xid == xid or (line.objid == oid and line.object_identity == "public.orders")
            for line in used
        )


@given(st.lists(EVENTS, max_size=8), st.randoms())
def test_the_order_of_the_lines_of_a_log_does_not_matter(lines: list[Line], random: object) -> None:
    row = table("orders", 16400, 900)
    mixed = list(lines)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    claims = [
        {(key, clue["value"] != "") for key, clues in attach(some, row).items() for clue in clues}
        for some in (lines, mixed)
    ]
    assert claims[0] == claims[1]
