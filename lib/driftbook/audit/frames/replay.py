"""What the replay said of the files, as frames: roots first, then what follows from them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.failures import FailureClass, find_roots

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from driftbook.audit.evidence import Facts
    from driftbook.failures import FailureFact

FAILURES = declare("file line:int class problem fail_with_it:int sqlstate")
CASCADES = declare("file line:int root why sqlstate")
REPLAY = declare("what number")


def build_failures(facts: Iterable[FailureFact]) -> pd.DataFrame:
    """Return the roots of all failures, those first that most files fail with.

    Returns:
        ``file``, ``line`` (Int64), ``class``, ``problem`` (a sentence), ``fail_with_it`` (Int64,
        files that fail because of it), ``sqlstate``.
    """
    rows = (
        (
            root.first.file,
            root.first.line,
            root.first.kind.value,
            root.describe(),
            len(root.blocked) - 1,
            root.first.sqlstate,
        )
        for root in find_roots(facts)
    )
    return build_frame(rows, FAILURES)


def build_cascades(facts: Iterable[FailureFact]) -> pd.DataFrame:
    """Return the files that fail because another one does: file, line, root, why, sqlstate."""
    rows = (
        (fact.file, fact.line, fact.root, fact.why, fact.sqlstate) for fact in facts if fact.root
    )
    return build_frame(rows, CASCADES)


def build_replay(facts: Facts) -> pd.DataFrame:
    """Return the replay in numbers: what, number (str), one row per measure."""
    statuses = Counter(file.status for file in facts.files)
    classes = Counter(failure.kind for failure in facts.failures)
    cascades = classes[FailureClass.CASCADE]
    seconds = sum(file.seconds for file in facts.files)
    numbers = {
        "files in the directory": len(facts.files),
        "applied": statuses["applied"],
        "failed by themselves": statuses["failed"] - cascades,
        "failed because of another one": cascades,
        "not run: not recorded": statuses["skipped"],
        "passed over by the tool, always": len(facts.never_runs),
        "statements intercepted": len(facts.interceptions),
    }
    rows = [(what, f"{number:,}") for what, number in numbers.items()]
    return build_frame([*rows, ("seconds in the shadow", f"{seconds:.1f}")], REPLAY)
