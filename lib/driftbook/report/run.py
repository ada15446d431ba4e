"""What one run gave: its reports, their index, and the verdict that speaks for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from driftbook.errors import DriftbookError, NotebookFailed
    from driftbook.report.execute import RunResult

# Which verdict speaks for several reports: could not audit, then drift, then gaps.
PRECEDENCE = (Verdict.ERROR, Verdict.FAIL, Verdict.INCOMPLETE, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class AuditRun:
    """The reports of one run, their index, and what went wrong beside them."""

    target: str
    results: tuple[RunResult, ...]
    index: Path
    forgotten: DriftbookError | None = None  # why the audit is not in the history

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict."""
        return min((result.verdict for result in self.results), key=PRECEDENCE.index)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the worst verdict."""
        return self.verdict.exit_code

    @property
    def failures(self) -> list[NotebookFailed]:
        """Return why a notebook has no result, one error per report with verdict ``error``."""
        return [result.failure for result in self.results if result.failure]

    def lines(self) -> list[str]:
        """Return one line per report: verdict, target, notebook, counts, path."""
        return [
            "  ".join(
                part
                for part in (
                    result.verdict.value,
                    self.target,
                    result.report.parent.name,
                    _describe_counts(result.result),
                    str(result.report),
                )
                if part
            )
            for result in self.results
        ]

    def as_json(self) -> dict[str, object]:
        """Return the run as JSON values."""
        return {
            "target": self.target,
            "verdict": self.verdict.value,
            "index": str(self.index),
            "history": self.forgotten.problem if self.forgotten else "",
            "reports": [
                {
                    "notebook": result.report.parent.name,
                    "verdict": result.verdict.value,
                    "report": str(result.report),
                    "result": str(result.report.with_name("result.json")),
                }
                for result in self.results
            ],
        }


def _describe_counts(result: Mapping[str, object] | None) -> str:
    counts = (result or {}).get("counts")
    if not isinstance(counts, dict):
        return ""
    return " ".join(f"{count} {severity}" for severity, count in counts.items() if count)
