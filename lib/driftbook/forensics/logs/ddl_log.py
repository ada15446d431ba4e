"""The log of DDL events that ``driftbook init --ddl-log`` installs, as a table or its CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.forensics.lines import Line, LogSource
from driftbook.forensics.logs.record import Damaged, read_number
from driftbook.forensics.logs.table import read_named_rows
from driftbook.forensics.logs.times import UnreadableTime, read_server_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

COLUMNS = frozenset({"logged_at", "xid", "event", "command_tag", "object_identity", "session_role"})
EPOCH = 2**32  # the log counts on; catalog rows know the lower half only
SAME_ROLE = frozenset({"", "none"})


def read_ddl_log(stream: TextIO, place: Place) -> Read:
    """Yield the lines of a CSV export of ``driftbook.ddl_log``."""
    for read in read_named_rows(stream, place):
        if isinstance(read, Damaged):
            yield read
            continue
        raw_ref, row = read
        try:
            yield build_line(row, raw_ref)
        except UnreadableTime as error:
            yield Damaged(raw_ref, str(error))


def build_line(row: Mapping[str, str], raw_ref: str) -> Line:
    """Return one row of the log as a line.

    Raises:
        UnreadableTime: Its time is none.
    """

    def take(name: str) -> str:
        return row.get(name) or ""

    role, effective = take("session_role"), take("effective_role")
    xid = read_number(take("xid"))
    return Line(
        observed_at=read_server_time(take("logged_at")),
        source=LogSource.DDL_LOG,
        raw_ref=raw_ref,
        xid=xid % EPOCH if xid else None,
        session=take("backend_pid"),
        db_role=role if effective in {*SAME_ROLE, role} else f"{role} as {effective}",
        application=take("application"),
        client=take("client"),
        tag=_name_event(take("event"), take("command_tag"), take("object_type")),
        object_type=take("object_type").lower(),
        object_identity=take("object_identity"),
        classid=read_number(take("classid")),
        objid=read_number(take("objid")),
        objsubid=read_number(take("objsubid")),
        request_path=" ".join(filter(None, (take("request_method"), take("request_path")))),
        jwt_role=take("jwt_role"),
        text_sha256=take("query_sha256"),
        text=take("query_text"),
    )


def _name_event(event: str, tag: str, object_type: str) -> str:
    """Return the tag; of what is dropped by the way, that it was dropped."""
    if event != "sql_drop" or tag.startswith("DROP "):
        return tag
    return f"DROP {object_type.upper()}"
