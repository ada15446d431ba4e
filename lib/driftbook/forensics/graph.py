"""What needs what: the exhibit ``dependency`` as a graph of whole objects. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.drift.platform import find_subjects
from driftbook.forensics.frames import read_ref
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

VIEWS = ("view", "materialized_view")
# What is a part of its table, and is told of as the table's.
PARTS = frozenset({"column", "constraint", "policy", "trigger", "rule", "index"})
WORDS = {"part": "part of it", "use": "uses it", "type": "has its type", "body": "its body"}


@dataclass(frozen=True, slots=True)
class Link:
    """One object that needs another one.

    Attributes:
        thing: What needs.
        on: What is needed: dropping it fails, or takes ``thing`` along.
        hows: By which part, or in which way, a phrase each, sorted.
    """

    thing: ObjectRef
    on: ObjectRef
    hows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """An object that was reached from another one: over how many links, and over which last."""

    thing: ObjectRef
    depth: int
    link: Link


@dataclass(frozen=True, slots=True)
class Graph:
    """Every link, by what needs and by what is needed."""

    needs: Mapping[ObjectRef, Sequence[Link]]
    needed: Mapping[ObjectRef, Sequence[Link]]

    @property
    def links(self) -> list[Link]:
        """Return every link, sorted by what needs."""
        return [link for links in self.needs.values() for link in links]


def build_graph(dependency: pd.DataFrame) -> Graph:
    """Return the graph of whole objects: parts are told of as their table's.

    Args:
        dependency: The exhibit of this name.
    """
    rows = [
        (read_ref(kind, key), read_ref(on_kind, on_key), how)
        for kind, key, on_kind, on_key, how in dependency.itertuples(index=False, name=None)
    ]
    owners = find_owners(rows)
    hows: defaultdict[tuple[ObjectRef, ObjectRef], set[str]] = defaultdict(set)
    for thing, on, how in rows:
        pair = find_whole(thing, owners), find_whole(on, owners)
        if pair[0] != pair[1]:
            hows[pair].add(_describe(thing, how))
    needs: defaultdict[ObjectRef, list[Link]] = defaultdict(list)
    needed: defaultdict[ObjectRef, list[Link]] = defaultdict(list)
    for (thing, on), phrases in sorted(hows.items(), key=_sortable):
        link = Link(thing, on, tuple(sorted(phrases)))
        needs[thing].append(link)
        needed[on].append(link)
    return Graph(dict(needs), dict(needed))


def find_dependents(graph: Graph, thing: ObjectRef, depth: int | None = None) -> list[Reached]:
    """Return what needs ``thing``, directly or through others, nearest first; cycles end.

    Args:
        graph: Of :func:`build_graph`.
        thing: A whole object, see :func:`find_whole`.
        depth: So many links at most; ``None``: all.
    """
    return _walk(graph.needed, thing, depth, forward=False)


def find_dependencies(graph: Graph, thing: ObjectRef, depth: int | None = None) -> list[Reached]:
    """Return what ``thing`` needs, directly or through others, nearest first; cycles end."""
    return _walk(graph.needs, thing, depth, forward=True)


def find_whole(thing: ObjectRef, owners: Mapping[ObjectRef, ObjectRef] | None = None) -> ObjectRef:
    """Return the object of which ``thing`` is a part, or itself.

    Args:
        thing: Any object.
        owners: Of parts whose key does not tell, such as an index.
    """
    if thing.kind not in PARTS:
        return thing
    if owners and thing in owners:
        return owners[thing]
    kind, key = find_subjects(thing.kind, thing.parts)[-1]
    return ObjectRef(kind, tuple(key))


def find_owners(
    rows: Iterable[tuple[ObjectRef, ObjectRef, str]],
) -> dict[ObjectRef, ObjectRef]:
    """Return the table of each index, and the view of each part that stands on one."""
    rows = list(rows)
    ends = {end for thing, on, _ in rows for end in (thing, on)}
    views = {end.parts: end for end in ends if end.kind in VIEWS}
    owners: dict[ObjectRef, ObjectRef] = {}
    for end in ends:
        if end.kind in PARTS and end.kind != "index" and end.parts[:2] in views:
            owners[end] = views[end.parts[:2]]
    for thing, on, how in rows:
        if thing.kind == "index" and how == "part" and on.kind != "index":
            owners[thing] = find_whole(on, owners)
    return owners


def _describe(thing: ObjectRef, how: str) -> str:
    if how == "default":
        return f"default of column {thing.parts[-1]}"
    if thing.kind in PARTS:
        return f"{thing.kind} {thing.parts[-1]}"
    return WORDS.get(how, how)


def _walk(
    links: Mapping[ObjectRef, Sequence[Link]], start: ObjectRef, depth: int | None, *, forward: bool
) -> list[Reached]:
    found: dict[ObjectRef, Reached] = {}
    queue = deque([(start, 0)])
    while queue:
        at, passed = queue.popleft()
        if depth is not None and passed >= depth:
            continue
        for link in links.get(at, ()):
            other = link.on if forward else link.thing
            if other == start or other in found:
                continue
            found[other] = Reached(other, passed + 1, link)
            queue.append((other, passed + 1))
    return list(found.values())


def _sortable(
    item: tuple[tuple[ObjectRef, ObjectRef], set[str]],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((end.kind, end.parts) for end in item[0])
