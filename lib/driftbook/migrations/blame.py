"""Who wrote given lines of a file last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.migrations.git import (
    HASH_DIGITS,
    ask_about_files,
    clean_words,
    find_place,
)
from driftbook.migrations.walk import read_time

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SECONDS = 60.0
HEADER = re.compile(r"([0-9a-f]{40,64}) \d+ \d+(?: \d+)?")
BLAME = "blame --no-ignore-revs-file -w --porcelain --no-textconv --encoding=UTF-8".split()


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """The newest commit among some lines.

    Attributes:
        commit: The first 12 digits of its hash; empty when it is unknown.
        at: Committer's time, UTC; ``None`` when it is unknown.
        author: Name of the author; never an address.
        subject: First line of the message.
        why_unknown: Why there is no commit to name; empty when there is one.
    """

    commit: str = ""
    at: datetime | None = None
    author: str = ""
    subject: str = ""
    why_unknown: str = ""


def blame_lines(path: Path, first: int, last: int) -> LineOrigin:
    """Return the newest commit among the lines ``first`` to ``last`` of ``path`` as it is now.

    Lines are counted from 1; changes of white space alone are passed over. Nothing is raised.
    """
    place = find_place(path.parent)
    if place.why:
        return LineOrigin(why_unknown=place.why)
    command = (*BLAME, "-L", f"{first},{last}", "--", path.name)
    answer = ask_about_files(path.parent, *command, seconds=SECONDS)
    if answer.why:
        return LineOrigin(why_unknown=answer.why)
    commits = _parse(answer.data.decode("utf-8", "replace"))
    if any(not hash_.strip("0") for hash_ in commits):
        return LineOrigin(why_unknown="the lines are not committed")
    if not commits:
        return LineOrigin(why_unknown="the file has no such lines")
    newest = max(commits, key=lambda each: read_time(commits[each].get("committer-time", "")))
    told = commits[newest]
    if place.is_shallow and "boundary" in told:
        return LineOrigin(why_unknown="the clone is shallow and does not reach back to the lines")
    return LineOrigin(
        commit=newest[:HASH_DIGITS],
        at=read_time(told.get("committer-time", "")),
        author=clean_words(told.get("author", "")),
        subject=clean_words(told.get("summary", "")),
    )


def _parse(text: str) -> dict[str, dict[str, str]]:
    """Return what git tells of each commit: its first word, and the rest of the line."""
    commits: dict[str, dict[str, str]] = {}
    told: dict[str, str] = {}
    for line in text.split("\n"):
        if line.startswith("\t"):  # the line of the file itself
            continue
        if header := HEADER.fullmatch(line):
            told = commits.setdefault(header.group(1), {})
        else:
            word, _, rest = line.partition(" ")
            told.setdefault(word, rest)
    return commits
