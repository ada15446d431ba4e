"""Everything that one audit knows of one object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.audit.access import describe_limits, list_access, list_policies
from driftbook.audit.attribution import attribute_objects
from driftbook.audit.deeds import find_neighbours, list_deeds
from driftbook.audit.frames import about as frames
from driftbook.audit.frames.columns import build_frame, declare
from driftbook.audit.links import Links
from driftbook.audit.lookup import choose_object, is_part, list_names
from driftbook.audit.objects import pick_object
from driftbook.model import ChangeKind, ObjectRef
from driftbook.rules.definitions import define
from driftbook.rules.facts import ChangedObject, Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from driftbook.audit.links import Near
    from driftbook.audit.session import Audit
    from driftbook.forensics.attribution import Attributed
    from driftbook.history import Spell
    from driftbook.model import Finding

FACTS = declare("fact value")
EVERY_RULE = ""  # the name of no report: all rules count


@dataclass(frozen=True)
class About:
    """What is known of one object; every part is a frame, also when it is empty.

    Attributes:
        ref: The object.
        audit: What it is known from, with the findings of every rule.
    """

    ref: ObjectRef
    audit: Audit

    @cached_property
    def expected(self) -> str:
        """The definition that the files give; empty: they make no such object."""
        return self._define(self._expected)

    @cached_property
    def live(self) -> str:
        """The definition that was found; empty: there is none, or no database."""
        return self._define(self._live) if self._live else ""

    @property
    def summary(self) -> pd.DataFrame:
        """Kind, name, state, owner, comment and findings: fact, value (str)."""
        findings = Counter(finding.severity.value for finding in self.findings)
        facts = {
            "kind": self.ref.kind.replace("_", " "),
            "name": self.ref.name,
            "state": self.state,
            "owner": self.owner,
            "comment": self.comment,
            "findings": ", ".join(f"{count} {word}" for word, count in findings.items()) or "none",
        }
        return build_frame(((fact, text) for fact, text in facts.items() if text), FACTS)

    @property
    def state(self) -> str:
        """Return on which side the object is, in words."""
        here, there = bool(self.expected), bool(self.live)
        if self._live is None:
            return "made by the files; no database was asked" if here else "gone from the files"
        if not (here or there):
            return "gone: neither the files nor the live database have it"
        if not (here and there):
            return "missing in the live database" if here else "in no applied migration"
        changed = {(kind, key) for kind, key in zip(*self._changed, strict=True)}
        own = (self.ref.kind, self.ref.parts) in changed
        return "altered" if own or self.findings else "the same on both sides"

    @property
    def owner(self) -> str:
        """Return the role that owns the object; empty: unknown."""
        return self._say("owner", "role")

    @property
    def comment(self) -> str:
        """Return the comment on the object; empty: there is none."""
        return self._say("comment", "text")

    @cached_property
    def origin(self) -> pd.DataFrame:
        """When it was born and last touched, and by what: see ``frames.build_origin``."""
        return frames.build_origin(self._attributed.attribution)

    @cached_property
    def attribution(self) -> pd.DataFrame:
        """The same with everything that is known: frame ``ATTRIBUTION``, one row."""
        return self._attributed.attribution

    @cached_property
    def clues(self) -> pd.DataFrame:
        """The evidence of it: frame ``CLUE``."""
        return self._attributed.clues

    @cached_property
    def deeds(self) -> pd.DataFrame:
        """What the files did to it, in their order: version, file, did, committed_at, author."""
        return list_deeds(self.ref, self.audit)

    @cached_property
    def dependents(self) -> pd.DataFrame:
        """What needs it: depth, kind, object, how, through."""
        return self._links.list_dependents(self.ref)

    @cached_property
    def dependencies(self) -> pd.DataFrame:
        """What it needs: depth, kind, object, how, through."""
        return self._links.list_dependencies(self.ref)

    def find_near(self, depth: int = 2) -> Near:
        """Return what is up to ``depth`` links away, to be drawn."""
        return self._links.find_near(self.ref, depth)

    @property
    def why_no_links(self) -> str:
        """Return why nothing is known of dependencies; empty when they are."""
        return self._links.why_unknown

    @cached_property
    def access(self) -> pd.DataFrame:
        """What each role may do: see ``access.list_access``."""
        return list_access(self._side.snapshot, self.ref, self.audit.evidence.facts.target)

    @property
    def access_limits(self) -> str:
        """Return what the judgement of access does not know; empty: nothing."""
        return describe_limits(self._side.snapshot)

    @cached_property
    def policies(self) -> pd.DataFrame:
        """The policies of a table: see ``access.list_policies``."""
        return list_policies(self._side.snapshot, self.ref)

    @cached_property
    def findings(self) -> list[Finding]:
        """Open findings about it and its parts, worst first."""
        return [finding for finding in self.audit.found if self._is_mine(finding.object)]

    @cached_property
    def past(self) -> pd.DataFrame:
        """Findings about it that are resolved: id, severity, title, opened, resolved."""
        past = self.audit.evidence.past
        return frames.build_past(filter(self._is_mine_once, (*past.resolved, *past.reconciled)))

    @cached_property
    def sightings(self) -> pd.DataFrame:
        """What earlier audits saw of it: what, at."""
        seen = self.audit.evidence.past.sightings
        own = (self.ref.kind, self.ref.parts)
        return frames.build_sightings(
            next((one for one in seen if (one.kind, one.parts) == own), None)
        )

    @cached_property
    def neighbours(self) -> pd.DataFrame:
        """Objects that came with it: kind, object, why."""
        return find_neighbours(self.ref, self.audit)

    @property
    def fix(self) -> str:
        """Return the SQL of all its findings, worst first, as one text to read before running."""
        fixes = (finding.fix.strip() for finding in self.findings if finding.fix_is_sql)
        return "\n\n".join(dict.fromkeys(filter(None, fixes)))

    @cached_property
    def _links(self) -> Links:
        return Links.of(self.audit.evidence)

    @cached_property
    def _attributed(self) -> Attributed:
        return attribute_objects(self.audit.evidence, [self.ref])

    @cached_property
    def _expected(self) -> Side:
        return Side(self.audit.evidence.expected)

    @cached_property
    def _live(self) -> Side | None:
        return Side(self.audit.evidence.live) if self.audit.evidence.live else None

    @property
    def _side(self) -> Side:
        return self._live if self._live and self.live else self._expected

    @property
    def _changed(self) -> tuple[Iterable[str], Iterable[tuple[str, ...]]]:
        return self.audit.changes["kind"], self.audit.changes["key"]

    def _define(self, side: Side) -> str:
        return define(ChangedObject(self.ref, ChangeKind.ALTERED), side)

    def _say(self, kind: str, name: str) -> str:
        parts = self.ref.parts
        place = parts if len(parts) > 1 else ("", *parts)
        key = (self.ref.kind, *place) if kind == "owner" else (self.ref.kind, *place, "")
        row = self._side.row(kind, key)
        return str(row[name] or "") if row else ""

    def _is_mine(self, other: ObjectRef) -> bool:
        return is_part(other, self.ref, (self._expected, self._live))

    def _is_mine_once(self, spell: Spell) -> bool:
        return self._is_mine(ObjectRef(spell.kind, spell.parts))


def describe_object(audit: Audit, name: str = "") -> About:
    """Return everything that ``audit`` knows of one object.

    Args:
        audit: Of any report.
        name: ``public.orders``, ``orders``, ``kind:name``; empty: the object with most findings.

    Raises:
        ConfigError: No object is called so, or several are.
    """
    every = replace(audit, notebook=EVERY_RULE, since_version="")
    gone = list_names(every)
    if name.strip():
        none = f"neither files nor database have an object called {name!r}"
        return About(pick_object(name.strip(), gone, none), every)
    return About(choose_object(every, gone), every)
