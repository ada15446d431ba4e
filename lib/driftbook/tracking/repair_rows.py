"""Steps that change rows of the tracking table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.repairs import RepairStep, StepKind
from driftbook.tracking.record_sql import (
    write_columns,
    write_grants,
    write_name,
    write_record,
    write_removal,
    write_statements,
    write_table,
)
from driftbook.tracking.table import TrackingStatus
from driftbook.tracking.wounds import is_recorded_text, is_undecided, list_names
from driftbook.versions import EffectState, Flag, OrderFlag, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.tracking.wounds import Wounds
    from driftbook.versions import Version

REPAIR = "supabase migration repair"
PUSH = "supabase db push"


def record(wounds: Wounds) -> Iterator[RepairStep]:
    """Record what ran without a record."""
    ran = wounds.of(VersionState.APPLIED_UNRECORDED)
    if not ran:
        return
    inserts = [write_insert(version, wounds) for version in ran]
    yield RepairStep(
        StepKind.RECORD,
        _versions(ran),
        reason="They ran and are not recorded: the tool would run them again, or refuse to run.",
        evidence="Live: " + list_names([count_effects(version) for version in ran]) + ".",
        command=_repair(wounds, "applied", ran),
        sql="\n\n".join([*_prepare(wounds), *inserts]),
        risk="The command records the files as they are now; the SQL does the same.",
    )


def fill_record(wounds: Wounds) -> Iterator[RepairStep]:
    """Give records without SQL the statements that their effects prove."""
    proven = wounds.of(VersionState.CONFIRMED_BY_EFFECT)
    if not proven:
        return
    table = wounds.tracking.table
    updates = [
        write_statements(table, version.version, version.name_file, wounds.statements(version))
        for version in proven
    ]
    yield RepairStep(
        StepKind.FILL_RECORD,
        _versions(proven),
        reason="Their records hold no SQL, and what the files do is live.",
        evidence="Live: " + list_names([count_effects(version) for version in proven]) + ".",
        command=_repair(wounds, "applied", proven),
        sql="\n\n".join([*_prepare(wounds), *updates]),
    )


def unrecord(wounds: Wounds) -> Iterator[RepairStep]:
    """Take away records of which nothing is live and whose SQL is saved with the rows."""
    missing = wounds.of(VersionState.MISSING_FILE)
    retold = [version for version in missing if wounds.is_retold(version)]
    if retold:
        files = dict.fromkeys(name for one in retold for name in one.related)
        yield _remove(
            retold,
            wounds,
            "Files hold their SQL under other versions, which are recorded instead.",
            f"The same SQL stands in {list_names(list(files))}.",
        )
    gone = [one for one in missing if one.effect is EffectState.ABSENT and one not in retold]
    if gone:
        yield _remove(
            gone,
            wounds,
            "There is no file, and nothing of what their records say is live.",
            "; ".join(version.note for version in gone[:3]),
        )


def _remove(found: Sequence[Version], wounds: Wounds, reason: str, evidence: str) -> RepairStep:
    return RepairStep(
        StepKind.UNRECORD,
        _versions(found),
        reason=reason,
        evidence=evidence,
        command=_repair(wounds, "reverted", found),
        sql="\n".join(write_removal(wounds.tracking.table, one.version) for one in found),
        risk="The rows that were saved first keep the SQL of these records.",
    )


def rename_rows(wounds: Wounds) -> Iterator[RepairStep]:
    """Give a record the title of its file, where both hold the same SQL."""
    renamed = [
        version
        for version in wounds.versions
        if Flag.NAME_MISMATCH in version.flags
        and version.state is VersionState.APPLIED
        and is_recorded_text(version)
    ]
    if not renamed:
        return
    table = wounds.tracking.table
    yield RepairStep(
        StepKind.RENAME_ROW,
        _versions(renamed),
        reason="The file has another title than its record: they are hard to find together.",
        evidence="The SQL is the same.",
        command=_repair(wounds, "applied", renamed),
        sql="\n".join(write_name(table, one.version, one.name_file) for one in renamed),
        risk="The command records the statements again as well; the SQL changes the title alone.",
    )


def apply(wounds: Wounds) -> Iterator[RepairStep]:
    """Let the tool run what is pending, when nothing stands in its way any more."""
    pending = [
        version
        for version in wounds.versions
        if version.state.is_pending and not is_undecided(version)
    ]
    if not pending:
        return
    older = any(version.order is OrderFlag.OLDER_THAN_APPLIED for version in pending)
    yield RepairStep(
        StepKind.APPLY,
        _versions(pending),
        reason="They are not recorded and nothing of them is live: they are still to run.",
        evidence=list_names([version.file for version in pending]),
        command=(PUSH + (" --include-all" if older else "")) if wounds.is_supabase else "",
        risk=_warn_of_older(wounds) if older else "",
    )


def _warn_of_older(wounds: Wounds) -> str:
    asked = [one.file for one in wounds.versions if not one.recorded and ask(one)]
    warning = "Some are older than the newest recorded version: read them once more first."
    if not asked:
        return warning
    return f"{warning} Decide on {list_names(asked)} before: the tool runs them as well."


def decide(wounds: Wounds) -> Iterator[RepairStep]:
    """Put the question where only a person knows."""
    for version in wounds.versions:
        question = ask(version)
        if not question:
            continue
        has_answer = bool(version.file) and version.state is not VersionState.DUPLICATE_VERSION
        yield RepairStep(
            StepKind.DECIDE,
            (version.version,),
            reason=question,
            evidence=version.note,
            command=_repair(wounds, "applied", [version]) if has_answer else "",
            sql=_write_answer(version, wounds) if has_answer else "",
            file=version.file,
            risk=_limit_answer(version) if has_answer else "",
        )


def _limit_answer(version: Version) -> str:
    """Return for which answer the command is."""
    if version.state is VersionState.PARTLY_APPLIED_UNRECORDED:
        return "Only if the answer is no, or when the rest was run: it is recorded as a whole."
    return "Only if the answer is yes."


def ask(version: Version) -> str:
    """Return the question about ``version``; empty when the evidence answers it."""
    if is_undecided(version):
        return f"Did {version.file} run? Newer files did; this one leaves no trace in the catalogs."
    if version.state is VersionState.UNCONFIRMED:
        return f"Did {version.file} run as it is written? Only its record says that it ran at all."
    if version.state is VersionState.PARTLY_APPLIED_UNRECORDED:
        return f"Is the rest of {version.file} wanted? Not live: {list_names(version.lacking)}."
    return ""


def write_insert(version: Version, wounds: Wounds) -> str:
    """Return the INSERT of ``version`` with the statements of its file."""
    # The tool records a file without a statement as NULL.
    statements = wounds.statements(version) or None
    return write_record(wounds.tracking.table, version.version, version.name_file, statements)


def _prepare(wounds: Wounds) -> list[str]:
    """Return what the table needs before rows are written with names and statements."""
    table = wounds.tracking.table
    if wounds.tracking.status is TrackingStatus.ABSENT:
        return [write_table(table), write_grants(table)]
    return [write_columns(table)] if wounds.is_bare else []


def _write_answer(version: Version, wounds: Wounds) -> str:
    answer = (
        write_statements(
            wounds.tracking.table, version.version, version.name_file, wounds.statements(version)
        )
        if version.recorded
        else write_insert(version, wounds)
    )
    return "\n\n".join([*_prepare(wounds), answer])


def _versions(found: Sequence[Version]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(version.version for version in found))


def count_effects(version: Version) -> str:
    """Return how much of a file is live, in words."""
    return f"{version.found} of {version.testable} effects of {version.file}"


def _repair(wounds: Wounds, status: str, found: Sequence[Version]) -> str:
    """Return the command for whole-number versions, and never one without versions."""
    versions = _versions(found)
    if not wounds.is_supabase or not versions or not all(one.isdigit() for one in versions):
        return ""
    return f"{REPAIR} --status {status} {' '.join(versions)}"
