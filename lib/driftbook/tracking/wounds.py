"""What a repair plan is made from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.tracking.case import UNRECORDED
from driftbook.tracking.pending import name_some
from driftbook.versions import Content, EffectState, Flag, OrderFlag, VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.migrations.blobs import PastText
    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.model import ObjectRef
    from driftbook.tracking.table import Tracking, TrackingRow
    from driftbook.versions import Version

TIME = re.compile(r"[0-9]{14}")


@dataclass(frozen=True, slots=True)
class Wounds:
    """Everything that a plan is made from.

    Attributes:
        versions: All versions with their states.
        directory: The migration files.
        tracking: The tracking table.
        now: When the evidence was captured: new migrations are later than that and any version.
        is_supabase: Whether the Supabase CLI keeps the table.
        target: What commands call the target.
        past: Version → texts that git has for it, newest first.
        cures: Missing object → SQL that makes it.
        failed: Recorded files that failed in the shadow.
        renamed: Object that is not live → what a file renamed to it.
    """

    versions: tuple[Version, ...]
    directory: Directory
    tracking: Tracking
    now: datetime
    is_supabase: bool = True
    target: str = "TARGET"
    past: Mapping[str, Sequence[PastText]] = field(default_factory=dict)
    cures: Mapping[ObjectRef, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    renamed: Mapping[ObjectRef, ObjectRef] = field(default_factory=dict)

    def command(self, option: str) -> str:
        """Return the command of our own that takes a step."""
        return f"driftbook tracking {shlex.quote(self.target)} {option}"

    def of(self, *states: VersionState) -> list[Version]:
        """Return the versions in one of ``states``."""
        return [version for version in self.versions if version.state in states]

    @property
    def is_bare(self) -> bool:
        """Return whether the table may lack columns: no row has a name or statements."""
        rows = self.tracking.rows
        return bool(rows) and all(row.name is None and row.statements is None for row in rows)

    def file(self, version: Version) -> MigrationFile | None:
        """Return the file of ``version``, if it has one."""
        found = (file for file in self.directory.files if file.path.name == version.file)
        return next(found, None)

    def has_file(self, text: str) -> bool:
        """Return whether a file that is still to run holds ``text``."""
        pending = {one.file for one in self.versions if not one.recorded}
        return any(
            file.path.name in pending and file.data == text.encode()
            for file in self.directory.files
        )

    def is_retold(self, version: Version) -> bool:
        """Return whether files hold the SQL of a record without a file, and have run.

        Their own records then take the place of this one.
        """
        related = [one for one in self.versions if one.version in version.related]
        return (
            version.state is VersionState.MISSING_FILE
            and not {Flag.MERGED, Flag.SPLIT}.isdisjoint(version.flags)
            and all(one.state is VersionState.APPLIED_UNRECORDED for one in related if one.file)
        )

    def row(self, version: str) -> TrackingRow | None:
        """Return the record of ``version``, if there is one."""
        return next((row for row in self.tracking.rows if row.version == version), None)

    def statements(self, version: Version) -> tuple[str, ...]:
        """Return the statements of the file as the tool records them."""
        file = self.file(version)
        if file is None or file.unsendable:
            return ()
        split = CONVENTIONS[self.directory.convention].split
        return tuple(statement.text for statement in split(file.text))

    def new_version(self, offset: int) -> str:
        """Return the ``offset``-th version that is later than all others and than now."""
        newest = max(
            (one.version for one in self.versions if TIME.fullmatch(one.version)), default=""
        )
        try:
            after = datetime.strptime(newest, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:  # none, or digits that are no time: numbers go on
            after = self.now
            if newest > f"{self.now:%Y%m%d%H%M%S}":
                return str(int(newest) + 1 + offset)
        later = max(self.now, after + timedelta(seconds=1)) + timedelta(seconds=offset)
        return f"{later:%Y%m%d%H%M%S}"


def presume(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Return ``versions`` as they are when no row is left to tell: effects alone decide."""
    proven = {EffectState.FULL, EffectState.SUPERSEDED}
    newest = max((one.version for one in versions if one.effect in proven), default="")
    presumed = []
    for version in versions:
        state = version.state
        if state is VersionState.UNKNOWN:
            state = UNRECORDED[version.effect]
            if version.effect is EffectState.SUPERSEDED:
                state = VersionState.APPLIED_UNRECORDED
        is_proven = version.effect in proven and state is not VersionState.PENDING_UNTESTABLE
        older = version.version < newest and not is_proven
        order = OrderFlag.OLDER_THAN_APPLIED if older else version.order
        presumed.append(replace(version, state=state, recorded=False, order=order))
    return tuple(presumed)


def is_undecided(version: Version) -> bool:
    """Return whether only a person knows if a file ran: it stands among those that did."""
    return (
        version.state is VersionState.PENDING_UNTESTABLE
        and version.order is OrderFlag.OLDER_THAN_APPLIED
    )


def is_recorded_text(version: Version) -> bool:
    """Return whether the file is what its record says."""
    return version.content in {Content.IDENTICAL, Content.EQUAL, Content.GUARDED}


def list_names(names: Sequence[object]) -> str:
    """Return up to five names, and how many more there are."""
    return name_some([str(name) for name in names])
