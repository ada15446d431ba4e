"""Files, tracking table and live effects of one target, without a report: states and plan."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from driftbook.audit.collect import collect_evidence, open_live
from driftbook.audit.session import Audit
from driftbook.errors import AuditError, ConfigError
from driftbook.model import Verdict
from driftbook.redact import display_name
from driftbook.repairs import KEPT, StepKind
from driftbook.tools import TOOLS
from driftbook.tracking.record_sql import write_record, write_table
from driftbook.versions import Flag, OrderFlag

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.audit.result import Json
    from driftbook.config import Target
    from driftbook.model import Severity
    from driftbook.progress import Progress
    from driftbook.repairs import Forecast, RepairPlan, RepairStep
    from driftbook.versions import Version


@dataclass(frozen=True, slots=True)
class TrackingReport:
    """What is said of the versions of one target."""

    audit: Audit

    @property
    def plan(self) -> RepairPlan:
        """Return the repair plan."""
        return self.audit.evidence.facts.plan

    @property
    def exit_code(self) -> int:
        """Return 1 for findings that fail and for a plan that is not proven, else as an audit."""
        if self.plan.steps and not self.plan.proven:
            return Verdict.FAIL.exit_code
        return Verdict(str(self.audit.result["verdict"])).exit_code

    def as_json(self) -> Json:
        """Return states, findings and plan as JSON values."""
        facts = self.audit.evidence.facts
        return {
            "schema_version": 1,
            "target": facts.target.name,
            "verdict": self.audit.result["verdict"],
            "reason": self.audit.result["reason"],
            "versions": [_version_json(version) for version in facts.versions],
            "findings": self.audit.result["findings"],
            "plan": {
                "proven": self.plan.proven,
                "doubts": list(self.plan.doubts),
                "before": asdict(self.plan.before),
                "after": asdict(self.plan.after),
                "changes_before": self.plan.changes_before,
                "changes_after": self.plan.changes_after,
                "steps": [asdict(step) for step in self.plan.steps],
            },
            "incomplete": [gap.model_dump() for gap in facts.gaps],
        }

    def lines(self) -> list[str]:
        """Return states, then the versions that disagree, then the plan."""
        facts = self.audit.evidence.facts
        counts = Counter(version.state for version in facts.versions)
        lines = [display_name(f"{self.audit.result['verdict']}: {self.audit.result['reason']}"), ""]
        lines += [f"{count:6}  {state.value.replace('_', ' ')}" for state, count in counts.items()]
        lines += ["", *(_describe(one) for one in facts.versions if _is_told(one))]
        lines += [f"? {gap.what}: {gap.why}\n  fix: {gap.fix}" for gap in facts.gaps]
        return [*lines, *_describe_plan(self.plan)]


def read_tracking_report(target: Target, fail_on: Severity, progress: Progress) -> TrackingReport:
    """Collect the evidence of ``target`` and judge its versions."""
    return TrackingReport(Audit("tracking_audit", collect_evidence(target, progress), fail_on))


def write_plan_files(plan: RepairPlan, folder: Path) -> list[str]:
    """Write the files of ``plan`` into ``folder`` and return a line for each.

    A file that is there with another text is left as it is, but for one whose edit is undone:
    its text is kept beside it.

    Raises:
        AuditError: The folder cannot be written.
    """
    lines = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for step in plan.steps:
            if not step.text or not step.file:
                continue
            path = folder / step.file
            if not path.exists():
                path.write_text(step.text, encoding="utf-8", newline="")
                lines.append(f"written: {path}")
            elif path.read_bytes() == step.text.encode():
                lines.append(f"there already: {path}")
            elif step.kind is StepKind.UNDO_EDIT and not path.with_name(step.file + KEPT).exists():
                kept = path.rename(path.with_name(step.file + KEPT))
                path.write_text(step.text, encoding="utf-8", newline="")
                lines.append(f"written: {path}; its text until now is kept in {kept.name}")
            else:
                lines.append(f"left as it is, for it exists with another text: {path}")
    except OSError as error:
        raise AuditError(
            f"the files of the plan cannot be written: {error.strerror}",
            where=str(folder),
            fix="name a folder that you may write: --write-files DIR",
        ) from error
    return lines or ["the plan writes no file"]


def save_rows(target: Target, path: Path, progress: Progress) -> str:
    """Write every row of the tracking table into a new file, as SQL or as JSON by its suffix.

    Raises:
        ConfigError: The file is there already.
        AuditError: It cannot be written, or the table was not read.
    """
    from contextlib import ExitStack  # noqa: PLC0415 - for this one call

    with ExitStack() as stack:
        progress("reading the tracking table")
        tracking = open_live(target, stack, progress).tracking
    if tracking.versions is None:
        raise AuditError(
            f"{tracking.table} was not read: {tracking.why}", fix=tracking.fix or "grant select"
        )
    if path.suffix == ".json":
        text = json.dumps([asdict(row) for row in tracking.rows], indent=1) + "\n"
    elif not TOOLS[target.convention].keeps_text:
        raise ConfigError(
            f"rows of {TOOLS[target.convention].title} are saved as JSON",
            where=str(path),
            fix=f"name a file that ends in .json: --save {path.with_suffix('.json').name}",
        )
    else:
        inserts = [
            write_record(tracking.table, row.version, row.name, row.statements)
            for row in tracking.rows
        ]
        text = "\n\n".join([write_table(tracking.table), *inserts]) + "\n"
    try:
        # Statements may hold secrets: nobody else reads them, and nothing is overwritten.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(
            "the file exists and is not overwritten", where=str(path), fix="name a new file"
        ) from None
    except OSError as error:
        raise AuditError(
            f"the rows cannot be saved: {error.strerror}",
            where=str(path),
            fix="name a file in a folder that you may write",
        ) from error
    return f"{len(tracking.rows)} rows of {tracking.table} saved: {path}"


def _is_told(version: Version) -> bool:
    # What was changed since by hand is drift, and told as such.
    flags = set(version.flags) - {Flag.CHANGED_SINCE}
    return not version.state.is_settled or version.order is not OrderFlag.OK or bool(flags)


def _describe(version: Version) -> str:
    words = [version.state.value.replace("_", " ")]
    if version.order is not OrderFlag.OK:
        words.append(version.order.value.replace("_", " "))
    words += [flag.value.replace("_", " ") for flag in version.flags]
    note = f": {version.note}" if version.note else ""
    head = display_name(f"{version.version}  {version.file or '(no file)'}")
    return f"{head}\n    {display_name(', '.join(words) + note)}"


def _version_json(version: Version) -> Json:
    values = asdict(version)
    for name in ("makes", "missing", "different"):
        values[name] = [str(thing) for thing in getattr(version, name)]
    return values


def _describe_plan(plan: RepairPlan) -> list[str]:
    if not plan.steps:
        return ["nothing to repair"]
    proof = "proven on a copy" if plan.proven else "not proven: " + "; ".join(plan.doubts)
    lines = ["", f"plan ({proof}); nothing of it has been executed"]
    for number, step in enumerate(plan.steps, 1):
        lines += _describe_step(number, step)
    lines += [f"now: {_describe_forecast(plan.before)}", f"then: {_describe_forecast(plan.after)}"]
    if any(step.sql for step in plan.steps):
        lines.append("the SQL of each step: --format json, or the report of driftbook audit")
    return lines


def _describe_step(number: int, step: RepairStep) -> list[str]:
    about = f" {', '.join(step.versions)}" if step.versions else ""
    lines = [f"{number:3}. {step.kind.value}{about}", f"     {step.reason}"]
    if step.kind is not StepKind.SAVE and step.evidence:
        lines.append(f"     {step.evidence}")
    if step.command:
        lines.append(f"     $ {step.command}")
    if step.risk:
        lines.append(f"     mind: {step.risk}")
    # A recorded version may hold line breaks: none becomes a line of its own.
    return [display_name(line) for line in lines]


def _describe_forecast(forecast: Forecast) -> str:
    if forecast.refuses:
        return display_name(f"the migration tool runs nothing: {forecast.refuses}")
    return display_name(f"the migration tool runs {', '.join(forecast.runs) or 'nothing'}")
