"""What rules about versions judge, read from a stored audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.migrations.stories import find_stories
from driftbook.rules import VersionFacts

if TYPE_CHECKING:
    from driftbook.audit.evidence import Facts
    from driftbook.migrations.stories import FileStory


def build_version_facts(facts: Facts) -> VersionFacts:
    """Return what the rules need of ``facts``."""
    target = facts.target
    stories = ((story.file, describe_story(story)) for story in find_stories(facts.history))
    return VersionFacts(
        versions=facts.versions,
        table=target.tracking_table,
        convention=target.convention,
        records=facts.records,
        grants=tuple((grant.grantee, grant.privilege, grant.on) for grant in facts.grants),
        api_roles=tuple(dict.fromkeys([*target.api_roles, "PUBLIC"])),
        skipped=facts.never_runs,
        failures=facts.failures,
        stories={file: words for file, words in stories if words},
    )


def describe_story(story: FileStory) -> str:
    """Return what happened to a file, as the end of "it was …"; empty when nothing is known."""
    parts = []
    if story.first_commit:
        when = f" on {story.first_at:%Y-%m-%d}" if story.first_at else ""
        author = f" by {story.author}" if story.author else ""
        parts.append(f"added{when}{author} in {story.first_commit}")
    if story.edits:
        times = "once" if len(story.edits) == 1 else f"{len(story.edits)} times"
        parts.append(f"edited {times}, last in {story.edits[-1]}")
    if story.renames:
        parts.append(f"renamed in {story.renames[-1]}")
    if story.deleted_in:
        parts.append(f"deleted in {story.deleted_in}")
    other = "" if story.on_branch or not parts else " (on another branch)"
    return ", ".join(parts) + other
