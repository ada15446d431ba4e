"""The day until which a finding was accepted has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.accepted.facts import Fate, build_finding, write_renewal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.accepted.facts import Judged

ID = "accepted-expired"
GROUP = "accepted"
MEANING = "Somebody promised to look again by that day, and the finding is still there."
FIX = "Fix the finding, or accept it anew with another date."


def find(judged: Iterable[Judged]) -> Iterator[Finding]:
    """Yield one finding per entry whose last day is over."""
    for one in judged:
        if one.fate is Fate.EXPIRED:
            yield build_finding(
                ID,
                Severity.MEDIUM,
                one,
                title=f"it was accepted until {one.entry.until}",
                consequence="The finding counts again.",
                fix=f"fix it, or renew: {write_renewal(one)}",
            )
