"""What rules look up: the rows of both sides by key, who holds what, which change is which."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.drift.differing import read_rows
from driftbook.model import ChangeKind, ObjectRef, quote_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftbook.access.moves import Move
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.diff import Rows

Key = tuple[str, ...]
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a target says about who can reach its schemas.

    Attributes:
        exposed_schemas: Schemas that the API serves.
        api_roles: Roles that a request from outside runs as.
    """

    exposed_schemas: tuple[str, ...] = ("public",)
    api_roles: tuple[str, ...] = ("anon", "authenticated", "PUBLIC")


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that differs; ``None`` is NULL."""

    property: str
    cls: str
    expected: str | None
    live: str | None


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """One cause: an object, what differs in it, and the changes that follow from it.

    Privileges of one grantee on one object are one cause; ``members`` are its rows.
    """

    ref: ObjectRef
    change: ChangeKind
    differences: tuple[Difference, ...] = ()
    parts: tuple[ObjectRef, ...] = ()
    members: tuple[ObjectRef, ...] = ()

    def find(self, name: str) -> Difference | None:
        """Return how the property called ``name`` differs, or ``None``."""
        return next((entry for entry in self.differences if entry.property == name), None)


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege somebody holds; ``column`` is empty for the whole object."""

    grantee: str
    privilege: str
    column: str
    grantable: bool
    is_owner: bool


class Side:
    """One snapshot, by key."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._rows: dict[str, Rows] = {}

    def rows(self, kind: str) -> Rows:
        """Return key → values of one kind; empty when the snapshot has no such frame."""
        if kind not in self._rows:
            frames = self.snapshot.frames
            is_read = kind in frames and kind in KINDS
            self._rows[kind] = read_rows(frames[kind], KINDS[kind]) if is_read else {}
        return self._rows[kind]

    def row(self, kind: str, key: Key) -> Row | None:
        """Return property → value of one object, or ``None``."""
        values = self.rows(kind).get(key)
        if values is None:
            return None
        return {
            entry.name: value for entry, value in zip(KINDS[kind].properties, values, strict=True)
        }

    def children(self, kind: str, relation: Key) -> list[Key]:
        """Return the keys of what belongs to the table or domain ``relation``."""
        return self._children[kind, relation] if kind != "index" else self._indexes[relation]

    def grants(self, object_kind: str, schema: str, name: str) -> list[Grant]:
        """Return who holds what on an object; any kind of relation answers for every other."""
        found = self._grants[schema, name]
        return [grant for kind, grant in found if kind == object_kind or kind in RELATION_KINDS]

    @cached_property
    def _children(self) -> Mapping[tuple[str, Key], list[Key]]:
        found: defaultdict[tuple[str, Key], list[Key]] = defaultdict(list)
        for kind in ("column", "constraint", "policy", "trigger", "rule"):
            for key in self.rows(kind):
                found[kind, key[:2]].append(key)
        return found

    @cached_property
    def _indexes(self) -> Mapping[Key, list[Key]]:
        found: defaultdict[Key, list[Key]] = defaultdict(list)
        for key in self.rows("index"):
            row = self.row("index", key) or {}
            found[key[0], str(row["table"])].append(key)
        return found

    @cached_property
    def comments(self) -> Mapping[Key, list[Key]]:
        """Return (schema, name) → keys of the comments on it and its parts, sorted."""
        found: defaultdict[Key, list[Key]] = defaultdict(list)
        for key in sorted(self.rows("comment")):
            parts = name_parts("comment", key)
            found[parts["schema"], parts["name"]].append(key)
        return found

    @cached_property
    def owned_sequences(self) -> Mapping[Key, Key]:
        """Return sequence → column that owns it; one on an unreadable name is left out."""
        # Reserved words are quoted by the server, and not by quote_part.
        columns = {".".join(key): key for key in self.rows("column")}
        columns |= {".".join(map(quote_part, key)): key for key in self.rows("column")}
        owned: dict[Key, Key] = {}
        for key in self.rows("sequence"):
            row = self.row("sequence", key) or {}
            if (column := columns.get(str(row.get("owned_by")))) is not None:
                owned[key] = column
        return owned

    @cached_property
    def grantees(self) -> frozenset[str]:
        """Return every role that holds anything."""
        return frozenset(name_parts("privilege", key)["grantee"] for key in self.rows("privilege"))

    @cached_property
    def usual_owner(self) -> str:
        """Return the role that owns most objects; empty when there is no object."""
        roles = Counter(str(row[0]) for row in self.rows("owner").values())
        return min(roles, key=lambda role: (-roles[role], role), default="")

    @cached_property
    def _grants(self) -> Mapping[tuple[str, str], list[tuple[str, Grant]]]:
        found: defaultdict[tuple[str, str], list[tuple[str, Grant]]] = defaultdict(list)
        for key in self.rows("privilege"):
            row = self.row("privilege", key) or {}
            parts = name_parts("privilege", key)
            grant = Grant(
                parts["grantee"],
                parts["privilege"],
                parts["column"],
                row.get("grantable") is True,
                row.get("is_owner") is True,
            )
            found[parts["schema"], parts["name"]].append((parts["object_kind"], grant))
        return found


RELATION_KINDS = frozenset(
    {"table", "view", "materialized_view", "foreign_table", "sequence", "column"}
)


@dataclass(frozen=True)
class Facts:
    """Both sides, the target's context, and who reaches what on one of them only, by object."""

    expected: Side
    live: Side
    context: RuleContext
    moves: Mapping[ObjectRef, Sequence[Move]] | None = None  # None: nobody judged

    def winner(self, change: ChangeKind) -> Side:
        """Return the side that has the object: live unless it is missing there."""
        return self.expected if change is ChangeKind.ONLY_EXPECTED else self.live

    def is_api(self, role: str) -> bool:
        """Return whether requests from outside run as ``role``."""
        return role in self.context.api_roles

    def api_grants(self, kind: str, key: Key) -> list[Grant]:
        """Return what API roles hold on a live object, columns included."""
        return [grant for grant in self.live.grants(kind, *key) if self.is_api(grant.grantee)]


def build_facts(
    expected: Snapshot, live: Snapshot, context: RuleContext, moves: Iterable[Move] | None
) -> Facts:
    """Return the facts of two snapshots and of who reaches what on one of them only."""
    if moves is None:
        return Facts(Side(expected), Side(live), context)
    by_object = defaultdict[ObjectRef, list["Move"]](list)
    for move in moves:
        by_object[move.ref].append(move)
    return Facts(Side(expected), Side(live), context, by_object)


def name_parts(kind: str, key: Key) -> dict[str, str]:
    """Return the parts of ``key`` by name."""
    return dict(zip(KINDS[kind].key, key, strict=True))


def rows_of(members: Iterable[ObjectRef]) -> list[dict[str, str]]:
    """Return the key parts of each member, by name."""
    return [name_parts(member.kind, member.parts) for member in members]
