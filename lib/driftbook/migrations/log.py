"""Reads the history of a migrations directory from git."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.migrations.git import HASH_DIGITS, ask_about_files, ask_git, find_place, read_branch
from driftbook.migrations.history import Commit, FileEvent, FileEventKind, History
from driftbook.migrations.moves import walk_moves
from driftbook.migrations.walk import SECONDS, SUFFIX, name_migration, name_migrations, split_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from driftbook.migrations.git import Place
    from driftbook.migrations.walk import Entry

CUT = "the clone is shallow: what happened before its oldest commits is not known"
SINGLE = {
    "A": FileEventKind.ADDED,
    "D": FileEventKind.DELETED,
    "M": FileEventKind.EDITED,
    "T": FileEventKind.EDITED,
}


def read_history(directory: Path, inner: str = "") -> History:
    """Return what git knows of the ``.sql`` files directly in ``directory``.

    Of a tool that gives each migration a folder of its own, with ``inner`` in it, the folders
    stand for the files.

    Whatever refers to a commit counts, stashes do not. A merge counts for what it changed itself:
    files that are like those of none of its parents.
    A directory that was moved as a whole is followed to its former places, up to three. Not
    followed are single files: one that came from elsewhere is added, one that went elsewhere is
    deleted; a copy is added. No address of an author is kept.

    Returns:
        The history. Nothing is raised: ``why_unknown`` says what is missing of it.
    """
    place = replace(find_place(directory), inner=inner)
    if place.why:
        return History(why_unknown=place.why)
    entries, moves, why = walk_moves(place)
    added_elsewhere = _read_cut(place) if place.is_shallow else frozenset[str]()
    uncommitted, why_uncommitted = _read_uncommitted(place)
    own = _read_branch_commits(place, [place.folder, *moves])
    commits, events = list[Commit](), list[FileEvent]()
    for entry in entries:
        found = sorted(_find_events(entry, entry.hash in added_elsewhere), key=_by_file)
        if found:
            events += found
            commits.append(_build_commit(entry, found, is_own=entry.hash in own))
    reasons = (why, CUT if place.is_shallow else "", why_uncommitted)
    return History(
        commits=tuple(commits),
        events=tuple(events),
        uncommitted=uncommitted,
        files=_list_files(directory, inner),
        branch=read_branch(place.start),
        why_unknown="; ".join(filter(None, reasons)),
    )


def _find_events(entry: Entry, is_cut: bool) -> Iterator[FileEvent]:  # noqa: FBT001 - private
    """Yield what a commit did; one at which a shallow clone ends did not add what it holds."""
    hash_ = entry.hash[:HASH_DIGITS]
    done = dict[tuple[str, FileEventKind], FileEvent]()
    for status, path, before in entry.paths:
        file, old = split_path(path)[1], split_path(before)[1]
        kind = _read_kind(status)
        if kind is FileEventKind.RENAMED and old != file:
            done[file, kind] = FileEvent(hash_, file, kind, old)
        if kind is FileEventKind.RENAMED:
            if status == "R100":
                continue
            kind = FileEventKind.EDITED
        if not (is_cut and kind is FileEventKind.ADDED):
            done[file, kind] = FileEvent(hash_, file, kind)
    for (file, kind), event in done.items():
        added, deleted = (file, FileEventKind.ADDED), (file, FileEventKind.DELETED)
        if not (added in done and deleted in done):
            yield event
        elif kind is FileEventKind.ADDED:  # moved with the directory, and edited too much
            yield replace(event, kind=FileEventKind.EDITED)


def _read_kind(status: str) -> FileEventKind:
    """Return what a status says; of a merge, which has a letter per parent, in sum."""
    if status[0] == "R" and status[1:].isdigit():
        return FileEventKind.RENAMED
    letters = set(status)
    return (
        SINGLE.get(status[0], FileEventKind.EDITED) if len(letters) == 1 else FileEventKind.EDITED
    )


def _build_commit(entry: Entry, events: Sequence[FileEvent], *, is_own: bool) -> Commit:
    counts = Counter(event.kind for event in events)
    return Commit(
        hash=entry.hash[:HASH_DIGITS],
        at=entry.at,
        author=entry.author,
        subject=entry.subject,
        added=counts[FileEventKind.ADDED],
        edited=counts[FileEventKind.EDITED],
        renamed=counts[FileEventKind.RENAMED],
        deleted=counts[FileEventKind.DELETED],
        on_branch=is_own,
    )


def _by_file(event: FileEvent) -> tuple[bytes, bool]:
    return os.fsencode(event.file), event.kind is not FileEventKind.RENAMED


def _read_branch_commits(place: Place, folders: Sequence[str]) -> frozenset[str]:
    """Return the full hashes that the checked-out branch has; none before its first commit."""
    specs = [name_migrations(place, folder) for folder in folders]
    command = ("rev-list", "--full-history", "HEAD", "--", *specs)
    return frozenset(ask_git(place.start, *command, seconds=SECONDS).data.decode().split())


def _read_cut(place: Place) -> frozenset[str]:
    """Return the full hashes of the commits at which a shallow clone ends."""
    named = ask_git(place.start, "rev-parse", "--git-path", "shallow")
    path = place.start / os.fsdecode(named.data.removesuffix(b"\n"))
    return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()


def _read_uncommitted(place: Place) -> tuple[tuple[str, ...], str]:
    answer = ask_about_files(
        place.start,
        *"status --porcelain -z --no-renames --untracked-files=all --ignored=matching".split(),
        *("--ignore-submodules=all", "--", name_migrations(place, place.folder)),
        seconds=SECONDS,
    )
    lines = (os.fsdecode(line[3:]) for line in answer.data.split(b"\0") if line)
    paths = (name_migration(place, path) for path in lines)
    names = {file for folder, file in map(split_path, paths) if folder == place.folder and file}
    why = f"which files are committed is not known: {answer.why}" if answer.why else ""
    return tuple(sorted(names, key=os.fsencode)), why


def _list_files(directory: Path, inner: str) -> tuple[str, ...]:
    if not directory.is_dir():
        return ()
    names = [
        path.name
        for path in directory.iterdir()
        if ((path / inner).is_file() if inner else path.name.lower().endswith(SUFFIX))
    ]
    return tuple(sorted(names, key=os.fsencode))
