"""What every format of log is read into, and what of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from driftbook.forensics.lines import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import TextIO
    from zoneinfo import ZoneInfo

    from driftbook.forensics.lines import LogSource


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when lines are wanted, both included; ``None``: open."""

    earliest: datetime | None = None
    latest: datetime | None = None

    def holds(self, at: datetime | None) -> bool:
        """Return whether ``at`` is inside; a line without a time always is."""
        return at is None or not (
            (self.earliest is not None and at < self.earliest)
            or (self.latest is not None and at > self.latest)
        )


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that cannot be read: where, and why."""

    raw_ref: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """The file that is read, and what its lines do not say themselves.

    Attributes:
        name: Of the file, for references.
        zone: Of a server whose abbreviation is ambiguous.
        database: Lines of other databases are none of ours; empty: all are.
    """

    name: str
    zone: ZoneInfo | None = None
    database: str = ""

    def refer(self, number: int) -> str:
        """Return what points at line ``number``."""
        return f"{self.name}:{number}"


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A record of the server's own log, whichever format it has."""

    source: LogSource
    observed_at: datetime
    raw_ref: str
    user: str
    database: str
    client: str
    session: str
    tag: str
    xid: int | None
    severity: str
    message: str
    query: str
    application: str

    def as_line(self, source: LogSource) -> Line:
        """Return who, when and where as a line of ``source``, without what was done."""
        return Line(
            observed_at=self.observed_at,
            source=source,
            raw_ref=self.raw_ref,
            xid=self.xid,
            session=self.session,
            database=self.database,
            db_role=self.user,
            application=self.application,
            client=self.client,
        )


Read: TypeAlias = "Iterator[Line | Damaged]"
Reader: TypeAlias = "Callable[[TextIO, Place], Read]"


def read_number(text: object) -> int | None:
    """Return a whole number of a log; ``None``: none is there, or 0, which means the same."""
    try:
        number = int(str(text))
    except ValueError:
        return None
    return number if 0 < number < 2**63 else None
