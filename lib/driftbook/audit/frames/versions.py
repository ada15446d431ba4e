"""Versions as frames: one row each, counts per state, what is missing, what records are worth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare, in_words, parse_version_time
from driftbook.versions import Content, EffectState, FactStatus, Flag, Trust, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from driftbook.audit.evidence import GrantFact
    from driftbook.model import ObjectRef
    from driftbook.versions import Fact, Version

VERSIONS = declare(
    "version file state record content effect trust order flags name_row match_version note "
    "version_at:utc recorded:bool in_files:bool found:int testable:int"
)
UNSETTLED = declare(
    "version state note file row live_effects content other_version trust order flags"
)
STATE_COUNTS = declare("state versions:int meaning")
TRUST = declare("trust records:int meaning")
MISSING = declare("version file kind object property problem")
GRANTS = declare("grantee privilege on")

EDITED = {VersionState.EDITED_AFTER_APPLY, VersionState.EDITED_HARMLESS}
OTHER_TEXTS = {Content.GUARDED, Content.SAME_EFFECT, Content.DIFFERENT}
MEANINGS = {
    VersionState.APPLIED: "File, record and live database agree.",
    VersionState.PENDING: "A file without a record, and nothing of it is live: planned work.",
    VersionState.PENDING_UNTESTABLE: "A file without a record that changes no schema: whether it "
    "ran cannot be told.",
    VersionState.APPLIED_UNRECORDED: "What the file does is live, its record is missing.",
    VersionState.PARTLY_APPLIED_UNRECORDED: "Some of what the file does is live, its record is "
    "missing.",
    VersionState.NEVER_EFFECTIVE: "Recorded, and nothing of what the file does is live.",
    VersionState.PARTLY_EFFECTIVE: "Recorded, and only some of what the file does is live.",
    VersionState.EDITED_AFTER_APPLY: "The file says something else than its record.",
    VersionState.EDITED_HARMLESS: "The file has another text than its record and does the same.",
    VersionState.UNCONFIRMED: "The record holds no SQL, and no live object shows that it ran.",
    VersionState.CONFIRMED_BY_EFFECT: "The record holds no SQL, what the file does is live.",
    VersionState.MOVED: "The same SQL is a file under one version and a record under another.",
    VersionState.MISSING_FILE: "Recorded without a file: the record is the only copy of the SQL.",
    VersionState.MISSING_FILE_UNKNOWN: "Recorded without a file and without SQL.",
    VersionState.DUPLICATE_VERSION: "Two files share the version: at most one can be recorded.",
    VersionState.UNKNOWN: "The tracking table was not read.",
}
TRUST_MEANINGS = {
    Trust.PUSHED: "Written together with an object that is still there: the record is evidence.",
    Trust.BULK: "Written together with other records, by a restore or a repair: that the text "
    "equals the file's proves nothing about what ran.",
    Trust.UNKNOWN: "Nothing tells when it was written.",
}


def build_versions(versions: Iterable[Version]) -> pd.DataFrame:
    """Return one row per version, in the order given.

    Returns:
        ``version``, ``file`` (empty: recorded without a file), ``state``, ``record`` (both, file
        only, row only, unknown), ``content``, ``effect`` ("7 of 9"; empty: nothing can be told),
        ``trust``, ``order``, ``flags`` (with commas), ``name_row``, ``match_version``, ``note``
        (str); ``version_at`` (UTC; missing when the version spells no time); ``recorded``,
        ``in_files`` (bool); ``found``, ``testable`` (int64, facts of the live database).
    """
    rows = (
        (
            one.version,
            one.file,
            one.state.value,
            _find_record(one),
            one.content.value,
            describe_effect(one),
            one.trust.value,
            one.order.value,
            ", ".join(flag.value for flag in one.flags),
            one.name_row or "",
            one.match_version,
            one.note,
            parse_version_time(one.version),
            one.recorded,
            bool(one.file),
            one.found,
            one.testable,
        )
        for one in versions
    )
    return build_frame(rows, VERSIONS)


def build_pending(versions: Iterable[Version]) -> pd.DataFrame:
    """Return files that are not recorded and not live, in file order: version, file, note."""
    pending = [one for one in versions if one.state.is_pending]
    return build_versions(pending)[["version", "file", "note"]]


def _find_record(version: Version) -> str:
    if version.state is VersionState.UNKNOWN:
        return "unknown"
    if version.recorded:
        return "both" if version.file else "row only"
    return "file only"


def describe_effect(version: Version) -> str:
    """Return ``7 of 9``: so many facts of so many hold; empty when there is none to test."""
    return f"{version.found:,} of {version.testable:,}" if version.testable else ""


def build_unsettled(versions: Iterable[Version]) -> pd.DataFrame:
    """Return the versions on which the sources disagree, for people, in the order given.

    Returns:
        ``version``, ``state``, ``note``, ``file``, ``row`` (yes, no), ``live_effects`` ("7 of 9",
        or why there is no number), ``content``, ``other_version``, ``trust``, ``order``,
        ``flags`` (all str).
    """
    rows = (
        (
            one.version,
            in_words(one.state.value),
            one.note,
            one.file,
            "yes" if one.recorded else "no",
            describe_effect(one) or _explain_effect(one),
            in_words(one.content.value) if one.recorded and one.file else "",
            one.match_version,
            one.trust.value if one.recorded else "",
            in_words(one.order.value) if one.order.value != "ok" else "",
            ", ".join(in_words(flag.value) for flag in one.flags),
        )
        for one in versions
        if not one.state.is_settled
    )
    return build_frame(rows, UNSETTLED)


def _explain_effect(version: Version) -> str:
    return "superseded" if version.effect is EffectState.SUPERSEDED else ""


def find_edited(versions: Iterable[Version]) -> list[Version]:
    """Return the versions whose file holds another text than their record, in the order given."""
    return [
        one
        for one in versions
        if one.file
        and one.recorded
        and (one.state in EDITED or one.content in OTHER_TEXTS or Flag.EMPTIED in one.flags)
    ]


def build_state_counts(versions: Iterable[Version]) -> pd.DataFrame:
    """Return one row per state that occurs, settled ones last: state, versions (int64), meaning."""
    counts = Counter(one.state for one in versions)
    states = sorted(
        counts,
        key=lambda state: (state.is_settled, -counts[state], list(VersionState).index(state)),
    )
    rows = ((in_words(state.value), counts[state], MEANINGS[state]) for state in states)
    return build_frame(rows, STATE_COUNTS)


def build_trust(versions: Iterable[Version]) -> pd.DataFrame:
    """Return what records are evidence of: trust, records (int64), meaning; only what occurs."""
    counts = Counter(one.trust for one in versions if one.recorded)
    rows = ((kind.value, counts[kind], TRUST_MEANINGS[kind]) for kind in Trust if counts[kind])
    return build_frame(rows, TRUST)


def build_grants(grants: Iterable[GrantFact]) -> pd.DataFrame:
    """Return who else may touch the tracking table: grantee, privilege, on (str)."""
    return build_frame(((one.grantee, one.privilege, one.on) for one in grants), GRANTS)


def build_missing(effects: Sequence[Fact], versions: Iterable[Version]) -> pd.DataFrame:
    """Return what the live database lacks of versions that are not pending, in file order.

    A part of an object that is missing itself has no row.

    Returns:
        ``version``, ``file``, ``kind``, ``object``, ``property`` (empty: the object as a whole),
        ``problem`` (words), all str.
    """
    planned = {one.file for one in versions if one.state.is_pending}
    wrong = [
        fact
        for fact in effects
        if fact.status in {FactStatus.MISSING, FactStatus.DIFFERENT} and fact.file not in planned
    ]
    gone = {(fact.file, fact.thing) for fact in wrong if fact.status is FactStatus.MISSING}
    rows = (
        (
            fact.version,
            fact.file,
            in_words(fact.thing.kind),
            fact.thing.name,
            in_words(fact.property),
            _explain_fact(fact),
        )
        for fact in wrong
        if not _has_lost(fact.part_of, fact.file, gone)
    )
    return build_frame(rows, MISSING)


def _has_lost(whole: ObjectRef | None, file: str, gone: set[tuple[str, ObjectRef]]) -> bool:
    return whole is not None and (file, whole) in gone


def _explain_fact(fact: Fact) -> str:
    if fact.status is FactStatus.DIFFERENT:
        return "live in another shape"
    return "dropped by the file, still live" if fact.deed.value == "dropped" else "not live"
