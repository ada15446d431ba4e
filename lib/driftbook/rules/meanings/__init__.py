"""What a change means: by kind and property, from both values where they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind, PropertyClass
from driftbook.rules.ddl_access import words
from driftbook.rules.meanings import about, behaviour, relations
from driftbook.rules.meanings.values import LOST, NEW, VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.rules.facts import Difference, Row
    from driftbook.rules.meanings.shape import Texts

# Kind → what it means that live lacks it, and that only live has it (empty: as any object).
ABSENT: Mapping[str, tuple[str, str]] = relations.ABSENT | behaviour.ABSENT | about.ABSENT
TEXTS: Texts = relations.TEXTS | behaviour.TEXTS | about.TEXTS
# What a property means that nobody wrote words for.
BY_CLASS = {
    PropertyClass.SECURITY: "Somebody may do more, or less, than the files say.",
    PropertyClass.DATA: "Rows are kept or checked in another way than the files say.",
    PropertyClass.BEHAVIOUR: "What was tested against the files is not what runs.",
    PropertyClass.PERFORMANCE: "It may be faster or slower than was tested; results are the same.",
    PropertyClass.COSMETIC: "Nothing runs in another way; people are told something else.",
    PropertyClass.INFO: "It is told, and decides nothing by itself.",
}


def knows(kind: str, name: str) -> bool:
    """Return whether there are words for a property."""
    return (kind, name) in TEXTS or (kind, name) in VALUES


def explain_difference(kind: str, entry: Difference, row: Row) -> str:
    """Return what it means that one property differs.

    Args:
        kind: Of the object.
        entry: What differs.
        row: The object as it is live.
    """
    # Of privileges the name of the property says first which one.
    name = entry.property.rpartition(" ")[2]
    special = VALUES.get((kind, name))
    if special is not None:
        return special(entry, row)
    found = TEXTS.get((kind, name), "")
    if isinstance(found, str):
        return found or BY_CLASS[PropertyClass(entry.cls)]
    return found.get(entry.live, found[""])


def explain_absence(kind: str, change: ChangeKind, row: Row) -> str:
    """Return what it means that one side lacks an object.

    Args:
        kind: Of the object.
        change: Which side has it.
        row: The object where it is.
    """
    missing, extra = ABSENT.get(kind, ("", ""))
    what = words(kind)
    if change is ChangeKind.ONLY_EXPECTED:
        special = LOST[kind](row) if kind in LOST else ""
        return special or missing or f"Code and migrations that count on this {what} fail."
    special = NEW[kind](row) if kind in NEW else ""
    return (
        special
        or extra
        or (
            f"An environment built from the files will not have this {what}, "
            "and the next migration that makes one of this name fails or skips it."
        )
    )
