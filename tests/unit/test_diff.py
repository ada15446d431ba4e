"""What differs is said once, at the object that a person would name."""

from __future__ import annotations

import time

import pytest
from tests.unit.snapshots import SMALL, Row, build_snapshot

from driftbook.drift.diff import COLUMNS, diff_snapshots

Rows = dict[str, list[Row]]
ORDERS: Row = ("public", "orders", "ordinary", True, None)
ID: Row = ("public", "orders", "id", "bigint", True, 1)
TOTAL: Row = ("public", "orders", "total", "numeric", True, 2)


def diff(expected: Rows, live: Rows, version_num: int = 150_000) -> list[tuple[object, ...]]:
    """Return the changes that are part of no other one."""
    sides = (build_snapshot(side, version_num=version_num) for side in (expected, live))
    changes = diff_snapshots(*sides, kinds=SMALL)
    roots = changes[changes["part_of"].isna()]
    names = ["kind", "name", "change", "property"]
    return list(roots[names].itertuples(index=False, name=None))


def test_values_are_text_and_null_is_missing() -> None:
    changes = diff_snapshots(
        build_snapshot({"table": [ORDERS]}),
        build_snapshot({"table": [("public", "orders", "ordinary", False, "public.base")]}),
        kinds=SMALL,
    )
    assert list(changes.columns) == COLUMNS
    parents, rls = changes.to_dict("records")
    assert (rls["expected"], rls["live"], rls["property_class"]) == ("true", "false", "security")
    assert parents["live"] == "public.base"
    assert changes["expected"].isna().tolist() == [True, False]


def test_no_change_keeps_the_columns() -> None:
    same = build_snapshot({"table": [ORDERS]})
    changes = diff_snapshots(same, same, kinds=SMALL)
    assert list(changes.columns) == COLUMNS
    assert len(changes) == 0


WITH_TABLE: Rows = {
    "table": [ORDERS],
    "column": [ID, TOTAL],
    "constraint": [("public", "orders", "orders_pkey", "PRIMARY KEY (id)")],
    "index": [
        ("public", "orders_pkey", "orders", "create unique index", "orders_pkey"),
        ("public", "by_total", "orders", "create index", None),
    ],
    "policy": [("public", "orders", "p", "true")],
    "sequence": [("public", "orders_id_seq", "public.orders.id")],
    "privilege": [
        ("table", "public", "orders", "", "anon", "SELECT", False, "postgres", False),
        ("table", "public", "orders", "total", "anon", "UPDATE", False, "postgres", False),
        ("sequence", "public", "orders_id_seq", "", "anon", "USAGE", False, "postgres", False),
    ],
    "owner": [
        ("table", "public", "orders", "postgres"),
        ("sequence", "public", "orders_id_seq", "postgres"),
    ],
    "comment": [
        ("table", "public", "orders", "", "x"),
        ("column", "public", "orders", "total", "x"),
        ("constraint", "public", "orders", "orders_pkey", "x"),
        ("index", "public", "by_total", "", "x"),
    ],
}


def without(rows: Rows, kind: str, *names: str) -> Rows:
    return rows | {kind: [row for row in rows[kind] if not set(names) & set(row)]}


@pytest.mark.parametrize(
    ("expected", "live", "changes"),
    [
        pytest.param({}, WITH_TABLE, [("table", "public.orders", "only_live", "")], id="new table"),
        pytest.param(
            WITH_TABLE, {}, [("table", "public.orders", "only_expected", "")], id="lost table"
        ),
        pytest.param(
            WITH_TABLE | {"constraint": [], "index": [], "comment": []},
            without(WITH_TABLE, "index", "by_total") | {"comment": []},
            [("constraint", "public.orders.orders_pkey", "only_live", "")],
            id="an index is part of the constraint that it backs",
        ),
        pytest.param(
            WITH_TABLE,
            without(WITH_TABLE, "privilege", "UPDATE"),
            [("privilege", 'table.public.orders.total.anon."UPDATE"', "only_expected", "")],
            id="a lost column grant",
        ),
        pytest.param(
            {"table": [ORDERS], "column": [ID, TOTAL]},
            {"table": [ORDERS], "column": [("public", "orders", "total", "numeric", True, 5)]},
            [("column", "public.orders.id", "only_expected", "")],
            id="positions move when a column goes",
        ),
        pytest.param(
            {"table": [ORDERS], "column": [ID, TOTAL]},
            {
                "table": [ORDERS],
                "column": [
                    ("public", "orders", "id", "bigint", True, 3),
                    ("public", "orders", "total", "numeric", True, 2),
                ],
            },
            [("table", "public.orders", "altered", "column_order")],
            id="columns in another order",
        ),
        pytest.param(
            {
                "owner": [("table", "public", "t", "a")],
                "privilege": [
                    ("table", "public", "t", "", "a", "SELECT", False, "a", True),
                    ("table", "public", "t", "", "anon", "SELECT", False, "a", False),
                ],
            },
            {
                "owner": [("table", "public", "t", "b")],
                "privilege": [
                    ("table", "public", "t", "", "b", "SELECT", False, "b", True),
                    ("table", "public", "t", "", "anon", "SELECT", False, "b", False),
                ],
            },
            [("owner", "table.public.t", "altered", "role")],
            id="another owner holds and grants what the old one did",
        ),
        pytest.param(
            {
                "table": [
                    ("public", "p", "partitioned", True, None),
                    ("public", "p1", "ordinary", True, "public.p"),
                ]
            },
            {
                "table": [
                    ("public", "p", "partitioned", True, None),
                    ("public", "p1", "ordinary", True, "public.p"),
                ],
                "column": [
                    ("public", "p", "c", "int", False, 1),
                    ("public", "p1", "c", "int", False, 1),
                ],
            },
            [("column", "public.p.c", "only_live", "")],
            id="a partition repeats the column of its parent",
        ),
    ],
)
def test_one_change_per_cause(expected: Rows, live: Rows, changes: list[tuple[str, ...]]) -> None:
    assert diff(expected, live) == changes


@pytest.mark.parametrize(
    ("version_num", "found"), [pytest.param(160_000, 0, id="16"), pytest.param(170_000, 1, id="17")]
)
def test_maintain_counts_from_17(version_num: int, found: int) -> None:
    grant: Rows = {"privilege": [("table", "public", "t", "", "a", "MAINTAIN", False, "a", False)]}
    assert len(diff(grant, {}, version_num)) == found


@pytest.mark.slow
def test_300_000_objects_in_seconds() -> None:
    columns = [("public", f"t{i % 3000}", f"c{i}", "bigint", True, i) for i in range(300_000)]
    sides = [build_snapshot({"column": columns}) for _ in range(2)]
    started = time.perf_counter()
    assert len(diff_snapshots(*sides, kinds=SMALL)) == 0
    assert time.perf_counter() - started < 10
