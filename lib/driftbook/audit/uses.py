"""What uses an object that differs: its dependents in the live database, counted and named."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.links import EXHIBIT
from driftbook.forensics.frames import read_ref
from driftbook.forensics.graph import (
    WORDS,
    Graph,
    build_graph,
    find_dependents,
    find_owners,
    find_whole,
)
from driftbook.model import ObjectRef, UsedBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.audit.evidence import Evidence

PART = "part"  # how what belongs to an object needs it: dropped with it, and no user
NAMED = 3  # users that a finding names
# What is said of an object and what belongs to a table alone: nothing needs it.
UNUSED = frozenset(
    {"comment", "owner", "privilege", "default_privilege", "security_label", "policy", "trigger"}
)


@dataclass(frozen=True)
class Uses:
    """Who needs what.

    Attributes:
        graph: Of whole objects.
        users: Part of an object, such as a column → the whole objects that need it.
    """

    graph: Graph
    users: Mapping[ObjectRef, frozenset[ObjectRef]]

    def find(self, thing: ObjectRef) -> UsedBy | None:
        """Return what needs ``thing``; ``None`` of what nothing can need."""
        if thing.kind in UNUSED:
            return None
        whole = find_whole(thing)
        if thing != whole or thing.kind == "index":
            direct = set(self.users.get(thing, ()))
        else:
            links = self.graph.needed.get(thing, ())
            direct = {link.thing for link in links if link.hows != (WORDS[PART],)}
        reached = {one.thing for start in direct for one in find_dependents(self.graph, start)}
        ordered = sorted(direct, key=lambda one: (one.kind, one.parts))
        total = len((direct | reached) - {whole})
        return UsedBy(len(direct), total, tuple(str(one) for one in ordered[:NAMED]))


def read_uses(evidence: Evidence) -> Uses | None:
    """Return who needs what in the live database; ``None`` when the audit did not ask."""
    exhibit = evidence.exhibits.get(EXHIBIT)
    if exhibit is None:
        return None
    rows = [
        (read_ref(kind, key), read_ref(on_kind, on_key), how)
        for kind, key, on_kind, on_key, how in exhibit.itertuples(index=False, name=None)
    ]
    owners = find_owners(rows)
    users = defaultdict[ObjectRef, set[ObjectRef]](set)
    for thing, on, how in rows:
        user = find_whole(thing, owners)
        if how != PART and user != find_whole(on, owners):
            users[on].add(user)
    return Uses(build_graph(exhibit), {on: frozenset(found) for on, found in users.items()})
