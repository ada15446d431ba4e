"""A small capture as psql would write it, to be damaged by tests."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from driftbook.catalog.portable.parts import COLUMNS, FORMAT, FRAMES, HASHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAKEN = "2026-01-10T12:00:00.000000 4711"
SCHEMA = ["public", "owner", None]


def make_part(name: str, rows: Sequence[object], taken: str = TAKEN) -> dict[str, object]:
    """Return the part of one frame, with the hash that a server writes."""
    written = json.dumps(rows, ensure_ascii=False, separators=(", ", ": "))
    return {
        "frame": name,
        "taken": taken,
        "columns": list(COLUMNS[name]),
        "packed": [],
        "sha256": hashlib.sha256(written.encode()).hexdigest(),
        "rows": rows,
    }


def sign_head(head: Mapping[str, object]) -> dict[str, object]:
    """Return a head with the hash that a server writes."""
    written = "|".join(str(head[name]) for name in HASHED)
    return {**head, "sha256": hashlib.sha256(written.encode()).hexdigest()}


def make_parts(
    frames: Mapping[str, Sequence[object]] | None = None, taken: str = TAKEN
) -> list[dict[str, object]]:
    """Return all parts of a capture in which only ``frames`` have rows."""
    head: dict[str, object] = {
        "driftbook": "capture",
        "format": FORMAT,
        "taken": taken,
        "version_num": 150018,
        "captured_at": "2026-01-10T12:00:00+00:00",
        "search_path": "",
    }
    head = sign_head(head)
    parts = [make_part(name, (frames or {}).get(name, []), taken) for name in FRAMES]
    return [head, *parts, {"end": "capture", "taken": taken, "frames": list(FRAMES)}]


def write_lines(parts: Sequence[object]) -> str:
    """Return ``parts`` as psql writes them."""
    return "".join(json.dumps(part, ensure_ascii=False) + "\n" for part in parts)
