"""One statement of a text, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of a text, between two separators.

    Attributes:
        text: What is sent: comments before the statement included, the final ``;`` not.
        offset: Characters before it in the whole text.
        line: Line of its first word, from 1; comments before it are passed over.
        column: Column of its first word, from 1.
        has_code: Whether it is more than comments.
    """

    text: str
    offset: int
    line: int
    column: int = 1
    has_code: bool = True


def find_position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of the character at ``offset``."""
    offset = max(0, min(offset, len(text)))
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
