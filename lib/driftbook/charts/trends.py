"""Charts over several audits: is drift growing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from driftbook.charts.palette import PLACEHOLDERS, SEVERITIES
from driftbook.charts.placing import label_ends, place_times
from driftbook.charts.style import draw_nothing, new_axes, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FEWEST = 2  # audits, from which on there is a line to draw


@styled
def plot_open_findings(trend: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many findings each audit had, stacked by severity, the worst at the axis.

    Args:
        trend: One row per audit, oldest first: ``audited_at`` (UTC) and one count per severity.
            With fewer than two audits the axes say so.
        ax: Where to draw; a new figure when ``None``.
    """
    if ax is None:
        ax = new_axes(8.6, 2.8)
    if len(trend) < FEWEST:
        return draw_nothing(ax, "a trend needs two audits that are known")
    present = [name for name in SEVERITIES if trend[name].any()]
    xs = place_times(trend["audited_at"], ax)
    floor = np.zeros(len(xs))
    middles, labels = [], []
    for severity in present:
        top = floor + trend[severity].to_numpy()
        colour = PLACEHOLDERS[severity]
        ax.fill_between(xs, floor, top, step="post", color=colour, alpha=0.75, linewidth=0)
        ax.step(xs, top, where="post", color=colour, linewidth=1.2)
        middles.append(float(floor[-1] + top[-1]) / 2)
        labels.append((f"{int(trend[severity].iloc[-1]):,} {severity}", colour))
        floor = top
    highest = max(int(trend[list(SEVERITIES)].sum(axis=1).max()), 1)
    ax.set(ylabel="findings", xlim=(xs[0], xs[-1]), ylim=(0, highest * 1.08))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    label_ends(ax, float(xs[-1]), middles, labels)
    return ax
