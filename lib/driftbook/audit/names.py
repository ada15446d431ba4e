"""What objects were called over time: a rename ends no history."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from driftbook.drift.platform import find_subjects
from driftbook.model import ObjectRef
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.versions import Fact

Names = dict[ObjectRef, ObjectRef]


def find_owner(fact: Fact) -> ObjectRef:
    """Return the object that stands for itself of which the fact's thing is a part."""
    thing = fact.part_of or fact.thing
    kind, key = find_subjects(thing.kind, thing.parts)[-1]
    return ObjectRef(kind, tuple(key))


def follow_name(thing: ObjectRef, told: Sequence[tuple[Fact, int]]) -> list[ObjectRef | None]:
    """Return, for each fact, what ``thing`` was called when it was done.

    Args:
        thing: By its last name.
        told: Facts in file order, each with the number of its statement.

    Returns:
        ``None`` where the name was that of another object, which has another one since.
    """
    names: list[ObjectRef | None] = []
    called: ObjectRef | None = thing
    born = False  # by a statement that is later than those still to come
    for _, entries in groupby(reversed(told), key=lambda entry: (entry[0].file, entry[1])):
        facts = [fact for fact, _ in entries]
        own = [fact for fact in facts if fact.thing == called]
        if born and any(fact.deed is Deed.DROPPED and fact.other_name for fact in own):
            called = None
        names += [called] * len(facts)
        born |= any(fact.deed is Deed.CREATED and not fact.other_name for fact in own)
        if called is not None:
            called = _read_renames(facts).get(called, called)
    return names[::-1]


def list_last_names(facts: Sequence[Fact]) -> list[ObjectRef | None]:
    """Return the object that each fact is about, by the name that it has in the end.

    ``None`` for what a rename only seems to drop. The facts are in file order.
    """
    last: Names = {}
    found: list[ObjectRef | None] = []
    for _, entries in groupby(reversed(facts), key=lambda fact: fact.file):
        own = list(entries)
        renames = {new: old for new, old in _read_renames(own).items() if _is_whole(new)}
        since = {old: new for new, old in renames.items() if old not in renames}
        found += _find_names(own, since, last)
        moved = {old: last.get(new, new) for new, old in renames.items()}
        for new in renames:
            last.pop(new, None)
        last |= moved
    return found[::-1]


def _find_names(facts: Sequence[Fact], since: Names, last: Names) -> Iterator[ObjectRef | None]:
    for fact in facts:
        owner = find_owner(fact)
        owner = since.get(owner, owner)
        dropped = fact.deed is Deed.DROPPED and fact.other_name
        yield None if dropped else last.get(owner, owner)


def _read_renames(facts: Sequence[Fact]) -> Names:
    """Return new name → old name of what one step renamed."""
    return {
        fact.thing: fact.other_name
        for fact in facts
        if fact.other_name and fact.deed is not Deed.DROPPED
    }


def _is_whole(thing: ObjectRef) -> bool:
    return len(find_subjects(thing.kind, thing.parts)) == 1
