"""SQL that brings live back to what the files say, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind, ObjectRef
from driftbook.rules.alterations import alter
from driftbook.rules.ddl import build
from driftbook.rules.definitions import default_privilege, privilege
from driftbook.rules.facts import Facts, RuleContext, Side
from driftbook.rules.fixes import drop
from driftbook.rules.grouping import group_changes
from driftbook.rules.quoting import show

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.rules.ddl_access import Statements
    from driftbook.rules.facts import ChangedObject


def write_restores(
    changes: pd.DataFrame, expected: Snapshot, live: Snapshot
) -> dict[ObjectRef, str]:
    """Return changed object → SQL after which live has it as the files have it.

    A part of a missing object leads to the SQL of that object. What no SQL of ours restores is
    not there: it needs a person.
    """
    facts = Facts(Side(expected), Side(live), RuleContext())
    restores: dict[ObjectRef, str] = {}
    for thing in group_changes(changes):
        made = _restore(thing, facts)
        if made:
            text = show(*made)
            restores |= dict.fromkeys((thing.ref, *thing.members, *thing.parts), text)
    return restores


def _restore(thing: ChangedObject, facts: Facts) -> Statements:
    if thing.change is ChangeKind.ALTERED:
        return alter(thing, facts.expected)
    if thing.change is ChangeKind.ONLY_LIVE:
        return drop(thing, facts)
    if thing.ref.kind == "privilege":
        return privilege(thing, facts.expected)
    if thing.ref.kind == "default_privilege":
        return default_privilege(thing, facts.expected)
    return build(facts.expected, thing.ref.kind, thing.ref.parts, guard=True)
