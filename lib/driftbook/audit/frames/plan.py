"""The repair plan as frames: its steps, and what the migration tool would do before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.words import name_some

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.repairs import Forecast, RepairPlan, RepairStep

PLAN = declare("no:int step versions what_to_do reason evidence risk file")
FORECAST = declare("what now after_the_plan")


def build_plan(plan: RepairPlan) -> pd.DataFrame:
    """Return one row per step, in the order in which they are to be taken.

    Returns:
        ``no`` (int64, from 1), ``step``, ``versions`` (some of many), ``what_to_do`` (the first
        line of command or SQL), ``reason``, ``evidence``, ``risk``, ``file`` (str).
    """
    rows = (
        (
            number,
            step.kind.value,
            name_some(step.versions),
            summarise_step(step),
            step.reason,
            step.evidence,
            step.risk,
            step.file,
        )
        for number, step in enumerate(plan.steps, start=1)
    )
    return build_frame(rows, PLAN)


def summarise_step(step: RepairStep) -> str:
    """Return the first line of what is to be done; of an open question, that one decides."""
    lines = (step.command or step.sql).strip().split("\n")
    if lines[0]:
        return f"{lines[0]} …" if len(lines) > 1 else lines[0]
    if step.old_file:
        return f"rename {step.old_file} to {step.file}"
    return f"write {step.file}" if step.file else "decide"


def build_forecast(plan: RepairPlan) -> pd.DataFrame:
    """Return what the tool would do now and after the plan: what, now, after_the_plan (str).

    Empty without a step: nothing would be different.
    """
    if not plan.steps:
        return build_frame([], FORECAST)
    before, after = _describe(plan.before), _describe(plan.after)
    rows = [(what, before[what], after[what]) for what in before]
    changes = "differences between expected and live"
    rows.append((changes, f"{plan.changes_before:,}", f"{plan.changes_after:,}"))
    return build_frame(rows, FORECAST)


def _describe(forecast: Forecast) -> dict[str, str]:
    return {
        "files that the tool would run": _count(forecast.runs),
        "why it would refuse": forecast.refuses or "it would not",
        "versions that only the files or only the table has": _count(forecast.one_sided),
    }


def _count(names: tuple[str, ...]) -> str:
    return f"{len(names):,}: {name_some(names)}" if names else "none"
