"""The version that is out of its order is named, and not all those that it passed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.tracking.order import find_order, find_version_flags
from driftbook.tracking.table import TrackingRow
from driftbook.versions import Flag, OrderFlag

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def build_rows(xids: dict[str, int | None]) -> list[TrackingRow]:
    return [TrackingRow(version, None, None, xid) for version, xid in xids.items()]


def build_files(*versions: str) -> list[tuple[str, str]]:
    return [(f"{version}_a.sql", version) for version in versions]


def culprits(flags: dict[str, OrderFlag]) -> list[str]:
    return sorted(version for version, flag in flags.items() if flag is OrderFlag.OUT_OF_ORDER)


@pytest.mark.parametrize(
    ("xids", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"1": 10, "2": 20, "3": 30}, [], id="in order"),
        pytest.param({"1": 10, "2": 40, "3": 20, "4": 30}, ["2"], id="one came late"),
        pytest.param({"1": 20, "2": 10}, ["1"], id="of two the one that came late"),
        pytest.param({"1": 10, "2": 20, "3": 30, "4": 5}, ["4"], id="one came early"),
        pytest.param({"1": 30, "2": 30, "3": 10}, [], id="one transaction says nothing"),
        pytest.param({"1": 9, "2": 30, "3": 30, "4": 7}, ["1"], id="the others still say"),
        pytest.param({"1": None, "2": 20, "3": None}, [], id="not read"),
        pytest.param({"1": 2, "2": 20, "3": 1}, [], id="long ago"),
        pytest.param({"1": 2**32 - 5, "2": 2**32 - 1, "3": 4, "4": 9}, [], id="counted round"),
        pytest.param({"1": 2**32 - 5, "2": 9, "3": 4}, ["2"], id="late after counting round"),
    ],
)
def test_transactions_tell_the_order(xids: dict[str, int | None], expected: list[str]) -> None:
    flags = find_order(build_files(*sorted(xids)), build_rows(xids))
    assert culprits(flags) == expected
    assert set(flags) == set(xids)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param(("1", "2", "3"), [], id="of one length"),
        pytest.param(("10", "9"), ["10"], id="ten before nine"),
        pytest.param(("1", "10", "11", "2"), ["2"], id="the fewest"),
        pytest.param(("20240101", "20240101120000"), [], id="a day and a time of it"),
        pytest.param(("20240101", "2024"), ["20240101"], id="file names sort otherwise"),
        pytest.param(("07", "7"), [], id="one number"),
        pytest.param(("1", "9" * 5_000), [], id="more digits than a number has"),
        pytest.param(("1", "1", "2"), [], id="two files of one version"),
    ],
)
def test_versions_of_mixed_length(versions: tuple[str, ...], expected: list[str]) -> None:
    assert culprits(find_order(build_files(*versions), [])) == expected


def test_a_file_below_the_newest_record() -> None:
    flags = find_order(build_files("1", "2", "3"), build_rows({"2": 9, "x": None}))
    assert flags == {
        "1": OrderFlag.OLDER_THAN_APPLIED,
        "2": OrderFlag.OK,
        "3": OrderFlag.OK,
        "x": OrderFlag.OK,
    }
    assert set(find_order(build_files("1", "2"), []).values()) == {OrderFlag.OK}


@given(st.permutations(range(3, 10)))
def test_the_fewest_are_named(xids: list[int]) -> None:
    rows = build_rows({str(version): xid for version, xid in enumerate(xids)})
    named = culprits(find_order([], rows))
    kept = [row.xid for row in rows if row.version not in named and row.xid]
    assert kept == sorted(kept)
    longest = max(
        size
        for size in range(1, len(xids) + 1)
        if any(list(some) == sorted(some) for some in combinations(xids, size))
    )
    assert len(kept) == longest


@pytest.mark.parametrize(
    ("version", "flags"),
    [
        ("20260301120000", ()),
        ("20260302120000", ()),
        ("20260302120001", (Flag.IN_FUTURE,)),
        ("20240230120000", (Flag.NO_TIME,)),
        ("20240101250000", (Flag.NO_TIME,)),
        ("00000101000000", (Flag.NO_TIME,)),
        ("20240101", (Flag.NO_TIME,)),
        ("202401011200001", (Flag.NO_TIME,)),
        ("99999999", (Flag.NO_TIME,)),
        ("٢", (Flag.MALFORMED,)),
        ("20240101120000\n", (Flag.MALFORMED,)),
        ("", (Flag.MALFORMED,)),
        ("v1", (Flag.MALFORMED,)),
    ],
)
def test_what_is_wrong_with_a_version(version: str, flags: tuple[Flag, ...]) -> None:
    assert find_version_flags(version, NOW) == flags
