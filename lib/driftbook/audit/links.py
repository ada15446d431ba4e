"""What needs an object and what it needs, as an audit knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.frames.about import LINKS
from driftbook.audit.frames.columns import build_frame, declare
from driftbook.forensics.graph import (
    Graph,
    build_graph,
    find_dependencies,
    find_dependents,
    find_whole,
)
from driftbook.model import ObjectRef
from driftbook.redact import display_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from driftbook.audit.evidence import Evidence
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.forensics.graph import Reached

NAMES_IT = "names it in its text"
EXHIBIT = "dependency"
NODES = declare("name level:int")
NODE_LINKS = declare("thing on how")
SEARCHED = ("table", "view", "materialized_view", "function", "sequence")


@dataclass(frozen=True)
class Near:
    """What is near one object, as lists and as frames to draw.

    Attributes:
        thing: The object, a whole one.
        down: What it needs, nearest first.
        up: What needs it, nearest first.
        nodes: ``name`` (str), ``level`` (int64: below 0 what it needs, above 0 what needs it).
        links: ``thing``, ``on``, ``how`` (str), between nodes.
    """

    thing: ObjectRef
    down: list[Reached]
    up: list[Reached]
    nodes: pd.DataFrame
    links: pd.DataFrame


@dataclass(frozen=True)
class Links:
    """The graph of dependencies.

    Attributes:
        graph: What the server keeps.
        live: Whose functions may name objects in their texts, of which the server knows nothing.
        why_unknown: Why there is no graph; empty when there is one.
    """

    graph: Graph
    live: Snapshot | None
    why_unknown: str = ""

    @staticmethod
    def of(evidence: Evidence) -> Links:
        """Return the links that ``evidence`` holds."""
        exhibit = evidence.exhibits.get(EXHIBIT)
        if exhibit is None:
            why = "the audit took no dependencies" if evidence.live else "no database was asked"
            return Links(Graph({}, {}), evidence.live, why)
        unread = [gap.why for gap in evidence.facts.unread if gap.what.endswith(EXHIBIT)]
        return Links(build_graph(exhibit), evidence.live, "".join(unread[:1]))

    def list_dependents(self, thing: ObjectRef, depth: int | None = None) -> pd.DataFrame:
        """Return what needs ``thing``: depth, kind, object, how, through; nearest first."""
        whole = find_whole(thing)
        reached = find_dependents(self.graph, whole, depth)
        rows = list(_list_rows(reached, whole, forward=False))
        known = {one.thing for one in reached}
        named = [one for one in self.find_naming(whole) if one not in known]
        rows += [(1, one.kind, one.name, NAMES_IT, "") for one in named]
        return build_frame(sorted(rows, key=lambda row: (row[0], row[1], row[2])), LINKS)

    def list_dependencies(self, thing: ObjectRef, depth: int | None = None) -> pd.DataFrame:
        """Return what ``thing`` needs: depth, kind, object, how, through; nearest first."""
        whole = find_whole(thing)
        reached = find_dependencies(self.graph, whole, depth)
        return build_frame(_list_rows(reached, whole, forward=True), LINKS)

    def find_near(self, thing: ObjectRef, depth: int) -> Near:
        """Return what ``thing`` needs and what needs it, up to ``depth`` links away."""
        whole = find_whole(thing)
        down = find_dependencies(self.graph, whole, depth)
        up = find_dependents(self.graph, whole, depth)
        levels = {one.thing: one.depth for one in up} | {whole: 0}
        levels |= {one.thing: -one.depth for one in down if one.thing not in levels}
        nodes = [(display_name(str(one)), level) for one, level in levels.items()]
        links = [
            (display_name(str(link.thing)), display_name(str(link.on)), ", ".join(link.hows))
            for link in self.graph.links
            if link.thing in levels and link.on in levels
        ]
        return Near(whole, down, up, build_frame(nodes, NODES), build_frame(links, NODE_LINKS))

    def find_naming(self, thing: ObjectRef) -> list[ObjectRef]:
        """Return functions whose text names ``thing``: the server does not follow their texts."""
        if self.live is None or thing.kind not in SEARCHED or "function" not in self.live.frames:
            return []
        name = re.escape(thing.parts[-1].partition("(")[0])
        pattern = re.compile(rf"(?<![\w.]){name}\b|\.\"?{name}\b", re.IGNORECASE)
        functions = self.live.frames["function"]
        texts = zip(functions["schema"], functions["name"], functions["body"], strict=True)
        found = (
            ObjectRef("function", (schema, function))
            for schema, function, body in texts
            if isinstance(body, str) and pattern.search(body)
        )
        return [one for one in found if one != thing]


def _list_rows(
    reached: Iterable[Reached], start: ObjectRef, *, forward: bool
) -> Iterator[tuple[int, str, str, str, str]]:
    for one in reached:
        before = one.link.thing if forward else one.link.on
        through = "" if before == start else before.name
        yield (one.depth, one.thing.kind, one.thing.name, ", ".join(one.link.hows), through)
