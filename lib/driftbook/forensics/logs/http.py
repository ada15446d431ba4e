"""Access logs of a gateway or of PostgREST: calls of functions that run SQL, never their body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.forensics.lines import Line, LogSource
from driftbook.forensics.logs.commands import is_runner
from driftbook.forensics.logs.flat import pick, read_objects
from driftbook.forensics.logs.record import Damaged
from driftbook.forensics.logs.times import UnreadableTime, read_access_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

# Of the combined format: client, user, time, request, status, and the agent when it is there.
COMBINED = re.compile(
    r"(?P<client>\S{1,100}) \S{1,200} (?P<user>\S{1,200}) \[(?P<time>[^\]]{10,40})\] "
    r'"(?P<method>[A-Z]{1,10}) (?P<path>\S{1,8000})[^"]{0,20}" (?P<status>\d{3})\b'
    r'(?:[^"]{0,40}"[^"]{0,8000}" "(?P<agent>[^"]{0,2000})")?'
)
CALL = re.compile(r"(?:.*/)?rpc/(?P<name>[^/?#]{1,200})/?")
EDITOR = re.compile(
    r"(?:.*/)?(?:pg|pg-meta(?:/[\w-]{1,60})?|platform/pg-meta(?:/[\w-]{1,60})?)/query"
)
SCHEME = re.compile(r"[a-z]{2,8}://[^/]{1,300}")
LONGEST_LINE = 64 * 1024
REFUSED = 400  # from here on nothing was done
METHOD, PATH = ("method", "request_method"), ("path", "request_path", "uri", "request_uri", "url")


def read_combined(stream: TextIO, place: Place) -> Read:
    """Yield the calls of an access log in the combined format."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        raw_ref = place.refer(number)
        found = COMBINED.match(line)
        if found is None:
            if line.strip():
                yield Damaged(raw_ref, "no line of an access log")
            continue
        values = {name: value or "" for name, value in found.groupdict().items()}
        yield from _read_call(values, raw_ref)


def read_json_calls(stream: TextIO, place: Place) -> Read:
    """Yield the calls of an access log with a JSON object per line."""
    for read in read_objects(stream, place):
        if isinstance(read, Damaged):
            yield read
            continue
        raw_ref, found = read
        values = {
            "method": pick(found, *METHOD),
            "path": pick(found, *PATH),
            "time": pick(found, "time", "timestamp", "@timestamp", "ts", "time_iso8601"),
            "status": pick(found, "status", "status_code", "response_code"),
            "client": pick(
                found, "remote_addr", "client_ip", "x_real_ip", "cf_connecting_ip", "ip"
            ),
            "agent": pick(found, "user_agent", "http_user_agent", "agent"),
            "user": pick(found, "role", "remote_user"),
        }
        yield from _read_call(values, raw_ref)


def looks_like_calls(found: Mapping[str, object]) -> bool:
    """Return whether an object could be a line of an access log."""
    return bool(pick(found, *METHOD)) and bool(pick(found, *PATH))


def _read_call(values: Mapping[str, str], raw_ref: str) -> Read:
    # What follows the path may hold a key.
    path = SCHEME.sub("", values["path"], count=1).partition("?")[0].partition("#")[0]
    call = CALL.fullmatch(path)
    runs = is_runner(call["name"]) if call else EDITOR.fullmatch(path)
    status = values["status"]
    if not runs or (status.isdigit() and int(status) >= REFUSED):
        return
    try:
        at = read_access_time(values["time"])
    except UnreadableTime as error:
        yield Damaged(raw_ref, str(error))
        return
    yield Line(
        observed_at=at,
        source=LogSource.HTTP,
        raw_ref=raw_ref,
        db_role="",
        application=values["agent"],
        client=values["client"],
        tag=status,
        request_path=f"{values['method']} {path}",
        jwt_role=values["user"] if values["user"] != "-" else "",
    )
