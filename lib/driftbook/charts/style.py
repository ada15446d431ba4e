"""How every chart looks, and how a chart says that there is nothing to draw."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import matplotlib as mpl
from matplotlib.figure import Figure

from driftbook.charts.palette import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

P = ParamSpec("P")

# Applied around drawing and saving, never for good: a reader's own plots in JupyterLab stay theirs.
STYLE: dict[str, object] = {
    "svg.fonttype": "none",  # text stays text: searchable, and smaller
    "svg.hashsalt": "driftbook",  # the same figure gives the same bytes
    "text.parse_math": False,  # a table may be called cost_$_per_$
    "path.simplify": False,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same widths on every machine
    "font.size": 10,
    "text.color": PLACEHOLDERS["fg"],
    "axes.labelcolor": PLACEHOLDERS["muted"],
    "axes.edgecolor": PLACEHOLDERS["line"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": PLACEHOLDERS["line"],
    "grid.linewidth": 0.6,
    "xtick.color": PLACEHOLDERS["line"],
    "ytick.color": PLACEHOLDERS["line"],
    "xtick.labelcolor": PLACEHOLDERS["muted"],
    "ytick.labelcolor": PLACEHOLDERS["muted"],
}
NOTHING = "nothing to draw: "
LONG_LABEL = 40  # characters, from which a label is cut


def styled(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """Make ``plot`` draw with :data:`STYLE`."""

    @wraps(plot)
    def draw(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with mpl.rc_context(STYLE):  # type: ignore[arg-type]  # keys are a Literal in its stubs
            return plot(*args, **kwargs)

    return draw


def new_axes(width: float, height: float) -> Axes:
    """Return axes of a figure of their own, known to no global state of matplotlib."""
    return Figure(figsize=(width, height)).subplots()


def draw_nothing(ax: Axes, why: str) -> Axes:
    """Let ``ax`` say that there is nothing to draw; a report shows the sentence instead."""
    ax.set_axis_off()
    ax.set_label(f"{NOTHING}{why}")
    ax.text(0.5, 0.5, f"{NOTHING}{why}", ha="center", va="center", transform=ax.transAxes)
    return ax


def read_nothing(ax: Axes) -> str:
    """Return the sentence of :func:`draw_nothing`, or an empty text when there is a chart."""
    label = str(ax.get_label())
    return label if label.startswith(NOTHING) else ""


def short_label(text: object) -> str:
    """Return ``text`` as the label of an axis: visible, and cut when it is long."""
    # Whatever matplotlib cannot draw makes a broken SVG document, or hides in the label.
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in str(text))
    return shown if len(shown) <= LONG_LABEL else f"{shown[: LONG_LABEL - 1]}…"
