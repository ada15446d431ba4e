from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbook.errors import ConfigError
from driftbook.incident.case import Window
from driftbook.incident.window import Asked, Point, choose_points

DAYS = (8, 22, 25, 31)
POINTS = [
    Point(f"202601{day:02d}T021500Z-aaaa", datetime(2026, 1, day, 2, 15, tzinfo=UTC))
    for day in DAYS
]
FIRST = POINTS[1].at  # a finding was seen


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        (Asked(), (8, 22, 25, 31)),
        (Asked(before="2026-01-22", after="2026-01-25"), (22, 25)),
        (Asked(before="2026-01-24", after="2026-01-26"), (22, 25, 31)),
        (Asked(before=POINTS[0].audit_id, after=POINTS[1].audit_id), (8, 22)),
        (Asked(started_at="2026-01-23", ended_at="2026-01-24"), (22, 25)),
        (Asked(started_at="2026-01-22T02:15"), (22, 25, 31)),
        (Asked(ended_at="2025-01-01", started_at="2025-01-01"), (8,)),
        (Asked(started_at="2026-01-01T00:00:00+02:00"), (8, 22, 25, 31)),
    ],
)
def test_the_audits_around_what_was_asked_for(asked: Asked, days: tuple[int, ...]) -> None:
    chosen, _ = choose_points(POINTS, asked, FIRST)
    assert tuple(point.at.day for point in chosen) == days


def test_without_a_finding_everything_is_told() -> None:
    chosen, window = choose_points(POINTS, Asked(), None)
    assert len(chosen) == 4
    assert (window.started_at, window.ended_at) == (POINTS[0].at, POINTS[-1].at)


def test_the_window_is_what_was_given_and_the_audits_reach_around_it() -> None:
    asked = Asked(started_at="2026-01-23 06:00 UTC", ended_at="2026-01-24")
    _, window = choose_points(POINTS, asked, FIRST)
    assert window.started_at == datetime(2026, 1, 23, 6, tzinfo=UTC)
    assert window.ended_at == datetime(2026, 1, 25, tzinfo=UTC), "a day is meant until its end"


@pytest.mark.parametrize(
    "asked",
    [
        Asked(started_at="yesterday"),
        Asked(before="20260101T000000Z-0000"),
        Asked(before="2025-12-31"),
        Asked(after="2026-02-01"),
        Asked(before="2026-01-31", after="2026-01-08"),
        Asked(started_at="2026-01-30", ended_at="2026-01-10"),
    ],
)
def test_what_cannot_be_told_is_an_error_with_a_remedy(asked: Asked) -> None:
    with pytest.raises(ConfigError) as raised:
        choose_points(POINTS, asked, FIRST)
    assert raised.value.fix


def test_an_interval_that_ends_where_the_window_begins_is_older() -> None:
    start, end = POINTS[0].at, POINTS[-1].at
    window = Window(start, end)
    assert not window.overlaps(None, start)
    assert window.overlaps(start, start)
    assert window.overlaps(start, end)
    assert window.overlaps(None, None)
    assert window.overlaps(None, end)
    assert not window.overlaps(datetime(2027, 1, 1, tzinfo=UTC), None)
    assert Window(start, start).overlaps(None, start), "one audit has no window"
