"""Who made drift, and when, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.forensics.words import describe_order, describe_time

if TYPE_CHECKING:
    import pandas as pd

ACTIONS = declare("session when order transactions:int objects:int what owner channel")


def build_actions(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per session out of band, oldest first.

    Columns: ``session`` (str), ``when`` and ``order`` (str, in words), ``transactions`` and
    ``objects`` (int64), ``what`` (str), ``owner`` (str: of the objects), ``channel`` (str).
    """
    rows = [
        (
            row["session"],
            describe_time(row["earliest_at"], row["latest_at"]) or "no clock tells",
            describe_order(row["after_version"], row["before_version"]),
            row["transactions"],
            row["objects"],
            row["what"],
            row["owner"],
            row["channel"] or "unknown",
        )
        for row in sessions.to_dict("records")
    ]
    return build_frame(rows, ACTIONS)
