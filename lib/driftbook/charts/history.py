"""Charts of history: how the schema grew, how often, what was altered, what was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from driftbook.charts.palette import PLACEHOLDERS
from driftbook.charts.placing import (
    convert_times,
    draw_spans,
    draw_ticks,
    label_ends,
    place_times,
    place_versions,
)
from driftbook.charts.style import draw_nothing, new_axes, short_label, styled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

MOST_LINES = 40  # tables, or files
MOST_BARS = 20  # objects
SERIES = [f"series-{number}" for number in range(5)]
DASHES = ("-", "--")  # the sixth line has the first colour again
UNKNOWN = "it is not known what any file does"


@styled
def plot_growth(growth: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many objects of each kind there are after each file, one step line per kind.

    Args:
        growth: One row per file and kind: ``version_at`` (UTC or missing), ``place``, ``kind``,
            ``objects``. Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    if ax is None:
        ax = new_axes(8.6, 3.4)
    if growth.empty:
        return draw_nothing(ax, UNKNOWN)
    placed = growth.assign(x=place_versions(growth, ax))
    highest = max(int(growth["objects"].max()), 1)
    ax.set(ylabel="objects", ylim=(0, highest * 1.06))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    ends, labels = [], []
    for number, (kind, line) in enumerate(placed.groupby("kind", sort=False)):
        # A step needs its corners only.
        kept = line[(line["objects"].diff() != 0) | (line["place"] == line["place"].max())]
        other = kind == "other"
        colour = PLACEHOLDERS["muted" if other else SERIES[number % len(SERIES)]]
        dash = ":" if other else DASHES[number // len(SERIES) % len(DASHES)]
        xs, counts = kept["x"].to_numpy(), kept["objects"].to_numpy()
        ax.step(xs, counts, linestyle=dash, where="post", color=colour, linewidth=1.6)
        ends.append(int(counts[-1]))
        labels.append((f"{short_label(kind).replace('_', ' ')} {ends[-1]:,}", colour))
    label_ends(ax, float(placed["x"].max()), ends, labels)
    return ax


def count_by_version(growth: pd.DataFrame) -> pd.DataFrame:
    """Return one row per version after which a count is another, one column of counts per kind.

    Args:
        growth: One row per file and kind: ``version``, ``place``, ``kind``, ``objects``.
            Without rows the counts are empty.
    """
    wide = growth.pivot_table("objects", ["place", "version"], "kind", aggfunc="last")
    wide = wide[list(dict.fromkeys(growth["kind"]))].rename_axis(columns=None)
    changed = wide[(wide.diff() != 0).any(axis=1)]
    return changed.reset_index("version").reset_index(drop=True)


@styled
def plot_cadence(cadence: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many files came in each week, month or year.

    A bar counts files by the time that their version spells, a dot by their first commit.

    Args:
        cadence: One row per span: ``start`` (UTC), ``span``, ``files``, ``first_commits``.
            Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    if ax is None:
        ax = new_axes(8.6, 2.4)
    if cadence.empty:
        return draw_nothing(ax, "no file has a version that spells a time, or a known commit")
    starts, span = place_times(cadence["start"], ax), str(cadence["span"].iloc[0])
    days = {"week": 7, "month": 30, "year": 365}[span]
    middles = starts + days / 2
    colour, edge = PLACEHOLDERS["series-0"], PLACEHOLDERS["bg"]
    ax.bar(middles, cadence["files"], days * 0.9, color=colour, alpha=0.55, edgecolor=edge)
    committed = cadence["first_commits"].to_numpy()
    dots = committed > 0
    ax.plot(middles[dots], committed[dots], "o", color=PLACEHOLDERS["series-1"], markersize=4)
    words = "bars: by version, dots: by first commit" if dots.any() else "by version"
    ax.set(ylabel=f"files per {span}")
    ax.set_title(words, loc="left", fontsize=9, color=PLACEHOLDERS["muted"])
    ax.set_xlim(starts[0] - days * 0.5, starts[-1] + days * 1.5)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    return ax


@styled
def plot_lifelines(lifelines: pd.DataFrame, touches: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the lives of the 40 most altered tables, the oldest on top.

    A bar goes from the file that creates a table to the one that drops it (a cross) or to the
    last file; a tick is a file that alters it.

    Args:
        lifelines: One row per table: ``table``, ``created_in``, ``dropped_in``, ``alterations``,
            most altered first. Without rows the axes say so.
        touches: One row per file and object that it touched: ``object``, ``kind``, ``deed``,
            ``version_at`` (UTC or missing), ``place``.
        ax: Where to draw; a new figure when ``None``.
    """
    shown = lifelines.head(MOST_LINES)
    if ax is None:
        ax = new_axes(7.4, 0.22 * max(len(shown), 1) + 0.7)
    if shown.empty:
        return draw_nothing(ax, "no file makes or alters a table" if len(touches) else UNKNOWN)
    placed = touches.assign(x=place_versions(touches, ax))
    tables = placed[(placed["kind"] == "table") & placed["object"].isin(shown["table"])]
    begin, end = float(placed["x"].min()), float(placed["x"].max())
    born = tables[tables["deed"] == "created"].groupby("object")["x"].min()
    gone = tables.groupby("object")["x"].max()
    lives = shown.assign(
        born=shown["table"].map(born).fillna(begin),
        gone=shown["table"].map(gone).where(shown["dropped_in"] != "", end),
    ).sort_values(["born", "table"], ignore_index=True)
    bars = list(zip(lives["born"], lives["gone"], map(float, lives.index), strict=True))
    draw_spans(ax, bars, color=PLACEHOLDERS["series-0"], alpha=0.35, linewidth=7)
    rows = dict(zip(lives["table"], lives.index, strict=True))
    altered = tables[tables["deed"] == "altered"]
    ys = altered["object"].map(rows).to_numpy(dtype=np.float64)
    draw_ticks(ax, altered["x"].to_numpy(), ys, PLACEHOLDERS["series-1"])
    dropped = lives[lives["dropped_in"] != ""]
    ax.plot(dropped["gone"], dropped.index, "x", color=PLACEHOLDERS["critical"], markersize=5)
    _label_rows(ax, lives["table"], [f"{count:,}" for count in lives["alterations"]])
    return ax


