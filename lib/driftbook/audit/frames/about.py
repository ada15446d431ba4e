"""What is known of one object, as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.frames.columns import build_frame, declare, in_words
from driftbook.audit.frames.past import parse_time
from driftbook.forensics.words import describe_order

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from driftbook.history import Spell
    from driftbook.history.past import Sighting

DEEDS = declare("version file did committed_at:utc author")
LINKS = declare("depth:int kind object how through")
PAST = declare("id severity title opened:utc resolved:utc")
SIGHTINGS = declare("what at:utc")
NEIGHBOURS = declare("kind object why")
ORIGIN = declare("question answer earliest_at:utc latest_at:utc confidence why")
SIGHTED = {
    "absent_at": "the last audit without it",
    "seen_at": "the first audit that saw it",
    "other_at": "the last audit that saw it in another shape, or not at all",
    "same_at": "the first audit that saw it as it is now",
    "gone_after": "the last audit that saw it before it was gone",
    "gone_by": "the first audit that missed it",
}
CLASSES = {
    "pushed": "pushed by the migration tool",
    "manual_run": "a file that somebody ran by hand",
    "out_of_band": "outside of all migration files",
    "retouched": "outside of all migration files, after a file made it",
    "restored": "written by a restore: what was before cannot be told",
    "unknown": "not known",
}


def build_sightings(sighting: Sighting | None) -> pd.DataFrame:
    """Return what earlier audits saw of an object: what, at (UTC); no row where there is none."""
    told = sighting.model_dump() if sighting else {}
    rows = [(words, parse_time(told[name])) for name, words in SIGHTED.items() if told.get(name)]
    return build_frame(rows, SIGHTINGS)


def build_past(spells: Iterable[Spell]) -> pd.DataFrame:
    """Return findings that are resolved: id, severity, title, opened, resolved (UTC)."""
    times = {(one.id, one.opened_at): one for one in spells if one.resolved_at}
    rows = (
        (
            one.id,
            one.severity.value,
            one.title,
            parse_time(one.opened_at),
            parse_time(one.resolved_at),
        )
        for one in times.values()
    )
    return build_frame(rows, PAST)


def build_origin(attribution: pd.DataFrame) -> pd.DataFrame:
    """Return the attribution of one object as two answers: born, last touched.

    Args:
        attribution: Frame ``ATTRIBUTION`` with at most one row.

    Returns:
        ``question``, ``answer`` (str), ``earliest_at``, ``latest_at`` (UTC, or missing),
        ``confidence``, ``why`` (str).
    """
    rows = [
        _tell(row, aspect, question)
        for row in attribution.to_dict("records")
        for aspect, question in (("born", "born"), ("touched", "last touched"))
    ]
    return build_frame(rows, ORIGIN)


def _tell(row: Mapping[Hashable, object], aspect: str, question: str) -> tuple[object, ...]:
    answer = CLASSES.get(_text(row[f"{aspect}_class"]), in_words(_text(row[f"{aspect}_class"])))
    if version := _text(row[f"{aspect}_version"]):
        answer += f": {version}"
    else:
        places = [_text(row[f"{aspect}_{side}_version"]) for side in ("after", "before")]
        order = describe_order(places[0], places[1])
        answer += f", {order}" if order else ""
    is_touch = aspect == "touched"
    why = _text(row["why"]) if is_touch else ""
    confidence = _text(row["confidence" if is_touch else "born_confidence"])
    return (
        question,
        answer,
        row[f"{aspect}_earliest_at"],
        row[f"{aspect}_latest_at"],
        confidence,
        why,
    )


def name_objects(frame: pd.DataFrame, names: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """Return ``frame`` with a column ``object`` in the place of ``key``.

    Args:
        frame: With ``kind`` and ``key`` as the frames of forensics have them.
        names: What objects are called, by kind and key.
    """
    shown = frame.copy()
    called = [names[kind, key] for kind, key in zip(frame["kind"], frame["key"], strict=True)]
    shown.insert(list(frame.columns).index("key"), "object", pd.Series(called, dtype="str"))
    return shown.drop(columns="key")


def drop_empty(frame: pd.DataFrame, keep: Sequence[str] = ()) -> pd.DataFrame:
    """Return ``frame`` without columns in which no row says anything."""
    empty = [
        name
        for name in frame.columns
        if name not in keep and not any(_says(value) for value in frame[name])
    ]
    return frame.drop(columns=empty) if len(frame) else frame


def _says(value: object) -> bool:
    if isinstance(value, tuple | list):
        return bool(value)
    return not pd.isna(value) and value != ""  # type: ignore[call-overload]


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124
