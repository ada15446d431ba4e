from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from driftbook.charts.drift import (
    count_by_severity,
    count_schema_kind,
    plot_changes_by_kind,
    plot_schema_kind,
)
from driftbook.charts.palette import COLOURS, PLACEHOLDERS, SEVERITIES, themed
from driftbook.charts.style import read_nothing
from driftbook.charts.versions import plot_lanes
from driftbook.report.fragments import render_figure

FINDINGS = pd.DataFrame(
    {
        "kind": ["table", "table", "index", "table"],
        "severity": ["critical", "low", "medium", "low"],
    }
)
VERSIONS = pd.DataFrame(
    {
        "version": ["20240101000000", "20240201000000", "20240301000000"],
        "recorded": [True, False, True],
        "in_files": [True, True, False],
        "version_at": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"], utc=True),
    }
)


def test_counts_have_one_row_per_schema_and_one_column_per_kind() -> None:
    rows = [("public", "table"), ("public", "table"), ("billing", "privilege"), ("", "extension")]
    findings = pd.DataFrame(rows, columns=["schema", "kind"], dtype="str")
    counts = count_schema_kind(findings)
    assert counts.to_dict("index") == {
        "-": {"extension": 1, "privilege": 0, "table": 0},
        "billing": {"extension": 0, "privilege": 1, "table": 0},
        "public": {"extension": 0, "privilege": 0, "table": 2},
    }


def test_a_finding_about_a_schema_does_not_clash_with_the_column_of_schemas() -> None:
    findings = pd.DataFrame([("billing", "schema")], columns=["schema", "kind"], dtype="str")
    assert list(count_schema_kind(findings).reset_index().columns) == ["in schema", "schema"]


def test_severities_are_counted_worst_first_and_the_longest_bar_is_on_top() -> None:
    counts = count_by_severity(FINDINGS)
    assert list(counts.columns) == ["critical", "medium", "low"]
    assert list(counts.index) == ["table", "index"]


def test_bars_say_in_words_what_they_show_in_colour() -> None:
    ax = plot_changes_by_kind(FINDINGS)
    assert [text.get_text() for text in ax.texts] == ["1 critical, 2 low", "1 medium"]


def test_lanes_of_tracking_carry_their_counts() -> None:
    ax = plot_lanes(VERSIONS)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "migration files (2)",
        "▼ not recorded (1)\n✕ no file (1)",
        "recorded (2)",
    ]


def test_versions_without_a_time_stand_in_their_order() -> None:
    versions = VERSIONS.assign(version_at=pd.to_datetime(pd.Series([None] * 3), utc=True))
    assert plot_lanes(versions).get_xlabel() == "versions in their order"


@pytest.mark.parametrize(
    "ax",
    [
        plot_schema_kind(count_schema_kind(pd.DataFrame(columns=["schema", "kind"], dtype="str"))),
        plot_changes_by_kind(FINDINGS.head(0)),
        plot_lanes(VERSIONS.head(0)),
    ],
    ids=["heat map", "bars", "lanes"],
)
def test_without_data_a_chart_is_a_sentence(ax: object) -> None:
    assert read_nothing(ax).startswith("nothing to draw: ")  # type: ignore[arg-type]
    fragment = render_figure(ax, "none", "A figure.", pd.DataFrame())  # type: ignore[arg-type]
    assert "<svg" not in fragment
    assert "nothing to draw" in fragment


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "name", ["$\\frac{$", "a\x01b\ufffe", "<b>&amp;", "店舗", "x" * 300, "1.23456789"]
)
def test_hostile_names_make_a_figure(name: str) -> None:
    counts = pd.DataFrame({name: [1]}, index=[name])
    fragment = render_figure(plot_schema_kind(counts), "hostile", name, counts.reset_index())
    assert "<b>" not in fragment
    assert "\x01" not in fragment
    if name == "1.23456789":
        assert ">1.23456789</text>" in fragment


def test_many_schemas_are_folded_into_one_row() -> None:
    counts = pd.DataFrame({"table": range(1, 101)}, index=[f"s{n}" for n in range(100)])
    ax = plot_schema_kind(counts)
    assert ax.get_yticklabels()[-1].get_text() == "76 more schemas"


PROGRAM = """
import pandas as pd, hashlib
from driftbook.charts.versions import plot_lanes
from driftbook.report.fragments import render_figure
times = pd.to_datetime(["2024-01-01", "2024-02-01"], utc=True)
frame = pd.DataFrame({"version_at": times, "recorded": [True, False], "in_files": [True, True]})
figure = render_figure(plot_lanes(frame), "x", "A figure.", frame)
print(hashlib.sha256(figure.encode()).hexdigest())
"""


def test_two_processes_draw_the_same_bytes() -> None:
    runs = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{PROGRAM}"],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "DRIFTBOOK_STATE": "/nonexistent"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_every_placeholder_becomes_a_variable_with_its_light_colour() -> None:
    for name, placeholder in PLACEHOLDERS.items():
        assert themed(placeholder) == f"var(--{name},{COLOURS[name][0]})"


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("shade", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "card"])
@pytest.mark.parametrize(
    "name", [*SEVERITIES, "fg", "muted", "accent", "ok", *(f"series-{n}" for n in range(5))]
)
def test_text_colours_are_legible(name: str, ground: str, shade: int) -> None:
    first, second = (luminance(COLOURS[key][shade]) for key in (name, ground))
    assert (max(first, second) + 0.05) / (min(first, second) + 0.05) >= 4.5