def _label_rows(ax: Axes, names: Iterable[str], counts: Sequence[str]) -> None:
    """Name each row on the left and count on the right; the rows are close."""
    ax.set_yticks(range(len(counts)), [short_label(name) for name in names], fontsize=8)
    ax.set_ylim(len(counts) - 0.4, -0.6)
    ax.margins(x=0.01)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    across = ax.get_yaxis_transform()
    for row, count in enumerate(counts):
        ax.text(1.01, row, count, va="center", fontsize=8, transform=across)


@styled
def plot_most_altered(most_altered: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many files touched each of the 20 objects that most files touched.

    Args:
        most_altered: One row per object, most files first: ``kind``, ``object``, ``files``.
            Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    shown = most_altered.head(MOST_BARS)
    if ax is None:
        ax = new_axes(7, 0.3 * max(len(shown), 1) + 0.7)
    if shown.empty:
        return draw_nothing(ax, "no two files are known to touch the same object")
    rows = np.arange(len(shown))
    ax.barh(rows, shown["files"], height=0.7, color=PLACEHOLDERS["series-0"], alpha=0.55)
    for row, files in zip(rows, shown["files"], strict=True):
        end = (int(files), row)
        ax.annotate(f"{files:,}", end, xytext=(5, 0), textcoords="offset points", va="center")
    names = shown["object"].tolist()
    labels = [
        f"{short_label(name)} ({short_label(kind)})"
        for name, kind in zip(names, shown["kind"], strict=True)
    ]
    ax.set_yticks(rows, labels, fontsize=9)
    ax.set(xlabel="files", ylim=(len(shown) - 0.4, -0.6))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="x")
    return ax


@styled
def plot_edits(
    edits: pd.DataFrame, events: pd.DataFrame, why: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the 40 files that were edited for longest after their first commit.

    A line goes from the first commit to the last edit, a tick is an edit; how many stands on
    the right.

    Args:
        edits: One row per file: ``file``, ``first_at``, ``last_at`` (UTC), ``edits``, ``days``.
        events: One row per edit: ``file``, ``edited_at`` (UTC).
        why: Why nothing is known of edits; empty when no file was edited.
        ax: Where to draw; a new figure when ``None``.
    """
    edited = edits[edits["edits"] > 0]
    shown = edited.sort_values(["days", "file"], ascending=[False, True]).head(MOST_LINES)
    if ax is None:
        ax = new_axes(6.6, 0.22 * max(len(shown), 1) + 0.7)
    if shown.empty:
        reason = why[:1].lower() + why[1:].rstrip(".")
        return draw_nothing(ax, reason or "no file was edited after its first commit")
    shown = shown.sort_values(["first_at", "file"], ignore_index=True)
    starts, ends = place_times(shown["first_at"], ax), convert_times(shown["last_at"])
    lines = list(zip(starts.tolist(), ends.tolist(), map(float, shown.index), strict=True))
    draw_spans(ax, lines, color=PLACEHOLDERS["series-0"], alpha=0.6, linewidth=2)
    ax.plot(starts, shown.index, "o", color=PLACEHOLDERS["series-0"], markersize=3.5)
    rows = dict(zip(shown["file"], shown.index, strict=True))
    own = events[events["file"].isin(rows)]
    ys = own["file"].map(rows).to_numpy(dtype=np.float64)
    draw_ticks(ax, convert_times(own["edited_at"]), ys, PLACEHOLDERS["series-1"])
    _label_rows(ax, shown["file"], [f"{count:,}" for count in shown["edits"]])
    return ax
