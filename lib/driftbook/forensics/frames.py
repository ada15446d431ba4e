"""The frames of forensics, column by column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from driftbook.forensics.lines import LOG_LINE
from driftbook.history.exhibits import TIME
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Mapping

Dtypes = dict[str, str]

# One row per object and the catalog rows that remember it; ``key`` as :func:`write_key` has it.
WITNESS: Dtypes = {
    "kind": "str",
    "key": "str",
    "oid": "Int64",
    "catalog": "str",
    "owner": "str",
    "born_xid": "Int64",
    "born_row": "str",
    "touched_xid": "Int64",
    "touched_row": "str",
    "born_at": TIME,
    "touched_at": TIME,
}
# One row per row of the tracking table.
RECORD: Dtypes = {"version": "str", "xid": "Int64", "recorded_at": TIME}
# One row: what the server's clocks are worth. ``cluster`` is a hash of the system identifier.
CLOCK: Dtypes = {
    "commit_timestamps": "boolean",
    "next_xid": "Int64",
    "wrapped": "boolean",
    "database": "str",
    "cluster": "str",
    "cluster_born_at": TIME,
    "oldest_commit_xid": "Int64",
    "read_at": TIME,
}
# One row per column that was dropped.
DROPPED_COLUMN: Dtypes = {
    "schema": "str",
    "table": "str",
    "position": "Int64",
    "xid": "Int64",
    "dropped_at": TIME,
}
# One row per object and another one that it needs; columns are objects of their own.
DEPENDENCY: Dtypes = {
    "kind": "str",
    "key": "str",
    "on_kind": "str",
    "on_key": "str",
    "how": "str",  # constraint, query, policy, trigger, default, type, body, publication, part, use
}
EXHIBITS: Mapping[str, Dtypes] = {
    "clock": CLOCK,
    "record": RECORD,
    "witness": WITNESS,
    "dropped_column": DROPPED_COLUMN,
    "ddl_line": LOG_LINE,
    "dependency": DEPENDENCY,  # after the witnesses, whose OIDs name its objects
}
# One piece of evidence for one aspect of one object.
CLUE: Dtypes = {
    "id": "str",
    "kind": "str",
    "key": "str",
    "aspect": "str",
    "source": "str",
    "row": "str",
    "value": "str",
    "earliest_at": TIME,
    "latest_at": TIME,
    "after_version": "str",
    "before_version": "str",
    "weight": "Int64",
    "raw_ref": "str",
    "note": "str",
}
# One row per object: born and last touched, each as an interval, by whom, how sure.
ATTRIBUTION: Dtypes = {
    "kind": "str",
    "key": "str",
    "change": "str",
    "shadow_created_by": "str",
    "shadow_last_touched_by": "str",
    "born_class": "str",
    "born_version": "str",
    "born_after_version": "str",
    "born_before_version": "str",
    "born_earliest_at": TIME,
    "born_latest_at": TIME,
    "born_xid": "Int64",
    "born_confidence": "str",
    "touched_class": "str",
    "touched_version": "str",
    "touched_after_version": "str",
    "touched_before_version": "str",
    "touched_earliest_at": TIME,
    "touched_latest_at": TIME,
    "touched_xid": "Int64",
    "time_basis": "str",
    "session": "str",
    "channel": "str",
    "actor_role": "str",
    "actor_application": "str",
    "actor_client": "str",
    "confidence": "str",  # of the last touch
    "why": "str",
    "drift_after_version": "str",
    "drift_before_version": "str",
    "drift_earliest_at": TIME,
    "drift_latest_at": TIME,
    "contradictions": "object",
    "clues": "object",
}
# One row per human action, or run of them: out-of-band objects that belong together.
SESSION: Dtypes = {
    "session": "str",
    "transactions": "Int64",
    "objects": "Int64",
    "owner": "str",
    "after_version": "str",
    "before_version": "str",
    "earliest_at": TIME,
    "latest_at": TIME,
    "first_xid": "Int64",
    "last_xid": "Int64",
    "channel": "str",
    "what": "str",
}


def write_key(ref: ObjectRef) -> str:
    """Return the key of ``ref`` as frames hold it."""
    return json.dumps(list(ref.parts), ensure_ascii=False)


def read_ref(kind: str, key: str) -> ObjectRef:
    """Return the object that a row of a frame is about."""
    return ObjectRef(kind, tuple(json.loads(key)))
