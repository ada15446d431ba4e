"""What a history says of single files: their story under every name."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.migrations.history import FileEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from driftbook.migrations.history import Commit, FileEvent, History


@dataclass(frozen=True, slots=True)
class FileStory:
    """What happened to one file, oldest first, through all its names.

    Attributes:
        file: Its last name.
        first_commit: That added it; empty when the history does not reach back so far.
        first_at: Time of that commit; ``None`` when it is unknown.
        author: Of that commit; empty when it is unknown.
        edits: Commits that changed its text after the first, or added it again.
        renames: Commits that changed its name.
        deleted_in: The commit that deleted it; empty while it exists.
        names: All its names, the first one first.
        on_branch: Whether the checked-out branch ever had it.
    """

    file: str
    first_commit: str = ""
    first_at: datetime | None = None
    author: str = ""
    edits: tuple[str, ...] = ()
    renames: tuple[str, ...] = ()
    deleted_in: str = ""
    names: tuple[str, ...] = ()
    on_branch: bool = True


def find_stories(history: History) -> tuple[FileStory, ...]:
    """Return one story per file, in the order of the names.

    What the checked-out branch has is told by its own commits, without those of branches that
    were squashed into it; other branches tell of files that only they have.
    """
    commits = {commit.hash: commit for commit in history.commits}
    own = _tell((event for event in history.events if commits[event.commit].on_branch), commits)
    known = {name for story in own for name in story.names}
    others = [
        replace(story, on_branch=False)
        for story in _tell(history.events, commits)
        if story.file not in known
    ]
    return tuple(sorted([*own, *others], key=lambda story: os.fsencode(story.file)))


def _tell(events: Iterable[FileEvent], commits: dict[str, Commit]) -> list[FileStory]:
    stories: dict[str, FileStory] = {}
    for event in events:
        # Two branches may have renamed the same file.
        is_known = event.file in stories and event.old_file not in stories
        name = event.file if is_known else event.old_file or event.file
        story = stories.pop(name, FileStory(name, names=(name,)))
        stories[event.file] = _continue(story, event, commits[event.commit])
    return list(stories.values())


def _continue(story: FileStory, event: FileEvent, commit: Commit) -> FileStory:
    if event.kind is FileEventKind.DELETED:
        return replace(story, deleted_in=commit.hash)
    if event.kind is FileEventKind.RENAMED:
        names = tuple(dict.fromkeys([*story.names, event.file]))
        renames = (*story.renames, commit.hash)
        return replace(story, file=event.file, names=names, renames=renames, deleted_in="")
    is_first = not (story.first_commit or story.edits or story.renames or story.deleted_in)
    if event.kind is FileEventKind.ADDED and is_first:
        return replace(story, first_commit=commit.hash, first_at=commit.at, author=commit.author)
    return replace(story, edits=(*story.edits, commit.hash), deleted_in="")
