"""Where marks and labels stand: times or places on an axis, labels that do not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
from matplotlib.ticker import MaxNLocator

from driftbook.charts.palette import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes

    Places = npt.NDArray[np.float64]

POINTS = 72  # of an inch
LABEL = 12  # points between labels


def place_versions(versions: pd.DataFrame, ax: Axes) -> Places:
    """Return where each version stands: its time, or its place when one tells no time.

    Args:
        versions: ``version_at`` (UTC or missing) and, if rows are not one per version, ``place``.
        ax: Whose axis is made fit.
    """
    if versions["version_at"].isna().any():
        ax.set_xlabel("versions in their order")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        if "place" in versions:
            return versions["place"].to_numpy(dtype=np.float64)
        return np.arange(1, len(versions) + 1, dtype=np.float64)
    return place_times(versions["version_at"], ax)


def place_times(times: pd.Series, ax: Axes) -> Places:
    """Return where ``times`` (UTC) stand on an axis of dates."""
    ax.xaxis_date()
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    return convert_times(times)


def convert_times(times: pd.Series) -> Places:
    """Return ``times`` (UTC) as numbers of matplotlib."""
    plain = times.dt.tz_localize(None).to_numpy()
    return np.asarray(mdates.date2num(plain), dtype=np.float64)


def draw_ticks(ax: Axes, xs: Places, ys: Places, colour: str, *, height: float = 0.32) -> None:
    """Draw an upright tick at each place, all of them as one path: a tenth of the bytes."""
    pairs = np.stack([ys - height, ys + height, np.full(len(ys), np.nan)], axis=1)
    xs = np.repeat(xs, 3)
    ax.plot(xs, pairs.ravel(), color=colour, linewidth=1.3, solid_capstyle="butt")


def draw_spans(ax: Axes, spans: Sequence[tuple[float, float, float]], **style: object) -> None:
    """Draw level lines ``(from, to, y)``, all of them as one path."""
    if not spans:
        return
    starts, ends, ys = (np.array(values, dtype=np.float64) for values in zip(*spans, strict=True))
    gap = np.full(len(spans), np.nan)
    ax.plot(
        np.stack([starts, ends, gap], axis=1).ravel(),
        np.stack([ys, ys, gap], axis=1).ravel(),
        solid_capstyle="butt",
        **style,  # type: ignore[arg-type]
    )


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Return places as near to ``wanted`` as can be, in its order, ``gap`` or more apart."""
    groups: list[list[float]] = []  # sum of what its members want, less their offsets; size
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], at))
    for at in order:
        groups.append([wanted[at], 1])
        # Neighbours that touch move together, around the middle of what they want.
        while len(groups) > 1 and _end(groups[-2], gap) > groups[-1][0] / groups[-1][1]:
            total, size = groups.pop()
            before, count = groups[-1]
            groups[-1] = [before + total - size * count * gap, count + size]
    starts = [(total / size, int(size)) for total, size in groups]
    placed = [start + step * gap for start, size in starts for step in range(size)]
    return [place for _, place in sorted(zip(order, placed, strict=True))]


def _end(group: list[float], gap: float) -> float:
    total, size = group
    return total / size + size * gap


def size_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of ``ax`` in points."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    box = ax.get_position()
    width, height = figure.get_size_inches()
    return box.width * width * POINTS, box.height * height * POINTS


def label_ends(
    ax: Axes, x: float, ends: Sequence[float], labels: Sequence[tuple[str, str]]
) -> None:
    """Name each line or band at its right end; names that would overlap move apart."""
    per_object = size_of(ax)[1] / abs(np.subtract(*ax.get_ylim()))
    for end, y, (text, colour) in zip(ends, spread(ends, LABEL / per_object), labels, strict=True):
        ax.annotate(
            text,
            (x, end),
            (14, (y - end) * per_object),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": PLACEHOLDERS["line"], "shrinkA": 0},
        )
