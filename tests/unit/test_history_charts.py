from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.generated import build_evidence, build_facts

from driftbook.audit.session import Audit
from driftbook.charts.history import (
    count_by_version,
    plot_cadence,
    plot_edits,
    plot_growth,
    plot_lifelines,
    plot_most_altered,
)
from driftbook.charts.placing import spread
from driftbook.charts.style import read_nothing
from driftbook.charts.versions import plot_effect_matrix, plot_lanes
from driftbook.model import Severity
from driftbook.report.allow_list import CLEANER
from driftbook.report.fragments import render_figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

LARGEST_FIGURE = 200_000  # bytes
NO_DATA = pd.DataFrame({"a": [1]})
AUDITS = {
    size: Audit("migration_history", build_evidence(build_facts(size)), Severity.HIGH)
    for size in (10, 40, 700)
}
CHARTS: dict[str, Callable[[Audit], Axes]] = {
    "lanes": lambda audit: plot_lanes(audit.versions),
    "matrix": lambda audit: plot_effect_matrix(audit.effect_matrix),
    "growth": lambda audit: plot_growth(audit.growth),
    "cadence": lambda audit: plot_cadence(audit.cadence),
    "lives": lambda audit: plot_lifelines(audit.lifelines, audit.touches),
    "most": lambda audit: plot_most_altered(audit.most_altered),
    "edits": lambda audit: plot_edits(audit.edits, audit.edit_events),
}
by_name = pytest.mark.parametrize("name", CHARTS)


def draw(name: str, size: int) -> str:
    return str(render_figure(CHARTS[name](AUDITS[size]), name, name, NO_DATA))


@by_name
@pytest.mark.parametrize("size", AUDITS)
def test_a_chart_is_small_and_passes_the_allow_list(name: str, size: int) -> None:
    figure = draw(name, size)
    assert len(figure) < LARGEST_FIGURE
    assert "&lt;" not in CLEANER.clean(figure)


@by_name
def test_the_same_frame_gives_the_same_bytes(name: str) -> None:
    assert draw(name, 700) == draw(name, 700)


@by_name
def test_without_rows_a_chart_is_a_sentence(name: str) -> None:
    nothing = build_facts(10).model_copy(
        update={"versions": (), "effects": (), "history": type(build_facts(10).history)()}
    )
    empty = Audit("migration_history", build_evidence(nothing), Severity.HIGH)
    ax = CHARTS[name](empty)
    assert read_nothing(ax).startswith("nothing to draw: ")
    assert "<svg" not in render_figure(ax, name, name, NO_DATA)


@by_name
@pytest.mark.parametrize("text", ["$\\frac{$", "a\x01b", "<b>&amp;", "店舗", "x" * 300])
@pytest.mark.filterwarnings("error")
def test_hostile_names_make_a_figure(name: str, text: str) -> None:
    audit = AUDITS[10]
    frames = {
        "lanes": lambda: plot_lanes(audit.versions.assign(version=text)),
        "matrix": lambda: plot_effect_matrix(audit.effect_matrix.assign(version=text, kind=text)),
        "growth": lambda: plot_growth(audit.growth.assign(kind=text)),
        "cadence": lambda: plot_cadence(audit.cadence),
        "lives": lambda: plot_lifelines(
            audit.lifelines.head(1).assign(table=text), audit.touches.assign(object=text)
        ),
        "most": lambda: plot_most_altered(audit.most_altered.assign(object=text, kind=text)),
        "edits": lambda: plot_edits(
            audit.edits.head(1).assign(file=text), audit.edit_events.assign(file=text)
        ),
    }
    figure = render_figure(frames[name](), "hostile", text, NO_DATA)
    assert "<b>" not in figure
    assert "\x01" not in figure


def test_files_and_records_that_lack_each_other_are_told_apart_by_shape() -> None:
    ax = plot_lanes(AUDITS[10].versions)
    marks = {line.get_marker(): len(line.get_xdata()) for line in ax.lines}  # type: ignore[arg-type]
    assert marks["v"] == 2
    assert marks["x"] == 1
    assert ax.get_yticklabels()[1].get_text() == "▼ not recorded (2)\n✕ no file (1)"


