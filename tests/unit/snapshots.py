"""Small kinds and snapshots for tests of what compares them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from driftbook.catalog.kinds import Kind, Property
from driftbook.catalog.snapshot import Snapshot
from driftbook.model import PropertyClass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row: TypeAlias = "Sequence[object] | dict[str, object]"


def build_kind(name: str, key: str, *properties: tuple[str, str, str]) -> Kind:
    entries = tuple(Property(n, dtype, PropertyClass(cls)) for n, dtype, cls in properties)
    return Kind(name, tuple(key.split()), entries, None)


SMALL = {
    kind.name: kind
    for kind in (
        build_kind(
            "table",
            "schema name",
            ("kind", "str", "data"),
            ("rls_enabled", "boolean", "security"),
            ("parents", "str", "data"),
        ),
        build_kind(
            "column",
            "schema table name",
            ("type", "str", "data"),
            ("not_null", "boolean", "data"),
            ("position", "Int64", "cosmetic"),
        ),
        build_kind("constraint", "schema table name", ("definition", "str", "data")),
        build_kind(
            "index",
            "schema name",
            ("table", "str", "data"),
            ("definition", "str", "performance"),
            ("constraint", "str", "data"),
        ),
        build_kind("policy", "schema table name", ("using", "str", "security")),
        build_kind("sequence", "schema name", ("owned_by", "str", "data")),
        build_kind(
            "privilege",
            "object_kind schema name column grantee privilege",
            ("grantable", "boolean", "security"),
            ("grantor", "str", "security"),
            ("is_owner", "boolean", "security"),
        ),
        build_kind("owner", "object_kind schema name", ("role", "str", "security")),
        build_kind("comment", "object_kind schema name sub", ("text", "str", "cosmetic")),
    )
}


def fill_row(row: Row, kind: Kind) -> Sequence[object]:
    """Return the cells of ``row``; of a dict, an absent key part is empty, a property NULL."""
    if not isinstance(row, dict):
        return row
    names = (entry.name for entry in kind.properties)
    return [*(row.get(part, "") for part in kind.key), *(row.get(name) for name in names)]


def build_snapshot(
    rows: Mapping[str, Sequence[Row]],
    kinds: Mapping[str, Kind] = SMALL,
    version_num: int = 150_000,
) -> Snapshot:
    frames = {}
    for name, kind in kinds.items():
        dtypes = dict.fromkeys(kind.key, "str") | {p.name: p.dtype for p in kind.properties}
        frames[name] = pd.DataFrame(
            [fill_row(row, kind) for row in rows.get(name, ())], columns=list(dtypes)
        ).astype(dtypes)
    unaccounted = pd.DataFrame({"catalog": [], "schema": [], "name": []}, dtype="str")
    return Snapshot(
        source="test",
        captured_at=datetime(2024, 1, 1, tzinfo=UTC),
        version_num=version_num,
        frames=frames,
        unaccounted=unaccounted,
    )
