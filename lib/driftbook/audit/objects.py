"""Finding the object that a person means, and what happened to it and its parts."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.model import ObjectRef
    from driftbook.versions import Fact

# Of several objects with one name the one that a person means first.
PREFERRED = ("table", "view", "materialized_view", "function", "schema", "enum", "column")
RELATIONS = frozenset({"table", "view", "materialized_view"})
VIEWS = frozenset({"view", "materialized_view"})
ON_TABLE = frozenset({"column", "constraint", "policy", "trigger", "rule"})
ABOUT = frozenset({"privilege", "comment", "owner"})
SHOWN = 5
NAMED = 3  # so many parts are named, more are counted
CLOSE = 0.6


def find_thing(name: str, facts: Sequence[Fact]) -> ObjectRef:
    """Return the object that ``name`` means among those that the files made.

    Raises:
        ConfigError: There is none, or several of kinds that are as good.
    """
    gone = {fact.thing: fact.deed is Deed.DROPPED for fact in facts}
    return pick_object(name, gone, f"no migration makes an object called {name!r}")


def pick_object(name: str, gone: Mapping[ObjectRef, bool], none: str) -> ObjectRef:
    """Return the object that ``name`` means: ``schema.name``, ``kind:name`` or any short form.

    Args:
        name: As a person writes it.
        gone: The objects to choose from, and whether each is no longer there.
        none: What to say when no object is called so.

    Raises:
        ConfigError: There is none, or several of kinds that are as good.
    """
    kind, _, plain = name.rpartition(":")
    things = [thing for thing in gone if kind in {"", thing.kind}]
    found = [thing for thing in things if plain in _spell(thing)]
    found = found or [view for view in things if is_column_of(plain, view)]
    if not found:
        names = {spelled: thing.name for thing in things for spelled in _spell(thing)}
        close = difflib.get_close_matches(plain, names, n=NAMED, cutoff=CLOSE)
        called = ", ".join(dict.fromkeys(names[one] for one in close))
        near = f"; close to it: {called}" if close else ""
        raise ConfigError(
            f"{none}{near}", fix="write schema.name, schema.table.column, or kind:name"
        )
    ranks = {thing: _rank(thing.kind) for thing in found}
    best = [thing for thing in found if ranks[thing] == min(ranks.values())]
    best = [thing for thing in best if not gone[thing]] or best
    if len(best) > 1:
        raise ConfigError(
            f"{name!r} may be {', '.join(map(str, best[:SHOWN]))}",
            fix="write the whole name, or kind:name",
        )
    return best[0]


def is_column_of(name: str, view: ObjectRef) -> bool:
    """Return whether ``name`` can only be a column of a view, which has no history of its own."""
    return view.kind in VIEWS and name.rpartition(".")[0] in _spell(view)


def _rank(kind: str) -> int:
    return PREFERRED.index(kind) if kind in PREFERRED else len(PREFERRED)


def _spell(thing: ObjectRef) -> set[str]:
    """Return the ways in which people write the name of ``thing``."""
    parts = [part for part in thing.parts if part]
    last = parts[-1] if parts else ""
    return {
        thing.name,
        ".".join(parts),
        ".".join(parts[1:]),
        last,
        last.partition("(")[0],
        ".".join(parts).partition("(")[0],
    } - {""}


def is_about(fact: Fact, thing: ObjectRef) -> bool:
    """Return whether ``fact`` is about ``thing`` or a part of it."""
    if thing in {fact.thing, fact.part_of, fact.on}:
        return True
    parts = fact.thing.parts
    if fact.thing.kind in ON_TABLE:
        return thing.kind in RELATIONS and parts[:2] == thing.parts
    if fact.thing.kind in ABOUT:
        return thing.kind in RELATIONS and parts[1:3] == thing.parts
    return False


def describe_deeds(facts: Sequence[Fact], thing: ObjectRef) -> tuple[str, ...]:
    """Return what ``facts`` did to ``thing``, itself first, then its parts: a phrase each."""
    renamed = tuple(
        f"renamed {'to' if fact.deed is Deed.DROPPED else 'from'} {fact.other_name}"
        for fact in facts
        if fact.thing == thing and fact.other_name
    )
    if renamed:
        # Its parts follow by themselves, and so do their privileges and comments.
        facts = [fact for fact in facts if not fact.other_name and fact.thing.kind not in ABOUT]
        facts = [fact for fact in facts if fact.deed is not Deed.ALTERED or not fact.on]
    own = [fact for fact in facts if fact.thing == thing]
    phrases = [*renamed]
    phrases += [
        f"{fact.deed.value} {fact.property}" if fact.property else fact.deed.value for fact in own
    ]
    return tuple(dict.fromkeys([*phrases, *_describe_parts(facts, thing)])) or (
        "privileges or owner changed",
    )


def _describe_parts(facts: Sequence[Fact], thing: ObjectRef) -> list[str]:
    parts = [fact for fact in facts if fact.thing != thing and _counts(fact)]
    phrases = [
        f"{fact.thing} renamed from {fact.other_name}"
        for fact in parts
        if fact.other_name and fact.deed is not Deed.DROPPED
    ]
    parts = [fact for fact in parts if not fact.other_name]
    for deed in Deed:
        done = [fact for fact in parts if fact.deed is deed]
        if len(done) <= NAMED:
            phrases += [
                f"{fact.thing} {deed.value}" + (f": {fact.property}" if fact.property else "")
                for fact in done
            ]
        else:
            kinds = Counter(fact.thing.kind for fact in done)
            counted = ", ".join(f"{count} of kind {kind}" for kind, count in kinds.items())
            phrases.append(f"parts {deed.value}: {counted}")
    return phrases


def _counts(fact: Fact) -> bool:
    """Return whether a part is worth a word: what comes by itself is not."""
    return not (fact.part_of is not None and fact.thing.kind in {"privilege", "owner"})
