"""``flyway_schema_history``: a row per event; the newest of a version tells how it stands.

Repeatable migrations have no version: they are known by their description, and run again when
the checksum of their file is no longer the newest recorded one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.tracking.checksum import has_checksum
from driftbook.tracking.order import REPEATABLE
from driftbook.tracking.table import Outcome, Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.tables.layout import Layout, invent, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.tracking.tables.layout import Record

# Types of rows; whatever else there is ran a script.
MARKS_BASELINE = frozenset({"BASELINE", "SQL_BASELINE", "JDBC_BASELINE", "SCRIPT_BASELINE"})
TAKES_AWAY = frozenset({"DELETE", "UNDO_SQL", "UNDO_JDBC", "UNDO_SCRIPT"})
IS_NO_MIGRATION = "SCHEMA"
Key = tuple[int, ...] | str


def _read(record: Record) -> TrackingRow:
    kind = text_of(record, "type") or ""
    outcome = Outcome.DONE if record.get("success") else Outcome.FAILED
    if outcome is Outcome.DONE and kind in MARKS_BASELINE:
        outcome = Outcome.BASELINE
    elif kind == IS_NO_MIGRATION or (outcome is Outcome.DONE and kind in TAKES_AWAY):
        outcome = Outcome.UNDONE
    name = text_of(record, "description")
    rank = record.get("installed_rank")
    return TrackingRow(
        text_of(record, "version") or f"{REPEATABLE}{name}",
        name,
        None,
        checksum=text_of(record, "checksum"),
        outcome=outcome,
        finished_at=text_of(record, "installed_on"),
        when=rank if isinstance(rank, int) else None,
    )


def _join(tracking: Tracking, directory: Directory) -> Tracking:
    newest: dict[Key, TrackingRow] = {}
    for row in sorted(tracking.rows, key=lambda row: row.when or 0):
        newest[_key(row.version)] = row
    known = {_key(file.version): file for file in directory.files}
    told = [_rename(row, known.get(key)) for key, row in newest.items()]
    outdated = frozenset(
        row.version
        for row in told
        if row.outcome is Outcome.DONE and _is_outdated(row, known.get(_key(row.version)))
    )
    rows = [row for row in told if row.outcome is Outcome.DONE and row.version not in outdated]
    rows += _find_older(newest, directory)
    rows = _take_baseline(rows, directory)
    return replace(
        tracking,
        status=TrackingStatus.READABLE if rows or outdated else TrackingStatus.EMPTY,
        rows=tuple(sorted(rows, key=lambda row: row.version)),
        failed=tuple(row for row in told if row.outcome is Outcome.FAILED),
        outdated=outdated,
    )


def _find_older(newest: dict[Key, TrackingRow], directory: Directory) -> Iterable[TrackingRow]:
    """Yield a row per file that the database had when the tool came."""
    lines = [
        key
        for key, row in newest.items()
        if row.outcome is Outcome.BASELINE and not isinstance(key, str)
    ]
    if not lines:
        return
    top = max(lines)
    for file in directory.files:
        key = _key(file.version)
        row = newest.get(key)
        is_told = row is not None and row.outcome is not Outcome.BASELINE
        if _reaches(top, key) and not is_told:
            yield invent(file.version, Outcome.BASELINE)


def _take_baseline(rows: list[TrackingRow], directory: Directory) -> list[TrackingRow]:
    """Return ``rows`` where a baseline file stands for those that are not newer than it."""
    found = (file for file in directory.files if file.path.name.startswith("B"))
    baseline = next(found, None)
    if baseline is None:
        return rows
    known, top = {file.version for file in directory.files}, _key(baseline.version)
    kept = [row for row in rows if row.version in known or not _reaches(top, _key(row.version))]
    return [
        replace(row, checksum=None, outcome=Outcome.BASELINE)
        if row.version == baseline.version
        else row
        for row in kept
    ]


def _reaches(top: Key, key: Key) -> bool:
    """Return whether a baseline of version ``top`` stands for ``key``."""
    return not isinstance(key, str) and not isinstance(top, str) and key <= top


def _rename(row: TrackingRow, file: MigrationFile | None) -> TrackingRow:
    """Return ``row`` under the version that its file has, and with the file's form of the title."""
    name = None if row.version.startswith(REPEATABLE) or row.name is None else row.name
    if file is None:
        return replace(row, name=name)
    same = name is not None and _words(name) == _words(file.name)
    return replace(row, version=file.version, name=file.name if same else name)


def _is_outdated(row: TrackingRow, file: MigrationFile | None) -> bool:
    if file is None or row.checksum is None or not row.version.startswith(REPEATABLE):
        return False
    return not has_checksum(file, row.checksum, "flyway")


def _key(version: str) -> Key:
    """Return what two spellings of one version have in common: ``1.0`` and ``01`` are one."""
    if version.startswith(REPEATABLE):
        return _words(version)
    parts = version.replace("_", ".").split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return version
    numbers = list(map(int, parts))
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _words(text: str) -> str:
    return text.replace("_", " ")


LAYOUT = Layout(frozenset({"installed_rank", "version", "type", "success"}), _read, _join)
