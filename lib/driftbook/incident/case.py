"""Everything that a postmortem is told from: audits in their order, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.unread import name_property
from driftbook.drift.diff import diff_snapshots
from driftbook.model import ObjectRef
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import pandas as pd

    from driftbook.catalog.snapshot import Row, Snapshot
    from driftbook.forensics.attribution import Attributed
    from driftbook.history.past import Move, Spell
    from driftbook.migrations.history import History
    from driftbook.model import Finding
    from driftbook.versions import Fact, Version


@dataclass(frozen=True)
class Look:
    """One audit as a postmortem needs it.

    Attributes:
        audit_id: Its id.
        at: When it looked.
        live: What it saw, secrets redacted; ``None``: its target named no database.
        records: Version in the tracking table → the transaction that wrote it, 0: unknown;
            ``None``: the table was not read.
    """

    audit_id: str
    at: datetime
    live: Snapshot | None
    records: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when; ``why`` says how it was chosen."""

    started_at: datetime
    ended_at: datetime
    why: str = ""

    def overlaps(self, earliest: datetime | None, latest: datetime | None) -> bool:
        """Return whether an interval reaches into the window; an open end may.

        A single audit has no window: whatever is known of it counts.
        """
        if self.started_at == self.ended_at:
            return True
        before = latest is not None and latest <= self.started_at and latest != earliest
        at_point = latest is not None and latest == earliest and latest < self.started_at
        return not (before or at_point or (earliest is not None and earliest > self.ended_at))


@dataclass(frozen=True)
class Step:
    """Two audits, one after the other, and what came, went and changed between them."""

    before: Look
    after: Look

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every difference of the two live sides, as ``drift.diff`` describes it."""
        assert self.before.live is not None  # noqa: S101 - steps are made of looks with one
        assert self.after.live is not None  # noqa: S101
        kinds = {} if self.is_quiet else KINDS
        return diff_snapshots(self.before.live, self.after.live, kinds)

    @property
    def is_quiet(self) -> bool:
        """Return whether both audits saw the very same database."""
        return self.before.live is self.after.live

    @property
    def recorded(self) -> list[str]:
        """Return the versions that only the later audit saw recorded, sorted."""
        before, after = self._records
        return sorted(after.keys() - before.keys())

    @property
    def lost(self) -> list[str]:
        """Return the versions whose record was gone at the later audit, sorted."""
        before, after = self._records
        return sorted(before.keys() - after.keys())

    @property
    def rewritten(self) -> list[str]:
        """Return the versions whose record another transaction wrote since, sorted."""
        before, after = self._records
        both = before.keys() & after.keys()
        return sorted(one for one in both if before[one] and 0 != after[one] != before[one])

    @property
    def _records(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return both sides, or nothing twice when one of them was not read."""
        if self.before.records is None or self.after.records is None:
            return {}, {}
        return self.before.records, self.after.records

    def list_objects(self) -> list[tuple[ObjectRef, str]]:
        """Return objects that stand for themselves, with their change, each once."""
        own = self.changes[self.changes["part_of"].isna()]
        rows = zip(own["kind"], own["key"], own["change"], strict=True)
        found = {(ObjectRef(kind, tuple(key)), str(change)) for kind, key, change in rows}
        return sorted(found, key=lambda one: (one[0].kind, one[0].parts))


@dataclass(frozen=True)
class IncidentCase:
    """The evidence of one incident.

    Attributes:
        window: What is told of.
        looks: The audits of the window, oldest first; the last one is that of ``attributed``.
        attributed: What forensics says of every object that drifted or changed, at the end.
        drifted: The objects that differ from the files at the end, with the change.
        history: What git knows of the migration files.
        versions: Every version, as the last audit saw it.
        facts: What each file does.
        spells: Every time that a finding was open.
        findings: Those of the last audit, with their fixes.
        exhibits: Frames taken beside the last snapshot.
        moves: Audits between which the database was made anew.
        api_roles: Roles that reach the database through the API.
        exposed: Schemas that the API serves.
        every: How often the target is to be audited; empty: not said.
        target: Its name.
        lines: Lines of logs, ``LOG_LINE``; ``None``: none were given.
    """

    window: Window
    looks: tuple[Look, ...]
    attributed: Attributed
    drifted: tuple[tuple[ObjectRef, str], ...]
    history: History
    versions: tuple[Version, ...]
    facts: tuple[Fact, ...]
    spells: tuple[Spell, ...] = ()
    findings: tuple[Finding, ...] = ()
    exhibits: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    api_roles: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    every: str = ""
    target: str = "TARGET"
    lines: pd.DataFrame | None = None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The pairs of audits that followed each other and saw a database."""
        seen = [look for look in self.looks if look.live is not None]
        return tuple(Step(before, after) for before, after in pairwise(seen))

    @cached_property
    def whole(self) -> Step | None:
        """The first and the last audit of the window; ``None``: there is only one."""
        seen = [look for look in self.looks if look.live is not None]
        return Step(seen[0], seen[-1]) if len(seen) > 1 else None

    @cached_property
    def made_by(self) -> Mapping[ObjectRef, frozenset[str]]:
        """Object → the versions whose files make, alter or drop it."""
        found: dict[ObjectRef, set[str]] = {}
        for fact in self.facts:
            for thing in (fact.thing, fact.part_of):
                if thing is not None:
                    found.setdefault(thing, set()).add(fact.version)
        return {ref: frozenset(versions) for ref, versions in found.items()}

    @cached_property
    def makes(self) -> Mapping[str, tuple[ObjectRef, ...]]:
        """Version → the objects that its file creates and that stand for themselves."""
        found: dict[str, dict[ObjectRef, None]] = {}
        for fact in self.facts:
            if fact.deed is Deed.CREATED and fact.part_of is None:
                found.setdefault(fact.version, {})[fact.thing] = None
        return {version: tuple(refs) for version, refs in found.items()}

    def date_by_looks(self, ref: ObjectRef) -> tuple[datetime | None, datetime | None]:
        """Return the audits between which ``ref`` became what it is at the last one.

        The first is ``None`` when every audit saw it so; both are when no audit could see it.
        """
        if ref.kind not in KINDS:
            return None, None
        sides = [(look.at, look.live) for look in self.looks if look.live is not None]
        unread = {name for _, side in sides for name in side.unread}
        seen = [
            (at, _drop_unread(side.row(ref.kind, ref.parts), ref.kind, unread))
            for at, side in sides
            if ref.kind in side.frames
        ]
        if not seen:
            return None, None
        latest = seen[-1]
        for at, row in reversed(seen[:-1]):
            if row != latest[1]:
                return at, latest[0]
            latest = (at, row)
        return None, latest[0]


def _drop_unread(row: Row | None, kind: str, unread: Collection[str]) -> Row | None:
    """Return what every audit read of an object."""
    if row is None:
        return None
    return {name: row[name] for name in row if name_property(kind, name) not in unread}
