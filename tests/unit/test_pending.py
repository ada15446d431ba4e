"""What a push would run is what the CLI would run, its blind spots included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.repairs import Forecast
from driftbook.tracking.pending import forecast, name_some

VERSIONS = st.sets(st.integers(10, 40).map(str), max_size=12)


def build(*versions: str) -> list[tuple[str, str]]:
    return [(f"{version}_a.sql", version) for version in versions]


def names(*versions: str) -> tuple[str, ...]:
    return tuple(f"{version}_a.sql" for version in versions)


@pytest.mark.parametrize(
    ("files", "versions", "expected"),
    [
        pytest.param((), (), Forecast(), id="nothing"),
        pytest.param(("1", "2"), (), Forecast(names("1", "2"), "", ("1", "2")), id="all new"),
        pytest.param(("1", "2"), ("1", "2"), Forecast(), id="all recorded"),
        pytest.param(("1", "2"), ("1",), Forecast(names("2"), "", ("2",)), id="one new"),
        pytest.param(
            ("1",),
            ("1", "2"),
            Forecast((), "the tracking table has versions without a file: 2", ("2",)),
            id="a newer record without a file",
        ),
        pytest.param(
            ("2",),
            ("1", "2"),
            Forecast((), "the tracking table has versions without a file: 1", ("1",)),
            id="an older record without a file",
        ),
        pytest.param(
            ("1", "2", "3"),
            ("2",),
            Forecast((), "files that are not recorded come before recorded ones: 1", ("1", "3")),
            id="an older file",
        ),
        pytest.param(
            ("1", "3"),
            ("2", "3"),
            Forecast((), "the tracking table has versions without a file: 2", ("1", "2")),
            id="a record without a file is said first",
        ),
        pytest.param(
            ("10", "9"), ("9", "10"), Forecast(), id="text order, in which ten is before nine"
        ),
        pytest.param(
            ("20240101", "2024"),
            ("2024", "20240101"),
            Forecast((), "the tracking table has versions without a file: 2024"),
            id="file names and versions in another order: everything is recorded, nothing runs",
        ),
        pytest.param(
            ("07",),
            ("7",),
            Forecast((), "the tracking table has versions without a file: 7", ("07", "7")),
            id="leading zeros count",
        ),
    ],
)
def test_as_the_cli(files: tuple[str, ...], versions: tuple[str, ...], expected: Forecast) -> None:
    assert forecast(build(*files), versions) == expected


def test_older_files_run_first_when_all_are_included() -> None:
    files = build("1", "2", "3", "4")
    assert forecast(files, ["3"], include_all=True).runs == names("1", "2", "4")
    assert forecast(files, ["3", "9"], include_all=True).refuses


def test_the_second_file_of_a_version() -> None:
    files = [("1_a.sql", "1"), ("1_b.sql", "1"), ("2_c.sql", "2")]
    assert forecast(files, ["1"]).runs == ("1_b.sql", "2_c.sql")
    assert forecast(files, ["1"]).one_sided == ("2",)
    assert forecast(files, ["1", "2"]).refuses.endswith(": 1")
    assert forecast(files, ["1", "2"], include_all=True).runs == ("1_b.sql",)


def test_five_are_named() -> None:
    assert name_some([*"12345"]) == "1, 2, 3, 4, 5"
    assert name_some([*"1234567"]) == "1, 2, 3, 4, 5 and 2 more"


@given(VERSIONS)
def test_recorded_files_run_never(versions: set[str]) -> None:
    assert forecast(build(*sorted(versions)), versions) == Forecast()


@given(VERSIONS, VERSIONS)
def test_a_push_runs_exactly_what_is_one_sided(files: set[str], versions: set[str]) -> None:
    said = forecast(build(*sorted(files)), versions, include_all=True)
    assert said.one_sided == tuple(sorted(files ^ versions))
    assert bool(said.refuses) == (not versions <= files)
    if not said.refuses:
        assert said.runs == names(*said.one_sided)
        assert forecast(build(*sorted(files)), files) == Forecast()


@given(VERSIONS, VERSIONS)
def test_older_files_need_to_be_asked_for(files: set[str], versions: set[str]) -> None:
    recorded = files & versions
    said = forecast(build(*sorted(files)), recorded)
    older = [one for one in files - recorded if one < max(recorded, default="")]
    assert bool(said.refuses) == bool(older)
    assert all(one in said.refuses for one in sorted(older)[:5])
