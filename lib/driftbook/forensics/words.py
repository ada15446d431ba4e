"""What an attribution says in words: intervals, never instants that nobody saw; no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from driftbook.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TIME = "%Y-%m-%d %H:%M"


def describe_time(earliest: object, latest: object) -> str:
    """Return ``between A and B UTC`` and the like; empty: nothing is known."""
    low, high = _read(earliest), _read(latest)
    if low and high:
        if low == high:
            return f"at {high:{TIME}:%S} UTC"
        return f"between {low:{TIME}} and {high:{TIME}} UTC"
    if high:
        return f"before {high:{TIME}} UTC"
    return f"after {low:{TIME}} UTC" if low else ""


def describe_order(after: str, before: str) -> str:
    """Return between which records it happened; empty: nothing is known."""
    if after and before:
        return f"after version {after} and before version {before} was recorded"
    if before:
        return f"before version {before} was recorded"
    return f"after version {after} was recorded" if after else ""


def describe_origin(row: Mapping[str, object]) -> str:
    """Return how what differs came to be, as one sentence with its confidence.

    Args:
        row: A row of the frame ``ATTRIBUTION``.
    """
    when = _describe_when(row)
    if row["change"] == ChangeKind.ONLY_EXPECTED:
        told = f"Gone {when}" if when else "When it went cannot be told"
        return f"{told}: {row['why']}."
    if row["change"] == ChangeKind.ONLY_LIVE and row["born_class"] not in {"unknown", "retouched"}:
        return _describe_birth(row, when)
    return _describe_touch(row, when)


def _describe_birth(row: Mapping[str, object], when: str) -> str:
    sure, door = row["born_confidence"], row["born_class"]
    if door == "pushed":
        return f"Made by the push of version {row['born_version']} ({sure})."
    if door == "manual_run":
        return f"Made by a run of version {row['born_version']} by hand ({sure})."
    if door == "restored":
        made = describe_time(row["touched_earliest_at"], row["touched_latest_at"])
        seen = f"; there already {when}" if when else ""
        return f"Made anew by a restore {made}{seen} ({sure}); nothing earlier can be dated."
    return f"Made by no migration {when}{_name_session(row)} ({sure})."


def _describe_touch(row: Mapping[str, object], when: str) -> str:
    sure, door = row["confidence"], row["touched_class"]
    if door in {"out_of_band", "retouched"}:
        return f"Touched outside of all migrations {when}{_name_session(row)} ({sure})."
    if door == "manual_run":
        return f"Touched by a run of version {row['touched_version']} by hand {when} ({sure})."
    last = {
        "pushed": f"the push of version {row['touched_version']}",
        "restored": "a restore",
    }.get(str(door))
    if last is None:
        return f"Who or what did it cannot be told: {row['why']}."
    differs = f"; it came to differ {when}" if when else ""
    return f"Touched last by {last} ({sure}){differs}, not by that."


def _name_session(row: Mapping[str, object]) -> str:
    return f", in session {row['session']}" if row["session"] else ""


def _describe_when(row: Mapping[str, object]) -> str:
    time = describe_time(row["drift_earliest_at"], row["drift_latest_at"])
    order = describe_order(str(row["drift_after_version"]), str(row["drift_before_version"]))
    return ", ".join(part for part in (time, order) if part)


def _read(value: object) -> datetime | None:
    if value is None or pd.isna(value):  # type: ignore[call-overload]  # one value, not many
        return None
    return pd.Timestamp(str(value)).to_pydatetime()
