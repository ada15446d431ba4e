"""What one run gave: its reports, their index, and the verdict that speaks for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftbook.errors import DriftbookError, NotebookFailed
    from driftbook.report.execute import RunResult
    from driftbook.report.outputs import Outputs

# Which verdict speaks for several reports: could not audit, then drift, then gaps.
PRECEDENCE = (Verdict.ERROR, Verdict.FAIL, Verdict.INCOMPLETE, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class AuditRun:
    """The reports of one run, their index, and what went wrong beside them.

    Attributes:
        target: Name of the target.
        results: One per notebook.
        address: Of the audit's folder: a path or a URL.
        index: Of the page over all reports.
        forgotten: Why the audit is not in the history.
        outputs: What was made for others; ``None``: of one notebook nothing is.
    """

    target: str
    results: tuple[RunResult, ...]
    address: str
    index: str
    forgotten: DriftbookError | None = None
    outputs: Outputs | None = None

    @property
    def warnings(self) -> list[DriftbookError]:
        """Return what went wrong beside the reports; it changes no verdict."""
        return [
            *([self.forgotten] if self.forgotten else []),
            *(self.outputs.warnings if self.outputs else ()),
        ]

    @property
    def files(self) -> list[str]:
        """Return the addresses of what was written beside the reports."""
        names = self.outputs.files if self.outputs else ()
        return [f"{self.address}/{name}" for name in names]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict."""
        return min((result.verdict for result in self.results), key=PRECEDENCE.index)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the worst verdict."""
        return self.verdict.exit_code

    def lessen_code(self, *, never_fail: bool, allow_incomplete: bool) -> int:
        """Return the exit code when drift, or what could not be checked, is allowed for."""
        verdicts = [_lessen(each, never_fail=never_fail) for each in self.results]
        if allow_incomplete:
            verdicts = [each for each in verdicts if each is not Verdict.INCOMPLETE]
        return min(verdicts, key=PRECEDENCE.index, default=Verdict.PASS).exit_code

    def gaps(self) -> list[str]:
        """Return one line per report that leaves something unchecked: what, and why."""
        return [
            f"{self.target}  {name_of(each)}  not checked: {gap['what']}: {gap['why']}"
            for each in self.results
            for gap in _gaps_of(each)
        ]

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
                    name_of(result),
                    _describe_counts(result.result),
                    f"{self.address}/{name_of(result)}/report.html",
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
            "index": self.index,
            "history": self.forgotten.problem if self.forgotten else "",
            "outputs": self.files,
            "warnings": [warning.problem for warning in self.warnings],
            "reports": [
                {
                    "notebook": name_of(result),
                    "verdict": result.verdict.value,
                    "report": f"{self.address}/{name_of(result)}/report.html",
                    "result": f"{self.address}/{name_of(result)}/result.json",
                }
                for result in self.results
            ],
        }


def worst_code(codes: Iterable[int]) -> int:
    """Return the code that speaks for several targets: could not audit, drift, gaps, pass."""
    return min(codes, key=[verdict.exit_code for verdict in PRECEDENCE].index)


def name_of(result: RunResult) -> str:
    """Return the name of the report: that of its notebook."""
    return result.report.parent.name


def _lessen(result: RunResult, *, never_fail: bool) -> Verdict:
    if not (never_fail and result.verdict is Verdict.FAIL):
        return result.verdict
    return Verdict.INCOMPLETE if _gaps_of(result) else Verdict.PASS


def _gaps_of(result: RunResult) -> list[dict[str, str]]:
    gaps = (result.result or {}).get("incomplete")
    return gaps if isinstance(gaps, list) else []


def _describe_counts(result: Mapping[str, object] | None) -> str:
    counts = (result or {}).get("counts")
    if not isinstance(counts, dict):
        return ""
    return " ".join(f"{count} {severity}" for severity, count in counts.items() if count)
