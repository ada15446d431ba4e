"""Follows a migrations directory that was moved as a whole to the places it had before."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from driftbook.migrations.git import ask_git
from driftbook.migrations.walk import SECONDS, SUFFIX, name_migration, split_path, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.migrations.git import Place
    from driftbook.migrations.walk import Entry

MOVED_FILES = 2  # so many moved from one folder by one commit, and half of what it did
MAX_MOVES = 3
RENAMES = (
    "diff-tree --root -r -M90% -l1000 -z --name-status --diff-filter=R --no-commit-id "
    "--no-ext-diff --no-textconv"
).split()


def walk_moves(place: Place) -> tuple[list[Entry], list[str], str]:
    """Return the commits of a directory, oldest first, its former places, and what is unknown."""
    folders = [place.folder]
    entries, why = walk(place, folders)
    moves: dict[str, str] = {}  # former folder: hash of the commit that emptied it
    while len(moves) < MAX_MOVES and (found := _find_move(place, entries, folders)):
        folder, moves[found[0]] = found
        folders.append(folder)
        entries, why = walk(place, folders)
    for folder, hash_ in moves.items():
        _drop_leftovers(entries, folder, hash_)
    return entries, list(moves), why


def _drop_leftovers(entries: list[Entry], folder: str, hash_: str) -> None:
    """Forget what happened in ``folder`` after the move: it is of another directory."""
    moved = next((at for at, entry in enumerate(entries) if entry.hash == hash_), len(entries))
    for entry in entries[moved + 1 :]:
        entry.paths[:] = [path for path in entry.paths if split_path(path[1])[0] != folder]


def _find_move(
    place: Place, entries: Sequence[Entry], folders: Sequence[str]
) -> tuple[str, str] | None:
    """Return where the last of ``folders`` was before, and the commit that moved it.

    Only the commit that it begins with can be one: files that come back from an archive were
    deleted in between.
    """
    for entry in entries:
        paths = [path for path in entry.paths if split_path(path[1])[0] == folders[-1]]
        if not paths:
            continue
        came = Counter(_find_origins(place, entry.hash, folders[-1]))
        folder, count = next(iter(came.most_common(1)), ("", 0))
        is_move = folder not in folders and count >= max(MOVED_FILES, len(paths) / 2)
        return (folder, entry.hash) if is_move else None
    return None


def _find_origins(place: Place, hash_: str, folder: str) -> Iterator[str]:
    """Yield, for every file that a commit moved into ``folder``, where it was before."""
    answer = ask_git(place.start, *RENAMES, hash_, seconds=SECONDS)
    tokens = [os.fsdecode(token) for token in answer.data.split(b"\0")]
    for before, after in zip(tokens[1::3], tokens[2::3], strict=False):
        old, new = (name_migration(place, path) for path in (before, after))
        (origin, file), (target, kept) = split_path(old), split_path(new)
        is_migration = old != before if place.inner else file.lower().endswith(SUFFIX)
        if target == folder and file == kept and is_migration:
            yield origin
