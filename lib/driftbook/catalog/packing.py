"""Rows that stand for many: thousands of objects share a few lists of privileges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.catalog.properties import Kind


def unpack_rows(kind: Kind, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return ``rows`` with one row per object; as they are for a kind that packs nothing.

    What follows the columns of the kind stays where it is.

    Raises:
        ValueError: A packed column holds no list, or one of another length than the others.
    """
    return unpack_columns(list(kind.dtypes), kind.packed, rows)


def unpack_columns(
    columns: Sequence[str], packed: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Sequence[Sequence[Any]]:
    """Return ``rows`` as :func:`unpack_rows` does, of ``columns`` of which some are ``packed``."""
    return list(_unpack([columns.index(name) for name in packed], rows)) if packed else rows


def _unpack(places: Sequence[int], rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    known: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for row in rows:
        texts = tuple(row[at] for at in places)
        if texts not in known:
            known[texts] = list(zip(*map(_load, texts), strict=True))
        whole = list(row)
        for values in known[texts]:
            for at, value in zip(places, values, strict=True):
                whole[at] = value
            yield tuple(whole)


def _load(text: object) -> list[object]:
    values = json.loads(str(text))
    if not isinstance(values, list):
        raise ValueError("a packed column holds no list")  # noqa: TRY004 - of JSON, not of a caller
    return values
