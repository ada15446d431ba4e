"""Charts of one audit: where drift is, how bad it is, whether tracking agrees with the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from driftbook.charts.palette import PLACEHOLDERS, SEVERITIES
from driftbook.charts.style import draw_nothing, new_axes, short_label, styled

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Places = npt.NDArray[np.float64]

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


@styled
def plot_tracking(versions: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one mark per migration version in three lanes: file, recorded, not recorded.

    Args:
        versions: One row per version: ``version_at`` (UTC, from its 14 digits, or missing),
            ``recorded`` (bool) and ``in_files`` (bool). Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    if ax is None:
        ax = new_axes(8.6, 1.9)
    if versions.empty:
        return draw_nothing(ax, "no migration file, and nothing is recorded")
    places = _place_versions(versions, ax)
    in_files, recorded = (versions[name].to_numpy(dtype=bool) for name in ("in_files", "recorded"))
    stray = int((recorded & ~in_files).sum())
    without = f", {stray} without a file" if stray else ""
    lanes = (
        (in_files, "series-0", f"migration file ({int(in_files.sum())})"),
        (recorded, "series-3", f"recorded ({int(recorded.sum())}{without})"),
        (in_files & ~recorded, "critical", f"not recorded ({int((in_files & ~recorded).sum())})"),
    )
    for lane, (chosen, colour, _) in enumerate(lanes):
        _draw_ticks(ax, places[chosen], lane, PLACEHOLDERS[colour])
    ax.plot(places[recorded & ~in_files], np.full(stray, 1), "x", color=PLACEHOLDERS["critical"])
    ax.set_yticks(range(len(lanes)), [label for _, _, label in lanes])
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    ax.grid(axis="x")
    return ax


def _place_versions(versions: pd.DataFrame, ax: Axes) -> Places:
    """Return where each version stands: its time, or its place when one tells no time."""
    times = versions["version_at"]
    if times.isna().any():
        ax.set_xlabel("versions in their order")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return np.arange(1, len(versions) + 1, dtype=np.float64)
    ax.xaxis_date()
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    return np.asarray(mdates.date2num(times.dt.tz_localize(None).to_numpy()), dtype=np.float64)


def _draw_ticks(ax: Axes, places: Places, lane: int, colour: str) -> None:
    # One path per lane instead of one mark per version: a tenth of the bytes.
    xs = np.repeat(places, 3)
    ys = np.tile([lane - 0.32, lane + 0.32, np.nan], len(places))
    ax.plot(xs, ys, color=colour, linewidth=1.3, solid_capstyle="butt")
