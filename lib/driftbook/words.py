"""Words for numbers and names, the same in every sentence and table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 3  # of a long list: so many, then a count


def name_some(names: Sequence[str]) -> str:
    """Return ``names`` with commas; of a long list the first ones and how many more."""
    if len(names) <= NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 table`` or ``3 tables``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def pluralise(noun: str) -> str:
    """Return the plural of the name of a kind."""
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("x", "s")) else f"{noun}s"


def join_names(names: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no "and"
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
