"""Steps that write, rename or number files."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.repairs import KEPT, RepairStep, StepKind
from driftbook.sqltext import split_server
from driftbook.tracking.content import content_key
from driftbook.tracking.record_sql import write_removal
from driftbook.tracking.recover import recover_name, recover_text
from driftbook.tracking.repair_rows import count_effects, write_insert
from driftbook.tracking.wounds import is_recorded_text, list_names
from driftbook.versions import EffectState, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.migrations.blobs import PastText
    from driftbook.model import ObjectRef
    from driftbook.tracking.wounds import Wounds
    from driftbook.versions import Version

LOST = (VersionState.NEVER_EFFECTIVE, VersionState.PARTLY_EFFECTIVE)
# A file with another's version that may have run, in whole or in part, by hand.
UNCLEAR = frozenset({EffectState.PARTIAL, EffectState.UNTESTABLE, EffectState.SUPERSEDED})
ON_ROWS = "It was tried on empty tables: a column or constraint that the rows do not satisfy fails."
COMPLETION = "restore_missing_effects"


def restore_files(wounds: Wounds) -> Iterator[RepairStep]:
    """Bring back the files of records that have none, from git or from the record itself."""
    missing = wounds.of(VersionState.MISSING_FILE, VersionState.MISSING_FILE_UNKNOWN)
    for version in missing:
        if version.state is VersionState.MISSING_FILE and version.effect is EffectState.ABSENT:
            continue  # its record is taken away instead
        if wounds.is_retold(version):
            continue
        yield _restore(version, wounds)


def _restore(version: Version, wounds: Wounds) -> RepairStep:
    row = wounds.row(version.version)
    statements = (row.statements if row else None) or ()
    knows = version.state is VersionState.MISSING_FILE
    past = _choose_past(version.version, statements, wounds, knows=knows)
    text = past.data.decode() if past else recover_text(statements) if knows else None
    if text is None:
        return RepairStep(
            StepKind.DECIDE,
            (version.version,),
            reason=f"Where is the SQL of {version.version}? Neither a file nor its record has it.",
            evidence=f"{version.note}; git has no file of this version.",
            risk="Look in other branches, other databases with this version, and backups.",
        )
    name = past.file if past else recover_name(version.version, row.name if row else None)
    if not name:
        return RepairStep(
            StepKind.DECIDE,
            (version.version,),
            reason=f"Is the record {version.version} still needed? No file can have this version.",
            evidence=f"{version.note}.",
            sql=write_removal(wounds.tracking.table, version.version),
            risk="Only if the answer is no: the rows that were saved first keep its SQL.",
        )
    return RepairStep(
        StepKind.RESTORE_FILE,
        (version.version,),
        reason="It is recorded and has no file: the tool refuses to run anything.",
        evidence=f"git has the file at {past.commit}." if past else f"{version.note}.",
        command=wounds.command("--write-files DIR"),
        file=name,
        text=text,
        risk="" if knows else "Its record does not say whether this text is what ran.",
    )


def _choose_past(
    version: str, statements: tuple[str, ...], wounds: Wounds, *, knows: bool
) -> PastText | None:
    """Return the text of git that says what is recorded; of an unknown record the newest."""
    split = CONVENTIONS[wounds.directory.convention].split
    wanted = content_key(statements)
    for past in wounds.past.get(version, ()):
        try:
            key = content_key(statement.text for statement in split(past.data.decode()))
        except UnicodeDecodeError:
            continue
        if not knows or key == wanted:
            return past
    return None


def rename_files(wounds: Wounds) -> Iterator[RepairStep]:
    """Give a file the version under which its SQL is recorded."""
    for version in wounds.of(VersionState.MOVED):
        if not version.file:
            continue
        name = f"{version.match_version}_{version.name_file}.sql"
        yield RepairStep(
            StepKind.RENAME_FILE,
            (version.version, version.match_version),
            reason="The same SQL is recorded under another version, which has no file.",
            evidence=f"The record {version.match_version} says what {version.file} says.",
            command=shlex.join(["git", "mv", version.file, name]),
            file=name,
            old_file=version.file,
            risk="A database that has recorded the file's own version lacks its file afterwards.",
        )


def renumber(wounds: Wounds) -> Iterator[RepairStep]:
    """Give the second file of one version another one."""
    by_version: dict[str, list[Version]] = {}
    for version in wounds.of(VersionState.DUPLICATE_VERSION):
        by_version.setdefault(version.version, []).append(version)
    offset = 0
    for number, files in by_version.items():
        kept = _choose_kept(files)
        if kept is None:
            yield RepairStep(
                StepKind.DECIDE,
                (number,),
                reason=f"Which of {list_names([one.file for one in files])} was applied?",
                evidence="The record of this version says what none of them says, or nothing.",
            )
            continue
        for version in files:
            if version is kept:
                continue
            if version.effect in UNCLEAR:
                yield _ask_of_twin(version, kept)
                continue
            yield _renumber(version, kept, wounds.new_version(offset), wounds)
            offset += 1


def _renumber(version: Version, kept: Version, number: str, wounds: Wounds) -> RepairStep:
    name = f"{number}_{version.name_file}.sql"
    ran = version.effect is EffectState.FULL
    chosen = "is the one that is recorded" if kept.recorded else "comes first; none is recorded"
    live = (
        f" {version.found} of {version.testable} effects of {version.file} are live." if ran else ""
    )
    return RepairStep(
        StepKind.RENUMBER,
        (version.version,),
        reason="Two files have this version: only one of them can ever be recorded."
        + (" This one ran by hand: it is recorded under its new version." if ran else ""),
        evidence=f"{kept.file} {chosen}.{live}",
        command=shlex.join(["git", "mv", version.file, name]),
        sql=write_insert(replace(version, version=number), wounds) if ran else "",
        file=name,
        old_file=version.file,
        risk="" if ran else "It runs after all others then: read it once more first.",
    )


def _ask_of_twin(version: Version, kept: Version) -> RepairStep:
    missing = f" Not live: {list_names(version.lacking)}." if version.lacking else ""
    return RepairStep(
        StepKind.DECIDE,
        (version.version,),
        reason=f"Did {version.file} run? It has the version of {kept.file} and needs one of its "
        "own: recorded if it ran, to run if it did not.",
        evidence=f"{count_effects(version)} are live.{missing}"
        if version.testable
        else "It leaves no trace in the catalogs.",
        file=version.file,
    )


def _choose_kept(files: list[Version]) -> Version | None:
    if not any(version.recorded for version in files):
        return files[0]
    said = [version for version in files if is_recorded_text(version)]
    return said[0] if said else None


def undo_edits(wounds: Wounds) -> Iterator[RepairStep]:
    """Give an edited file the text that was applied; the edit becomes a migration of its own."""
    for version in wounds.of(VersionState.EDITED_AFTER_APPLY):
        row = wounds.row(version.version)
        statements = (row.statements if row else None) or ()
        past = _choose_past(version.version, statements, wounds, knows=True)
        text = past.data.decode() if past else recover_text(statements)
        if text is None:
            continue
        effect = list_names(version.edit_effect) or "does the same, as far as the catalogs show"
        yield RepairStep(
            StepKind.UNDO_EDIT,
            (version.version,),
            reason="It was edited after it ran: a new environment gets something else.",
            evidence=f"The file {effect}."
            + (f" The text that ran is in git at {past.commit}." if past else ""),
            command=wounds.command("--write-files DIR"),
            file=version.file,
            text=text,
            risk="If the edit is wanted, write it as a new migration: the command keeps its text "
            f"as {version.file}{KEPT}.",
        )


def complete(wounds: Wounds) -> Iterator[RepairStep]:
    """Write one migration that makes what recorded files made and live lacks."""
    lost = [version for version in wounds.of(*LOST) if version.missing]
    if not lost:
        return
    uncertain = [*wounds.failed, *(one.file for one in wounds.of(VersionState.DUPLICATE_VERSION))]
    if uncertain:
        # What should be live is not known then: a migration might bring back what was dropped.
        yield RepairStep(
            StepKind.DECIDE,
            tuple(version.version for version in lost),
            reason="What of them is really missing shows when the other steps are taken: audit "
            "again then.",
            evidence=f"Not replayed for certain: {list_names(uncertain)}.",
        )
        return
    yield from _restore_effects(lost, wounds)


def _restore_effects(lost: Sequence[Version], wounds: Wounds) -> Iterator[RepairStep]:
    things = list(dict.fromkeys(thing for version in lost for thing in version.missing))
    lacking = list(dict.fromkeys(words for version in lost for words in version.lacking))
    renamed = [thing for thing in things if thing in wounds.renamed]
    if renamed:
        yield _ask_for_renames(renamed, lost, wounds)
        return
    cures = list(dict.fromkeys(wounds.cures[thing] for thing in things if thing in wounds.cures))
    unknown = [thing for thing in things if thing not in wounds.cures]
    versions = tuple(version.version for version in lost)
    text = "\n\n".join(cures) + "\n"
    if cures and not wounds.has_file(text):  # else it was written before, and is pending
        readable = split_server(text) is not None
        given_away = len(wounds.of(VersionState.DUPLICATE_VERSION))
        yield RepairStep(
            StepKind.COMPLETE,
            versions,
            reason="They are recorded, and this part of what they do is not live.",
            evidence=f"Not live: {list_names(lacking)}.",
            command=wounds.command("--write-files DIR"),
            file=f"{wounds.new_version(given_away)}_{COMPLETION}.sql",
            text=text,
            risk=ON_ROWS if readable else f"Complete the SQL by hand before it runs. {ON_ROWS}",
        )
    if unknown:
        yield RepairStep(
            StepKind.DECIDE,
            versions,
            reason=f"How is it made good? Not live: {list_names(unknown if cures else lacking)}.",
            evidence="No statement of driftbook's own makes it; see the drift report.",
        )


def _ask_for_renames(
    renamed: Sequence[ObjectRef], lost: Sequence[Version], wounds: Wounds
) -> RepairStep:
    pairs = [f"{wounds.renamed[thing]} to {thing}" for thing in renamed]
    return RepairStep(
        StepKind.DECIDE,
        tuple(version.version for version in lost),
        reason="A file renames it, and live has not: run its RENAME by hand, then audit again.",
        evidence=f"Renamed by files: {list_names(pairs)}.",
        risk="A new migration would make an empty second one beside it.",
    )
