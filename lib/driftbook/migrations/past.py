"""A directory of migration files as it was at a commit, a branch, a tag or a moment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError, SourceError
from driftbook.migrations.blobs import FILE_MODES, read_blobs
from driftbook.migrations.directory import MAX_FILE_BYTES, build_directory, find_byte_facts
from driftbook.migrations.git import ask_git, find_place, read_branch
from driftbook.migrations.walk import SECONDS, split_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from driftbook.migrations.directory import Content, Directory
    from driftbook.migrations.git import Place

HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z")
ABSENT = re.compile(r"not a (valid object name|tree object)", re.IGNORECASE)
FETCH_TEXTS = "fetch the texts: git fetch --refetch --no-filter"
FOLDER_MODES = frozenset({"040000", "160000"})


@dataclass(frozen=True, slots=True)
class PastFile:
    """What a commit's listing says of a name: mode, hash, and size, which folders lack."""

    mode: str
    blob: str
    size: int = 0


def read_directory_at(directory: Path, ref: str, convention: str = "supabase") -> Directory:
    """Read the migration files of ``directory`` as they were at ``ref``.

    The bytes are those that git holds: no filter and no conversion of line ends is applied.

    Args:
        directory: As it was called then; it need not exist now.
        ref: A commit, branch or tag; else a day, ``2026-01-10``, or a moment,
            ``2026-01-10T18:30Z``, both UTC: the last commit that the checked-out branch had at
            the end of that day, or at that moment.
        convention: As for `read_directory`.

    Raises:
        ConfigError: ``ref`` is no ref, or no date.
        SourceError: Git does not answer, there is no such ref, no commit so old, no such
            directory at it, no migration in that, or a text is missing.
    """
    if not ref or ref.startswith("-"):
        raise ConfigError(f"{ref!r} is no git ref", fix="name a branch, a tag, a commit or a day")
    place = find_place(directory)
    if place.why:
        raise SourceError(
            f"{str(directory)!r} cannot be read at {ref!r}: {place.why}",
            where=str(directory.absolute()),
            fix="name a directory of a git work tree that this user owns",
        )
    title = f"{directory}@{ref}"
    paths = _list(place, _find_commit(place, ref, title), title)
    tree = PastFolder(place.start, paths, title)
    return build_directory(directory, tree, convention, title)


def _find_commit(place: Place, ref: str, title: str) -> str:
    """Return the full hash that ``ref`` names; a ref that is called like a day comes first."""
    named = ask_git(place.start, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    commit = named.data.decode("ascii", "replace").strip()
    if HASH.fullmatch(commit):
        return commit
    if DATE.fullmatch(ref) or MOMENT.fullmatch(ref):
        return _find_commit_at(place, _parse_moment(ref), title)
    raise SourceError(
        f"the repository has no branch, tag or commit {ref!r}",
        where=title,
        fix="name one that `git log --all --oneline` shows, or a day: DIR@2026-01-10"
        + (", or fetch more: git fetch --unshallow" if place.is_shallow else ""),
    )


def _parse_moment(text: str) -> datetime:
    """Return the last second that ``text`` means."""
    try:
        if DATE.fullmatch(text):
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return start + timedelta(days=1, seconds=-1)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{text!r} is no date",
            fix="write a day, 2026-01-10, or a moment of UTC, 2026-01-10T18:30Z",
        ) from None


def _find_commit_at(place: Place, moment: datetime, title: str) -> str:
    # First parents alone: what was merged later was not on the branch yet, however old it is.
    limit = f"--min-age={int(moment.timestamp())}"
    answer = ask_git(
        place.start, "rev-list", "--first-parent", "-1", limit, "HEAD", seconds=SECONDS
    )
    commit = answer.data.decode("ascii", "replace").strip()
    if not HASH.fullmatch(commit):
        branch = read_branch(place.start) or "HEAD"
        raise SourceError(
            f"{branch} has no commit at or before {moment:%Y-%m-%d %H:%M:%S} UTC",
            where=title,
            fix="fetch more: git fetch --unshallow" if place.is_shallow else "name a later day",
        )
    return commit


@dataclass(frozen=True, slots=True)
class PastFolder:
    """A tree as a commit has it: every path in it, from its top on."""

    start: Path
    paths: Mapping[str, PastFile]
    title: str

    def list_names(self, folder: str = "") -> Mapping[str, bool]:
        """List what the commit has directly in ``folder``."""
        return {
            split_path(path)[1]: file.mode not in FOLDER_MODES
            for path, file in self.paths.items()
            if split_path(path)[0] == folder
        }

    def read_all(self, files: Sequence[str]) -> Mapping[str, Content]:
        """Read the texts with one question to git."""
        wanted = {self.paths[file].blob for file in files if self._is_readable(file)}
        texts, why = read_blobs(self.start, wanted)
        return {file: self._read(file, texts, why) for file in files}

    def _is_readable(self, name: str) -> bool:
        file = self.paths[name]
        return file.mode in FILE_MODES and file.size <= MAX_FILE_BYTES

    def _read(self, name: str, texts: Mapping[str, bytes], why: str) -> Content:
        file = self.paths[name]
        if file.size > MAX_FILE_BYTES:
            return b"", ("file-bytes:too-large",)
        if file.mode in FILE_MODES and file.blob in texts:
            return texts[file.blob], find_byte_facts(texts[file.blob])
        is_link = file.mode not in FILE_MODES
        raise SourceError(
            f"the file {name!r} "
            + ("was no regular file then" if is_link else f"cannot be read: {why}"),
            where=self.title,
            fix="check it out into a folder of its own: git worktree add DIR REF"
            if is_link
            else FETCH_TEXTS,
        )


def _list(place: Place, commit: str, title: str) -> dict[str, PastFile]:
    """Return all that the directory held, folders below included, by the bytes of the paths."""
    asked = "ls-tree -r -t -z -l --full-tree".split()
    answer = ask_git(place.start, *asked, f"{commit}:{place.folder}")
    if answer.why and not ABSENT.search(answer.why):
        raise SourceError(
            f"the directory cannot be read: {answer.why}", where=title, fix=FETCH_TEXTS
        )
    if answer.why:
        raise SourceError(
            f"there was no directory {place.folder!r} at that commit",
            where=title,
            fix=f"name one that was there then: git ls-tree -r --name-only {commit[:12]}",
        )
    paths = {}
    for line in answer.data.split(b"\0")[:-1]:
        told, _, name = line.partition(b"\t")
        mode, _, blob, size = told.decode("ascii").split()
        paths[os.fsdecode(name)] = PastFile(mode, blob, int(size) if size.isdigit() else 0)
    return dict(sorted(paths.items(), key=lambda item: os.fsencode(item[0])))
