"""The server's dependencies by name: OIDs become kinds and keys. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from driftbook.forensics.frames import read_ref, write_key
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Catalog and OID → the object whose own row that is.
Names: TypeAlias = "dict[tuple[str, int], ObjectRef]"
# Witnesses that have the OID of another object.
PARTS = frozenset({"column", "comment"})
ON_TABLE = frozenset({"column", "constraint", "policy", "trigger", "rule"})


class UnnamedObjects(Exception):
    """Nothing says which OID is which object."""


def name_objects(witnesses: Iterable[Sequence[object]]) -> Names:
    """Return which OID is which object.

    Args:
        witnesses: Rows that begin with kind, key, OID and catalog.
    """
    return {
        (str(catalog), int(str(oid))): read_ref(str(kind), str(key))
        for kind, key, oid, catalog, *_ in witnesses
        if oid is not None and kind not in PARTS
    }


def name_edges(rows: Iterable[Sequence[object]], names: Names) -> list[tuple[str, ...]]:
    """Return the rows of the exhibit ``dependency``, sorted.

    Args:
        rows: Catalog, OID and column of what depends, the same of what it depends on, and how.
        names: Of the objects; what none of them is, such as a table of the server's own, is left.
    """
    found = set()
    for catalog, oid, column, on_catalog, on_oid, on_column, how in rows:
        thing = _find(names, catalog, oid, column)
        on = _find(names, on_catalog, on_oid, on_column)
        if thing is None or on is None or is_own_part(thing, on):
            continue
        found.add((thing.kind, write_key(thing), on.kind, write_key(on), str(how)))
    return sorted(found)


def is_own_part(thing: ObjectRef, on: ObjectRef) -> bool:
    """Return whether the key of ``thing`` says already that it is on ``on``, or on its table."""
    if thing.kind not in ON_TABLE:
        return False
    return thing.parts[:-1] == (on.parts[:-1] if on.kind == "column" else on.parts)


def _find(names: Names, catalog: object, oid: object, column: object) -> ObjectRef | None:
    named = names.get((str(catalog), int(str(oid))))
    if named is None or not column:
        return named
    if named.kind in {"view", "materialized_view"}:
        return named  # frames hold no columns of views
    return ObjectRef("column", (*named.parts, str(column)))
