"""Many records were written at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding, Severity
from driftbook.rules.versions.facts import list_some
from driftbook.versions import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "tracking-bulk-rewritten"
GROUP = "tracking"
MEANING = "Records were written together, as a restore or a repair does: they prove no run."
FIX = "None: what is live is the evidence, and the report tests that."
FEWEST = 2


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding for the table."""
    rewritten = sorted({one.version for one in facts.versions if one.trust is Trust.BULK})
    if len(rewritten) < FEWEST:
        return
    yield Finding(
        ID,
        GROUP,
        Severity.INFO,
        facts.table_ref,
        f"{facts.table}: {len(rewritten):,} records were written together with others",
        "A restore or a repair wrote them, not the runs of their files: that a record equals "
        f"its file proves nothing about what ran. Versions: {list_some(rewritten)}.",
        "nothing to do; trust what is live, not these records",
        fix_is_sql=False,
    )
