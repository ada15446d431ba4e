"""Changes as causes: one object per thing that a person would name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from driftbook.catalog.snapshot import list_values
from driftbook.model import ChangeKind, ObjectRef
from driftbook.rules.facts import ChangedObject, Difference, name_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

Key = tuple[str, ...]
# Privileges of one grantee on one object are one cause, whichever and on whichever columns.
GROUPED = frozenset({"privilege", "default_privilege"})
LEFT_OUT_OF_GROUP = frozenset({"privilege", "column"})


class _Record(NamedTuple):
    kind: str
    key: Key
    change: str
    property: str
    property_class: str
    expected: str | None
    live: str | None
    part_of: tuple[str, Key] | None


@dataclass(slots=True)
class _Group:
    change: ChangeKind
    differences: list[Difference] = field(default_factory=list)
    parts: dict[ObjectRef, None] = field(default_factory=dict)
    members: dict[ObjectRef, None] = field(default_factory=dict)


def group_changes(changes: pd.DataFrame) -> list[ChangedObject]:
    """Return one object per cause in ``changes``, sorted by kind and key."""
    groups: dict[tuple[ObjectRef, str], _Group] = {}
    homes: dict[tuple[str, Key], _Group] = {}
    parts: list[tuple[tuple[str, Key], ObjectRef]] = []
    for record in _read_records(changes):
        ref = ObjectRef(record.kind, record.key)
        if record.part_of is not None:
            parts.append((record.part_of, ref))
            continue
        change = ChangeKind(record.change)
        group = groups.setdefault((_group_ref(record.kind, record.key), change), _Group(change))
        group.members[ref] = None
        homes[record.kind, record.key] = group
        if change is ChangeKind.ALTERED:
            name = _property_name(record.kind, record.key, record.property)
            group.differences.append(
                Difference(name, record.property_class, record.expected, record.live)
            )
    for home, part in parts:
        # A property that was equal after all may have taken its parts' container away.
        if home in homes:
            homes[home].parts[part] = None
    return [_build_object(ref, group) for (ref, _), group in sorted(groups.items(), key=_order)]


def _read_records(changes: pd.DataFrame) -> Iterator[_Record]:
    if not len(changes):
        return iter(())
    cells = (list_values(changes[name]) for name in _Record._fields)
    return (_Record(*cast("tuple[str, ...]", row)) for row in zip(*cells, strict=True))  # type: ignore[arg-type]


def _order(item: tuple[tuple[ObjectRef, str], _Group]) -> tuple[str, Key, str]:
    (ref, change), _ = item
    return ref.kind, ref.parts, change


def _build_object(ref: ObjectRef, group: _Group) -> ChangedObject:
    return ChangedObject(
        ref, group.change, tuple(group.differences), tuple(group.parts), tuple(group.members)
    )


def _group_ref(kind: str, key: Key) -> ObjectRef:
    if kind not in GROUPED:
        return ObjectRef(kind, key)
    parts = name_parts(kind, key)
    return ObjectRef(
        kind, tuple("" if name in LEFT_OUT_OF_GROUP else part for name, part in parts.items())
    )


def _property_name(kind: str, key: Key, name: str) -> str:
    if kind not in GROUPED:
        return name
    parts = name_parts(kind, key)
    return " ".join(filter(None, (parts["privilege"], parts.get("column", ""), name)))
