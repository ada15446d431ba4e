"""One SELECT that gives a whole capture, for those who can run one SELECT and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.portable.parts import FRAMES, HEAD, write_end, write_frame
from driftbook.catalog.reader import load_query
from driftbook.postgres.answer import guard

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_select(major: int) -> str:
    """Return the SELECT that captures a server of ``major``: one row, one cell of JSON."""
    return guard(join_parts(list_parts(major * 10_000)))


def list_parts(version_num: int) -> list[str]:
    """Return the SELECTs that give the parts of a capture, in their order."""
    frames = [write_frame(name, load_query(name, version_num)) for name in FRAMES]
    return [HEAD, *frames, write_end()]


def join_parts(parts: Iterable[str]) -> str:
    """Return the expression that gives the values of ``parts``, each one SELECT, as a list."""
    listed = ",\n".join(f"(\n{part}\n)" for part in parts)
    return f"pg_catalog.array_to_json(array[\n{listed}\n])"
