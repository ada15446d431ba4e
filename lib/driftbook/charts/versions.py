"""Charts of versions: what files, tracking table and live database say of each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from driftbook.charts.palette import PLACEHOLDERS
from driftbook.charts.placing import (
    POINTS,
    draw_spans,
    draw_ticks,
    place_versions,
    size_of,
    spread,
)
from driftbook.charts.style import draw_nothing, new_axes, short_label, styled

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from matplotlib.axes import Axes

MOST_NUMBERED = 40  # versions, up to which each cell has its number and each column its label
MOST_NAMED = 20  # versions that are not fully effective, up to which each is named
STRIPED = -2  # every fact is superseded; -1: nothing was compared
LEVELS = 4  # steps of how full a cell is drawn
CELL = 0.78  # height of a cell, of its row
MARGIN = 0.25  # points between the cells of neighbours


@styled
def plot_lanes(versions: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one mark per migration version in three lanes: file, missing, tracked.

    The middle lane holds what one side lacks: a triangle is a file without a record, a cross a
    record without a file; their counts stand in its label.

    Args:
        versions: One row per version: ``version_at`` (UTC, from its 14 digits, or missing),
            ``recorded`` and ``in_files`` (bool), ``state`` if known. Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    if ax is None:
        ax = new_axes(8.6, 1.9)
    if versions.empty:
        return draw_nothing(ax, "no migration file, and nothing is recorded")
    places = place_versions(versions, ax)
    in_files, recorded = (versions[name].to_numpy(dtype=bool) for name in ("in_files", "recorded"))
    unread = "state" in versions and bool((versions["state"] == "unknown").all())
    lost, stray = in_files & ~recorded & (not unread), recorded & ~in_files
    for lane, chosen, colour in ((0, in_files, "series-0"), (2, recorded, "series-3")):
        ys = np.full(int(chosen.sum()), float(lane))
        draw_ticks(ax, places[chosen], ys, PLACEHOLDERS[colour])
    for chosen, marker, colour in ((lost, "v", "high"), (stray, "x", "critical")):
        ys = np.ones(int(chosen.sum()))
        ax.plot(places[chosen], ys, marker, color=PLACEHOLDERS[colour], markersize=5)
    labels = (
        f"migration files ({int(in_files.sum()):,})",
        f"▼ not recorded ({int(lost.sum()):,})\n✕ no file ({int(stray.sum()):,})",
        "recorded (not read)" if unread else f"recorded ({int(recorded.sum()):,})",
    )
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.grid(axis="x")
    return ax


@styled
def plot_effect_matrix(matrix: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how much of what each version did is live: kinds down, versions across.

    A cell is filled from below as far as its facts are live and has their number when there is
    room; striped means that later versions changed everything. A triangle on top marks a version
    that is expected and not fully live.

    Args:
        matrix: One row per version and kind: ``version``, ``place``, ``kind``, ``found``,
            ``testable``, ``superseded``, ``expected``. Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    kinds = list(dict.fromkeys(sorted(matrix["kind"])))
    columns = matrix.drop_duplicates("place").sort_values("place")
    numbered = len(columns) <= MOST_NUMBERED
    if ax is None:
        width = max(6.5, 0.36 * len(columns) + 1) if numbered else 8.6
        ax = new_axes(width, 0.32 * len(kinds) + 0.9)
    if matrix.empty:
        return draw_nothing(ax, "it is not known what any file does")
    first, last = int(columns["place"].min()), int(columns["place"].max())
    ax.set(xlim=(first - 0.6, last + 0.6), ylim=(len(kinds) - 0.4, -1.1))
    cells = matrix.assign(row=matrix["kind"].map(kinds.index)).sort_values(["row", "place"])
    _draw_cells(ax, cells)
    if numbered:
        _number_cells(ax, cells)
    _mark_versions(ax, matrix, numbered=numbered)
    _label_versions(ax, columns, numbered=numbered)
    ax.set_yticks(range(len(kinds)), [short_label(kind).replace("_", " ") for kind in kinds])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _draw_cells(ax: Axes, cells: pd.DataFrame) -> None:
    """Draw runs of equal cells of a row as one thick line each, one path per look."""
    width, height = size_of(ax)
    per_row = height / abs(np.subtract(*ax.get_ylim())) * CELL
    share = cells["found"] / cells["testable"].where(cells["testable"] > 0)
    # Never quite empty or quite full unless it is.
    level = (share * LEVELS).round().clip(share.gt(0), LEVELS - share.lt(1))
    gap = min(MARGIN / (width / abs(np.subtract(*ax.get_xlim()))), 0.1)
    level = level.fillna(-cells["superseded"].clip(upper=1) - 1)
    runs = list(_find_runs(cells["row"], cells["place"], level))
    spans = [(start - 0.5 + gap, end + 0.5 - gap, row) for start, end, row, _ in runs]
    colour = PLACEHOLDERS["series-0"]
    # Wide cells carry a number that has to be read, narrow ones have to be seen.
    alpha = 0.5 if width / len(set(cells["place"])) > POINTS / 9 else 0.85
    draw_spans(ax, spans, color=colour, alpha=alpha / 3, linewidth=per_row)
    for step in range(1, LEVELS + 1):
        part = CELL * step / LEVELS
        full = [
            (start, end, row + (CELL - part) / 2)
            for (start, end, row), run in zip(spans, runs, strict=True)
            if run[-1] == step
        ]
        draw_spans(ax, full, color=colour, alpha=alpha, linewidth=per_row * step / LEVELS)
    striped = [
        (start, end, row + offset)
        for (start, end, row), run in zip(spans, runs, strict=True)
        if run[-1] == STRIPED
        for offset in (-0.26, 0, 0.26)
    ]
    draw_spans(ax, striped, color=PLACEHOLDERS["muted"], linewidth=0.8)


def _find_runs(
    rows: pd.Series, places: pd.Series, levels: pd.Series
) -> Iterator[tuple[int, int, int, float]]:
    """Yield first place, last place, row and level of neighbours that look the same."""
    cells = list(zip(rows.tolist(), places.tolist(), levels.tolist(), strict=True))
    numbered = ((row, level, place - at, place) for at, (row, place, level) in enumerate(cells))
    for (row, level, _), run in groupby(numbered, key=lambda cell: cell[:3]):
        run_places = [place for *_, place in run]
        yield run_places[0], run_places[-1], row, level


def _number_cells(ax: Axes, cells: pd.DataFrame) -> None:
    names = ["place", "row", "found", "testable"]
    for place, row, found, testable in cells[names].itertuples(index=False, name=None):
        if testable:
            text = f"{found}/{testable}"
            ax.text(place, row, text, ha="center", va="center", fontsize=7.5)


def _mark_versions(ax: Axes, matrix: pd.DataFrame, *, numbered: bool) -> None:
    """Mark expected versions that are not fully live; name a few that have no label below."""
    totals = matrix.groupby(["place", "version", "expected"], as_index=False)[
        ["found", "testable"]
    ].sum()
    wrong = totals[totals["expected"] & (totals["found"] < totals["testable"])]
    places = wrong["place"].to_numpy(dtype=np.float64)
    ax.plot(places, np.full(len(places), -0.8), "v", color=PLACEHOLDERS["critical"], markersize=5)
    if numbered or len(wrong) > MOST_NAMED:
        return
    width, _ = size_of(ax)
    per_place = width / abs(np.subtract(*ax.get_xlim()))
    for version, x, place in zip(
        wrong["version"], spread(places.tolist(), 11 / per_place), places, strict=True
    ):
        ax.annotate(
            short_label(version),
            (place, -0.95),
            (x, -1.25),
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=8,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": PLACEHOLDERS["line"], "shrinkA": 0},
        )


def _label_versions(ax: Axes, columns: pd.DataFrame, *, numbered: bool) -> None:
    places, versions = columns["place"].tolist(), columns["version"].tolist()
    if not numbered:
        chosen = np.unique(np.linspace(0, len(places) - 1, 9).round().astype(int))
        places, versions = ([values[at] for at in chosen] for values in (places, versions))
        # Fourteen digits are a time: its date tells enough.
        versions = [
            f"{one[:4]}-{one[4:6]}-{one[6:8]}" if len(one) == 14 else one  # noqa: PLR2004
            for one in versions
        ]
        ax.set_xlabel(f"{len(columns):,} versions that change the schema, in their order")
    labels = [short_label(version) for version in versions]
    ax.set_xticks(places, labels, rotation=90 if numbered else 0, fontsize=8)
