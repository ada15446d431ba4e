"""Times as logs write them, to UTC; a zone that could be two is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# Abbreviations that mean one offset only. CST, IST and BST mean several.
HOURS = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
SERVER_TIME = re.compile(
    r"(\d{4,5}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?) ?([A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)?"
)
COMMON_TIME = "%d/%b/%Y:%H:%M:%S %z"
# An epoch is told by its size: seconds, milliseconds, microseconds, nanoseconds.
EPOCHS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))


class UnreadableTime(ValueError):
    """A time that cannot be told for sure."""


def read_server_time(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Return a time as the server writes it: ``2026-11-28 14:12:51.303 CET``.

    Args:
        text: The time with its zone; ISO 8601 is one as well.
        zone: Of the server, where the abbreviation does not tell it.

    Raises:
        UnreadableTime: It is none, or its zone could be several.
    """
    found = SERVER_TIME.fullmatch(text.strip())
    if not found:
        raise UnreadableTime("a time that cannot be read")
    try:
        naive = datetime.fromisoformat(found[1])
        name = found[2] or ""
        if name[:1] in {"+", "-"}:
            return naive.replace(tzinfo=_read_offset(name)).astimezone(UTC)
        if zone is not None:
            return naive.replace(tzinfo=zone).astimezone(UTC)
        if name not in HOURS:
            raise UnreadableTime(f"the time zone {name or '(none)'} is not known for sure")
        return naive.replace(tzinfo=timezone(timedelta(hours=HOURS[name]))).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise UnreadableTime(str(error)) from None


def read_access_time(value: object) -> datetime:
    """Return a time of an access log: common log format, ISO 8601 with a zone, or an epoch.

    Raises:
        UnreadableTime: It is none of these.
    """
    text = str(value).strip()
    try:
        if re.fullmatch(r"\d{9,19}(\.\d{1,9})?", text):
            number = float(text)
            divisor = next(divisor for limit, divisor in EPOCHS if number < limit)
            return datetime.fromtimestamp(number / divisor, UTC)
        if "/" in text:
            return datetime.strptime(text, COMMON_TIME).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise UnreadableTime(str(error)) from None
    return read_server_time(text)


def _read_offset(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
