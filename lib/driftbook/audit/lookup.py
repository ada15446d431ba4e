"""Which objects an audit knows, which of them one is about, and which one to look at first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.audit.attribution import list_objects
from driftbook.audit.objects import ABOUT, RELATIONS
from driftbook.drift.platform import find_subjects
from driftbook.errors import ConfigError
from driftbook.forensics.graph import find_whole
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.audit.session import Audit
    from driftbook.rules.facts import Side

UNNAMED = frozenset({*ABOUT, "default_privilege"})  # they say something of other objects


def list_names(audit: Audit) -> dict[ObjectRef, bool]:
    """Return every object of either side, and those of the files that are gone (``True``)."""
    evidence = audit.evidence
    things = {fact.thing: True for fact in evidence.facts.effects}
    for side in (evidence.expected, evidence.live):
        things |= dict.fromkeys(list_objects(side), False) if side else {}
    return {thing: gone for thing, gone in things.items() if thing.kind not in UNNAMED}


def is_part(other: ObjectRef, thing: ObjectRef, sides: Iterable[Side | None]) -> bool:
    """Return whether ``other`` is ``thing``, one of its parts, or says something of it."""
    if other == thing:
        return True
    try:
        subjects = find_subjects(other.kind, other.parts)
    except KeyError:
        return False  # a migration or a file
    kind, key = subjects[-1]
    if other.kind == "index":
        rows = [row for side in sides if side and (row := side.row("index", other.parts))]
        kind, key = "table", (other.parts[0], str(rows[0]["table"])) if rows else ()
    alike = kind == thing.kind or {kind, thing.kind} <= RELATIONS
    return alike and tuple(key) == thing.parts


def choose_object(audit: Audit, gone: dict[ObjectRef, bool]) -> ObjectRef:
    """Return the object with most findings; where nothing is wrong, the first table."""
    wholes = Counter(
        whole for finding in audit.found if (whole := _find_whole(finding.object)) in gone
    )
    if wholes:
        most = max(wholes.values())
        return next(thing for thing in wholes if wholes[thing] == most)  # the worst comes first
    there = sorted((thing for thing in gone if not gone[thing]), key=_tables_first)
    if not there:
        raise ConfigError(
            "the audit holds no object", fix="name another target, or an object of its files"
        )
    return there[0]


def _find_whole(thing: ObjectRef) -> ObjectRef:
    if thing.kind in UNNAMED:
        try:
            kind, key = find_subjects(thing.kind, thing.parts)[-1]
        except KeyError:
            return thing
        return find_whole(ObjectRef(kind, tuple(key)))
    return find_whole(thing)


def _tables_first(thing: ObjectRef) -> tuple[bool, str, tuple[str, ...]]:
    return (thing.kind != "table", thing.kind, thing.parts)
