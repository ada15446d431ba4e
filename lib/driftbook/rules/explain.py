"""The consequence of a change: who reaches what now, and what else it means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.access.groups import group_moves
from driftbook.access.reach import SUPERUSER, Rows
from driftbook.access.roles import EVERYBODY
from driftbook.access.words import write_group
from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import list_values
from driftbook.model import ChangeKind, ObjectRef, PropertyClass
from driftbook.rules.facts import ChangedObject, Difference, name_parts, rows_of
from driftbook.rules.meanings import explain_absence, explain_difference
from driftbook.rules.severity import opens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from driftbook.access.moves import Move
    from driftbook.rules.facts import Facts

FILES = "the files"  # the side that sentences are about, unless it is called otherwise
OF_FILES = re.compile(r"\b([Tt])he files\b")
SAID = 2  # sentences of each sort; the rest stands in the definitions
MEMBERS = {"role": 0, "membership": 1}  # kind → which part of its key is the role it is about
GRANTS = frozenset({"privilege", "initial_privilege"})
RELATIONS = frozenset({"table", "view", "materialized_view", "function", "sequence"})
# Their properties that decide who reaches what.
DECIDING = ("rls_enabled", "rls_forced", "options", "security_definer")
NO_MOVE = "Nobody reaches more or less by it today: the right is held in another way, or in vain."
IDLE_POLICY = (
    "Today nobody reaches other rows by it: row level security is off, or no role that it names "
    "holds the right."
)
CLASSES = list(PropertyClass)  # the worst first
# Kinds of which nothing is left to say when it is told who reaches what.
ONLY_ACCESS = frozenset({"privilege", "initial_privilege", "policy"})


def write_consequence(thing: ChangedObject, facts: Facts, before: str = FILES) -> str:
    """Return who is affected and how, in a few sentences.

    ``before`` is what they call the side of the files where it is another one.
    """
    access = [f"{text}." for text in tell_access(thing, facts, before)]
    if access and thing.ref.kind in ONLY_ACCESS:
        return " ".join(access)
    if (
        thing.ref.kind == "privilege"
        and thing.change is not ChangeKind.ALTERED
        and facts.moves is not None
    ):
        return NO_MOVE
    meaning = [_name_side(text, before) for text in write_meaning(thing, facts)]
    if thing.ref.kind == "policy" and facts.moves is not None:
        meaning.append(IDLE_POLICY)
    return " ".join([*access, *meaning])


def _name_side(text: str, before: str) -> str:
    """Return a text about the files for the side that is called ``before``, in the plural too."""
    if before == FILES:
        return text
    return OF_FILES.sub(lambda found: f"{found[1]}he definitions of {before}", text)


def explain_changes(changes: pd.DataFrame, facts: Facts, before: str = FILES) -> list[str]:
    """Return what each row of ``changes`` means by itself, in their order.

    ``before`` is what sentences call the side of the files where it is another one.
    """
    names = ("kind", "key", "change", "property", "property_class", "expected", "live")
    told = []
    for kind, key, change, name, cls, expected, live in zip(
        *(list_values(changes[column]) for column in names), strict=True
    ):
        entry = Difference(str(name), str(cls), _text(expected), _text(live))
        ref = ObjectRef(str(kind), tuple(key))
        thing = ChangedObject(ref, ChangeKind(str(change)), (entry,) if name else ())
        told.append(write_consequence(thing, facts, before))
    return told


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def write_meaning(thing: ChangedObject, facts: Facts) -> list[str]:
    """Return what the change means besides access, the worst first."""
    kind, key = thing.ref.kind, thing.ref.parts
    row = {**name_parts(kind, key), **(facts.winner(thing.change).row(kind, key) or {})}
    if thing.change is not ChangeKind.ALTERED:
        return [explain_absence(kind, thing.change, row)]
    said = [
        explain_difference(kind, entry, row)
        for entry in sorted(thing.differences, key=_rank_difference)
    ]
    return list(dict.fromkeys(said))[:SAID]


def find_class(thing: ChangedObject, facts: Facts) -> PropertyClass:
    """Return what a change decides: security when it opens something, else its worst class."""
    if opens(thing, facts):
        return PropertyClass.SECURITY
    row = facts.winner(thing.change).row(thing.ref.kind, thing.ref.parts) or {}
    if thing.ref.kind == "index" and not thing.differences and row.get("unique") is True:
        return PropertyClass.DATA
    classes = [PropertyClass(entry.cls) for entry in thing.differences]
    return min(classes, key=CLASSES.index, default=KINDS[thing.ref.kind].cls)


def tell_access(thing: ChangedObject, facts: Facts, before: str = FILES) -> list[str]:
    """Return who reaches more or less of the object, a sentence each, worst first."""
    held = rows_of(thing.members or (thing.ref,)) if _is_grant(thing) else []
    wanted = {(row["grantee"], row["privilege"]) for row in held}
    moves = [
        move
        for move in _find_moves(thing, facts.moves or {})
        if not held or {(EVERYBODY, move.privilege), (move.role, move.privilege)} & wanted
    ]
    said = SAID if thing.change is ChangeKind.ALTERED else 1
    return [write_group(group, before) for group in group_moves(moves)[:said]]


def _find_moves(thing: ChangedObject, moves: Mapping[ObjectRef, Sequence[Move]]) -> Iterator[Move]:
    """Yield what moved of the object that the change is about, or of the role that it is about."""
    if thing.ref.kind in MEMBERS:
        role = thing.ref.parts[MEMBERS[thing.ref.kind]]
        mine = (move for found in moves.values() for move in found if move.role == role)
        yield from (move for move in mine if _is_by(thing.ref.kind, move))
    for ref in _find_reached(thing):
        yield from moves.get(ref, ())


def _is_by(kind: str, move: Move) -> bool:
    """Return whether a right moved by what the role is, or by whose member it is."""
    both = (move.before, move.after)
    passes = [one.rows is Rows.BYPASS or one.holder == SUPERUSER for one in both]
    if kind == "role":
        return passes[0] != passes[1]
    return any(one.holder not in {"", EVERYBODY, SUPERUSER, move.role} or one.worn for one in both)


def _find_reached(thing: ChangedObject) -> Iterator[ObjectRef]:
    """Yield the objects of which a change decides who reaches them."""
    kind, parts = thing.ref.kind, thing.ref.parts
    if kind == "policy":
        yield ObjectRef("table", parts[:2])
    elif kind in {*GRANTS, "owner"}:
        yield ObjectRef(parts[0], tuple(filter(None, parts[1:3])))
    elif kind in RELATIONS and (
        thing.change is not ChangeKind.ALTERED or any(map(thing.find, DECIDING))
    ):
        yield thing.ref


def _is_grant(thing: ChangedObject) -> bool:
    return thing.ref.kind in GRANTS


def _rank_difference(entry: Difference) -> tuple[int, bool, str]:
    # The order of columns says least of a table.
    return CLASSES.index(PropertyClass(entry.cls)), entry.property == "column_order", entry.property
