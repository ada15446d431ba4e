"""An applied migration makes an object that the live database lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind
from driftbook.rules.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.facts import ChangedObject, Facts

ID = "missing-object"
GROUP = "drift"
MEANING = (
    "An object that an applied migration makes and that is not there: something dropped it by hand."
)
FIX = "Restore it with a new migration, or drop it in one where it still is."


def find(things: Iterable[ChangedObject], facts: Facts) -> Iterator[Finding]:
    """Yield one finding per such object of ``things``."""
    for thing in things:
        if thing.change is ChangeKind.ONLY_EXPECTED:
            yield judge(ID, GROUP, thing, facts)
