"""The repair plan: for each wound the step that heals it, with its reason; nothing is executed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.repairs import RepairStep, StepKind
from driftbook.tools import TOOLS
from driftbook.tracking import repair_files as files
from driftbook.tracking import repair_rows as rows
from driftbook.tracking.repair_tools import find_tool_steps
from driftbook.tracking.table import TrackingStatus
from driftbook.tracking.wounds import presume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftbook.tracking.wounds import Wounds

ORDER = list(StepKind)
FINDERS: tuple[Callable[[Wounds], Iterable[RepairStep]], ...] = (
    files.restore_files,
    files.rename_files,
    files.renumber,
    files.undo_edits,
    files.complete,
    rows.rename_rows,
    rows.record,
    rows.fill_record,
    rows.unrecord,
    rows.apply,
    rows.decide,
)


def plan_steps(wounds: Wounds) -> tuple[RepairStep, ...]:
    """Return the steps that bring files, tracking table and live database together.

    In the order in which they are to be taken; empty when there is nothing to repair.
    """
    if wounds.tracking.status is TrackingStatus.ASSUMED:
        return ()
    keeps_text = TOOLS[wounds.directory.convention].keeps_text
    if keeps_text and wounds.tracking.status in {TrackingStatus.ABSENT, TrackingStatus.EMPTY}:
        wounds = replace(wounds, versions=presume(wounds.versions))
    if keeps_text:
        steps = [step for find in FINDERS for step in find(wounds)]
    else:
        steps = find_tool_steps(wounds)
    is_there = wounds.tracking.status is not TrackingStatus.ABSENT
    if is_there and any(step.sql for step in steps):
        steps.append(
            RepairStep(
                StepKind.SAVE,
                (),
                reason="Keep every row as it is before one is changed.",
                evidence=f"{wounds.tracking.table} holds {len(wounds.tracking.rows)} rows.",
                command=wounds.command(f"--save rows.{'sql' if keeps_text else 'json'}"),
            )
        )
    return tuple(sorted(steps, key=lambda step: ORDER.index(step.kind)))
