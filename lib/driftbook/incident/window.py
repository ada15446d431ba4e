"""Which audits tell an incident: from two audits, two times, or the first finding on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.incident.case import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for: UTC texts, and ids or days of two audits; empty: to be found."""

    started_at: str = ""
    ended_at: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A recorded audit: its id, when it looked, and whether it saw the same as the one before."""

    audit_id: str
    at: datetime
    is_quiet: bool = False


def choose_points(
    points: Sequence[Point], asked: Asked, first_finding: datetime | None
) -> tuple[list[Point], Window]:
    """Return the audits to tell from, and the window.

    Args:
        points: Every recorded audit, oldest first; at least one.
        asked: What somebody asked for.
        first_finding: When a finding was first seen; ``None``: none ever was.

    Raises:
        ConfigError: A time is none, no such audit is recorded, or the order is the wrong one.
    """
    started, ended = read_moment("started_at", asked.started_at), _read_end(asked.ended_at)
    last = _find_last(points, asked, ended)
    first = _find_first(points, asked, started, first_finding)
    if first > last:
        raise ConfigError(
            f"the audit before ({points[first].audit_id}) is later than the one after "
            f"({points[last].audit_id})",
            fix="exchange them: before is the earlier one",
        )
    chosen = list(points[first : last + 1])
    opens, closes = started or chosen[0].at, ended or chosen[-1].at
    if opens > closes:
        raise ConfigError("the window ends before it begins", fix="exchange the two times")
    return chosen, Window(opens, closes, _explain(asked))


def _explain(asked: Asked) -> str:
    if asked.started_at or asked.ended_at:
        return "the times that were given"
    if asked.before or asked.after:
        return "the two audits that were given"
    return "from the audit before the first finding to the latest one"


def _find_last(points: Sequence[Point], asked: Asked, ended: datetime | None) -> int:
    if asked.after:
        return _find_point(points, "after", asked.after)
    if ended is not None:
        return next((at for at, one in enumerate(points) if one.at >= ended), len(points) - 1)
    return len(points) - 1


def _find_first(
    points: Sequence[Point], asked: Asked, started: datetime | None, finding: datetime | None
) -> int:
    if asked.before:
        return _find_point(points, "before", asked.before)
    # What an audit at that moment saw may have begun right after the one before.
    if started is not None:
        until = [at for at, one in enumerate(points) if one.at <= started]
    else:
        until = [at for at, one in enumerate(points) if finding is None or one.at < finding]
        until = until[:1] if finding is None else until
    return until[-1] if until else 0


def _find_point(points: Sequence[Point], name: str, text: str) -> int:
    for at, one in enumerate(points):
        if one.audit_id == text:
            return at
    if DAY.fullmatch(text):
        start = read_moment(name, text)
        assert start is not None  # noqa: S101 - the text is not empty
        if name == "before":
            found = [at for at, one in enumerate(points) if one.at < start + WHOLE_DAY]
            found = found[-1:]
        else:
            found = [at for at, one in enumerate(points) if one.at >= start][:1]
        if found:
            return found[0]
    raise ConfigError(
        f"no audit {text!r} is recorded, and none on that side of it",
        where=f"parameter {name}",
        fix=f"use an id or a day; the audits are of {points[0].at:%Y-%m-%d} to "
        f"{points[-1].at:%Y-%m-%d}: driftbook history log TARGET",
    )


def read_moment(name: str, text: str) -> datetime | None:
    """Return the UTC time that ``text`` spells; ``None`` for an empty one.

    Raises:
        ConfigError: It spells none.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.removesuffix(" UTC"))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except ValueError:
        raise ConfigError(
            f"{name} is no time",
            where=f"parameter {name}",
            fix="write 2026-01-11 or 2026-01-11T09:30",
        ) from None


def _read_end(text: str) -> datetime | None:
    """Return the end of the window; a day is meant until its end."""
    at = read_moment("ended_at", text)
    return at + WHOLE_DAY if at is not None and DAY.fullmatch(text) else at
