"""Texts that differ between two sides that no replay made: judged in a scratch database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.choice import ShadowChoice
from driftbook.audit.evidence import GapFact
from driftbook.audit.sides import start_shadow
from driftbook.drift.canonical import Judged, find_texts
from driftbook.drift.diff import drop_equal
from driftbook.drift.majors import major_of
from driftbook.drift.scratch import judge_in_scratch
from driftbook.errors import DriftbookError
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.canonical import Named
    from driftbook.postgres.binaries import Origin
    from driftbook.progress import Progress

# PostgreSQL writes a list of these in another way after a reload, whatever its version.
LISTED = ("::character varying", "::bpchar")


@dataclass(frozen=True, slots=True)
class Settled:
    """Changes without those of form, what could not be judged, and the server that judged."""

    changes: pd.DataFrame
    gaps: tuple[GapFact, ...] = ()
    origin: Origin | None = None


def settle_forms(
    changes: pd.DataFrame, expected: Snapshot, live: Snapshot, progress: Progress
) -> Settled:
    """Take out of ``changes`` what differs in form only, and what nobody could read alike.

    The newer of the two majors reads what both wrote. A server is started only where a text
    differs that it may have written in two ways.
    """
    suspects = _find_suspects(changes, expected, live)
    if not suspects:
        return Settled(changes)
    progress("reading texts that differ in a scratch database")
    origin = None
    why, fix = "it does not load in a scratch database", "compare it by hand"
    major = max(major_of(expected), major_of(live))
    try:
        with start_shadow(major, ShadowChoice(), "plain") as server:
            judged = judge_in_scratch(changes, expected, live, server)
            origin = server.origin
    except DriftbookError as error:
        judged = Judged(unread=tuple(find_texts(changes)))
        why, fix = f"no server could read both: {error.problem}", error.fix
    unread = [named for named in judged.unread if named in suspects]
    gaps = tuple(
        GapFact(what=f"{ObjectRef(kind, key)}: its {name} is written in two ways", why=why, fix=fix)
        for kind, key, name in unread
    )
    return Settled(drop_equal(changes, {*judged.equal, *unread}), gaps, origin)


def _find_suspects(changes: pd.DataFrame, expected: Snapshot, live: Snapshot) -> set[Named]:
    """Return the texts that may differ in form only: a major's own, or one with a list."""
    texts = set(find_texts(changes))
    if major_of(expected) != major_of(live):
        return texts
    return {named for named in _find_listed(changes) if named in texts}


def _find_listed(changes: pd.DataFrame) -> Iterator[Named]:
    columns = (changes[name] for name in ("kind", "key", "property", "expected", "live"))
    for kind, key, name, *sides in zip(*columns, strict=True):
        if all(any(word in str(side) for word in LISTED) for side in sides):
            yield kind, key, name
