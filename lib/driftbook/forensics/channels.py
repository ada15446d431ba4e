"""Through which door a statement came, as far as a log tells; most of it is no more than a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.forensics.lines import LogSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.forensics.shelf import Entry

CALL = re.compile(r"(?:[A-Z]+ )?(?:/\S*)?/?rpc/[^/\s]+/?")
STUDIO = re.compile(r"postgres-meta|supabase[ _-]?(?:studio|dashboard)|dashboard", re.IGNORECASE)
INSIDE = frozenset({"SELECT", "CALL"})


@dataclass(frozen=True, slots=True)
class Channel:
    """A door, and what speaks for it; a hint proves nothing."""

    name: str
    why: str


# How the client sent it, to the door that sends so.
HINTS = {
    "execute <unnamed>": Channel("cli_push", "a hint: sent as the command line tool sends files"),
    "statement": Channel("manual_sql", "a hint: sent as a simple query, as psql and editors do"),
}


def find_channel(entries: Sequence[Entry], *, pushed: bool) -> Channel | None:
    """Return the door that lines of one source and one session tell of.

    Args:
        entries: The lines.
        pushed: The transaction is one that wrote a record of the tracking table.
    """
    found = [channel for entry in entries if (channel := _judge(entry, pushed=pushed))]
    return min(found, key=lambda channel: channel.why.startswith("a hint"), default=None)


def _judge(entry: Entry, *, pushed: bool) -> Channel | None:
    if entry.source == LogSource.DDL_LOG and CALL.fullmatch(entry.request_path):
        role = f" with role {entry.jwt_role}" if entry.jwt_role else ""
        # A caller can set the path and the claims: they are statements of the transaction.
        return Channel("sql_runner", f"the transaction says: {entry.request_path}{role}")
    if entry.source == LogSource.PGAUDIT and entry.nested and entry.protocol in INSIDE:
        inside = f"run by a function inside a {entry.protocol}"
        return None if pushed else Channel("sql_runner", inside)
    if STUDIO.search(entry.application):
        return Channel("studio", "a hint: the name that the application gave itself")
    return HINTS.get(entry.protocol)
