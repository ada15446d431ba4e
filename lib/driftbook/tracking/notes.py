"""Why a version has its state: one sentence each, with the numbers that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.tracking.content import cut, describe_difference, read_code
from driftbook.versions import EffectState, VersionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.tracking.case import Case
    from driftbook.tracking.effects import Effect

SHOWN = 60


def explain(state: VersionState, case: Case) -> str:
    """Return the reason of ``state``; empty where there is nothing to explain."""
    return REASONS[state](case) if state in REASONS else ""


def _explain_move(case: Case) -> str:
    half = "the record" if case.file else "the file"
    return f"{half} with the same SQL has version {case.other}"


def _explain_edit(case: Case) -> str:
    if case.file is None or case.row is None:
        return ""
    if case.row.checksum is not None:
        return "its checksum is not the recorded one"
    return describe_difference(case.file, case.row.statements or (), case.split)


def _explain_unrecorded(case: Case) -> str:
    effect = case.effect
    if case.is_outdated:
        return "its file changed since it ran last: the tool runs it again"
    if effect.failure:
        return f"it cannot be tried after the recorded files: {effect.failure}"
    return {
        EffectState.FULL: "everything it does is live, and it is not recorded",
        EffectState.PARTIAL: f"{effect.found} of {effect.testable} effects are live, and it is not "
        "recorded",
        EffectState.ABSENT: "nothing of what it does is live",
        EffectState.SUPERSEDED: "later files replace everything it does",
        EffectState.UNTESTABLE: "it changes no schema that could be seen",
    }[effect.state]


def _explain_silence(case: Case) -> str:
    return f"its record holds {describe_record(case)}; {describe_effect(case.effect)}"


def _explain_row(case: Case) -> str:
    name = f"recorded as {case.row.name!r}, " if case.row and case.row.name else ""
    return f"{name}its record holds {describe_record(case)}"


def describe_effect(effect: Effect) -> str:
    """Return how much of a recorded file is live, in words."""
    if effect.failure:
        return f"the file fails in the shadow: {effect.failure}"
    return {
        EffectState.FULL: "everything that the file does is live",
        EffectState.PARTIAL: f"{effect.found} of {effect.testable} effects of the file are live",
        EffectState.ABSENT: "nothing of what the file does is live",
        EffectState.SUPERSEDED: "later files replaced everything that it did",
        EffectState.UNTESTABLE: "the file changes no schema, so nothing else tells",
    }[effect.state]


def describe_record(case: Case) -> str:
    """Return what the recorded statements are, in words."""
    statements = case.row.statements if case.row else None
    if statements is None:
        return "no statements"
    code = read_code(cut(statements, case.split))
    if code:
        return f"{len(code)} statements"
    if not statements:
        return "an empty list of statements"
    return f"no SQL, only {statements[0].strip()[:SHOWN]!r}"


REASONS: dict[VersionState, Callable[[Case], str]] = {
    VersionState.DUPLICATE_VERSION: lambda _: "another file has the same version",
    VersionState.UNKNOWN: lambda _: "the tracking table was not read",
    VersionState.MOVED: _explain_move,
    VersionState.MISSING_FILE: _explain_row,
    VersionState.MISSING_FILE_UNKNOWN: _explain_row,
    VersionState.NEVER_EFFECTIVE: lambda _: "recorded, and nothing of what it does is live",
    VersionState.PARTLY_EFFECTIVE: lambda case: (
        f"recorded, and only {case.effect.found} of {case.effect.testable} effects are live"
    ),
    VersionState.EDITED_AFTER_APPLY: _explain_edit,
    VersionState.EDITED_HARMLESS: lambda _: (
        "the file has another text than its record, and does the same"
    ),
    VersionState.UNCONFIRMED: _explain_silence,
    VersionState.CONFIRMED_BY_EFFECT: _explain_silence,
    VersionState.PENDING: _explain_unrecorded,
    VersionState.PENDING_UNTESTABLE: _explain_unrecorded,
    VersionState.APPLIED_UNRECORDED: _explain_unrecorded,
    VersionState.PARTLY_APPLIED_UNRECORDED: _explain_unrecorded,
}
