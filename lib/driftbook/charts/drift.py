"""Charts of one audit: where drift is and how bad it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from driftbook.charts.palette import PLACEHOLDERS, SEVERITIES
from driftbook.charts.style import draw_nothing, new_axes, short_label, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_SCHEMAS = 25  # rows of the heat map; the rest is one row
UPRIGHT_LABELS = 7  # columns of the heat map, from which their labels are turned


@styled
def plot_schema_kind(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a heat map of findings, schemas down, object kinds across, the number in each cell.

    Args:
        counts: One row per schema, one column of counts per object kind.
            Without findings the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    counts = _fold_rows(counts)
    if ax is None:
        ax = new_axes(max(0.9 * counts.shape[1], 4), 0.42 * len(counts) + 0.8)
    if counts.empty or not counts.to_numpy().any():
        return draw_nothing(ax, "no findings")
    highest = int(counts.to_numpy().max())
    for y, row in enumerate(counts.to_numpy()):
        for x, count in enumerate(row):
            alpha = 0.05 + 0.5 * int(count) / highest
            corner = (x - 0.48, y - 0.46)
            colour = PLACEHOLDERS["series-0"]
            ax.add_patch(Rectangle(corner, 0.96, 0.92, facecolor=colour, alpha=alpha))
            ax.text(x, y, str(count) if count else "·", ha="center", va="center")
    ax.set(xlim=(-0.5, counts.shape[1] - 0.5), ylim=(len(counts) - 0.5, -0.5))
    turned = counts.shape[1] >= UPRIGHT_LABELS
    names = [short_label(name).replace("_", " ") for name in counts.columns]
    ax.set_xticks(range(counts.shape[1]), names, rotation=30 if turned else 0)
    ax.set_yticks(range(len(counts)), [short_label(name) for name in counts.index])
    for label in ax.get_xticklabels() if turned else ():
        label.set_horizontalalignment("right")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _fold_rows(counts: pd.DataFrame) -> pd.DataFrame:
    if len(counts) <= MAX_SCHEMAS:
        return counts
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    kept, rest = counts.loc[order[: MAX_SCHEMAS - 1]], counts.loc[order[MAX_SCHEMAS - 1 :]]
    return pd.concat([kept, rest.sum().to_frame(f"{len(rest)} more schemas").T])


def count_schema_kind(findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per schema, one column of counts per object kind, both sorted by name.

    Args:
        findings: One row per finding: ``schema`` (empty for an object of no schema) and ``kind``.
            Without rows the counts are empty.
    """
    schemas = findings["schema"].where(findings["schema"] != "", "-")
    counts = pd.crosstab(schemas, findings["kind"])
    # Not "schema": that is a kind of object as well, and two columns may not share a name.
    return counts.rename_axis(index="in schema", columns=None)


@styled
def plot_changes_by_kind(findings: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one bar per object kind, its findings stacked by severity, the worst at the axis.

    Args:
        findings: One row per finding: ``kind`` and ``severity``.
            Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    counts = count_by_severity(findings)
    if ax is None:
        ax = new_axes(8, 0.36 * max(len(counts), 1) + 0.7)
    if counts.empty:
        return draw_nothing(ax, "no findings")
    places = np.arange(len(counts))
    left = np.zeros(len(counts), dtype=int)
    for severity in counts.columns:
        colour, edge = PLACEHOLDERS[str(severity)], PLACEHOLDERS["bg"]
        widths = counts[severity].to_numpy()
        ax.barh(places, widths, left=left, height=0.7, color=colour, edgecolor=edge, linewidth=0.8)
        left += widths
    for place, (_, row) in zip(places, counts.iterrows(), strict=True):
        # In words as well: nobody has to tell five colours apart.
        words = ", ".join(f"{count} {severity}" for severity, count in row.items() if count)
        end = (int(row.sum()), place)
        ax.annotate(words, end, xytext=(6, 0), textcoords="offset points", va="center")
    ax.set_yticks(places, [short_label(kind).replace("_", " ") for kind in counts.index])
    ax.set(xlabel="findings", xlim=(0, int(left.max()) * 1.02), ylim=(len(counts) - 0.4, -0.6))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="x")
    return ax


def count_by_severity(findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kind, one column of counts per severity that occurs, most findings first.

    Args:
        findings: One row per finding: ``kind`` and ``severity``.
    """
    if findings.empty:
        return pd.DataFrame()
    counts = pd.crosstab(findings["kind"], findings["severity"])
    present = [severity for severity in SEVERITIES if severity in counts]
    counts = counts[present].rename_axis(columns=None)
    order = counts.assign(total=counts.sum(axis=1), name=counts.index.astype(str))
    order = order.sort_values(["total", "name"], ascending=[False, True])
    return counts.loc[order.index]