def test_a_table_that_was_not_read_accuses_no_file() -> None:
    unread = AUDITS[10].versions.assign(state="unknown", recorded=False)
    labels = [label.get_text() for label in plot_lanes(unread).get_yticklabels()]
    assert labels[1:] == ["▼ not recorded (0)\n✕ no file (0)", "recorded (not read)"]


def test_cells_have_numbers_while_there_is_room() -> None:
    numbers = [text.get_text() for text in plot_effect_matrix(AUDITS[10].effect_matrix).texts]
    assert "3/3" in numbers
    assert "0/1" in numbers
    assert not plot_effect_matrix(AUDITS[700].effect_matrix).texts


@pytest.mark.parametrize(("wrong", "named"), [(20, 20), (21, 0)])
def test_a_few_versions_that_are_not_live_are_named(wrong: int, named: int) -> None:
    matrix = pd.DataFrame(
        {
            "version": [f"{number:014d}" for number in range(100)],
            "place": range(1, 101),
            "kind": "table",
            "found": [0] * wrong + [1] * (100 - wrong),
            "testable": 1,
            "superseded": 0,
            "expected": True,
        }
    )
    ax = plot_effect_matrix(matrix)
    assert [len(line.get_xdata()) for line in ax.lines if line.get_marker() == "v"] == [wrong]  # type: ignore[arg-type]
    assert [text.get_text() for text in ax.texts] == matrix["version"].head(named).tolist()


def test_a_pending_version_is_not_marked() -> None:
    matrix = AUDITS[10].effect_matrix.assign(expected=False)
    (marks,) = (line for line in plot_effect_matrix(matrix).lines if line.get_marker() == "v")
    assert len(marks.get_xdata()) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wanted", [[], [1.0], [1, 1, 1, 1], [5, 1, 3], [0, 0.1, 10, 10.1, 10.2], [3, 3, 2.9, 50]]
)
def test_labels_move_apart_and_keep_their_order(wanted: list[float]) -> None:
    placed = spread(wanted, 1)
    ordered = [place for _, place in sorted(zip(wanted, placed, strict=True))]
    assert all(after - before >= 1 - 1e-9 for before, after in pairwise(ordered))
    assert sum(placed) == pytest.approx(sum(wanted))


@pytest.mark.parametrize("size", [10, 700])
def test_labels_of_growth_do_not_overlap(size: int) -> None:
    ax = plot_growth(AUDITS[size].growth)
    per_object = ax.transData.transform((0, 1))[1] - ax.transData.transform((0, 0))[1]
    scale = 72 / ax.figure.dpi
    offsets = sorted(
        text.xy[1] * per_object * scale + text.xyann[1]  # type: ignore[attr-defined]
        for text in ax.texts
    )
    assert len(offsets) == 7
    assert all(after - before >= 11.9 for before, after in pairwise(offsets))


def test_versions_without_a_time_stand_in_their_order() -> None:
    missing = pd.to_datetime(pd.Series([None] * len(AUDITS[10].growth)), utc=True)
    assert plot_growth(AUDITS[10].growth.assign(version_at=missing)).get_xlabel() == (
        "versions in their order"
    )


def test_why_no_edit_is_known_stands_in_the_chart() -> None:
    none = AUDITS[10].edits.head(0)
    ax = plot_edits(none, AUDITS[10].edit_events, "The git history is not known: no git.")
    assert read_nothing(ax) == "nothing to draw: the git history is not known: no git"


def test_forty_files_and_tables_are_drawn() -> None:
    audit = AUDITS[700]
    assert len(plot_edits(audit.edits, audit.edit_events).get_yticklabels()) == 40
    assert len(plot_lifelines(audit.lifelines, audit.touches).get_yticklabels()) == 40
    assert len(plot_most_altered(audit.most_altered).get_yticklabels()) == 20


def test_the_numbers_of_growth_have_a_row_where_one_changes() -> None:
    counts = count_by_version(AUDITS[10].growth)
    assert list(counts.columns[:2]) == ["version", "column"]
    assert counts["column"].iloc[-1] == 9
    assert count_by_version(AUDITS[10].growth.head(0)).empty
