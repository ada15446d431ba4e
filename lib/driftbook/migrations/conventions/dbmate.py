"""dbmate: ``<digits>_<name>.sql`` with a section ``-- migrate:up`` and one to take it back.

Read in the public source of amacneil/dbmate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.migrations.conventions.convention import Convention, Named, Refusal, split_plain
from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText
    from driftbook.sqltext import Statement

DBMATE_NAME = re.compile(r"([0-9]+)(.*)\.sql", re.DOTALL)
UP = re.compile(r"^--[ \t]*migrate:up(?:[ \t]+(\S.*))?[ \t\r]*$", re.MULTILINE)
DOWN = re.compile(r"^--[ \t]*migrate:down\b.*$", re.MULTILINE)
NO_TRANSACTION = re.compile(r"\btransaction[ \t]*:[ \t]*false\b")
NOT_NEWLINE = re.compile(r"[^\n]")


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Read all names, in the order of their bytes."""
    del read
    return [_read_name(file) for file, is_file in listing.items() if is_file]


def _read_name(file: str) -> Named:
    found = DBMATE_NAME.fullmatch(file)
    if not found:
        return Named(file, "", file, "the name is not <digits>_<name>.sql")
    return Named(file, found[1], found[2].removeprefix("_"))


def blank_down(text: str) -> str:
    """Return ``text`` with spaces in place of everything but its up section; lines stay."""
    up = UP.search(text)
    start = up.end() if up else 0
    down = DOWN.search(text, start)
    end = down.start() if down else len(text)
    before, after = (NOT_NEWLINE.sub(" ", part) for part in (text[:start], text[end:]))
    return before + text[start:end] + after


def split(text: str) -> Sequence[Statement]:
    """Cut the up section; lines and columns are those of the file."""
    return split_plain(blank_down(text))


def wraps(text: str, statements: int) -> bool:
    """Return whether the up section runs as between BEGIN and COMMIT.

    Without a transaction of its own it is one message, in which several statements are one.
    """
    up = UP.search(text)
    return statements > 1 or not (up and up[1] and NO_TRANSACTION.search(up[1]))


def find_refusal(text: str) -> Refusal | None:
    """Return why dbmate stops at the file: no up section, or a statement before it."""
    up = UP.search(text)
    if not up:
        hint = "write it above what the migration does"
        return Refusal("dbmate finds no line -- migrate:up", hint, "tool")
    before = mask_comments(text[: up.start()])
    if not before.strip():
        return None
    offset = len(before) - len(before.lstrip())
    hint = "move it below that line"
    return Refusal("dbmate runs no statement before -- migrate:up", hint, "tool", offset)


DBMATE = Convention(
    "dbmate",
    "dbmate",
    "<digits>_<name>.sql with the line -- migrate:up",
    arrange,
    split,
    wraps=wraps,
    find_refusal=find_refusal,
)
