"""An object is in the live database and in no applied migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind
from driftbook.rules.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.facts import ChangedObject, Facts

ID = "untracked-object"
GROUP = "drift"
MEANING = "An object that no applied migration makes: an environment built from the files lacks it."
FIX = "Capture it in a migration that can run twice; close what it opens."


def find(things: Iterable[ChangedObject], facts: Facts) -> Iterator[Finding]:
    """Yield one finding per such object of ``things``."""
    for thing in things:
        if thing.change is ChangeKind.ONLY_LIVE:
            yield judge(ID, GROUP, thing, facts)
