"""Whether a file says what was recorded for it, statement by statement; the cheapest test first."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from operator import eq
from typing import TYPE_CHECKING

from driftbook.sqltext import collapse, digest_statement, digest_unguarded
from driftbook.versions import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftbook.migrations.directory import MigrationFile
    from driftbook.sqltext import Statement

    Split = Callable[[str], Sequence[Statement]]

# A statement begins with one of these; a note or a hash does not.
FIRST_WORDS = frozenset(
    "abort alter analyse analyze begin call checkpoint close cluster comment commit copy create "
    "deallocate declare delete discard do drop end execute explain fetch grant import insert "
    "listen load lock merge move notify prepare reassign refresh reindex release reset revoke "
    "rollback savepoint security select set show start table truncate unlisten update vacuum "
    "values with".split()
)
FIRST_WORD = re.compile(r"[\s(]*([a-z_]\w*)", re.IGNORECASE)
BOM = "\ufeff"
SHOWN = 60


def compare_content(
    file: MigrationFile, statements: tuple[str, ...] | None, split: Split
) -> Content:
    """Return how the text of ``file`` compares with the ``statements`` of its record.

    Args:
        file: The file; one that is not text says nothing: ``UNKNOWN``.
        statements: As recorded; ``None``: NULL, or the table has no such column.
        split: Cuts a text as the tool does.

    Returns:
        Every value but ``SAME_EFFECT``, which only a server can tell. ``NONE``: neither side
        has a statement, for the tool records such a file as NULL or as its comments.
    """
    if file.unsendable:
        return Content.UNKNOWN
    written, recorded = split(file.text), cut(statements or (), split)
    if written and [one.text for one in written] == [one.text for one in recorded]:
        return Content.IDENTICAL
    mine, others = read_code(written), read_code(recorded)
    if not others:
        return _judge_silence(statements or ()) if mine else Content.NONE
    if _agree(mine, others, _says_same):
        return Content.EQUAL
    if not any(map(is_sql, others)):
        return Content.PLACEHOLDER
    return Content.GUARDED if _agree(mine, others, _says_same_unguarded) else Content.DIFFERENT


def _judge_silence(statements: Iterable[str]) -> Content:
    return Content.PLACEHOLDER if any(map(str.strip, statements)) else Content.UNKNOWN


def cut(texts: Iterable[str], split: Split) -> list[Statement]:
    """Return ``texts`` cut as a file is: some tools record a whole file as one statement."""
    return [statement for text in texts for statement in split(text)]


def read_code(statements: Iterable[Statement]) -> list[str]:
    """Return the texts of ``statements`` that are more than comments."""
    return [one.text for one in statements if one.has_code]


def read_keys(statements: Iterable[str]) -> tuple[str, ...]:
    """Return a key of each statement; equal keys: they say the same. Comments have none."""
    return tuple(key for text in statements if (key := read_key(text)))


def read_key(text: str) -> str:
    """Return a key of what the one statement ``text`` says; empty: only comments."""
    return digest_statement(text) or collapse(text)


def content_key(statements: Iterable[str]) -> str:
    """Return the identity of all ``statements`` together, in their order.

    Returns:
        64 hexadecimal digits; empty when there is no statement: that is equal to nothing.
    """
    keys = read_keys(statements)
    digest = hashlib.sha256()
    for key in keys:
        digest.update(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest() if keys else ""


def is_sql(text: str) -> bool:
    """Return whether ``text`` begins as a statement; a note and a hash do not."""
    first = FIRST_WORD.match(collapse(text))
    return first is not None and first.group(1).lower() in FIRST_WORDS


def describe_difference(
    file: MigrationFile, statements: tuple[str, ...] | None, split: Split
) -> str:
    """Return in one sentence what of ``file`` is not what was recorded; empty when all is.

    Args:
        file: As for :func:`compare_content`.
        statements: As recorded.
        split: Cuts a text as the tool does.
    """
    if file.unsendable:
        return f"the file is not text that can be compared ({file.unsendable})"
    written = [one for one in split(file.text) if one.has_code]
    recorded = read_code(cut(statements or (), split))
    content = compare_content(file, statements, split)
    if content in {Content.UNKNOWN, Content.PLACEHOLDER}:
        return describe_silence(statements)
    if content not in {Content.GUARDED, Content.DIFFERENT}:
        return ""
    if not written:
        return f"the file has no statement, its record holds {len(recorded)}"
    if content is Content.GUARDED:
        only = ", but only in IF [NOT] EXISTS or OR REPLACE"
    else:
        only = _describe_layout(read_code(written), recorded)
    return _count_differences(written, recorded) + only


def describe_silence(statements: tuple[str, ...] | None) -> str:
    """Return what a record without SQL holds, in words."""
    if statements is None:
        return "its record holds no statements"
    shown = next((text.strip() for text in statements if text.strip()), "")
    if not shown:
        return "its record holds an empty list of statements"
    return f"its record holds no SQL, only {shown[:SHOWN]!r}"


def _agree(mine: list[str], others: list[str], same: Callable[[str, str], bool]) -> bool:
    return len(mine) == len(others) and all(map(same, mine, others))


def _says_same(one: str, other: str) -> bool:
    return collapse(one) == collapse(other) or _match(digest_statement, one, other)


def _says_same_unguarded(one: str, other: str) -> bool:
    return collapse(one) == collapse(other) or _match(digest_unguarded, one, other)


def _match(digest: Callable[[str], str | None], one: str, other: str) -> bool:
    key = digest(one)
    return key is not None and key == digest(other)


def _count_differences(written: Sequence[Statement], recorded: Sequence[str]) -> str:
    """Return how many statements differ and where the first stands; neither side is empty."""
    mine, others = [read_key(one.text) for one in written], list(map(read_key, recorded))
    shorter = min(len(mine), len(others))
    first = next((at for at in range(shorter) if mine[at] != others[at]), shorter)
    place = f"first at line {written[min(first, len(written) - 1)].line}"
    # What only moved is on both sides: it counts as no difference of its own.
    added = (Counter(mine) - Counter(others)).total()
    lost = (Counter(others) - Counter(mine)).total()
    if not added and not lost:
        return f"the statements are recorded in another order, {place}"
    if not added:
        return f"the file lacks {lost} of {len(others)} recorded statements"
    if not lost:
        return f"the record lacks {added} of {len(mine)} statements, {place}"
    verb = "differs" if added == 1 else "differ"
    other_count = f"; {len(others)} are recorded" if len(others) != len(mine) else ""
    return f"{added} of {len(mine)} statements {verb}, {place}{other_count}"


def _describe_layout(mine: list[str], others: list[str]) -> str:
    """Return what nobody sees in an editor, when it is all that differs."""
    if _agree([_even_lines(text) for text in mine], [_even_lines(text) for text in others], eq):
        return ", but only in line ends (CRLF or LF)"
    if mine[0].startswith(BOM) and _agree([mine[0][1:], *mine[1:]], others, _says_same):
        return ", but only in a byte-order mark"
    return ""


def _even_lines(text: str) -> str:
    return collapse(text.replace("\r\n", "\n"))
