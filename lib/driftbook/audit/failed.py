"""The failures of a replay as facts, and whether live has what they miss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.failures import FailureClass, FailureFact

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.shadow.failures.subject import Subject
    from driftbook.shadow.replay import ReplayResult
    from driftbook.shadow.result import Failure

# What a file calls so → the kinds of the catalog that it may be.
KINDS = {
    "relation": ("table", "view", "materialized_view", "index", "sequence"),
    "type": ("enum", "domain", "composite_type", "range_type", "base_type", "table"),
    "function": ("function",),
    "schema": ("schema",),
    "extension": ("extension",),
    "publication": ("publication",),
    "column": ("column",),
    "constraint": ("constraint",),
    "policy": ("policy",),
    "trigger": ("trigger",),
}


def find_failures(replayed: ReplayResult, live: Snapshot | None = None) -> tuple[FailureFact, ...]:
    """Return one fact per file that failed, in file order.

    Args:
        replayed: The replay.
        live: Where missing objects are looked up.
    """
    return tuple(
        _build_fact(result.version, result.error, live) for result in replayed.files if result.error
    )


def _build_fact(version: str, failure: Failure, live: Snapshot | None) -> FailureFact:
    fact = FailureFact(version, failure.file, failure.line, failure.sqlstate, failure.message)
    cause = failure.cause
    if cause is None:
        return fact
    missing = cause.subject if cause.kind is FailureClass.NEVER_CREATED else None
    return replace(
        fact,
        kind=cause.kind,
        object=cause.object,
        why=cause.why,
        root=cause.root,
        used_by=cause.used_by,
        live=is_there(missing, live) if missing and live else None,
    )


def is_there(subject: Subject, snapshot: Snapshot) -> bool | None:
    """Return whether ``snapshot`` has an object called so; ``None``: no frame would hold it."""
    if subject.kind not in KINDS:
        return None
    if not snapshot.frames.keys() >= set(KINDS[subject.kind]):
        return None
    for kind in KINDS[subject.kind]:
        frame = snapshot.frames[kind]
        found = frame["name"] == subject.name
        if subject.schema and "schema" in frame:
            found &= frame["schema"] == subject.schema
        if subject.table and "table" in frame:
            found &= frame["table"] == subject.table
        if found.any():
            return True
    return False
