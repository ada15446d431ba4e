"""Which change another one is part of: a new table brings its columns, grants, indexes along."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.drift.consequences import find_cause
from driftbook.model import ChangeKind, quote_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftbook.catalog.kinds import Kind
    from driftbook.drift.diff import Change, Rows

    Sides = Sequence[dict[str, Rows]]

Key = tuple[str, ...]
Ref = tuple[str, Key]

RELATIONS = ("table", "view", "materialized_view", "foreign_table", "sequence", "index")
TYPES = ("enum", "domain", "composite_type", "range_type", "base_type")
# Kinds whose rows say something about an object named by (object_kind, schema, name, …).
ABOUT = frozenset("privilege owner comment security_label extension_dependency".split())
# Kinds whose key starts with (schema, table).
OF_TABLE = frozenset({"column", "constraint", "trigger", "policy", "rule"})
# Copies that a partition or a child table gets from its parent.
PART = r'("(?:[^"]|"")*"|[^".,\s]+)'
QUALIFIED = re.compile(rf"{PART}\.{PART}")
INHERITED = ("column", "constraint", "trigger", "index")
# What else changes of a table's parts when it gets a parent or loses one.
ATTACHED = frozenset({"inherited", "local", "of", "parent_index"})
LEFT = frozenset({"inherited", "local"})


def find_containers(
    changes: Sequence[Change], sides: Sides, kinds: Mapping[str, Kind]
) -> dict[Ref, Ref]:
    """Return, for every changed object that is part of another change, that other change.

    The container is always a root: it is part of nothing itself. An object of one side is part
    of another one only when that one is missing from the same side.

    Args:
        changes: What differs.
        sides: Key → values per kind, for expected and for live.
        kinds: Keys and properties.
    """
    folding = Folding(changes, sides, kinds)
    direct = {ref: container for ref in folding.described if (container := folding.find(*ref))}
    roots = {ref: _find_root(ref, direct) for ref in direct}
    return {ref: root for ref, root in roots.items() if ref != root}


def _find_root(ref: Ref, direct: Mapping[Ref, Ref]) -> Ref:
    """Follow containers to the last one; of a circle, which no server makes, to its least."""
    path = [ref]
    while path[-1] in direct:
        following = direct[path[-1]]
        if following in path:
            return min(path[path.index(following) :])
        path.append(following)
    return path[-1]


class Folding:
    """Looks up the direct container of one changed object at a time."""

    def __init__(self, changes: Sequence[Change], sides: Sides, kinds: Mapping[str, Kind]) -> None:
        self.sides, self.kinds = sides, kinds
        self.directions: dict[Ref, ChangeKind] = {}
        self.described: dict[Ref, list[tuple[str, str, str | None, str | None]]] = {}
        for change in changes:
            ref = (change.kind, change.key)
            self.directions[ref] = change.change
            what = (str(change.change), change.property, change.expected, change.live)
            self.described.setdefault(ref, []).append(what)
        self.at = {
            (name, entry.name): place
            for name, kind in kinds.items()
            for place, entry in enumerate(kind.properties)
        }

    def values(self, kind: str, key: Key, name: str) -> list[object]:
        """Return a property of a changed object, from every side that has it."""
        place = self.at.get((kind, name))
        rows = [side.get(kind, {}).get(key) for side in self.sides]
        return [row[place] for row in rows if row is not None and place is not None]

    def texts(self, kind: str, key: Key, name: str) -> list[str]:
        """Return the texts of a property, sorted: folding does not know the sides."""
        values = self.values(kind, key, name)
        return sorted({value for value in values if isinstance(value, str) and value})

    def properties(self, kind: str, key: Key) -> frozenset[str]:
        """Return what is altered of an object; an empty name: it is on one side only."""
        return frozenset(name for _, name, _, _ in self.described.get((kind, key), ()))

    def changed(self, kind: str, first: Key) -> Iterator[Ref]:
        """Yield the changed objects of ``kind`` whose key starts with ``first``."""
        for key in self._keys.get(kind, ()):
            if key[: len(first)] == first:
                yield kind, key

    @cached_property
    def _keys(self) -> dict[str, list[Key]]:
        found: dict[str, list[Key]] = {}
        for kind, key in self.directions:
            found.setdefault(kind, []).append(key)
        return found

    def columns_of(self, table: Key) -> list[Key]:
        """Return the keys of the changed columns of a table."""
        return [key for _, key in self.changed("column", table)]

    def is_like(self, one: Ref, other: Ref, name: str) -> bool:
        """Return whether two objects changed in one direction and agree in a property."""
        same = self.directions[one] is self.directions[other]
        return same and self.texts(*one, name) == self.texts(*other, name)

    @staticmethod
    def split(text: str) -> Iterator[Key]:
        """Yield the (schema, name) pairs that ``text`` names."""
        return split_names(text)

    def find(self, kind: str, key: Key) -> Ref | None:
        """Return the direct container of the changed object, or ``None`` for a root."""
        direction = self.directions[kind, key]
        is_altered = direction is ChangeKind.ALTERED
        for container in self.candidates(kind, key):
            # What is altered stands for itself, but an index follows the constraint it backs.
            if is_altered and (kind, container[0]) != ("index", "constraint"):
                continue
            if container != (kind, key) and self.directions.get(container) is direction:
                return container
        return (
            self.find_owner_change(kind, key)
            or self.find_identity(kind, key)
            or self.find_parents_copy(kind, key)
            or self.find_attachment(kind, key)
            or find_cause(self, kind, key)
        )

    def candidates(self, kind: str, key: Key) -> Iterator[Ref]:
        """Yield what may contain the object, the nearest first."""
        if kind in ABOUT:
            yield from self.subjects(kind, key)
        elif kind in OF_TABLE:
            for relation in (*RELATIONS, *TYPES):
                yield relation, key[:2]
        elif kind == "index":
            yield from self.index_containers(key)
        elif kind == "sequence":
            for owned_by in self.texts(kind, key, "owned_by"):
                yield from self.named("column", owned_by)
        else:
            yield from self.beyond_tables(kind, key)

    def beyond_tables(self, kind: str, key: Key) -> Iterator[Ref]:
        """Yield what may contain an object that has nothing to do with a relation."""
        if kind == "default_privilege":
            yield "schema", (self.part(kind, key, "schema"),)
        elif kind == "initial_privilege":
            for extension in self.texts(kind, key, "extension"):
                yield "extension", (extension,)
        elif kind in {"membership", "database_setting"}:
            yield from (("role", (name,)) for name in key[:2])
        elif kind == "user_mapping":
            yield "foreign_server", (self.part(kind, key, "server"),)
        elif kind == "transform":
            yield "language", (self.part(kind, key, "language"),)
        elif kind == "cast":
            yield from ((of, name) for part in key for name in split_names(part) for of in TYPES)
        elif kind in {"operator_class", "operator_family"}:
            yield from self.operators(kind, key)

    def subjects(self, kind: str, key: Key) -> Iterator[Ref]:
        """Yield the object that a privilege, owner or comment is about, then its table."""
        object_kind = self.part(kind, key, "object_kind")
        schema, name = self.part(kind, key, "schema"), self.part(kind, key, "name")
        sub = self.part(kind, key, "sub") or self.part(kind, key, "column")
        if sub:
            yield ("column" if kind == "privilege" else object_kind), (schema, name, sub)
        alike = (object_kind, *RELATIONS, *TYPES) if object_kind in (*RELATIONS, "column") else ()
        for subject in alike or (object_kind, *TYPES, "function"):
            yield subject, (schema, name)
        yield object_kind, (name or schema,)
        yield object_kind, (name, sub)  # casts and transforms have keys of two parts

    def operators(self, kind: str, key: Key) -> Iterator[Ref]:
        """Yield the family of a class; of a family, the class of its name that brought it along."""
        method = "(" + key[1].rpartition("(")[2]
        of = key if kind == "operator_family" else None
        for text in self.texts("operator_class", key, "family"):
            for schema, name in split_names(text):
                family = (schema, name + method)
                if of == family:
                    yield "operator_class", key
                elif of is None and family != key:
                    yield "operator_family", family

    def index_containers(self, key: Key) -> Iterator[Ref]:
        """Yield the constraint that the index backs, then its table."""
        constraints = self.texts("index", key, "constraint")
        for table in self.tables_of(key):
            for name in (*constraints, key[1]):
                yield "constraint", (*table, name)
            yield "table", table
            yield "materialized_view", table

    def named(self, kind: str, text: str) -> Iterator[Ref]:
        """Yield the changed object of ``kind`` that ``text`` names, then its table."""
        key = self._names.get((kind, text))
        if key:
            yield kind, key
            yield "table", key[:2]

    @cached_property
    def _names(self) -> dict[tuple[str, str], Key]:
        changed = [(kind, key) for kind, key in self.directions if kind == "column"]
        return {
            (kind, name): key
            for kind, key in changed
            for name in (".".join(key), ".".join(map(quote_part, key)))
        }

    def part(self, kind: str, key: Key, name: str) -> str:
        """Return the part called ``name`` of ``key``; empty when the kind has none."""
        names = self.kinds[kind].key
        return key[names.index(name)] if name in names else ""

    def find_owner_change(self, kind: str, key: Key) -> Ref | None:
        """Return the change of owner that this privilege follows from."""
        if kind != "privilege":
            return None
        about = tuple(self.part(kind, key, name) for name in ("object_kind", "schema", "name"))
        if about[0] == "sequence" and about[1:] in self._sequences:
            about = ("table", *self._sequences[about[1:]])
        alike = ("owner", about)
        if self.directions.get(alike) is not ChangeKind.ALTERED:
            return None
        properties = {name for _, name, _, _ in self.described[kind, key]}
        of_owner = True in self.values(kind, key, "is_owner")
        return alike if of_owner or properties <= {"grantor", "is_owner"} else None

    @cached_property
    def _sequences(self) -> dict[Key, Key]:
        """Return the table of every sequence that belongs to a column: its owner owns both."""
        found: dict[Key, Key] = {}
        for kind, name in (("column", "identity_sequence"), ("sequence", "owned_by")):
            for key in {key for side in self.sides for key in side.get(kind, {})}:
                for text in self.texts(kind, key, name):
                    other = next(split_names(text), key)
                    found |= {other: key[:2]} if kind == "column" else {key: other}
        return found

    def find_attachment(self, kind: str, key: Key) -> Ref | None:
        """Return the table whose new or lost parent changes no more of this part than that."""
        if kind not in INHERITED or self.directions[kind, key] is not ChangeKind.ALTERED:
            return None
        tables = [key[:2]] if kind != "index" else self.tables_of(key)
        names = {name for _, name, _, _ in self.described[kind, key]}
        for table in tables if names <= ATTACHED else ():
            if any(name == "parents" for _, name, _, _ in self.described.get(("table", table), ())):
                return ("table", table)
        return None

    def tables_of(self, index: Key) -> list[Key]:
        """Return the (schema, name) of the relation that an index is on."""
        return [(index[0], table) for table in self.texts("index", index, "table")]

    def find_identity(self, kind: str, key: Key) -> Ref | None:
        """Return the change of the column whose identity sequence this row is about."""
        if kind not in ABOUT or self.part(kind, key, "object_kind") != "sequence":
            return None
        sequence = (self.part(kind, key, "schema"), self.part(kind, key, "name"))
        return self._identities.get(sequence)

    @cached_property
    def _identities(self) -> dict[Key, Ref]:
        changed = [ref for ref in self.directions if ref[0] == "column"]
        return {
            name: ref
            for ref in changed
            for text in self.texts(*ref, "identity_sequence")
            for name in split_names(text)
        }

    def find_parents_copy(self, kind: str, key: Key) -> Ref | None:
        """Return the same change of a parent table, of which this one is the copy."""
        if kind == "index":
            texts = self.texts(kind, key, "parent_index")
            alike = [("index", found) for text in texts for found in split_names(text)]
        elif kind in INHERITED:
            texts = self.texts("table", key[:2], "parents")
            found_in = [found for text in texts for found in split_names(text)]
            alike = [(kind, (*found, *key[2:])) for found in found_in]
        else:
            return None
        mine = set(self.described[kind, key])
        for ref in alike:
            theirs = self.described.get(ref, [])
            # What the parent got or lost: the child had it as well, and keeps it.
            is_left = theirs and "" in self.properties(*ref)
            if mine <= set(theirs) or (is_left and self.properties(kind, key) <= LEFT):
                return ref
        return None


def split_names(text: str) -> Iterator[Key]:
    """Yield the (schema, name) pairs of a text such as ``public.a, public."b c"``."""
    for schema, name in QUALIFIED.findall(text):
        yield _unquote(schema), _unquote(name)


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
