"""The dependencies of one object as a picture, and as a tree of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.links import Links
from driftbook.charts.graph import plot_graph
from driftbook.explore.display import dress
from driftbook.forensics.graph import find_dependencies, find_dependents, find_whole
from driftbook.redact import display_name
from driftbook.report.figures import render_figure
from driftbook.report.markup import EMPTY, Fragment, join, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbook.audit.evidence import Evidence
    from driftbook.forensics.graph import Graph, Reached
    from driftbook.model import ObjectRef

DRAWN = 60  # objects, up to which there is a picture; beyond, the text says it better


@dataclass(frozen=True)
class Picture:
    """A graph around one object: an image in JupyterLab, a tree in a terminal.

    Attributes:
        nodes: ``name`` (str), ``level`` (int: below 0 what it needs, above 0 what needs it).
        links: ``thing``, ``on``, ``how`` (str), between nodes.
        text: The tree.
        note: What the reader has to know; empty: nothing.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    text: str
    note: str

    def _repr_html_(self) -> str:
        note = Fragment('<p class="note">{}</p>').format(shown(self.note)) if self.note else EMPTY
        if len(self.nodes) > DRAWN:
            return dress(join([Fragment("<pre>{}</pre>").format(self.text), note]))
        return dress(join([self.render(), note]))

    def __repr__(self) -> str:
        """Return the tree."""
        return f"{self.text}\n{self.note}" if self.note else self.text

    def render(self) -> Fragment:
        """Return the figure as a report shows it."""
        centre = str(self.nodes.loc[self.nodes["level"] == 0, "name"].iloc[0])
        slug = "graph-" + re.sub(r"[^a-z0-9]+", "-", centre.lower()).strip("-")
        alt = f"What {centre} needs (left) and what needs it (right)."
        return render_figure(plot_graph(self.nodes, self.links), slug, alt, self.links)


def draw_links(evidence: Evidence, thing: ObjectRef, depth: int) -> Picture:
    """Return what ``thing`` needs and what needs it, up to ``depth`` links away."""
    links = Links.of(evidence)
    whole = find_whole(thing)
    down = find_dependencies(links.graph, whole, depth)
    up = find_dependents(links.graph, whole, depth)
    levels = {one.thing: one.depth for one in up} | {whole: 0}
    levels |= {one.thing: -one.depth for one in down if one.thing not in levels}
    nodes = pd.DataFrame(
        [(display_name(str(one)), level) for one, level in levels.items()],
        columns=["name", "level"],
    )
    text = "\n".join(
        [
            "needs" + ("" if down else " (nothing)"),
            *_list_lines(down, whole, forward=True),
            display_name(str(whole)),
            "is needed by" + ("" if up else " (nothing)"),
            *_list_lines(up, whole, forward=False),
        ]
    )
    why = f"Not known: {links.why_unknown}." if links.why_unknown else ""
    return Picture(nodes, _list_links(links.graph, set(levels)), text, why)


def _list_links(graph: Graph, chosen: set[ObjectRef]) -> pd.DataFrame:
    rows = [
        (display_name(str(link.thing)), display_name(str(link.on)), ", ".join(link.hows))
        for link in graph.links
        if link.thing in chosen and link.on in chosen
    ]
    return pd.DataFrame(rows, columns=["thing", "on", "how"])


def _list_lines(reached: Sequence[Reached], start: ObjectRef, *, forward: bool) -> Iterable[str]:
    """Yield one line per object, below the one over which it was reached."""
    below: dict[ObjectRef, list[Reached]] = {}
    for one in reached:
        below.setdefault(one.link.thing if forward else one.link.on, []).append(one)
    waiting = list(reversed(below.get(start, [])))
    while waiting:
        one = waiting.pop()
        how = display_name(", ".join(one.link.hows))
        yield f"{'  ' * one.depth}{display_name(str(one.thing))}: {how}"
        waiting += reversed(below.get(one.thing, []))
