"""The file that a record without a file came from, written from its statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import read_supabase_name
from driftbook.sqltext import mask_comments, split_cli

if TYPE_CHECKING:
    from collections.abc import Sequence

# What can end a statement: a comment at its end would swallow the semicolon.
SEPARATORS = (";", "\n;")
# The last one may be left open: by a comment that is all of it, or a quote that never ends.
LAST_ENDS = (";\n", "\n;\n", "\n", "")
COMMENT_ENDS = ("\n", "\n;\n")
PROBE = "select"
GAP = "\n\n"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
DIGITS = re.compile(r"[0-9]{1,100}")
NAME_LENGTH = 100
NO_NAME = "recovered"


def recover_text(statements: Sequence[str]) -> str | None:
    """Return a file that the Supabase CLI cuts into exactly ``statements``, without a header.

    Args:
        statements: As recorded; none of them give an empty file.

    Returns:
        ``None`` when no file is cut so: the CLI did not record these statements.
    """
    parts = list[str]()
    for text in statements[:-1]:
        ends = [end for end in SEPARATORS if _cut(f"{text}{end}{GAP}{PROBE}") == [text, PROBE]]
        if not ends:
            return None
        parts += [text, ends[0], GAP]
    for text in statements[-1:]:
        closing = LAST_ENDS if mask_comments(text).strip() else COMMENT_ENDS
        ends = [end for end in closing if _cut(text + end) == [text]]
        if not ends:
            return None
        parts += [text, ends[0]]
    whole = "".join(parts)
    return whole if _cut(whole) == list(statements) else None


def recover_name(version: str, name: str | None) -> str:
    """Return the name of a file for the record of ``version``.

    Args:
        version: As recorded.
        name: As recorded: anything at all. What is unsafe in a file name becomes ``_``.

    Returns:
        ``<version>_<name>.sql``; empty when no file can ever have this version.
    """
    if not DIGITS.fullmatch(version):
        return ""
    safe = UNSAFE.sub("_", name or "").lstrip(".")[:NAME_LENGTH]
    file = f"{version}_{safe}.sql"
    # The CLI passes over a first _init.sql of before 2021-12-09, wherever it comes from.
    if not safe.strip("_.-") or read_supabase_name(file, 0).why:
        return f"{version}_{NO_NAME}.sql"
    return file


def _cut(text: str) -> list[str]:
    return [statement.text for statement in split_cli(text)]
