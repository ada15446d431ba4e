"""A snapshot: one consistent picture of a database, one frame per kind of object."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from driftbook.catalog.kinds import KINDS
from driftbook.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pandas.api.extensions import ExtensionArray

Key: TypeAlias = "tuple[str, ...]"
Row: TypeAlias = "dict[str, object]"

SCHEMA_VERSION = 1
LARGEST_BYTES = 256 * 1024 * 1024
UNACCOUNTED = {"catalog": "str", "schema": "str", "name": "str"}
CELLS: dict[str, tuple[type, ...]] = {"str": (str,), "boolean": (bool,), "Int64": (int,)}
AGAIN = "write it again: driftbook capture SOURCE"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a database held at one moment.

    Attributes:
        source: What it is of, for people.
        captured_at: When, in UTC.
        version_num: 150018, as the server counts.
        frames: Kind → frame with the columns of ``KINDS[kind].dtypes``, sorted by key.
        unaccounted: ``catalog``, ``schema``, ``name`` (str) of user objects in no frame.
    """

    source: str
    captured_at: datetime
    version_num: int
    frames: Mapping[str, pd.DataFrame]
    unaccounted: pd.DataFrame

    @cached_property
    def root_hash(self) -> str:
        """Return the SHA-256 of everything compared: equal for equal schemas, wherever read."""
        digest = hashlib.sha256()
        for name in sorted(self.frames):
            frame = self.frames[name]
            columns = list(frame.columns)
            if name in KINDS:
                known = (*KINDS[name].key, *KINDS[name].compared)
                columns = [column for column in known if column in frame.columns]
            rows = sorted(list_rows(frame[columns]), key=_sortable)
            digest.update(json.dumps([name, columns, rows], separators=(",", ":")).encode())
        return digest.hexdigest()

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


def build_document(snapshot: Snapshot) -> dict[str, object]:
    """Return ``snapshot`` as JSON values, for :func:`parse_document`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": snapshot.source,
        "captured_at": snapshot.captured_at.isoformat(),
        "version_num": snapshot.version_num,
        "root_hash": snapshot.root_hash,
        "frames": {name: list_rows(snapshot.frames[name]) for name in snapshot.frames},
        "columns": {name: list(snapshot.frames[name].columns) for name in snapshot.frames},
        "unaccounted": list_rows(snapshot.unaccounted),
    }


def write_capture(snapshot: Snapshot, path: Path) -> Path:
    """Write ``snapshot`` as JSON, readable by its owner only; a reader never sees half of it.

    Raises:
        OSError: The folder cannot be written.
    """
    document = build_document(snapshot)
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, separators=(",", ":"), sort_keys=True)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def read_capture(path: Path) -> Snapshot:
    """Return the snapshot that :func:`write_capture` wrote.

    Raises:
        SourceError: The file is absent, too large, of another version, incomplete or altered.
    """
    document = _load(path)
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise SourceError(
            f"the capture has schema version {version!r}, this driftbook reads {SCHEMA_VERSION}",
            where=str(path),
            fix=AGAIN,
        )
    try:
        snapshot, root_hash = parse_document(document), document["root_hash"]
    except (LookupError, TypeError, ValueError) as error:
        raise SourceError(
            f"the capture is incomplete or damaged: {_say(error)}", where=str(path), fix=AGAIN
        ) from error
    if snapshot.root_hash != root_hash:
        raise SourceError(
            "the capture was altered: its content does not give its root hash",
            where=str(path),
            fix=AGAIN,
        )
    return snapshot


def _load(path: Path) -> dict[str, object]:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise SourceError(
                f"the capture has {size:,} bytes; {LARGEST_BYTES:,} is the limit",
                where=str(path),
                fix="name the file that driftbook capture wrote, or audit fewer schemas",
            )
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(
            f"the capture cannot be read: {error.strerror}", where=str(path), fix=AGAIN
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceError("the capture is not JSON", where=str(path), fix=AGAIN) from error
    if not isinstance(document, dict):
        raise SourceError("the file is no capture", where=str(path), fix=AGAIN)
    return document


def parse_document(document: Mapping[str, object]) -> Snapshot:
    """Return the snapshot that a document holds; its root hash is not compared.

    Raises:
        LookupError, TypeError, ValueError: It is incomplete or damaged.
    """
    frames, columns = document["frames"], document["columns"]
    if not isinstance(frames, dict) or not isinstance(columns, dict):
        raise TypeError("frames and columns are objects")
    if missing := [name for name in KINDS if name not in frames or name not in columns]:
        raise ValueError(f"frame {missing[0]!r} is missing")
    if extra := sorted(frames.keys() - KINDS):
        raise ValueError(f"frame {extra[0]!r} is unknown")
    for name, kind in KINDS.items():
        if columns[name] != list(kind.dtypes):
            raise ValueError(f"frame {name!r} has other columns")
    captured_at = datetime.fromisoformat(str(document["captured_at"]))
    if captured_at.tzinfo is None:
        raise ValueError("captured_at has no time zone")
    return Snapshot(
        source=str(document["source"]),
        captured_at=captured_at,
        version_num=int(str(document["version_num"])),
        frames={
            name: _build_frame(name, frames[name], kind.dtypes) for name, kind in KINDS.items()
        },
        unaccounted=_build_frame("unaccounted", document["unaccounted"], UNACCOUNTED),
    )


def _build_frame(name: str, rows: object, dtypes: Mapping[str, str]) -> pd.DataFrame:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise TypeError(f"frame {name!r} is no list of rows")
    for place, dtype in enumerate(dtypes.values()):
        allowed = CELLS[dtype]
        if any(row[place] is not None and type(row[place]) not in allowed for row in rows):
            raise TypeError(f"frame {name!r} has a value of a wrong type")
    return build_frame(rows, dtypes)


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
    return build(list(values), dtype=dtype)


def list_rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows with plain values, ``None`` for what is missing."""
    return list(zip(*(list_values(frame[name]) for name in frame.columns), strict=True))


def list_values(column: pd.Series) -> list[object]:
    """Return plain values, ``None`` for what is missing; most columns are short, so no detour."""
    plain = column.to_numpy(dtype=object, na_value=None)  # type: ignore[call-overload]  # no stub
    return list(plain.tolist())


def _sortable(row: tuple[object, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, str(value)) for value in row)


def _say(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
