"""What differs between two snapshots, driven by ``catalog.kinds.KINDS`` alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.unread import drop_unread, name_property
from driftbook.drift.differing import read_differing
from driftbook.drift.fold import find_containers
from driftbook.drift.level import level_majors
from driftbook.model import ChangeKind, ObjectRef, PropertyClass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from driftbook.catalog.kinds import Kind
    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]
Values = tuple[object, ...]
Rows = dict[Key, Values]

COLUMNS = "kind schema name key change property property_class expected live part_of".split()
OBJECTS = frozenset({"key", "part_of"})
POSITION = "position"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: an object of one side only, or one property of an object of both."""

    kind: str
    key: Key
    change: ChangeKind
    property: str = ""
    property_class: str = ""
    expected: str | None = None
    live: str | None = None


def diff_snapshots(
    expected: Snapshot, live: Snapshot, kinds: Mapping[str, Kind] = KINDS
) -> pd.DataFrame:
    """Return every difference from ``expected`` to ``live``.

    Args:
        expected: What the files give.
        live: What was found.
        kinds: Which frames, keys and properties are compared.

    Returns:
        One row per object that only one side has, and one per property that differs: ``kind``,
        ``schema``, ``name`` (str; the whole key, quoted), ``key`` (object: tuple of str),
        ``change`` (only_live, only_expected, altered), ``property`` (empty unless altered),
        ``property_class``, ``expected``, ``live`` (str, missing when NULL or when that side has
        no such object), ``part_of`` (object: ``(kind, key)`` of the change that contains this
        one, or ``None``). Sorted by kind, key and property. Empty means equal. A kind or property
        that one of the two snapshots did not read is not compared.
    """
    versions = (expected.version_num, live.version_num)
    newer = _list_newer(kinds, min(versions))
    kinds = drop_unread(kinds, {*expected.unread, *live.unread, *newer})
    sides = read_differing(expected, live, kinds)
    level_majors(sides, versions, kinds)
    changes = diff_rows(sides[0], sides[1], kinds)
    containers = find_containers(changes, sides, kinds)
    return _build_frame(changes, containers, kinds)


def diff_rows(
    expected: Mapping[str, Rows],
    live: Mapping[str, Rows],
    kinds: Mapping[str, Kind] = KINDS,
) -> list[Change]:
    """Return every difference from ``expected`` to ``live``, by kind, key and property.

    Args:
        expected: Kind → rows; a kind that one of the two lacks is not compared.
        live: The same for the other side.
        kinds: Which frames, keys and properties are compared.
    """
    changes = [
        change
        for name in sorted(expected.keys() & live.keys())
        for change in _diff_kind(kinds[name], expected[name], live[name])
    ]
    changes += _diff_column_order(expected.get("column", {}), live.get("column", {}), kinds)
    return sorted(changes, key=lambda change: (change.kind, change.key, change.property))


def format_value(value: object) -> str | None:
    """Return the stable text of a property: ``true``/``false``, digits, the text itself."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def drop_equal(changes: pd.DataFrame, equal: Collection[tuple[str, Key, str]]) -> pd.DataFrame:
    """Return ``changes`` without the rows named by (kind, key, property) in ``equal``."""
    named = zip(changes["kind"], changes["key"], changes["property"], strict=True)
    keep = pd.Series([name not in equal for name in named], index=changes.index, dtype="bool")
    return changes[keep].reset_index(drop=True)


def _list_newer(kinds: Mapping[str, Kind], oldest: int) -> Iterator[str]:
    """Yield ``kind.property`` of what a server of version ``oldest`` cannot have."""
    for name, kind in kinds.items():
        yield from (name_property(name, one.name) for one in kind.properties if one.since > oldest)


def _diff_kind(kind: Kind, expected: Rows, live: Rows) -> Iterator[Change]:
    cls = str(kind.cls)
    for key, row in expected.items():
        other = live.get(key)
        if other is None:
            yield Change(kind.name, key, ChangeKind.ONLY_EXPECTED, property_class=cls)
        elif other != row:
            for entry, before, after in zip(kind.properties, row, other, strict=True):
                if before != after and entry.compared and entry.name != POSITION:
                    yield Change(
                        kind.name,
                        key,
                        ChangeKind.ALTERED,
                        entry.name,
                        str(entry.cls),
                        format_value(before),
                        format_value(after),
                    )
    for key in live.keys() - expected.keys():
        yield Change(kind.name, key, ChangeKind.ONLY_LIVE, property_class=cls)


def _diff_column_order(expected: Rows, live: Rows, kinds: Mapping[str, Kind]) -> Iterator[Change]:
    """Compare the order of the columns that both sides have: one change per table.

    A column that was added or dropped moves the numbers of the others, not their order.
    """
    properties = kinds["column"].properties if "column" in kinds else ()
    at = next(
        (n for n, one in enumerate(properties) if one.name == POSITION and one.compared), None
    )
    if at is None:
        return
    moved = {
        key[:-1]
        for key, row in expected.items()
        if (other := live.get(key)) is not None and other[at] != row[at]
    }
    orders: tuple[dict[Key, list[tuple[object, str]]], ...] = ({}, {})
    for rows, other_rows, order in ((expected, live, orders[0]), (live, expected, orders[1])):
        for key, row in rows.items():
            if key[:-1] in moved and key in other_rows:
                order.setdefault(key[:-1], []).append((row[at], key[-1]))
    for table, columns in orders[0].items():
        before = [name for _, name in sorted(columns, key=_position)]
        after = [name for _, name in sorted(orders[1][table], key=_position)]
        if before != after:
            yield Change(
                "table",
                table,
                ChangeKind.ALTERED,
                "column_order",
                str(PropertyClass.COSMETIC),
                ", ".join(before),
                ", ".join(after),
            )


def _position(column: tuple[object, str]) -> tuple[int, str]:
    position, name = column
    return (position if isinstance(position, int) else 0, name)


def _build_frame(
    changes: list[Change],
    containers: Mapping[tuple[str, Key], tuple[str, Key]],
    kinds: Mapping[str, Kind],
) -> pd.DataFrame:
    schema_at = {
        name: kind.key.index("schema") if "schema" in kind.key else None
        for name, kind in kinds.items()
    }
    rows = []
    for change in changes:
        at = schema_at.get(change.kind)
        if change.kind == "schema":
            at = 0
        rows.append(
            (
                change.kind,
                "" if at is None else change.key[at],
                ObjectRef(change.kind, change.key).name,
                change.key,
                str(change.change),
                change.property,
                change.property_class,
                change.expected,
                change.live,
                containers.get((change.kind, change.key)),
            )
        )
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return pd.DataFrame(
        {
            name: pd.Series(
                list(values), dtype="object" if name in OBJECTS else "str", index=range(len(rows))
            )
            for name, values in zip(COLUMNS, columns, strict=True)
        }
    )
