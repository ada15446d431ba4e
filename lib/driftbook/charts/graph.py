"""A graph around one object: layers from left to right, what it needs to what needs it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from driftbook.charts.palette import PLACEHOLDERS
from driftbook.charts.style import draw_nothing, new_axes, short_label, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DRAWN = 60  # nodes, up to which a picture says it better than a text
SWEEPS = 4  # over all layers, each time moving a node to the middle of its neighbours
COLUMN, ROW = 3.4, 0.34  # inches of a layer and of a node
MARGIN = 0.9  # inches around
CHARACTER, PADDING = 0.071, 0.14  # inches of a label, on the average, and around it
Places = dict[str, tuple[int, float]]


@styled
def plot_graph(nodes: pd.DataFrame, links: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the nodes in layers by level, and a line per link between neighbouring layers.

    Args:
        nodes: ``name`` (str, unique) and ``level`` (int); 0 is the object itself.
        links: ``thing`` and ``on`` (str): names of nodes; ``thing`` needs ``on``.
        ax: Where to draw; a new figure when ``None``.
    """
    if len(nodes) > DRAWN:
        return draw_nothing(ax or new_axes(6, 1), f"{len(nodes):,} objects are too many to draw")
    layers: dict[int, list[str]] = {
        level: list(nodes.loc[nodes["level"] == level, "name"])
        for level in sorted(map(int, nodes["level"].unique()))
    }
    tallest = max((len(names) for names in layers.values()), default=1)
    if ax is None:
        ax = new_axes(MARGIN + COLUMN * max(len(layers), 1), MARGIN + ROW * tallest)
    if len(nodes) <= 1:
        return draw_nothing(ax, "it needs nothing, and nothing needs it")
    pairs = list(zip(links["on"], links["thing"], strict=True))
    places = place_nodes(layers, pairs)
    for pair in pairs:
        left, right = sorted(pair, key=places.__getitem__)
        if places[right][0] - places[left][0] == 1:  # a longer line would cross nodes
            _draw_line(ax, left, right, places)
    for name, (x, y) in places.items():
        _draw_node(ax, name, x, y, is_centre=name in layers.get(0, ()))
    ax.set_xlim(min(layers) - 0.5, max(layers) + 0.5)
    ax.set_ylim(tallest - 0.5, -0.5)
    ax.set_axis_off()
    return ax


def place_nodes(layers: dict[int, list[str]], pairs: list[tuple[str, str]]) -> Places:
    """Return level and height of each node: neighbours near each other, layers centred.

    Args:
        layers: Level → names; the order within a layer is where the search begins.
        pairs: Names of nodes that a line joins.
    """
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        neighbours[one].append(other)
        neighbours[other].append(one)
    tallest = max(map(len, layers.values()), default=1)
    orders = {level: list(names) for level, names in layers.items()}
    for sweep in range(SWEEPS):
        heights = _find_heights(orders, tallest)
        for level in sorted(orders, reverse=sweep % 2 == 1):
            means = {
                name: _find_mean([heights[other] for other in neighbours[name]], heights[name])
                for name in orders[level]
            }
            orders[level].sort(key=lambda name: (means[name], name))
            heights |= _find_heights({level: orders[level]}, tallest)
    heights = _find_heights(orders, tallest)
    return {name: (level, heights[name]) for level, names in orders.items() for name in names}


def _find_heights(orders: dict[int, list[str]], tallest: int) -> dict[str, float]:
    return {
        name: place + (tallest - len(names)) / 2
        for names in orders.values()
        for place, name in enumerate(names)
    }


def _find_mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _draw_line(ax: Axes, left: str, right: str, places: Places) -> None:
    """Draw what ``right`` needs, from edge to edge."""
    (x, y), (other_x, other_y) = places[left], places[right]
    ax.annotate(
        "",
        (x + _find_half(left), y),
        (other_x - _find_half(right), other_y),
        arrowprops={"arrowstyle": "->", "color": PLACEHOLDERS["muted"], "linewidth": 0.8},
    )


def _find_half(name: str) -> float:
    """Return half of the width of a node, in layers."""
    return (len(short_label(name)) * CHARACTER + PADDING) / 2 / COLUMN


def _draw_node(ax: Axes, name: str, x: float, y: float, *, is_centre: bool) -> None:
    ax.text(
        x,
        y,
        short_label(name),
        ha="center",
        va="center",
        fontsize=9,
        fontweight="bold" if is_centre else "normal",
        bbox={
            "boxstyle": "round,pad=0.3",
            "facecolor": PLACEHOLDERS["card"],
            "edgecolor": PLACEHOLDERS["accent" if is_centre else "line"],
        },
    )
