"""A finding changed after it was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.accepted.facts import Fate, build_finding, write_renewal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.accepted.facts import Judged

ID = "accepted-void"
GROUP = "accepted"
MEANING = "What somebody accepted is not what is there now: nobody has accepted that."
FIX = "Look at the finding again: fix it, or accept what it says now."


def find(judged: Iterable[Judged]) -> Iterator[Finding]:
    """Yield one finding per entry whose finding has another severity or definition now."""
    for one in judged:
        if one.fate is Fate.VOID:
            yield build_finding(
                ID,
                Severity.MEDIUM,
                one,
                title="it changed after it was accepted",
                consequence="The finding counts again: its severity or a definition is another.",
                fix=f"look at it again; accept what it says now: {write_renewal(one)}",
            )
