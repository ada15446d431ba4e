"""The catalogue of mutations: one line of data for each single thing that can drift."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from driftbook.catalog.kinds import KINDS

COLUMNS = ["property", "since", "on", "sql"]
WHOLE = frozenset({"only_live", "only_expected"})


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one thing.

    Attributes:
        kind: Kind of the object that a diff must name.
        properties: What must be named as altered, one of these; ``only_live`` or
            ``only_expected`` when the object is made or dropped.
        since: The oldest major version that can do it.
        on: Kind of the object to do it to; empty: ``sql`` names one of the probe's.
        where: Which of these objects will do, as a condition on its frame; empty: any.
        sql: What is run; ``{it}``, ``{on}``, ``{schema}``, ``{name}`` and the properties of the
            object stand for what they are there.
    """

    kind: str
    properties: tuple[str, ...]
    since: int
    on: str
    where: str
    sql: str

    def find_class(self) -> str:
        """Return what it means when such a change is not seen."""
        kind = KINDS[self.kind]
        found = {entry.name: entry.cls for entry in kind.properties}
        return str(found.get(self.properties[0], kind.cls))

    def __str__(self) -> str:
        on = f" (on a {self.on}{' where ' + self.where if self.where else ''})" if self.on else ""
        return f"{self.kind} {' or '.join(self.properties)}{on}: {self.sql}"


@cache
def read_mutations() -> tuple[Mutation, ...]:
    """Return the whole catalogue, in the order of ``KINDS`` and of its lines.

    Raises:
        LookupError, ValueError: A line is of no kind or property, or not of four parts.
    """
    folder = resources.files("driftbook.selftest") / "mutations"
    named = {entry.name.removesuffix(".tsv"): entry for entry in folder.iterdir()}
    if unknown := sorted(name for name in named.keys() - KINDS if not name.startswith("__")):
        raise LookupError(unknown[0])
    return tuple(
        mutation
        for kind in KINDS
        if kind in named
        for mutation in parse_mutations(kind, named[kind].read_text(encoding="utf-8"))
    )


def parse_mutations(kind: str, text: str) -> list[Mutation]:
    """Return the mutations of one file; raises as :func:`read_mutations`."""
    header, *lines = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if header != COLUMNS:
        raise ValueError(f"{kind}: the columns are {header}, not {COLUMNS}")
    known = {entry.name for entry in KINDS[kind].properties if entry.compared} | WHOLE
    found = []
    for line in lines:
        name, since, on, sql = line
        properties = tuple(name.split("|"))
        if unknown := sorted(set(properties) - known):
            raise LookupError(f"{kind}.{unknown[0]}")
        object_kind, _, where = on.partition(":")
        found.append(Mutation(kind, properties, int(since or 14), object_kind, where.strip(), sql))
    return found
