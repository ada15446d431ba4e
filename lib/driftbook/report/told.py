"""What was last told of a target to those outside, kept between audits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from driftbook.places import state_dir
from driftbook.report.publish import write_beside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Told(BaseModel):
    """The state of a target as others know it."""

    model_config = ConfigDict(frozen=True)

    verdict: str = ""  # empty: nothing was told yet
    failing: str = ""  # of the ids of the findings at or above fail_on: their hash
    last_pass: int | None = None  # seconds since 1970


def read_told(target: str) -> Told:
    """Return what was told of ``target``; what cannot be read was not told: it is told again."""
    try:
        return Told.model_validate_json(_place(target).read_bytes())
    except (OSError, ValueError):
        return Told()


def write_told(target: str, told: Told) -> None:
    """Keep ``told``.

    Raises:
        PublishRefused: It cannot be written.
    """
    path = _place(target)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_beside(told.model_dump_json() + "\n", path)


def hash_ids(ids: Iterable[str]) -> str:
    """Return one value for a set of ids."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def _place(target: str) -> Path:
    return state_dir() / "told" / f"{target}.json"
