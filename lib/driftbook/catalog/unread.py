"""What is not known: kinds that nobody could read, and properties that older evidence lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from driftbook.catalog.kinds import Kind

    Values = Sequence[object]

OLDER = "it was taken by a driftbook that did not read this yet"
UNKNOWN = "it was taken by a driftbook that read this, which this one does not"


def name_property(kind: str, name: str) -> str:
    """Return what a property is called beside whole kinds: ``column.compression``."""
    return f"{kind}.{name}"


def find_lacking(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return kind, or ``kind.property``, → why it is not known from evidence of any age.

    A kind whose key was another one then is lacking as a whole.

    Args:
        columns: Kind → columns of its frame, as they were written.
    """
    lacking = {name: OLDER for name, kind in KINDS.items() if not has_key(kind, columns.get(name))}
    lacking |= dict.fromkeys(sorted(columns.keys() - KINDS), UNKNOWN)
    for name, kind in KINDS.items():
        if name not in lacking:
            names = columns[name]
            lacking |= {name_property(name, one): OLDER for one in kind.dtypes if one not in names}
            extra = [one for one in names if one not in kind.dtypes]
            lacking |= {name_property(name, one): UNKNOWN for one in extra}
    return lacking


def has_key(kind: Kind, columns: Sequence[str] | None) -> bool:
    """Return whether a frame of ``columns`` can hold objects of ``kind``."""
    return columns is not None and tuple(columns[: len(kind.key)]) == kind.key


def fit_rows(kind: Kind, columns: Sequence[str], rows: Sequence[Values]) -> Sequence[Values]:
    """Return ``rows`` with the columns of ``kind``: NULL where they have none of that name.

    Raises:
        IndexError: A row is shorter than ``columns``.
    """
    if list(columns) == list(kind.dtypes):
        return rows
    places = {name: at for at, name in enumerate(columns)}
    wanted = [places.get(name) for name in kind.dtypes]
    return [[None if at is None else row[at] for at in wanted] for row in rows]


def drop_unread(kinds: Mapping[str, Kind], unread: Collection[str]) -> dict[str, Kind]:
    """Return ``kinds`` without those in ``unread``; properties in it are compared no more."""
    return {name: _compare_less(kind, unread) for name, kind in kinds.items() if name not in unread}


def _compare_less(kind: Kind, unread: Collection[str]) -> Kind:
    unknown = {one for one in kind.compared if name_property(kind.name, one) in unread}
    if not unknown:
        return kind
    properties = (
        replace(entry, compared=False) if entry.name in unknown else entry
        for entry in kind.properties
    )
    return replace(kind, properties=tuple(properties))


def list_hashed(name: str, columns: Sequence[str], unread: Collection[str]) -> list[str]:
    """Return those of ``columns`` that a root hash covers: what is compared and was read."""
    kind = KINDS.get(name)
    return [
        column
        for column in columns
        if name_property(name, column) not in unread and _is_hashed(kind, column)
    ]


def _is_hashed(kind: Kind | None, column: str) -> bool:
    if kind is not None and kind.optional:
        return False
    # What a driftbook of another age read was compared there: nearly everything is.
    return kind is None or column not in kind.dtypes or column in (*kind.key, *kind.compared)


def group_by_reason(unread: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each reason with the names that it holds for, sorted."""
    for reason in sorted(set(unread.values())):
        yield reason, sorted(name for name, why in unread.items() if why == reason)
