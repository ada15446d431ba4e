"""What ``pg_waldump`` printed: which transaction was committed when; no role, no text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.forensics.lines import Line, LogSource
from driftbook.forensics.logs.record import Damaged
from driftbook.forensics.logs.times import UnreadableTime, read_server_time

if TYPE_CHECKING:
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

RECORD = re.compile(r"rmgr: \w{1,30} +len \(rec/tot\): ")
COMMIT = re.compile(
    r"rmgr: Transaction .{0,80}? tx: +(?P<xid>\d{1,10}), lsn: (?P<lsn>[0-9A-F/]{3,20}), "
    r".{0,60}?desc: COMMIT(?:_PREPARED)? (?P<time>[^;]{10,50})(?P<rest>;.*)?",
    re.DOTALL,
)
SUBTRANSACTIONS = re.compile(r"; subxacts:(?P<xids>(?: \d{1,10})+)")
SHOWN_LINE = 2_000
LONGEST_LINE = 4 * 1024 * 1024


def read_waldump(stream: TextIO, place: Place) -> Read:
    """Yield a line per committed transaction that changed a catalog, and per subtransaction."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        raw_ref = place.refer(number)
        if not RECORD.match(line):
            if line.strip() and not line.startswith("pg_waldump: "):
                yield Damaged(raw_ref, "no record of pg_waldump")
            continue
        found = COMMIT.match(line)
        if found is None or "inval msgs:" not in (found["rest"] or ""):
            continue  # no message to drop what is cached of the catalogs: no DDL
        try:
            at = read_server_time(found["time"], place.zone)
        except UnreadableTime as error:
            yield Damaged(raw_ref, str(error))
            continue
        inside = SUBTRANSACTIONS.search(found["rest"])
        for xid in (found["xid"], *(inside["xids"].split() if inside else ())):
            yield Line(
                observed_at=at,
                source=LogSource.WAL,
                raw_ref=f"{raw_ref} {found['lsn']} {xid}",
                xid=int(xid),
                tag="COMMIT",
                nested=xid != found["xid"],
                text=line[:SHOWN_LINE].rstrip(),
            )
