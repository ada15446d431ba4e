"""What could not be checked: each gap keeps an audit from passing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.evidence import GapFact

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.shadow.replay import ReplayResult
    from driftbook.tracking.table import Tracking

SHOWN = 5


def find_gaps(
    tracking: Tracking | None, replayed: ReplayResult | None, unaccounted: pd.DataFrame
) -> tuple[GapFact, ...]:
    """Return everything in scope that is unknown rather than equal, in a fixed order."""
    gaps: list[GapFact] = []
    if tracking is not None and tracking.versions is None:
        gaps.append(
            GapFact(
                what=f"Which migrations are applied: {tracking.table} was not read",
                why=f"{tracking.why}; all files were taken as applied",
                fix=tracking.fix,
            )
        )
    if replayed is not None:
        gaps += _find_replay_gaps(replayed)
    if len(unaccounted):
        names = ", ".join(
            f"{catalog} {schema}.{name}".replace(" .", " ")
            for catalog, schema, name in unaccounted.head(SHOWN).itertuples(index=False, name=None)
        )
        gaps.append(
            GapFact(
                what=f"{len(unaccounted)} objects of kinds that are not compared: {names}"
                + ("…" if len(unaccounted) > SHOWN else ""),
                why="no catalog frame reads their kind",
                fix="compare them by hand",
            )
        )
    return tuple(gaps)


def _find_replay_gaps(replayed: ReplayResult) -> list[GapFact]:
    gaps = [
        GapFact(
            what=f"{result.file}, line {result.error.line}, failed in the shadow",
            why=f"{result.error.message} (SQLSTATE {result.error.sqlstate}); "
            "what it makes is missing from the expected side",
            fix="make the file replay from empty, or add the migration that it needs before it",
        )
        for result in replayed.files
        if result.error
    ]
    unchecked = [note for note in replayed.notes if note.effect.startswith("unchecked")]
    gaps += [
        GapFact(
            what=f"{note.object or 'A statement'} of {note.file}, line {note.line}",
            why=f"{note.done}; {note.effect}",
            fix="give the shadow a server that has it: shadow = DIR in params/targets.toml",
        )
        for note in unchecked
    ]
    return gaps
