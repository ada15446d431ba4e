"""Drizzle: ``<tag>.sql`` in the order of ``meta/_journal.json``.

Read in the public source of drizzle-team/drizzle-orm, before its version 1.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from driftbook.errors import SourceError
from driftbook.migrations.conventions.convention import Convention, Named, split_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText
    from driftbook.sqltext import Statement

JOURNAL = "meta/_journal.json"
BREAK = "--> statement-breakpoint"


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Return the files of the journal in its order, then files that it does not name.

    Raises:
        SourceError: The journal cannot be read, or names a file that is not there.
    """
    runs = [_read_entry(entry, listing) for entry in _read_journal(read(JOURNAL))]
    known = {named.file for named in runs}
    others = [file for file, is_file in listing.items() if is_file and file not in known]
    return [*runs, *(Named(file, "", file, f"{JOURNAL} does not name it") for file in others)]


def _read_journal(text: str) -> list[dict[str, object]]:
    try:
        entries = json.loads(text)["entries"]
        return sorted(entries, key=lambda entry: int(entry["idx"]))
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(
            f"{JOURNAL} cannot be read: {error}",
            where=JOURNAL,
            fix='restore it from git; convention = "plain" reads the files by name',
        ) from None


def _read_entry(entry: dict[str, object], listing: Listing) -> Named:
    tag, when = str(entry.get("tag", "")), entry.get("when")
    file = f"{tag}.sql"
    if not listing.get(file):
        raise SourceError(
            f"there is no file {file!r}, which the journal names",
            where=JOURNAL,
            fix="restore it from git, or take its entry out of the journal",
        )
    return Named(file, tag, tag.partition("_")[2], when=when if isinstance(when, int) else None)


def split(text: str) -> Sequence[Statement]:
    """Cut the text; the breakpoint ends a statement whether it has a semicolon or not."""
    return split_plain(text.replace(BREAK, ";".ljust(len(BREAK))))


def wraps(text: str, statements: int) -> bool:
    """Return that all files run in a transaction."""
    del text, statements
    return True


def checksum(data: bytes) -> frozenset[str]:
    """Return what Drizzle may have recorded: SHA-256 of the text, as hexadecimal digits.

    It hashes the line ends of the machine that it ran on.
    """
    unix = data.replace(b"\r\n", b"\n")
    texts = (data, unix, unix.replace(b"\n", b"\r\n"))
    return frozenset(hashlib.sha256(text).hexdigest() for text in texts)


DRIZZLE = Convention(
    "drizzle",
    "Drizzle",
    f"<tag>.sql, listed in {JOURNAL}",
    arrange,
    split,
    checksum=checksum,
    wraps=wraps,
)
