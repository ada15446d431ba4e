"""The git history of the migration files as frames: commits, edits, cadence, one row per file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.frames.columns import build_frame, declare, in_words, parse_version_time
from driftbook.audit.names import find_owner
from driftbook.migrations.history import FileEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from driftbook.audit.evidence import Facts, FileFact
    from driftbook.migrations.history import Commit, History
    from driftbook.versions import Version

COMMITS = declare(
    "at:utc commit author subject added:int edited:int renamed:int deleted:int is_squash:bool "
    "on_branch:bool"
)
EDITS = declare(
    "file version first_commit first_at:utc author edits:int last_commit last_at:utc last_author "
    "days:int renames:int deleted:bool"
)
EDIT_EVENTS = declare("file edited_at:utc commit author")
CADENCE = declare("start:utc span files:int first_commits:int")
SLOW = declare("file seconds:float statements:int")
MIGRATIONS = declare(
    "version file state statements:number objects:int commit author committed_at:utc"
)
SLOWEST = 20
MOST_WEEKS, MOST_MONTHS = 104, 240  # bars, from which on a longer span is taken
SPANS = (("week", "W-SUN", MOST_WEEKS), ("month", "M", MOST_MONTHS), ("year", "Y", 0))


@dataclass(slots=True)
class Life:
    """What became of one file, under whatever names."""

    first: Commit
    edits: list[Commit] = field(default_factory=list)
    renames: int = 0
    deleted: bool = False


def trace_files(history: History) -> dict[str, Life]:
    """Return the last name of each file that git knows → its life, by name."""
    commits = {commit.hash: commit for commit in history.commits}
    lives = dict[str, Life]()
    for event in history.events:
        commit = commits[event.commit]
        if event.kind is FileEventKind.RENAMED and event.old_file in lives:
            lives[event.file] = lives.pop(event.old_file)
        life = lives.setdefault(event.file, Life(commit))
        # What another branch deletes is still a file here.
        life.deleted = event.kind is FileEventKind.DELETED and commit.on_branch
        life.renames += event.kind is FileEventKind.RENAMED
        if event.kind is FileEventKind.EDITED:
            life.edits.append(commit)
    return dict(sorted(lives.items()))


def explain_history(history: History) -> str:
    """Return why there is nothing to tell of commits; empty when there is something."""
    if history.why_unknown:
        return f"The git history is not known: {history.why_unknown.rstrip('.')}."
    return "" if history.commits else "No commit is known that touches the migration files."


def build_commits(history: History) -> pd.DataFrame:
    """Return one row per commit that touched the directory, newest first.

    Returns:
        ``at`` (UTC), ``commit``, ``author``, ``subject`` (str), ``added``, ``edited``,
        ``renamed``, ``deleted`` (int64, files), ``is_squash``, ``on_branch`` (bool). Empty means
        none, or that git could not be asked: :func:`explain_history` says which.
    """
    rows = (
        (
            one.at,
            one.hash,
            one.author,
            one.subject,
            one.added,
            one.edited,
            one.renamed,
            one.deleted,
            one.is_squash,
            one.on_branch,
        )
        for one in reversed(history.commits)
    )
    return build_frame(rows, COMMITS)


def build_edits(history: History, since: str = "") -> pd.DataFrame:
    """Return one row per file that git knows, most edits first, then the longest edited.

    Returns:
        ``file`` (its last name), ``version``, ``first_commit``, ``author``, ``last_commit``,
        ``last_author`` (str, empty without an edit), ``first_at``, ``last_at`` (UTC, missing
        without an edit), ``edits``, ``days`` (between first commit and last edit), ``renames``
        (int64), ``deleted`` (bool).
    """
    rows = [
        _describe_life(name, life)
        for name, life in trace_files(history).items()
        if find_version(name) >= since
    ]
    frame = build_frame(rows, EDITS)
    order = frame.sort_values(["edits", "days", "file"], ascending=[False, False, True])
    return order.reset_index(drop=True)


def _describe_life(name: str, life: Life) -> tuple[object, ...]:
    last = life.edits[-1] if life.edits else None
    return (
        name,
        find_version(name),
        life.first.hash,
        life.first.at,
        life.first.author,
        len(life.edits),
        last.hash if last else "",
        last.at if last else None,
        last.author if last else "",
        (last.at - life.first.at).days if last else 0,
        life.renames,
        life.deleted,
    )


def find_version(name: str) -> str:
    """Return the first digits of the name of a file."""
    digits = re.search(r"[0-9]+", name)
    return digits[0] if digits else ""


def build_edit_events(history: History) -> pd.DataFrame:
    """Return one row per edit of a file after its first commit: file, edited_at, commit, author."""
    rows = (
        (name, commit.at, commit.hash, commit.author)
        for name, life in trace_files(history).items()
        for commit in life.edits
    )
    return build_frame(rows, EDIT_EVENTS)


def build_cadence(versions: Iterable[Version], history: History, since: str = "") -> pd.DataFrame:
    """Return how many files came in each week, month or year, gaps included.

    Returns:
        ``start`` (UTC, of the span), ``span`` (week up to two years, month up to twenty, else
        year), ``files`` (int64, by the time that their version spells), ``first_commits``
        (int64, by their first commit). Empty when no time is known.
    """
    chosen = [one for one in versions if one.file and one.version >= since]
    lives = trace_files(history)
    written = [parse_version_time(one.version) for one in chosen]
    committed = [lives[one.file].first.at for one in chosen if one.file in lives]
    known = [at for at in (*written, *committed) if at]
    if not known:
        return build_frame([], CADENCE)
    span, code = next(
        (span, code)
        for span, code, most in SPANS
        if len(_list_periods(known, code)) <= most or not most
    )
    by_version, by_commit = _count(written, code), _count(committed, code)
    rows = (
        (period.start_time, span, by_version[period], by_commit[period])
        for period in _list_periods(known, code)
    )
    return build_frame(rows, CADENCE)


def _count(times: Sequence[datetime | None], code: str) -> Counter[pd.Period]:
    return Counter(_find_period(at, code) for at in times if at)


def _find_period(at: datetime, code: str) -> pd.Period:
    return pd.Period(at.replace(tzinfo=None), freq=code)


def _list_periods(times: Sequence[datetime], code: str) -> pd.PeriodIndex:
    first, last = (_find_period(at, code) for at in (min(times), max(times)))
    return pd.period_range(first, last, freq=code)


def build_slow(files: Iterable[FileFact]) -> pd.DataFrame:
    """Return the 20 files that took longest in the shadow: file, seconds (float), statements.

    Seconds vary from run to run: for a table, never for a chart.
    """
    slowest = sorted(files, key=lambda one: (-one.seconds, one.file))[:SLOWEST]
    return build_frame(((one.file, one.seconds, one.statements) for one in slowest), SLOW)


def build_migrations(facts: Facts, since: str = "") -> pd.DataFrame:
    """Return one row per migration file, in file order.

    Returns:
        ``version``, ``file``, ``state`` (words), ``commit``, ``author`` (str, of the first
        commit; empty when unknown), ``committed_at`` (UTC or missing), ``statements`` (Int64,
        missing for a file that was not replayed), ``objects`` (int64, that it touched).
    """
    lives = trace_files(facts.history)
    known = {one.file: one.statements for one in facts.files}
    touched = defaultdict[str, set[object]](set)
    for fact in facts.effects:
        touched[fact.file].add(find_owner(fact))
    rows = []
    for one in facts.versions:
        if not one.file or one.version < since:
            continue
        first = lives[one.file].first if one.file in lives else None
        about = (first.hash, first.author, first.at) if first else ("", "", None)
        state = in_words(one.state.value)
        counts = (known.get(one.file, pd.NA), len(touched[one.file]))
        rows.append((one.version, one.file, state, *counts, *about))
    return build_frame(rows, MIGRATIONS)
