"""One version as it is decided on: its file, its record, and what of them is live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.tracking.content import cut, is_sql, read_code
from driftbook.tracking.effects import Effect
from driftbook.versions import Content, EffectState, VersionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.migrations.directory import MigrationFile
    from driftbook.tracking.content import Split
    from driftbook.tracking.table import TrackingRow

NO_EFFECT = Effect()
SAYS_NOTHING = frozenset({Content.PLACEHOLDER, Content.UNKNOWN})
HARMLESS = frozenset({Content.GUARDED, Content.SAME_EFFECT})
UNRECORDED = {
    EffectState.FULL: VersionState.APPLIED_UNRECORDED,
    EffectState.PARTIAL: VersionState.PARTLY_APPLIED_UNRECORDED,
    EffectState.ABSENT: VersionState.PENDING,
    EffectState.SUPERSEDED: VersionState.PENDING_UNTESTABLE,  # nothing of it would be left
    EffectState.UNTESTABLE: VersionState.PENDING_UNTESTABLE,
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one version.

    Attributes:
        file: One of its files, if there is one.
        row: Its record, if there is one.
        copies: How many files have this version.
        split: Cuts a text as the tool does.
        effect: What is live of the recorded SQL, or of the file.
        content: The file against its record.
        other: The version under which the same SQL stands on the other side.
        is_unread: The tracking table was not read.
        is_outdated: It ran, and its file changed since: the tool runs it again.
    """

    file: MigrationFile | None
    row: TrackingRow | None
    copies: int
    split: Split
    effect: Effect = NO_EFFECT
    content: Content = Content.NONE
    other: str = ""
    is_unread: bool = False
    is_outdated: bool = False

    @property
    def version(self) -> str:
        """Return the version."""
        return self.file.version if self.file else self.row.version if self.row else ""

    @property
    def place(self) -> str:
        """Return the name of the file, or the version of a record without one."""
        return self.file.path.name if self.file else self.version


def holds_sql(row: TrackingRow, split: Split) -> bool:
    """Return whether a record holds SQL, and not only comments and notes."""
    return any(map(is_sql, read_code(cut(row.statements or (), split))))


def decide_state(case: Case) -> VersionState:
    """Return the first state of the table that fits."""
    return next(state for state, fits in STATES if fits(case)) if case.row else _unrecorded(case)


def _unrecorded(case: Case) -> VersionState:
    if case.is_outdated:
        return VersionState.PENDING
    alone = {VersionState.DUPLICATE_VERSION, VersionState.UNKNOWN, VersionState.MOVED}
    found = (state for state, fits in STATES if state in alone and fits(case))
    return next(found, UNRECORDED[case.effect.state])


def _is_proven(case: Case) -> bool:
    return case.effect.state in {EffectState.FULL, EffectState.SUPERSEDED}


# In this order; of a version with a record the last one fits always.
STATES: tuple[tuple[VersionState, Callable[[Case], bool]], ...] = (
    (VersionState.DUPLICATE_VERSION, lambda case: case.copies > 1),
    (VersionState.UNKNOWN, lambda case: case.is_unread),
    (VersionState.MOVED, lambda case: bool(case.other)),
    (
        VersionState.MISSING_FILE_UNKNOWN,
        lambda case: not case.file and case.content in SAYS_NOTHING,
    ),
    (VersionState.MISSING_FILE, lambda case: not case.file),
    (VersionState.NEVER_EFFECTIVE, lambda case: case.effect.state is EffectState.ABSENT),
    (VersionState.PARTLY_EFFECTIVE, lambda case: case.effect.state is EffectState.PARTIAL),
    (VersionState.EDITED_AFTER_APPLY, lambda case: case.content is Content.DIFFERENT),
    (VersionState.EDITED_HARMLESS, lambda case: case.content in HARMLESS),
    (
        VersionState.CONFIRMED_BY_EFFECT,
        lambda case: case.content in SAYS_NOTHING and _is_proven(case),
    ),
    (VersionState.UNCONFIRMED, lambda case: case.content in SAYS_NOTHING),
    (VersionState.APPLIED, lambda _: True),
)
