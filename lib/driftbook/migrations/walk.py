"""One walk of git over every commit of every branch that touched the files of some folders."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.migrations.git import LACKING, ask_git, clean_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.migrations.git import Answer, Place

SECONDS = 120.0
SUFFIX = ".sql"
# Hash, committer's time, author, subject; the mark tells a commit from a file of the one before.
MARK = "\x01"
FORMAT = "--format=%x01%H%x00%ct%x00%an%x00%s"
WALK = (
    "--full-history --date-order --reverse --root -c -z --no-color --no-ext-diff --no-textconv "
    "--encoding=UTF-8 -l1000"
).split()
NO_STASH = "--exclude=refs/stash"
SIMILAR, SAME = "-M90%", "-M100%"
RENAMED = re.compile(r"R\d+")
TEXTLESS = "texts are missing in the clone: a file renamed and edited counts as a new one"


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit as git tells it: hash, time, and of each file what was done.

    ``paths``: status, path, and the path before a rename, else empty.
    """

    hash: str
    at: datetime
    author: str
    subject: str
    paths: list[tuple[str, str, str]] = field(default_factory=list)


def walk(place: Place, folders: Sequence[str]) -> tuple[list[Entry], str]:
    """Return the commits that touched migrations directly in ``folders``, oldest first.

    A migration is a ``.sql`` file, or the folder that the tool gives it.

    Returns:
        The commits of all refs but stashes, and what is not known, in words.
    """
    specs = [name_migrations(place, folder) for folder in folders]
    answer = ask_log(place, specs, NO_STASH, "--name-status", SIMILAR)
    if answer.why == LACKING or answer.why.startswith("git failed"):  # no text to compare
        again = ask_log(place, specs, NO_STASH, "--name-status", SAME)
        if not again.why:
            return _read_migrations(place, again), TEXTLESS
    return _read_migrations(place, answer), answer.why


def _read_migrations(place: Place, answer: Answer) -> list[Entry]:
    entries = list(parse_log(answer.data))
    for entry in entries:
        entry.paths[:] = [
            (status, name_migration(place, path), name_migration(place, before))
            for status, path, before in entry.paths
        ]
    return entries


def ask_log(place: Place, specs: Sequence[str], *options: str) -> Answer:
    """Ask for the commits of every ref that touched what ``specs`` name; see `parse_log`."""
    before = [option for option in options if option.startswith("--exclude")]
    rest = [option for option in options if option not in before]
    command = ["log", *before, "--all", *WALK, *rest, FORMAT, "--", *specs]
    return ask_git(place.start, *command, seconds=SECONDS)


def parse_log(data: bytes) -> Iterator[Entry]:
    """Yield the commits of an answer to `ask_log`."""
    tokens = iter([os.fsdecode(token) for token in data.split(b"\0")])
    entry: Entry | None = None
    for token in tokens:
        status = token.lstrip("\n")
        if status.startswith(MARK):
            if entry:
                yield entry
            at, author, subject = (next(tokens) for _ in range(3))
            entry = Entry(status[1:], read_time(at), _clean(author), _clean(subject))
        elif entry and status:
            before = next(tokens) if RENAMED.fullmatch(status) else ""
            entry.paths.append((status, next(tokens), before))
    if entry:
        yield entry


def _clean(text: str) -> str:
    return clean_words(os.fsencode(text).decode("utf-8", "replace"))


def read_time(seconds: str) -> datetime:
    """Return a commit's time; the beginning of all time for what is none."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def name_files(folder: str, file: str = "*.[sS][qQ][lL]") -> str:
    """Return the pathspec of the files directly in ``folder`` that are like the glob ``file``."""
    return f":(top,glob){escape_glob(folder)}{'/' if folder else ''}{file}"


def name_migrations(place: Place, folder: str) -> str:
    """Return the pathspec of the migrations directly in ``folder``."""
    return name_files(folder, f"*/{place.inner}") if place.inner else name_files(folder)


def name_migration(place: Place, path: str) -> str:
    """Return the path of the migration that the file at ``path`` is of."""
    return path.removesuffix(f"/{place.inner}") if place.inner else path


def escape_glob(text: str) -> str:
    r"""Return the glob that only ``text`` matches."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


def split_path(path: str) -> tuple[str, str]:
    """Return the folder, empty at the top, and the file name."""
    folder, _, file = path.rpartition("/")
    return folder, file
