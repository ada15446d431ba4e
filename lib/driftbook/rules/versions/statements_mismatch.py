"""The file says something else than its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import WRITE, build_finding, list_some
from driftbook.versions import Flag, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "statements-mismatch"
GROUP = "tracking"
MEANING = "A file was edited after it ran: a new environment gets something else than this one."
FIX = "Put the text that ran back into the file; an edit that is wanted becomes a new migration."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file whose record has another text."""
    for version in facts.of(VersionState.EDITED_AFTER_APPLY, VersionState.EDITED_HARMLESS):
        is_harmless = version.state is VersionState.EDITED_HARMLESS
        yield build_finding(
            (ID, GROUP),
            Severity.LOW if is_harmless else Severity.HIGH,
            version,
            title="emptied after it was applied"
            if Flag.EMPTIED in version.flags
            else "edited after it was applied" + (", to the same effect" if is_harmless else ""),
            consequence=_explain(version, facts) + facts.story(version),
            fix="keep applied files as they are; this edit does no harm"
            if is_harmless
            else _fix(facts),
            expected=version.written,
            live=version.recorded_text,
        )


def _fix(facts: VersionFacts) -> str:
    if facts.tool.keeps_text:
        return f"put the text that ran back: {WRITE}; write the edit as a new migration"
    accept = facts.tool.accept_edit
    return "put the text that ran back from git; write the edit as a new migration" + (
        f"; if only comments changed: {accept}" if accept else ""
    )


def _explain(version: Version, facts: VersionFacts) -> str:
    if version.state is VersionState.EDITED_HARMLESS:
        return "The texts differ and do the same: environments do not."
    if version.edit_effect:
        return f"A new environment differs from this one: {list_some(version.edit_effect)}."
    told = f": {version.note}" if version.note else ""
    stops = "" if facts.tool.keeps_text else f" {facts.tool.edited}"
    return f"A new environment gets another text than this one{told}.{stops}"
