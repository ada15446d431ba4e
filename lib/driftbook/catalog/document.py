"""A snapshot as JSON: the file that ``driftbook capture`` writes, of this driftbook or an older."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import (
    UNACCOUNTED,
    Snapshot,
    build_frame,
    hash_rows,
    list_rows,
)
from driftbook.catalog.unread import find_lacking, fit_rows, list_hashed
from driftbook.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SCHEMA_VERSION = 1
LARGEST_BYTES = 256 * 1024 * 1024
CELLS: dict[str, tuple[type, ...]] = {"str": (str,), "boolean": (bool,), "Int64": (int,)}
AGAIN = "write it again: driftbook capture SOURCE"


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
        "hashed": snapshot.hashed,
        "unaccounted": list_rows(snapshot.unaccounted),
        "unread": dict(snapshot.unread),
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
    """Return the snapshot that :func:`write_capture` wrote, of this driftbook or an older one.

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
        found = _hash_document(document)
    except (LookupError, TypeError, ValueError) as error:
        raise SourceError(
            f"the capture is incomplete or damaged: {_say(error)}", where=str(path), fix=AGAIN
        ) from error
    if found != root_hash:
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
    frames, columns = _read_frames(document)
    captured_at = datetime.fromisoformat(str(document["captured_at"]))
    if captured_at.tzinfo is None:
        raise ValueError("captured_at has no time zone")
    unread = find_lacking(columns) | _read_unread(document)
    return Snapshot(
        source=str(document["source"]),
        captured_at=captured_at,
        version_num=int(str(document["version_num"])),
        frames={
            name: _build_frame(name, fit_rows(kind, columns[name], frames[name]), kind.dtypes)
            for name, kind in KINDS.items()
            if name not in unread
        },
        unaccounted=_build_frame("unaccounted", document["unaccounted"], UNACCOUNTED),
        unread=unread,
    )


def _read_frames(document: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return kind → rows and kind → columns, of a document of any age."""
    frames, columns = document["frames"], document["columns"]
    if not isinstance(frames, dict) or not isinstance(columns, dict):
        raise TypeError("frames and columns are objects")
    if apart := sorted(frames.keys() ^ columns.keys()):
        raise ValueError(f"frame {apart[0]!r} has no rows or no columns")
    for name, rows in frames.items():
        _check_rows(name, rows)
        if any(len(row) != len(columns[name]) for row in rows):
            raise ValueError(f"frame {name!r} has a row of another length")
    return frames, columns


def _read_unread(document: Mapping[str, object]) -> dict[str, str]:
    unread = document.get("unread", {})  # captures before there was such a thing have none
    if not isinstance(unread, dict):
        raise TypeError("unread is an object")
    return {str(name): str(why) for name, why in unread.items()}


def _hash_document(document: Mapping[str, object]) -> str:
    """Return the root hash of a document as the driftbook that wrote it had it."""
    frames, columns = _read_frames(document)
    hashed = document.get("hashed")
    if not isinstance(hashed, dict):  # none was written: what was compared then is compared now
        listed = ((name, list_hashed(name, columns[name], ())) for name in frames)
        hashed = {name: names for name, names in listed if names}
    places = {name: [columns[name].index(one) for one in hashed[name]] for name in sorted(hashed)}
    return hash_rows(
        (name, hashed[name], [tuple(row[at] for at in wanted) for row in frames[name]])
        for name, wanted in places.items()
    )


def _check_rows(name: str, rows: object) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise TypeError(f"frame {name!r} is no list of rows")


def _build_frame(name: str, rows: Any, dtypes: Mapping[str, str]) -> pd.DataFrame:  # noqa: ANN401 - JSON
    _check_rows(name, rows)
    for place, dtype in enumerate(dtypes.values()):
        allowed = CELLS[dtype]
        if any(row[place] is not None and type(row[place]) not in allowed for row in rows):
            raise TypeError(f"frame {name!r} has a value of a wrong type")
    return build_frame(rows, dtypes)


def _say(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
