"""What forensics says of each object, as far as events need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.forensics.classify import Confidence
from driftbook.forensics.frames import read_ref

if TYPE_CHECKING:
    from datetime import datetime

    from driftbook.model import ObjectRef


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the frame ``ATTRIBUTION``, as far as events need it."""

    ref: ObjectRef
    change: str
    born_class: str
    born_version: str
    touched_class: str
    session: str
    channel: str
    role: str
    confidence: Confidence
    earliest_at: datetime | None
    latest_at: datetime | None
    clues: tuple[str, ...]


def read_said(attribution: pd.DataFrame) -> list[Said]:
    """Return the rows of a frame ``ATTRIBUTION``."""
    return [
        Said(
            ref=read_ref(row["kind"], row["key"]),
            change=row["change"],
            born_class=row["born_class"],
            born_version=row["born_version"],
            touched_class=row["touched_class"],
            session=row["session"],
            channel=row["channel"],
            role=row["actor_role"],
            confidence=Confidence(row["confidence"]),
            earliest_at=read_at(row["drift_earliest_at"]),
            latest_at=read_at(row["drift_latest_at"]),
            clues=tuple(row["clues"]),
        )
        for row in attribution.to_dict("records")
    ]


def read_at(value: object) -> datetime | None:
    """Return a cell of a frame as a time; ``None`` where it is missing."""
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else None
