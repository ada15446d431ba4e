"""What an opened audit shows, as frames; pure but for the list of recorded audits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.frames.about import name_objects
from driftbook.audit.frames.columns import build_frame, declare
from driftbook.audit.frames.past import parse_time
from driftbook.audit.links import Links
from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import build_frame as build_catalog_frame
from driftbook.catalog.unread import group_by_reason
from driftbook.errors import ConfigError
from driftbook.explore.display import UNKNOWN
from driftbook.forensics.frames import read_ref
from driftbook.history import find_store
from driftbook.history.read import read_audits
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.audit.evidence import Evidence
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.config import Settings
    from driftbook.explore.book import OpenAudit

DAY = re.compile(r"\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?Z?\s*")
DEPENDENCIES = declare("kind object how needs_kind needs")
HISTORY = declare(
    "audit audited_at:utc verdict critical:int high:int medium:int low:int info:int new:int "
    "resolved:int came:int went:int"
)
SAME, NOT_COMPARED = "same", "not compared"
DRIFT = ["kind", "object", "change", "property", "expected", "live", "parts"]


def build_drift(changes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per difference that does not come with another.

    Returns:
        ``kind``, ``object``, ``change``, ``property``, ``expected``, ``live`` (str), ``parts``
        (int: differences that come with this one).
    """
    parts = changes["part_of"].dropna().value_counts()
    own = changes[changes["part_of"].isna()].rename(columns={"name": "object"})
    pairs = zip(own["kind"], own["key"], strict=True)
    counted = [int(parts.get((kind, key), 0)) for kind, key in pairs]
    return own.assign(parts=counted)[DRIFT].reset_index(drop=True)


def build_objects(
    kind: str, expected: Snapshot, live: Snapshot | None, changes: pd.DataFrame
) -> pd.DataFrame:
    """Return the objects of one kind that either side has.

    Args:
        kind: A key of ``KINDS``.
        expected: The side of the files.
        live: The side that was found; ``None``: nobody looked.
        changes: Between them.

    Returns:
        The key, ``change`` (same, altered, only_live, only_expected, not compared), then the
        properties: those of live, where live has the object.

    Raises:
        ConfigError: There is no such kind.
    """
    if kind not in KINDS:
        raise ConfigError(f"{kind!r} is no kind of object", fix=f"use one of {', '.join(KINDS)}")
    key = list(KINDS[kind].key)
    theirs = changes[changes["kind"] == kind]
    found = dict(zip(theirs["key"], theirs["change"], strict=True))
    read = [side.frames[kind] for side in (live, expected) if side and kind in side.frames]
    frame = read[0] if read else build_catalog_frame((), KINDS[kind].dtypes)
    for other in read[1:]:
        known = set(_list_keys(frame, key))
        absent = [place not in known for place in _list_keys(other, key)]
        frame = pd.concat([frame, other[absent]], ignore_index=True)
    otherwise = SAME if len(read) > 1 else NOT_COMPARED
    words = [found.get(place, otherwise) for place in _list_keys(frame, key)]
    told = frame.copy()
    told.insert(len(key), "change", pd.Series(words, index=frame.index, dtype="str"))
    return told.sort_values(key, ignore_index=True)


def explain_unread(kind: str, *sides: Snapshot | None) -> str:
    """Return what of a kind one of ``sides`` did not read, and why; empty: it read everything."""
    unread = {name: why for side in sides if side for name, why in side.unread.items()}
    of_kind = {name: why for name, why in unread.items() if name.partition(".")[0] == kind}
    return describe_unread(of_kind)


def describe_unread(unread: Mapping[str, str]) -> str:
    """Return names and reasons of what was not read, as sentences; empty: nothing."""
    return " ".join(
        f"Not read: {', '.join(names)}, for {reason}." for reason, names in group_by_reason(unread)
    )


def build_dependencies(evidence: Evidence) -> tuple[pd.DataFrame, str]:
    """Return what needs what, and why nothing is known of it (empty: it is).

    Returns:
        ``kind``, ``object``, ``how``, ``needs_kind``, ``needs`` (str).
    """
    links = Links.of(evidence)
    rows = (
        (link.thing.kind, link.thing.name, ", ".join(link.hows), link.on.kind, link.on.name)
        for link in links.graph.links
    )
    why = f"{UNKNOWN}: {links.why_unknown}." if links.why_unknown else ""
    return build_frame(rows, DEPENDENCIES), why


def build_history(target: str, settings: Settings) -> pd.DataFrame:
    """Return the recorded audits of ``target``, oldest first.

    Returns:
        ``audit`` (id), ``audited_at`` (UTC), ``verdict``, findings by severity, ``new`` and
        ``resolved`` findings, rows of the live catalog that ``came`` and ``went``.
    """
    store = find_store(settings)
    rows = (
        (
            row.point.audit_id,
            parse_time(row.point.audited_at),
            row.verdict,
            *(
                sum(found.get(severity, 0) for found in row.point.counts.values())
                for severity in Severity
            ),
            row.opened,
            row.resolved,
            row.came,
            row.went,
        )
        for row in (read_audits(store, target) if store else [])
    )
    return build_frame(rows, HISTORY)


def name_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of forensics with names of objects instead of keys."""
    pairs = set(zip(frame["kind"], frame["key"], strict=True))
    return name_objects(frame, {pair: read_ref(*pair).name for pair in pairs})


def name_kind(kind: str) -> str:
    """Return what objects of ``kind`` are called, in plural."""
    return f"objects of kind {kind.replace('_', ' ')}"


def is_day(text: str) -> bool:
    """Return whether ``text`` is a day or a moment."""
    return DAY.fullmatch(text) is not None


def write_source(text: str, audit: OpenAudit) -> str:
    """Return ``text`` as a source: a day as its audit, nothing as the audit itself.

    One that is not recorded is no source: its target is looked at once more.
    """
    if not text:
        return f"audit:{audit.id}" if audit.is_recorded else audit.target
    return f"audit:{audit.at(text).id}" if is_day(text) else text


def _list_keys(frame: pd.DataFrame, key: list[str]) -> list[tuple[str, ...]]:
    return list(frame[key].itertuples(index=False, name=None))
