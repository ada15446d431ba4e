"""A finding is accepted that is there no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.accepted.facts import Fate, build_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.model import Finding
    from driftbook.rules.accepted.facts import Judged

ID = "accepted-stale"
GROUP = "accepted"
MEANING = "The entry would accept the same finding again if it came back."
FIX = "Remove the entry from params/accepted.toml."


def find(judged: Iterable[Judged]) -> Iterator[Finding]:
    """Yield one finding per entry without a finding, where the audit could have found one."""
    for one in judged:
        if one.fate is Fate.STALE:
            yield build_finding(
                ID,
                Severity.LOW,
                one,
                title="it is accepted, and there is nothing like it any more",
                consequence="If it came back, nobody would be asked.",
                fix="remove the entry from params/accepted.toml",
            )
