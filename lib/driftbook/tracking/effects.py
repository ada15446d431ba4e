"""What each file did to the schema, and whether that is so in the live database."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.drift.diff import diff_rows
from driftbook.drift.fold import find_containers
from driftbook.model import ChangeKind, ObjectRef
from driftbook.versions import Deed, EffectState, Fact, FactStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.diff import Change, Rows
    from driftbook.shadow.steps import Step

Key = tuple[str, ...]
Place = tuple[str, Key, str]  # kind, key, property

# A stand-in for an extension proves nothing, nor does a role that all databases have.
NO_EVIDENCE = frozenset({"extension", "role", "membership"})
# Nor does an order of columns: later files change it without a word.
NO_PROOF = frozenset({"column_order"})
# With a new object comes what the default privileges of its schema give.
COMES_BY_ITSELF = frozenset({"privilege", "owner"})
TESTABLE = frozenset({FactStatus.FOUND, FactStatus.MISSING, FactStatus.DIFFERENT})
DEEDS = {
    ChangeKind.ONLY_LIVE: Deed.CREATED,
    ChangeKind.ONLY_EXPECTED: Deed.DROPPED,
    ChangeKind.ALTERED: Deed.ALTERED,
}


@dataclass(frozen=True, slots=True)
class Effect:
    """How much of what a file does is live.

    Attributes:
        state: In one word.
        found: Facts that hold in the live database.
        testable: Facts that nothing later supersedes; 0: nothing can be told.
        made: The objects it makes or changes that are live.
        missing: What it made that is not live, or dropped that is.
        lacking: The same in words: of a changed object the property.
        different: What it made that is live in another shape.
        failure: Why the file could not be tried; empty when it ran.
        changed: Whether it did anything to the schema when it ran.
    """

    state: EffectState = EffectState.UNTESTABLE
    found: int = 0
    testable: int = 0
    made: tuple[ObjectRef, ...] = ()
    missing: tuple[ObjectRef, ...] = ()
    lacking: tuple[str, ...] = ()
    different: tuple[ObjectRef, ...] = ()
    failure: str = ""
    changed: bool = False


def read_facts(step: Step) -> list[Fact]:
    """Return what one file did, sorted by kind, key and property."""
    changes = diff_rows(step.before, step.after)
    sides = (dict(step.before), dict(step.after))
    containers = find_containers(changes, sides, KINDS)
    since = {(kind, old): new for (kind, new), old in step.renamed.items()}
    facts = []
    for change in changes:
        if change.property in NO_PROOF:
            continue
        thing = (change.kind, change.key)
        deed = DEEDS[change.change]
        home = containers.get(thing)
        names = {Deed.CREATED: step.renamed, Deed.DROPPED: since}.get(deed, {})
        facts.append(
            Fact(
                step.result.version,
                step.result.file,
                ObjectRef(*thing),
                deed,
                change.property,
                _read_value(change, step.after),
                part_of=ObjectRef(*home) if home else None,
                other_name=ObjectRef(change.kind, names[thing]) if thing in names else None,
                on=_find_table(change, step),
            )
        )
    return facts + _list_swaps(step, facts)


def _list_swaps(step: Step, facts: Iterable[Fact]) -> list[Fact]:
    """Return a fact for each rename that no creation tells of: the name was taken before."""
    told = {(fact.thing.kind, fact.thing.parts) for fact in facts if fact.other_name}
    return [
        Fact(
            step.result.version,
            step.result.file,
            ObjectRef(kind, new),
            Deed.ALTERED,
            "name",
            ".".join(old),
            other_name=ObjectRef(kind, old),
        )
        for (kind, new), old in sorted(step.renamed.items())
        if (kind, new) not in told
    ]


def _find_table(change: Change, step: Step) -> ObjectRef | None:
    """Return the table of an index, as it was called when the index was there."""
    if change.kind != "index":
        return None
    rows = step.before if change.change is ChangeKind.ONLY_EXPECTED else step.after
    place = [entry.name for entry in KINDS["index"].properties].index("table")
    return ObjectRef("table", (change.key[0], str(rows["index"][change.key][place])))


def _read_value(change: Change, after: Mapping[str, Rows]) -> str | None:
    if change.change is ChangeKind.ALTERED:
        return change.live
    if change.change is ChangeKind.ONLY_EXPECTED:
        return None
    kind = KINDS[change.kind]
    values = zip(kind.properties, after[change.kind][change.key], strict=True)
    # The number of a column says what stood before it in the file, not what the file did.
    row = [value for entry, value in values if entry.compared and entry.name != "position"]
    return hashlib.sha256(repr(row).encode()).hexdigest()[:16]


def judge_facts(
    facts: Sequence[Fact],
    expected: Snapshot,
    changes: pd.DataFrame | None,
    unread: Collection[str] = (),
) -> tuple[Fact, ...]:
    """Return ``facts``, in file order, with what the live database says of each.

    Args:
        facts: What the files did that led to ``expected``.
        expected: The schema after the last one, in scope.
        changes: Its differences to live, those of form only left out; ``None``: there is no live.
        unread: Kinds that one of both did not read: equal or not, nobody knows.
    """
    latest = find_latest(facts)
    states = _States(changes, latest) if changes is not None else None
    judged = []
    for at, fact in enumerate(facts):
        if _is_superseded(at, fact, latest):
            status = FactStatus.SUPERSEDED
        elif states is None or fact.thing.kind in unread or not _is_evidence(fact, expected):
            status = FactStatus.UNTESTED
        else:
            status = states.ask(fact)
        judged.append(replace(fact, status=status))
    return tuple(judged)


def supersede(
    facts: Sequence[Fact],
    others: Iterable[Fact],
    place_of: Callable[[str], bytes] = os.fsencode,
) -> tuple[Fact, ...]:
    """Return ``facts``, without what files that ran without a record undid or changed later.

    Args:
        facts: Judged, of recorded files.
        others: Judged, of files without a record; one counts when all that it does is live.
        place_of: Returns what sorts the names of files as the tool runs them.
    """
    by_file: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in others:
        by_file[fact.file].append(fact)
    later: defaultdict[tuple[str, Key, str], bytes] = defaultdict(bytes)
    for file, done in by_file.items():
        for fact in done if _sum(done).state is EffectState.FULL else ():
            place = (fact.thing.kind, fact.thing.parts, fact.property)
            later[place] = max(later[place], place_of(file))

    def is_undone(fact: Fact) -> bool:
        thing = (fact.thing.kind, fact.thing.parts)
        newest = max(later.get((*thing, ""), b""), later.get((*thing, fact.property), b""))
        return fact.status in TESTABLE and not is_there(fact) and newest > place_of(fact.file)

    return tuple(
        replace(fact, status=FactStatus.SUPERSEDED) if is_undone(fact) else fact for fact in facts
    )


def find_latest(facts: Sequence[Fact]) -> dict[Place, int]:
    """Return where the last word on each object, and on each of its properties, stands."""
    latest: dict[Place, int] = {}
    properties: defaultdict[tuple[str, Key], set[str]] = defaultdict(set)
    for at, fact in enumerate(facts):
        thing = (fact.thing.kind, fact.thing.parts)
        if fact.deed is not Deed.ALTERED:
            for name in properties.pop(thing, ()):
                latest[*thing, name] = at
        else:
            properties[thing].add(fact.property)
        latest[*thing, fact.property] = at
    return latest


def _is_superseded(at: int, fact: Fact, latest: Mapping[Place, int]) -> bool:
    return latest[fact.thing.kind, fact.thing.parts, fact.property] != at


def _is_evidence(fact: Fact, expected: Snapshot) -> bool:
    if fact.thing.kind in NO_EVIDENCE:
        return False
    if fact.part_of is not None and fact.thing.kind in COMES_BY_ITSELF:
        return False
    if fact.deed is Deed.DROPPED:
        return fact.part_of is None
    return expected.row(fact.thing.kind, fact.thing.parts) is not None


class _States:
    """What the comparison with live says of single facts."""

    def __init__(self, changes: pd.DataFrame, latest: Mapping[Place, int]) -> None:
        self._lacking: dict[tuple[str, Key], str] = {}
        self._altered: defaultdict[tuple[str, Key], set[str]] = defaultdict(set)
        columns = (changes[name] for name in ("kind", "key", "change", "property"))
        for kind, key, change, name in zip(*columns, strict=True):
            if change == ChangeKind.ALTERED:
                self._altered[kind, key].add(name)
            else:
                self._lacking[kind, key] = change
        self._latest = latest

    def ask(self, fact: Fact) -> FactStatus:
        thing = (fact.thing.kind, fact.thing.parts)
        lacking = self._lacking.get(thing)
        if fact.deed is Deed.DROPPED:
            return FactStatus.MISSING if lacking == ChangeKind.ONLY_LIVE else FactStatus.FOUND
        if lacking == ChangeKind.ONLY_EXPECTED:
            return FactStatus.MISSING
        altered = self._altered.get(thing, set()) - NO_PROOF
        if fact.deed is Deed.ALTERED:
            return FactStatus.DIFFERENT if fact.property in altered else FactStatus.FOUND
        # A property that a later file set is that file's business.
        own = {name for name in altered if (*thing, name) not in self._latest}
        return FactStatus.DIFFERENT if own else FactStatus.FOUND


def sum_effects(facts: Iterable[Fact], failures: Mapping[str, str]) -> dict[str, Effect]:
    """Return file name → effect.

    Args:
        facts: Judged, of any number of files.
        failures: File name → why it failed in the shadow.
    """
    by_file: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_file[fact.file].append(fact)
    effects = {file: _sum(done) for file, done in by_file.items()}
    for file, why in failures.items():
        effects[file] = replace(effects.get(file, Effect()), failure=why)
    return effects


def _sum(facts: Sequence[Fact]) -> Effect:
    testable = [fact for fact in facts if fact.status in TESTABLE]
    there = [fact for fact in testable if is_there(fact)]
    absent = [fact for fact in testable if not is_there(fact)]
    missing = _list_things(absent)
    made = _list_things(fact for fact in there if fact.deed is not Deed.DROPPED)
    different = (fact for fact in there if fact.status is FactStatus.DIFFERENT)
    if not testable:
        superseded = any(fact.status is FactStatus.SUPERSEDED for fact in facts)
        state = EffectState.SUPERSEDED if superseded else EffectState.UNTESTABLE
    elif not there:
        state = EffectState.ABSENT
    else:
        state = EffectState.FULL if len(there) == len(testable) else EffectState.PARTIAL
    return Effect(
        state,
        found=len(there),
        testable=len(testable),
        made=tuple(thing for thing in made if thing not in missing),
        missing=missing,
        lacking=tuple(dict.fromkeys(map(_say, absent))),
        different=_list_things(different),
        changed=bool(facts),
    )


def _say(fact: Fact) -> str:
    if fact.deed is Deed.ALTERED:
        return f"{fact.property} of {fact.thing}"
    return f"the drop of {fact.thing}" if fact.deed is Deed.DROPPED else str(fact.thing)


def _list_things(facts: Iterable[Fact]) -> tuple[ObjectRef, ...]:
    return tuple(dict.fromkeys(fact.thing for fact in facts))


def is_there(fact: Fact) -> bool:
    """Return whether live shows that the file ran: what it made is there, in whatever shape."""
    return fact.status is FactStatus.FOUND or (
        # Somebody may have changed it since: that is drift, and no sign that the file never ran.
        fact.status is FactStatus.DIFFERENT and fact.deed is Deed.CREATED
    )
