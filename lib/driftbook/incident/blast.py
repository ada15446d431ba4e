"""What hangs on the objects that changed: the edges of the catalog, followed outwards."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.forensics.frames import read_ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from driftbook.model import ObjectRef

FARTHEST = 5  # edges; what hangs on farther ones is rarely worth a line


@dataclass(frozen=True, slots=True)
class Dependent:
    """An object that needs a changed one, directly or through others.

    Attributes:
        ref: The object.
        on: What it needs.
        how: The edge, in the word of the catalog.
        changed: The changed object at the end of the path.
        distance: Edges to it.
    """

    ref: ObjectRef
    on: ObjectRef
    how: str
    changed: ObjectRef
    distance: int


def find_dependents(edges: pd.DataFrame, changed: Iterable[ObjectRef]) -> list[Dependent]:
    """Return what needs the ``changed`` objects and did not change itself, nearest first.

    Args:
        edges: ``kind``, ``key``, ``on_kind``, ``on_key``, ``how`` (str): the exhibit
            ``dependency``.
        changed: Where to begin.
    """
    needed_by = defaultdict["ObjectRef", list[tuple["ObjectRef", str]]](list)
    rows = edges[["kind", "key", "on_kind", "on_key", "how"]].itertuples(index=False, name=None)
    for kind, key, on_kind, on_key, how in rows:
        needed_by[read_ref(on_kind, on_key)].append((read_ref(kind, key), str(how)))
    starts = sorted(set(changed), key=lambda ref: (ref.kind, ref.parts))
    found: dict[ObjectRef, Dependent] = {}
    queue = deque((ref, ref, 0) for ref in starts)
    seen = set(starts)
    while queue:
        ref, start, distance = queue.popleft()
        if distance == FARTHEST:
            continue
        for other, how in sorted(needed_by[ref], key=lambda one: (one[0].kind, one[0].parts)):
            if other not in seen:
                seen.add(other)
                found[other] = Dependent(other, ref, how, start, distance + 1)
                queue.append((other, start, distance + 1))
    return list(found.values())
