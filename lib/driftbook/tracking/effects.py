"""Which effects of files that are not recorded are in the live database all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.drift.diff import diff_snapshots, format_value
from driftbook.model import ChangeKind, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.shadow.steps import Step

# A stand-in for an extension proves nothing, nor does an order of columns.
NO_EVIDENCE = frozenset({"extension"})
NO_PROOF = frozenset({"column_order"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file does to the schema."""

    kind: str
    key: tuple[str, ...]
    change: ChangeKind
    property: str = ""
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """How much of what a file does is live.

    Attributes:
        found: Facts that hold in the live database.
        testable: Facts that nothing later supersedes; 0: nothing can be told.
        made: The objects it makes or changes that are live so, without their parts.
        failure: Why the file could not be tried; empty when it ran.
    """

    found: int = 0
    testable: int = 0
    made: tuple[ObjectRef, ...] = ()
    failure: str = ""


def find_effects(before: Snapshot, steps: Iterable[Step], live: Snapshot) -> dict[str, Effect]:
    """Return file name → effect for the files of ``steps``.

    Args:
        before: The schema before the first step.
        steps: In file order.
        live: The whole live database, the platform included.
    """
    facts: dict[str, list[Fact]] = {}
    failures: dict[str, str] = {}
    latest: dict[tuple[str, tuple[str, ...]], str] = {}
    for step in steps:
        name = step.result.file
        if step.result.error:
            failures[name] = step.result.error.message
        facts[name] = read_facts(before, step.after)
        latest |= {(fact.kind, fact.key): name for fact in facts[name]}
        before = step.after
    same_major = before.version_num // 10_000 == live.version_num // 10_000
    effects = {}
    for name, done in facts.items():
        testable = [
            fact
            for fact in done
            if latest[fact.kind, fact.key] == name
            # Texts of two major versions differ in form: they are no evidence against a file.
            and (same_major or fact.change is not ChangeKind.ALTERED)
        ]
        found = [fact for fact in testable if holds(fact, live)]
        made = tuple(
            dict.fromkeys(
                ObjectRef(fact.kind, fact.key)
                for fact in found
                if fact.change is not ChangeKind.ONLY_EXPECTED
            )
        )
        effects[name] = Effect(len(found), len(testable), made, failures.get(name, ""))
    return effects


def read_facts(before: Snapshot, after: Snapshot) -> list[Fact]:
    """Return what one file did: each object once, without the parts that come with it."""
    changes = diff_snapshots(before, after)
    roots = changes[changes["part_of"].isna()]
    columns = (roots[name] for name in ("kind", "key", "change", "property", "live"))
    return [
        Fact(kind, key, ChangeKind(change), name, value if isinstance(value, str) else None)
        for kind, key, change, name, value in zip(*columns, strict=True)
        if kind not in NO_EVIDENCE and name not in NO_PROOF
    ]


def holds(fact: Fact, live: Snapshot) -> bool:
    """Return whether ``fact`` is true of the live database."""
    row = live.row(fact.kind, fact.key)
    if fact.change is ChangeKind.ONLY_EXPECTED:
        return row is None
    if row is None or fact.change is ChangeKind.ONLY_LIVE:
        return row is not None
    return format_value(row[fact.property]) == fact.after
