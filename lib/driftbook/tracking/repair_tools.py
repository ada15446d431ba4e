"""Steps for tools whose table is theirs to write: their own commands, and questions.

SQL is written for one table alone, that of dbmate: it has one column and no command of its own.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from driftbook.repairs import RepairStep, StepKind
from driftbook.tools import TOOLS
from driftbook.tracking.record_sql import write_version
from driftbook.tracking.repair_rows import count_effects
from driftbook.tracking.wounds import list_names
from driftbook.versions import OrderFlag, VersionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftbook.tools import Tool
    from driftbook.tracking.wounds import Wounds

LOST = (VersionState.NEVER_EFFECTIVE, VersionState.PARTLY_EFFECTIVE)


def clear_failed(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Ask what a failed migration left, for the tool runs nothing before that is cleared."""
    for row in wounds.tracking.failed:
        yield RepairStep(
            StepKind.DECIDE,
            (row.version,),
            reason=f"What of {row.version} is live? {tool.title} recorded that it failed, and "
            "runs nothing before that is cleared.",
            evidence="Its row says that it began and did not end.",
            command=fill(tool.failed, row.version),
            risk="Only when nothing of it is left: take back by hand what it did.",
        )


def record(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Record what ran without a record."""
    ran = wounds.of(VersionState.APPLIED_UNRECORDED)
    if not ran:
        return
    versions = tuple(dict.fromkeys(version.version for version in ran))
    evidence = "Live: " + list_names([count_effects(version) for version in ran]) + "."
    reason = "They ran and are not recorded: the tool would run them again, or refuse to run."
    if tool.name == "dbmate":
        sql = "\n".join(write_version(wounds.tracking.table, version) for version in versions)
        yield RepairStep(StepKind.RECORD, versions, reason, evidence, sql=sql)
    elif tool.name == "golang-migrate" and not _is_next(wounds, versions):
        yield _ask(
            versions,
            "How are they recorded? The tool knows only its newest version, and files before "
            "them did not run.",
            evidence,
        )
    elif tool.record:
        told = versions[-1:] if tool.name == "golang-migrate" else versions
        commands = " && ".join(fill(tool.record, version) for version in told)
        yield RepairStep(StepKind.RECORD, versions, reason, evidence, command=commands)
    else:
        yield _ask(
            versions,
            f"How are they recorded? They ran, and {tool.title} has no command for it in every "
            "edition.",
            evidence,
        )


def _is_next(wounds: Wounds, versions: Sequence[str]) -> bool:
    """Return whether ``versions`` are the first that are not recorded."""
    todo = [version.version for version in wounds.versions if not version.recorded]
    return todo[: len(versions)] == list(versions)


def find_files(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Ask for the files of records that have none."""
    for version in wounds.of(VersionState.MISSING_FILE, VersionState.MISSING_FILE_UNKNOWN):
        past = next(iter(wounds.past.get(version.version, ())), None)
        yield RepairStep(
            StepKind.DECIDE,
            (version.version,),
            reason=f"Where is the file of {version.version}? {tool.orphan}",
            evidence=f"git has it at {past.commit}." if past else "git has no file of it.",
            command=tool.accept_edit,
            risk="Only if it is gone for good: its record is marked as deleted."
            if tool.accept_edit
            else "",
        )


def judge_edits(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Ask whether an edit of a file that ran is wanted."""
    for version in wounds.of(VersionState.EDITED_AFTER_APPLY):
        yield RepairStep(
            StepKind.DECIDE,
            (version.version,),
            reason=f"Is the edit of {version.file} wanted? {tool.edited}",
            evidence=f"{version.note}.".capitalize(),
            command=tool.accept_edit,
            file=version.file,
            risk="Only for an edit that changes nothing, as of a comment: else put the text that "
            "ran back, and write the edit as a new migration.",
        )


def ask(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Put the questions that only a person answers."""
    del tool
    for version in wounds.of(VersionState.PARTLY_APPLIED_UNRECORDED):
        yield _ask(
            (version.version,),
            f"Is the rest of {version.file} wanted? Not live: {list_names(version.lacking)}.",
            f"{version.note}.",
        )
    twins = wounds.of(VersionState.DUPLICATE_VERSION)
    for number in dict.fromkeys(version.version for version in twins):
        files = [version.file for version in twins if version.version == number]
        yield _ask((number,), f"Which of {list_names(files)} keeps this version?", "")
    lost = wounds.of(*LOST)
    if lost:
        lacking = list_names(list(dict.fromkeys(one for each in lost for one in each.lacking)))
        yield _ask(
            tuple(version.version for version in lost),
            "How is it made good? Write a new migration; the drift report has its SQL.",
            f"Not live: {lacking}.",
        )


def apply(wounds: Wounds, tool: Tool) -> Iterator[RepairStep]:
    """Let the tool run what is pending."""
    pending = [version for version in wounds.versions if version.state.is_pending]
    older = [one for one in pending if one.order is OrderFlag.OLDER_THAN_APPLIED]
    if older and not tool.run_older:
        yield _ask(
            tuple(version.version for version in older),
            f"Are they still wanted? {tool.older}",
            list_names([version.file for version in older]),
        )
        pending = [version for version in pending if version not in older]
    if pending:
        yield RepairStep(
            StepKind.APPLY,
            tuple(version.version for version in pending),
            reason="They are still to run.",
            evidence=list_names([version.file for version in pending]),
            command=tool.run_older if older and tool.run_older else tool.run,
            risk=f"{tool.older} Read them once more first." if older and tool.run_older else "",
        )


FINDERS: tuple[Callable[[Wounds, Tool], Iterator[RepairStep]], ...] = (
    clear_failed,
    find_files,
    judge_edits,
    record,
    ask,
    apply,
)


def find_tool_steps(wounds: Wounds) -> list[RepairStep]:
    """Return the steps for ``wounds`` of a tool that writes its table itself."""
    tool = TOOLS[wounds.directory.convention]
    return [step for find in FINDERS for step in find(wounds, tool)]


def fill(command: str, version: str) -> str:
    """Return ``command`` for ``version``."""
    return command.format(shlex.quote(version))


def _ask(versions: tuple[str, ...], question: str, evidence: str) -> RepairStep:
    return RepairStep(StepKind.DECIDE, versions, question, evidence)
