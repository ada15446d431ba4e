"""The dependencies of one object as a picture, and as a tree of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.dress import dress
from driftbook.charts.graph import DRAWN, plot_graph
from driftbook.redact import display_name
from driftbook.report.figures import render_figure
from driftbook.report.markup import EMPTY, Fragment, join, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from driftbook.audit.about import About
    from driftbook.forensics.graph import Reached
    from driftbook.model import ObjectRef


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


def draw_links(about: About, depth: int) -> Picture:
    """Return what an object needs and what needs it, up to ``depth`` links away."""
    near = about.find_near(depth)
    text = "\n".join(
        [
            "needs" + ("" if near.down else " (nothing)"),
            *_list_lines(near.down, near.thing, forward=True),
            display_name(str(near.thing)),
            "is needed by" + ("" if near.up else " (nothing)"),
            *_list_lines(near.up, near.thing, forward=False),
        ]
    )
    why = f"Not known: {about.why_no_links}." if about.why_no_links else ""
    return Picture(near.nodes, near.links, text, why)


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
