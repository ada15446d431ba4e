"""Frames that are taken beside a snapshot and never compared, as rows that can be stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import pandas as pd

from driftbook.catalog.snapshot import build_frame, list_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME: Final = "datetime64[ns, UTC]"
# Name of an exhibit → frame.
Exhibits: TypeAlias = Mapping[str, pd.DataFrame]


def build_exhibit(rows: Sequence[Sequence[object]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return ``rows`` as a frame with the columns and dtypes of ``dtypes``; times may be texts."""
    plain = {name: "object" if dtype == TIME else dtype for name, dtype in dtypes.items()}
    frame = build_frame(rows, plain)
    for name, dtype in dtypes.items():
        if dtype == TIME:
            times = pd.to_datetime(frame[name], utc=True, format="ISO8601")
            frame[name] = times.astype(TIME)
    return frame


def list_exhibit_rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows with JSON values: times as ISO 8601 texts, ``None`` for what is missing."""
    return [
        tuple(cell.isoformat() if isinstance(cell, pd.Timestamp) else cell for cell in row)
        for row in list_rows(frame)
    ]


def list_columns(exhibits: Exhibits) -> dict[str, dict[str, str]]:
    """Return what has to be stored beside the rows: name → column → dtype."""
    return {
        name: {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
        for name, frame in exhibits.items()
    }


def write_exhibits(exhibits: Exhibits) -> str:
    """Return ``exhibits`` as a JSON text."""
    document = {
        name: {"columns": columns, "rows": list_exhibit_rows(exhibits[name])}
        for name, columns in list_columns(exhibits).items()
    }
    return json.dumps(document, separators=(",", ":"))


def read_exhibits(text: str) -> dict[str, pd.DataFrame]:
    """Return what :func:`write_exhibits` wrote."""
    document = json.loads(text)
    return {name: build_exhibit(one["rows"], one["columns"]) for name, one in document.items()}
