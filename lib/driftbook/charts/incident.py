"""The timeline of an incident: one lane per place, intervals as bars, open ends drawn open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import pandas as pd

from driftbook.charts.palette import PLACEHOLDERS
from driftbook.charts.style import draw_nothing, new_axes, styled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

LANES = {
    "git": "series-1",
    "deployment": "series-3",
    "database": "critical",
    "tracking": "series-4",
    "detection": "series-0",
}
WIDTH = 8.6  # inches
ROW = 0.34  # inches
CHARACTER = 0.0115  # of the width of the axes, a digit of a label
MARGIN = 0.03  # of the time shown, left and right
MOST_NUMBERS = 4  # runs of numbers on one bar; of more, how many events they are
SURE = {"exact", "high"}


@dataclass(frozen=True, slots=True)
class Bar:
    """Events of one lane with one interval, which are one bar; ``None``: that end is open."""

    lane: str
    numbers: tuple[int, ...]
    start: float | None
    end: float | None
    sure: bool

    @property
    def label(self) -> str:
        """Return the numbers, runs of them short."""
        runs = list(_find_runs(self.numbers))
        if len(runs) > MOST_NUMBERS:
            return f"{len(self.numbers)} events, {runs[0]} to {runs[-1]}"
        return ", ".join(runs)


@styled
def plot_incident(marks: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the events of an incident in lanes, each with its number.

    A bar spans what is known of the time: its ends are the bounds, a fading dashed end is open, a
    diamond is an instant. Events of a lane with the same bounds share a bar. What has no time at
    all stands below, in the order of transactions.

    Args:
        marks: ``no`` (int), ``lane``, ``confidence`` (str), ``earliest_at``, ``latest_at`` (UTC,
            missing: open), in the order of the numbers. Without rows the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    timed = marks[marks["earliest_at"].notna() | marks["latest_at"].notna()]
    untimed = marks.drop(index=timed.index)
    if marks.empty:
        return draw_nothing(ax or new_axes(WIDTH, 2), "nothing is known to have happened")
    bars = list(build_bars(timed))
    low, high = _find_limits(bars)
    rows = {lane: _pack([bar for bar in bars if bar.lane == lane], low, high) for lane in LANES}
    heights = {
        lane: max((row for _, row in packed), default=0) + 1 for lane, packed in rows.items()
    }
    below = 1.4 if len(untimed) else 0.0
    if ax is None:
        ax = new_axes(WIDTH, ROW * (sum(heights.values()) + below) + 0.6)
    ax.set(xlim=(low, high), ylim=(sum(heights.values()) + below - 0.5, -0.6))
    top, ticks = 0.0, []
    for lane, packed in rows.items():
        ticks.append((top + (heights[lane] - 1) / 2, f"{lane} ({_count(marks, lane)})"))
        for bar, row in packed:
            _draw_bar(ax, bar, top + row, (low, high))
        top += heights[lane]
        ax.axhline(top - 0.5, color=PLACEHOLDERS["line"], linewidth=0.6)
    if len(untimed):
        ticks.append((top + 0.2, "no time known"))
        _draw_untimed(ax, untimed, top + 0.2)
    ax.set_yticks([place for place, _ in ticks], [label for _, label in ticks])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    _label_times(ax, has_times=bool(bars))
    return ax


def build_bars(timed: pd.DataFrame) -> Iterator[Bar]:
    """Yield one bar per lane and interval, in the order of the first number."""
    grouped: dict[tuple[str, float | None, float | None], list[tuple[int, bool]]] = {}
    names = ["no", "lane", "earliest_at", "latest_at", "confidence"]
    for number, lane, start, end, word in timed[names].itertuples(index=False, name=None):
        key = (str(lane), _place(start), _place(end))
        grouped.setdefault(key, []).append((int(number), word in SURE))
    for (lane, start, end), members in grouped.items():
        numbers = tuple(number for number, _ in members)
        yield Bar(lane, numbers, start, end, all(sure for _, sure in members))


def _place(at: object) -> float | None:
    if not isinstance(at, pd.Timestamp):
        return None
    return float(mdates.date2num(at.tz_convert("UTC").tz_localize(None).to_pydatetime()))


def _find_limits(bars: Sequence[Bar]) -> tuple[float, float]:
    places = [place for bar in bars for place in (bar.start, bar.end) if place is not None]
    if not places:
        return 0.0, 1.0
    span = max(max(places) - min(places), 1 / 24)
    return min(places) - MARGIN * span, max(places) + MARGIN * span


def _pack(bars: Sequence[Bar], low: float, high: float) -> list[tuple[Bar, int]]:
    """Return each bar with a row in which neither it nor its label meets another."""
    ends: list[float] = []
    packed = []
    for bar in sorted(bars, key=lambda one: (one.start or one.end or low, one.numbers)):
        left, right = _extent(bar, low, high)
        row = next((at for at, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [right]
        packed.append((bar, row))
    return packed


def _extent(bar: Bar, low: float, high: float) -> tuple[float, float]:
    left = low if bar.start is None else bar.start
    right = high if bar.end is None else bar.end
    text = CHARACTER * (high - low) * (len(bar.label) + 2)
    if bar.start == bar.end:
        return left - CHARACTER * (high - low), left + text
    return left, max(right, left + text)


def _draw_bar(ax: Axes, bar: Bar, y: float, limits: tuple[float, float]) -> None:
    colour, alpha = PLACEHOLDERS[LANES[bar.lane]], 0.45 if bar.sure else 0.2
    left = _extent(bar, *limits)[0]
    start = left if bar.start is None else bar.start
    end = limits[1] if bar.end is None else bar.end
    offset = CHARACTER * (limits[1] - limits[0])
    if bar.start is not None and bar.start == bar.end:
        ax.plot([start], [y], "D", color=colour, markersize=5)
        ax.text(start + offset, y, bar.label, va="center", fontsize=8)
        return
    # An open end has no edge, and a dashed line in place of the bar.
    solid_from, solid_to = start, end
    if bar.start is None:
        solid_from = end - (end - start) * 0.5
        ax.plot([start, solid_from], [y, y], color=colour, linewidth=1.4, linestyle=(0, (3, 2)))
    if bar.end is None:
        solid_to = solid_from + (end - solid_from) * 0.5
        ax.plot([solid_to, end], [y, y], color=colour, linewidth=1.4, linestyle=(0, (3, 2)))
    ax.plot(
        [solid_from, solid_to],
        [y, y],
        color=colour,
        alpha=alpha,
        linewidth=15,
        solid_capstyle="butt",
    )
    for place in (bar.start, bar.end):
        if place is not None:
            ax.plot([place, place], [y - 0.32, y + 0.32], color=colour, linewidth=1.4)
    ax.text(start + offset * 0.8, y, bar.label, va="center", fontsize=8)


def _draw_untimed(ax: Axes, untimed: pd.DataFrame, y: float) -> None:
    """Write the numbers of events without a time, in their order, on no axis of time."""
    numbers = [int(number) for number in untimed["no"]]
    runs = " < ".join(str(number) for number in numbers[:12])
    rest = f" < … {len(numbers) - 12} more" if len(numbers) > 12 else ""  # noqa: PLR2004
    text = f"in the order of transactions: {runs}{rest}"
    ax.text(0.01, y, text, va="center", fontsize=8, transform=ax.get_yaxis_transform())


def _label_times(ax: Axes, *, has_times: bool) -> None:
    if not has_times:
        ax.set_xticks([])
        return
    ax.xaxis_date()
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.grid(axis="x")
    ax.set_xlabel("UTC")


def _count(marks: pd.DataFrame, lane: str) -> int:
    return int((marks["lane"] == lane).sum())


def _find_runs(numbers: Sequence[int]) -> Iterator[str]:
    """Yield ``3`` or ``5-9`` for runs of numbers that follow each other."""
    pairs = [(number, number - at) for at, number in enumerate(sorted(numbers))]
    for _, run in groupby(pairs, key=lambda pair: pair[1]):
        members = [number for number, _ in run]
        yield str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}"
