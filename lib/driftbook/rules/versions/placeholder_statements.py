"""A record holds no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding
from driftbook.versions import Content, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "placeholder-statements"
GROUP = "tracking"
MEANING = "A record says that a version ran, and not what ran: nothing can be compared with it."
FIX = "Record the statements of the file once its effects are known to be live."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per record without SQL that has a file."""
    for version in facts.of(VersionState.UNCONFIRMED, VersionState.CONFIRMED_BY_EFFECT):
        is_proven = version.state is VersionState.CONFIRMED_BY_EFFECT
        witness = (
            "What the file does is live, so it ran or was done by hand."
            if is_proven
            else "Nothing else shows that the file ran: this record alone says so."
        )
        record = _fix(version, facts)
        if not is_proven:
            record = f"if the file ran as it is written: {record}; if not, {PLAN}"
        yield build_finding(
            (ID, GROUP),
            _rate(version),
            version,
            title="recorded without its SQL"
            if facts.tool.keeps_text
            else "recorded without a checksum",
            consequence=f"{witness} An edit of the file can never be noticed.",
            fix=record,
            live=version.recorded_text,
        )


def _fix(version: Version, facts: VersionFacts) -> str:
    if facts.tool.keeps_text:
        return facts.record(version)
    if facts.tool.accept_edit:
        return f"record the checksum of the file: {facts.tool.accept_edit}"
    return "leave it recorded, and keep the file as it is"


def _rate(version: Version) -> Severity:
    if version.state is VersionState.UNCONFIRMED:
        return Severity.HIGH
    # No statements at all: old versions of the tool recorded none. A note is somebody's hand.
    return Severity.INFO if version.content is Content.UNKNOWN else Severity.MEDIUM
