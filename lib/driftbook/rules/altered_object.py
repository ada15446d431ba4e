"""An object is on both sides and is not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind
from driftbook.rules.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.facts import ChangedObject, Facts

ID = "altered-object"
GROUP = "drift"
MEANING = "An object whose properties differ from what the applied files make."
FIX = "Write a migration after which both sides have the wanted form."


def find(things: Iterable[ChangedObject], facts: Facts) -> Iterator[Finding]:
    """Yield one finding per such object of ``things``."""
    for thing in things:
        if thing.change is ChangeKind.ALTERED:
            yield judge(ID, GROUP, thing, facts)
