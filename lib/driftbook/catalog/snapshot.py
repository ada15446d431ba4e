"""A snapshot: one consistent picture of a database, one frame per kind of object."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.unread import list_hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pandas.api.extensions import ExtensionArray

Key: TypeAlias = "tuple[str, ...]"
Row: TypeAlias = "dict[str, object]"

UNACCOUNTED = {"catalog": "str", "schema": "str", "name": "str"}


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a database held at one moment.

    Attributes:
        source: What it is of, for people.
        captured_at: When, in UTC.
        version_num: 150018, as the server counts.
        frames: Kind → frame with the columns of ``KINDS[kind].dtypes``, sorted by key; none of
            a kind that was not read.
        unaccounted: ``catalog``, ``schema``, ``name`` (str) of user objects in no frame.
        unread: Kind, or ``kind.property``, → why it is not known; such a property is NULL in
            every row, and compared with nothing.
    """

    source: str
    captured_at: datetime
    version_num: int
    frames: Mapping[str, pd.DataFrame]
    unaccounted: pd.DataFrame
    unread: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def root_hash(self) -> str:
        """Return the SHA-256 of everything compared: equal for equal schemas, wherever read."""
        return hash_rows(
            (name, columns, list_rows(self.frames[name][columns]))
            for name, columns in self.hashed.items()
        )

    @property
    def hashed(self) -> dict[str, list[str]]:
        """Return kind → columns that the root hash covers, sorted by kind; no kind without any."""
        covered = (
            (name, list_hashed(name, list(self.frames[name].columns), self.unread))
            for name in sorted(self.frames)
        )
        return {name: columns for name, columns in covered if columns}

    def row(self, kind: str, key: Sequence[str]) -> Row | None:
        """Return property → value of one object, ``None`` for NULL; ``None`` without a row."""
        if kind not in self._rows:
            self._rows[kind] = self._index(kind)
        return self._rows[kind].get(tuple(key))

    def counts(self) -> dict[str, int]:
        """Return kind → number of objects, in the order of ``KINDS``."""
        return {name: len(self.frames[name]) for name in KINDS if name in self.frames}

    def with_frames(self, frames: Mapping[str, pd.DataFrame]) -> Snapshot:
        """Return a copy in which ``frames`` take the place of those of the same kinds."""
        return replace(self, frames={**self.frames, **frames})

    @cached_property
    def _rows(self) -> dict[str, dict[Key, Row]]:
        return {}

    def _index(self, kind: str) -> dict[Key, Row]:
        if kind not in self.frames:
            return {}
        size = len(KINDS[kind].key)
        names = list(self.frames[kind].columns)[size:]
        return {
            tuple(map(str, row[:size])): dict(zip(names, row[size:], strict=True))
            for row in list_rows(self.frames[kind])
        }


def hash_rows(frames: Iterable[tuple[str, list[str], list[tuple[object, ...]]]]) -> str:
    """Return the SHA-256 of frames, each with its columns and rows; rows in any order."""
    digest = hashlib.sha256()
    for name, columns, rows in frames:
        content = [name, columns, sorted(rows, key=_sortable)]
        digest.update(json.dumps(content, separators=(",", ":")).encode())
    return digest.hexdigest()


def build_frame(rows: Sequence[Sequence[object]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return ``rows`` as a catalog frame.

    Args:
        rows: What the query of one kind gave, in the order of its ``order by``.
        dtypes: Column → dtype, as ``kinds.py`` declares them.

    Returns:
        One row per object, sorted by key. The columns and dtypes are those of ``dtypes``
        also when there is no row: an empty frame means "no such object", never "not read".
    """
    columns = list(zip(*rows, strict=True))
    if not columns:  # most kinds, in most databases
        return _build_empty(tuple(dtypes.items())).copy()
    pairs = zip(dtypes.items(), columns, strict=True)
    arrays = {name: _build_array(values, dtype) for (name, dtype), values in pairs}
    return pd.DataFrame(arrays, copy=False)


@cache
def _build_empty(dtypes: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: _build_array((), dtype) for name, dtype in dtypes})


def _build_array(values: Sequence[object], dtype: str) -> ExtensionArray:
    # Half the time of a Series per column, whose indexes are compared with each other.
    build: Callable[..., ExtensionArray] = pd.array
    return build(_share(values), dtype=dtype)


def _share(values: Sequence[object]) -> list[object]:
    """Return ``values`` with equal texts as one object: names and types repeat by the thousand."""
    known: dict[object, object] = {}
    return [known.setdefault(value, value) for value in values]


def list_rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows with plain values, ``None`` for what is missing."""
    return list(zip(*(list_values(frame[name]) for name in frame.columns), strict=True))


def list_values(column: pd.Series) -> list[object]:
    """Return plain values, ``None`` for what is missing; most columns are short, so no detour."""
    plain = column.to_numpy(dtype=object, na_value=None)  # type: ignore[call-overload]  # no stub
    return list(plain.tolist())


def _sortable(row: tuple[object, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, str(value)) for value in row)
