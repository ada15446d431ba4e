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
from driftbook.drift.suspects import find_suspects
from driftbook.errors import DriftbookError
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.binaries import Origin
    from driftbook.progress import Progress


@dataclass(frozen=True, slots=True)
class Settled:
    """Changes without those of form, what could not be judged, and the server that judged."""

    changes: pd.DataFrame
    gaps: tuple[GapFact, ...] = ()
    origin: Origin | None = None


def settle_forms(
    changes: pd.DataFrame, expected: Snapshot, live: Snapshot, bindir: str, progress: Progress
) -> Settled:
    """Take out of ``changes`` what differs in form only, and what nobody could read alike.

    The server of ``bindir``, or one of the newer major, reads what both wrote. It is started
    only where a text differs that may be written in two ways.
    """
    suspects = find_suspects(changes, expected, live)
    if not len(suspects):
        return Settled(changes)
    progress("reading texts that differ in a scratch database")
    origin = None
    why, fix = "it does not load in a scratch database", "compare it by hand"
    major = max(major_of(expected), major_of(live))
    try:
        with start_shadow(major, ShadowChoice(bindir), "plain") as server:
            judged = judge_in_scratch(suspects, expected, live, server)
            origin = server.origin
    except DriftbookError as error:
        judged = Judged(unread=tuple(find_texts(suspects)))
        why, fix = f"no server could read both: {error.problem}", error.fix
    gaps = tuple(
        GapFact(what=f"{ObjectRef(kind, key)}: its {name} is written in two ways", why=why, fix=fix)
        for kind, key, name in judged.unread
    )
    return Settled(drop_equal(changes, {*judged.equal, *judged.unread}), gaps, origin)
