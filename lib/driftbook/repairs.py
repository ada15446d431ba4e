"""What brings files and tracking table together again: steps that are proposed, never run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

KEPT = ".edited"  # behind the name of a file whose text gives way; no tool runs such a file


class StepKind(StrEnum):
    """What a step does, in the order in which steps of a plan stand."""

    SAVE = "save"  # keep every row of the tracking table
    RESTORE_FILE = "restore-file"
    RENAME_FILE = "rename-file"
    RENUMBER = "renumber"
    UNDO_EDIT = "undo-edit"
    RENAME_ROW = "rename-row"
    RECORD = "record"
    FILL_RECORD = "fill-record"
    UNRECORD = "unrecord"
    COMPLETE = "complete"  # a new migration with effects that are missing
    DECIDE = "decide"  # nothing is proposed: a person has to know
    APPLY = "apply"  # let the tool run what is pending


@dataclass(frozen=True, slots=True)
class RepairStep:
    """One step of a plan.

    Attributes:
        kind: What it does.
        versions: The versions that it is about, sorted.
        reason: Why, one sentence.
        evidence: What shows that it is right, one sentence.
        command: What to type in the migration tool or in git; empty when there is no such form.
        sql: The same for the tracking table alone; empty when rows are not touched.
        file: Name of the migration file that is written, renamed to or changed; empty when none.
        old_file: Its name before a rename.
        text: What the file holds afterwards; empty when its text is not touched.
        risk: What can go wrong, one sentence; empty when nothing is touched.
    """

    kind: StepKind
    versions: tuple[str, ...]
    reason: str
    evidence: str = ""
    command: str = ""
    sql: str = ""
    file: str = ""
    old_file: str = ""
    text: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the migration tool would do with files and rows.

    Attributes:
        runs: Names of the files that it would run, in its order.
        refuses: Why it runs nothing at all; empty when it runs.
        one_sided: Versions that only the files or only the table has, sorted.
    """

    runs: tuple[str, ...] = ()
    refuses: str = ""
    one_sided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """Steps, and what a copy of the tracking table said of them.

    Attributes:
        steps: In the order in which they are to be taken.
        before: What the tool would do now.
        after: What it would do after the last step, the apply step not counted.
        proven: Whether the copy shows that nothing gets worse.
        doubts: Why it is not proven, a sentence each.
        changes_before: Differences between expected and live now.
        changes_after: The same with the files and rows of the plan.
    """

    steps: tuple[RepairStep, ...] = ()
    before: Forecast = Forecast()
    after: Forecast = Forecast()
    proven: bool = False
    doubts: tuple[str, ...] = ()
    changes_before: int = 0
    changes_after: int = 0
