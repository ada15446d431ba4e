"""Whether versions were recorded in their order, and whether they are versions at all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.versions import Flag, OrderFlag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftbook.tracking.table import TrackingRow

DIGITS = re.compile(r"[0-9]+")  # no \d: other digits of Unicode are none for the CLI
TIME_DIGITS = 14
CLOCK_SLACK = timedelta(days=1)  # a version may be stamped in any time zone
FIRST_XID = 3  # smaller ones stand for "long ago"
XID_CYCLE = 2**32
REPEATABLE = "R__"  # how Flyway calls what runs again when its file changes


def find_order(
    files: Sequence[tuple[str, str]], rows: Sequence[TrackingRow]
) -> dict[str, OrderFlag]:
    """Return the flag of every version of ``files`` and ``rows``.

    A row that was written again has the transaction of that moment: it looks as if it had been
    recorded late, as after a repair.

    Args:
        files: Name and version, in the order in which the tool runs them.
        rows: What is recorded; none: nothing is told of transactions.

    Returns:
        ``OLDER_THAN_APPLIED``: not recorded, below the newest recorded version as text.
        ``OUT_OF_ORDER``: of the smallest set of versions without which the order of the versions
        is that of the transactions, that of the numbers, and that of the files.
    """
    recorded = {row.version for row in rows}
    in_files = dict.fromkeys(version for _, version in files)
    # A record that no file can ever match would make every file an older one.
    newest = max((one for one in recorded if one in in_files or DIGITS.fullmatch(one)), default="")
    versions = in_files | dict.fromkeys(sorted(recorded))
    culprits = _find_late(rows) | _find_misnumbered(versions) | _find_misplaced(files)
    flags = dict.fromkeys(versions, OrderFlag.OK)
    flags |= dict.fromkeys(culprits, OrderFlag.OUT_OF_ORDER)
    return flags | {
        version: OrderFlag.OLDER_THAN_APPLIED
        for version in versions
        if version not in recorded and version < newest
    }


def find_order_by_place(
    files: Sequence[tuple[str, str]], rows: Sequence[TrackingRow]
) -> dict[str, OrderFlag]:
    """Return the flag of every version, for a tool that orders files as ``files`` stand.

    Args:
        files: Name and version, in the order in which the tool runs them.
        rows: What is applied.

    Returns:
        As `find_order`. A repeatable migration has no place: it runs after all others, again
        and again.
    """
    versions = [version for _, version in files if not version.startswith(REPEATABLE)]
    places = {version: place for place, version in enumerate(dict.fromkeys(versions))}
    ran = [row for row in rows if row.version in places]
    recorded = {row.version for row in ran}
    newest = max((places[version] for version in recorded), default=-1)
    flags = {version: OrderFlag.OK for _, version in files}
    flags |= {row.version: OrderFlag.OK for row in rows}
    flags |= dict.fromkeys(_find_late(ran, places.__getitem__), OrderFlag.OUT_OF_ORDER)
    return flags | {
        version: OrderFlag.OLDER_THAN_APPLIED
        for version, place in places.items()
        if version not in recorded and place < newest
    }


def find_version_flags(version: str, now: datetime) -> tuple[Flag, ...]:
    """Return what is wrong with ``version`` itself, sorted.

    Args:
        version: As text.
        now: An aware time.
    """
    if not DIGITS.fullmatch(version):
        return (Flag.MALFORMED,)
    written_at = _read_time(version)
    if written_at is None:
        return (Flag.NO_TIME,)
    return (Flag.IN_FUTURE,) if written_at > now + CLOCK_SLACK else ()


def _read_time(version: str) -> datetime | None:
    if len(version) != TIME_DIGITS:
        return None
    year, month, day, hour, minute, second = (
        int(version[start:end]) for start, end in pairwise((0, 4, 6, 8, 10, 12, 14))
    )
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _find_late(rows: Iterable[TrackingRow], place: Callable[[str], int | str] = str) -> set[str]:
    """Return the versions whose transactions are in another order than they are."""
    known = {row.version: row.xid for row in rows if row.xid is not None and row.xid >= FIRST_XID}
    # Rows that were written in one transaction, as by a restore, say nothing of their order.
    counts = Counter(known.values())
    versions = sorted((one for one, xid in known.items() if counts[xid] == 1), key=place)
    return _find_culprits(versions, _unwind([known[version] for version in versions]))


def _unwind(xids: Sequence[int]) -> list[int]:
    """Return ``xids`` counted on from the oldest: they start again after four billion."""
    if not xids:
        return []
    ordered = sorted(xids)
    gaps = [(xid - before) % XID_CYCLE for before, xid in pairwise([ordered[-1], *ordered])]
    # Transactions in use lie within half the cycle: the widest gap is before the oldest.
    oldest = ordered[gaps.index(max(gaps))]
    return [(xid - oldest) % XID_CYCLE for xid in xids]


def _find_misnumbered(versions: Iterable[str]) -> set[str]:
    """Return the versions whose place as text is not their place as numbers."""
    numbers = sorted(version for version in versions if DIGITS.fullmatch(version))
    return _find_culprits(numbers, _rank(numbers, sorted(numbers, key=_read_size)))


def _read_size(version: str) -> tuple[int, str]:
    """Return what sorts digits by their number; they can be too many for an ``int``."""
    digits = version.lstrip("0")
    return len(digits), digits


def _find_misplaced(files: Sequence[tuple[str, str]]) -> set[str]:
    """Return the versions whose files run in another order than the versions sort."""
    versions = [version for _, version in files]
    return _find_culprits(versions, _rank(versions, sorted(versions)))


def _rank(versions: Sequence[str], ordered: Sequence[str]) -> list[int]:
    places = {version: place for place, version in enumerate(ordered)}
    return [places[version] for version in versions]


def _find_culprits(versions: Sequence[str], places: Sequence[int]) -> set[str]:
    """Return the fewest ``versions`` without which ``places`` never fall.

    Of two that changed places it is the first: what came late, not what was in time.
    """
    tops, ends, previous = list[int](), list[int](), list[int]()
    for at, place in enumerate(places):
        length = bisect_right(tops, place)
        previous.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        ends[length : length + 1] = [at]
    kept, at = set[int](), ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = previous[at]
    return {version for at, version in enumerate(versions) if at not in kept}
