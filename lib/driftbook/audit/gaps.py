"""What could not be checked: each gap keeps an audit from passing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.audit.evidence import GapFact
from driftbook.audit.failed import find_failures
from driftbook.audit.sides import scope_of
from driftbook.catalog.unread import OLDER, UNKNOWN
from driftbook.drift.cluster import MADE_BEFORE, NO_ROLES
from driftbook.drift.scope import NO_ROWS, find_wanted
from driftbook.failures import find_roots
from driftbook.tracking.table import TrackingStatus
from driftbook.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from driftbook.audit.evidence import Evidence, Facts
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.majors import Unchecked
    from driftbook.drift.scope import ScopeSettings
    from driftbook.failures import Root
    from driftbook.shadow.replay import ReplayResult
    from driftbook.tracking.table import Tracking

SHOWN = 5
# Reason → what makes up for it.
FIXES = {
    OLDER: "take it again with this driftbook, or leave the kind out: exclude = ['KIND:*']",
    NO_ROLES: "compare captures or databases, or audit the target with roles = true",
    NO_ROWS: "compare with the database itself, or leave the kind out: exclude = ['KIND:*']",
    UNKNOWN: "compare with the driftbook that took it",
}
# What of the unmade another server may make: it has the language, the wrapper or the method.
LACKING = frozenset({"function", "foreign_server", "index"})
BY_HAND = "compare it by hand: a shadow makes nothing that takes a superuser"
OTHER_SERVER = "give the shadow a server that has it: shadow = DIR in params/targets.toml"
GRANT = "grant what driftbook doctor TARGET names, or leave the kind out: exclude = ['KIND:*']"

NO_DATABASE = "The target names no database"


def find_gaps(
    tracking: Tracking | None,
    replayed: ReplayResult | None,
    unaccounted: pd.DataFrame,
    unchecked: Sequence[Unchecked] = (),
    unread: Sequence[GapFact] = (),
) -> tuple[GapFact, ...]:
    """Return everything in scope of an audit that is unknown rather than equal, in a fixed order.

    Args:
        tracking: The tracking table; ``None``: there is no live database.
        replayed: The replay of the files.
        unaccounted: Objects that no frame of the catalog describes.
        unchecked: Objects that the server of the replay cannot have.
        unread: Kinds that could not be read.
    """
    gaps: list[GapFact] = []
    if tracking is None:
        gaps.append(
            GapFact(
                what="What is live: the target names no database",
                why="the files were replayed, and there is nothing to compare them with",
                fix='add dsn_env = "NAME" or service = "name" to the target',
            )
        )
    elif tracking.versions is None:
        read = "does not tell" if tracking.status is TrackingStatus.UNDECIDED else "was not read"
        gaps.append(
            GapFact(
                what=f"Which migrations are applied: {tracking.table} {read}",
                why=f"{tracking.why}; all files were taken as applied",
                fix=tracking.fix,
            )
        )
    else:
        gaps += _find_unfinished(tracking)
    gaps += find_source_gaps(replayed, unaccounted)
    return (*gaps, *find_major_gaps(unchecked), *unread)


def _find_unfinished(tracking: Tracking) -> Iterator[GapFact]:
    """Yield what ran in another form than its file has now, or in part."""
    for row in tracking.failed:
        yield GapFact(
            what=f"What of {row.version} is live: {tracking.table} says that it failed",
            why="it began and did not end; it was taken as not applied",
            fix="clear it as driftbook tracking TARGET says",
        )
    if tracking.outdated:
        yield GapFact(
            what=f"What {', '.join(sorted(tracking.outdated))} made: the file changed since",
            why="the text that ran last is not known; live was compared with the text of now",
            fix="let the tool run it again, then audit",
        )


def find_source_gaps(
    replayed: ReplayResult | None, unaccounted: pd.DataFrame
) -> tuple[GapFact, ...]:
    """Return what is unknown of one side: what did not replay, and what no frame describes."""
    gaps = _find_replay_gaps(replayed) if replayed is not None else []
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


def find_major_gaps(unchecked: Sequence[Unchecked]) -> tuple[GapFact, ...]:
    """Return what one of two major versions cannot have: its absence there says nothing."""
    return tuple(
        GapFact(
            what=f"{one.name}: only PostgreSQL {one.major} and newer can have it",
            why="the server on the other side is older",
            fix=f"give the shadow the same major: driftbook postgres fetch {one.major}, or newer",
        )
        for one in unchecked
    )


def find_role_gaps(left_out: pd.DataFrame) -> Iterator[GapFact]:
    """Yield that roles which the files make were asked for and could not be compared."""
    made = left_out.loc[left_out["reason"] == MADE_BEFORE, "objects"].sum()
    if made:
        yield GapFact(
            what=f"{count(int(made), 'role or membership', 'roles and memberships')} of the files",
            why=MADE_BEFORE,
            fix="compare two databases or captures: driftbook diff FROM TO --roles",
        )


def find_unread_gaps(
    sides: Iterable[Snapshot | None], settings: ScopeSettings | None = None
) -> tuple[GapFact, ...]:
    """Return the kinds and properties that nobody read on one of ``sides``.

    One gap for all that the same sides lack for the same reason. Kinds that ``settings`` leave
    out are wanted by nobody.
    """
    lacking: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for side in filter(None, sides):
        wanted = find_wanted(side.unread, settings) if settings else side.unread
        for name, why in wanted.items():
            lacking[why, name][side.source] = None
    named: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (why, name), sources in sorted(lacking.items()):
        named[why, " and ".join(sources)].append(name)
    return tuple(
        GapFact(
            what=f"Not read of {where}: {', '.join(names)}",
            why=why,
            fix=FIXES.get(why, GRANT),
        )
        for (why, where), names in named.items()
    )


def note_unread(evidence: Evidence) -> Evidence:
    """Return stored evidence with a gap for what the driftbook that stored it did not read."""
    facts = evidence.facts
    unread = find_unread_gaps((evidence.expected, evidence.live), scope_of(facts.target))
    gaps = tuple(dict.fromkeys((*facts.gaps, *unread)))
    return replace(evidence, facts=facts.model_copy(update={"gaps": gaps}))


def gaps_of(report: str, facts: Facts) -> tuple[GapFact, ...]:
    """Return the gaps that count in ``report``.

    The history of the files asks no live database, and a file that failed is a finding there.
    """
    if report != "migration_history":
        return facts.gaps
    failed = {_name_failure(failure.file, failure.line) for failure in facts.failures}
    return tuple(gap for gap in facts.gaps if gap.about == "replay" and gap.what not in failed)


def _name_failure(file: str, line: int) -> str:
    return f"{file}, line {line}, failed in the shadow"


def _name_blocked(root: Root) -> str:
    others = len(root.blocked) - 1
    return f"it and {count(others, 'more file')}" if others else "it"


def _find_replay_gaps(replayed: ReplayResult) -> list[GapFact]:
    gaps = [
        GapFact(
            what=_name_failure(root.first.file, root.first.line),
            why=f"{root.describe()} (SQLSTATE {root.first.sqlstate}); "
            f"what {_name_blocked(root)} would make is missing from the expected side",
            fix="make the file replay from empty, or add the migration that it needs before it",
            about="replay",
        )
        for root in find_roots(find_failures(replayed))
    ]
    unchecked = [note for note in replayed.notes if note.effect.startswith("unchecked")]
    gaps += [
        GapFact(
            what=f"{note.object or 'A statement'} of {note.file}, line {note.line}",
            why=f"{note.done}; {note.effect}",
            fix=OTHER_SERVER if {ref.kind for ref in note.withheld} <= LACKING else BY_HAND,
            about="replay",
        )
        for note in unchecked
    ]
    return gaps
