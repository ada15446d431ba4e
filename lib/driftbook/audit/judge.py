"""From files and tracking table to a state per version: replay, follow, compare, join."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.drift.canonical import find_equal
from driftbook.drift.diff import drop_equal
from driftbook.tools import BY_NAME
from driftbook.tracking.checksum import compare_record
from driftbook.tracking.flags import Sources, find_flags
from driftbook.tracking.order import find_order, find_order_by_place
from driftbook.tracking.recorded import find_twins
from driftbook.tracking.states import Known, find_states
from driftbook.tracking.table import Tracking, TrackingStatus

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from driftbook.audit.trace import Replayed, Trace, Tracer
    from driftbook.drift.scope import Scoped
    from driftbook.migrations.directory import Directory
    from driftbook.migrations.history import History
    from driftbook.versions import Content, OrderFlag, Version

NO_TRACKING = Tracking("", TrackingStatus.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that one set of files and one tracking table gave.

    Attributes:
        directory: The files.
        tracking: The table.
        replayed: The recorded files in the shadow.
        scoped: Both sides in scope; ``None`` without a live database.
        changes: Their differences, those of form only left out; ``None`` without live.
        equal: Kind, key and property of what differs in form only.
        trace: What every file did.
        versions: A state per version.
    """

    directory: Directory
    tracking: Tracking
    replayed: Replayed
    scoped: Scoped | None
    changes: pd.DataFrame | None
    equal: tuple[tuple[str, tuple[str, ...], str], ...]
    trace: Trace
    versions: tuple[Version, ...]

    @property
    def count(self) -> int:
        """Return how many objects differ, parts of new and missing ones not counted."""
        return 0 if self.changes is None else int(self.changes["part_of"].isna().sum())


def judge(tracer: Tracer, directory: Directory, history: History, now: datetime) -> Judged:
    """Replay the recorded files of ``directory``, follow each, and join it with the records.

    Of files with one version the one is replayed that the record tells of; the others are tried.
    """
    tracking = tracer.live.tracking if tracer.live else NO_TRACKING
    contents = compare_contents(directory, tracking)
    twins = find_twins(directory, contents)
    told = replace(directory, files=tuple(f for f in directory.files if f.path.name not in twins))
    replayed = tracer.replay(told, tracking.versions if tracer.live else None)
    scoped, changes, equal = _compare(tracer, replayed)
    expected = scoped.expected if scoped else replayed.result.expected
    trace = tracer.trace(told, replayed, (expected, changes), contents, directory)
    intercepted = {note.file for note in replayed.result.notes}
    found = find_flags(Sources(directory, tracking, history, trace.effects, intercepted, now))
    known = Known(
        directory,
        tracking,
        contents,
        trace.effects,
        trace.retold,
        trace.edits,
        found.moves,
        find_orders(directory, tracking),
        found.flags,
        found.related,
    )
    return Judged(directory, tracking, replayed, scoped, changes, equal, trace, find_states(known))


def compare_contents(directory: Directory, tracking: Tracking) -> dict[str, Content]:
    """Return file name → how the file compares with its record, for files that have one."""
    rows = {row.version: row for row in tracking.rows}
    return {
        file.path.name: compare_record(file, rows[file.version], directory.convention)
        for file in directory.files
        if file.version in rows
    }


def find_orders(directory: Directory, tracking: Tracking) -> dict[str, OrderFlag]:
    """Return the flag of every version, as the tool of ``directory`` orders files."""
    # Drizzle compares times alone, wherever its journal has an entry.
    placed = sorted(directory.files, key=lambda file: file.when or 0)
    files = [(file.path.name, file.version) for file in placed]
    find = find_order if directory.convention in BY_NAME else find_order_by_place
    return find(files, tracking.rows)


def _compare(
    tracer: Tracer, replayed: Replayed
) -> tuple[Scoped | None, pd.DataFrame | None, tuple[tuple[str, tuple[str, ...], str], ...]]:
    result = replayed.result
    compared = tracer.compare(result.expected, result.platform, result.withheld)
    if compared is None:
        return None, None, ()
    scoped, changes = compared
    equal = tuple(find_equal(changes, scoped.expected, scoped.live, tracer.server, result))
    return scoped, drop_equal(changes, set(equal)), equal
