from __future__ import annotations

import pandas as pd

from driftbook.charts.graph import DRAWN, place_nodes, plot_graph
from driftbook.charts.style import read_nothing
from driftbook.report.figures import render_figure

NODES = pd.DataFrame(
    [("table o", 0), ("enum s", -1), ("table p", -1), ("view v", 1), ("view w", 2)],
    columns=["name", "level"],
)
LINKS = pd.DataFrame(
    [("table o", "enum s"), ("table o", "table p"), ("view v", "table o"), ("view w", "view v")],
    columns=["thing", "on"],
)


def test_every_node_has_a_place_of_its_own() -> None:
    layers = {-1: ["a", "b", "c"], 0: ["o"], 1: ["x", "y"]}
    pairs = [("a", "o"), ("b", "o"), ("c", "o"), ("o", "x"), ("o", "y")]
    places = place_nodes(layers, pairs)
    assert len(set(places.values())) == len(places) == 6
    assert places["o"] == (0, 1.0)  # in the middle of its three neighbours
    assert place_nodes(layers, pairs) == places


def test_neighbours_stand_side_by_side() -> None:
    """Two chains whose names are given in the wrong order do not cross."""
    layers = {0: ["one", "two"], 1: ["of two", "of one"]}
    places = place_nodes(layers, [("one", "of one"), ("two", "of two")])
    one_first = places["one"][1] < places["two"][1]
    assert (places["of one"][1] < places["of two"][1]) == one_first


def test_the_picture_names_every_node_and_is_the_same_each_time() -> None:
    pictures = [str(render_figure(plot_graph(NODES, LINKS), "g", "A graph.", LINKS)) for _ in "ab"]
    assert pictures[0] == pictures[1]
    for name in NODES["name"]:
        assert f">{name}</text>" in pictures[0]


def test_hostile_names_are_words() -> None:
    nodes = pd.DataFrame([("</text><script>", 0), ("$x$\u202e", 1)], columns=["name", "level"])
    links = pd.DataFrame([("$x$\u202e", "</text><script>")], columns=["thing", "on"])
    html = str(render_figure(plot_graph(nodes, links), "g", "A graph.", links))
    assert "<script" not in html
    assert "\u202e" not in html


def test_nothing_and_too_much_are_sentences() -> None:
    alone = NODES.head(1)
    assert "needs nothing" in read_nothing(plot_graph(alone, LINKS.head(0)))
    many = pd.DataFrame({"name": [str(n) for n in range(DRAWN + 1)], "level": 1})
    assert "61 objects are too many" in read_nothing(plot_graph(many, LINKS.head(0)))
