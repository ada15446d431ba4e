"""What changed in the catalogs since they were last read: rows of objects, never whole frames.

The server counts what is written to a catalog, so that only those are searched where something
was. A row tells by its ``xmin`` that it is new, and by its absence that it is gone. The objects
behind such rows are read again by the queries of the snapshot, narrowed to them. Reading after
each of a thousand files therefore costs what the files do, not what the schema holds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.catalog.delta import (
    NAMELESS,
    build_change_query,
    build_kind_query,
    build_list_query,
    build_write_query,
)
from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.packing import unpack_rows
from driftbook.catalog.reader import load_query
from driftbook.catalog.stored import StoredTable
from driftbook.catalog.watched import BY_CATALOG, list_catalogs
from driftbook.postgres.pipeline import send_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import psycopg
    from psycopg.rows import TupleRow

Key = tuple[str, ...]
Rows = dict[Key, tuple[object, ...]]
Names = dict[int, dict[int, Key]]  # owner → place → key
Touched = defaultdict[str, set[int]]  # kind → owners
# What a row of a catalog speaks of: owners, and what tells their kinds and who holds them.
Seen = tuple[frozenset[int], str]
NOTHING: Seen = (frozenset(), "")
# Read again only where owner or holders changed.
HELD = ("owner", "privilege", "initial_privilege")
# What is wrong for a session that looks for a few rows is right for whole frames.
WHOLESALE = (
    b"set local enable_seqscan = on; set local enable_hashjoin = on; "
    b"set local enable_mergejoin = on"
)
NO_OWNER = 0  # of rows of tables, all of which are read again
FIRST_TRANSACTION = "1"  # that of initdb: everything is newer or as old


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of objects at two moments.

    Attributes:
        before: Kind → rows then.
        after: Kind → rows now.
        renamed: Kind and key of now → key of then, of objects that are the same under another
            name; columns and constraints of a renamed table as well.
    """

    before: dict[str, Rows]
    after: dict[str, Rows]
    renamed: dict[tuple[str, Key], Key]


@dataclass(slots=True)
class CatalogWatch:
    """All rows of a database, kept up to date by reading what changed.

    Attributes:
        connection: As :func:`~driftbook.postgres.connect.connect_watch` gives it.
        publish: Makes the session that writes tell what it counted, and returns whether it did.
        rows: Kind → owner → rows.
    """

    connection: psycopg.Connection[TupleRow]
    publish: Callable[[], bool] = lambda: False
    rows: dict[str, dict[int, Rows]] = field(default_factory=dict)
    _names: dict[str, Names] = field(default_factory=dict)
    _known: dict[str, dict[str, Seen]] = field(default_factory=dict)
    _since: dict[str, str] = field(default_factory=dict)  # catalog → transaction
    _writes: dict[str, int] = field(default_factory=dict)  # catalog → rows written
    _prepared: set[str] = field(default_factory=set)

    def read_all(self) -> Reading:
        """Read everything; return all rows then and now."""
        before = {kind: _merge(by_owner.values()) for kind, by_owner in self.rows.items()}
        self._find_touched()  # from here on, what is new is new
        names, self._names = self._names, {}
        kinds = [kind for kind in KINDS if kind not in STORED_KINDS]
        self.rows = {kind: {} for kind in kinds}
        version_num = self.connection.info.server_version
        queries = {kind: build_kind_query(kind, version_num, narrow=False) for kind in kinds}
        with self.connection.transaction():
            self.connection.execute(WHOLESALE)
            answers = self._ask(queries)
        for kind, found in answers.items():
            self._keep(kind, found)
        self.rows |= {kind: {NO_OWNER: rows} for kind, rows in self._read_stored().items()}
        after = {kind: _merge(by_owner.values()) for kind, by_owner in self.rows.items()}
        return Reading(before, after, self._find_renamed(names))

    def read_changed(self) -> Reading:
        """Read what changed since the last reading; return the rows of these objects then and now.

        Kinds that nothing was found of are left out.
        """
        touched = self._find_touched()
        before = {
            kind: _merge(self.rows[kind].pop(owner, {}) for owner in owners)
            for kind, owners in touched.items()
        }
        names = {kind: self._forget_names(kind, owners) for kind, owners in touched.items()}
        queries = {}
        for kind, owners in touched.items():
            array = ",".join(map(str, sorted(owners)))
            query = build_kind_query(kind, self.connection.info.server_version, narrow=True)
            queries[kind] = f"execute {self._prepare(kind, query, 'oid[]')}('{{{array}}}')"
        for kind, rows in (self._ask(queries) if queries else {}).items():
            self._keep(kind, rows)
        after = {
            kind: _merge(self.rows[kind].get(owner, {}) for owner in owners)
            for kind, owners in touched.items()
        }
        return Reading(before, after, self._find_renamed(names))

    def read_stored(self) -> Reading:
        """Read the rows of tables that are objects; return those of kinds that changed."""
        found = self._read_stored()
        before = {kind: self.rows[kind][NO_OWNER] for kind in found}
        self.rows |= {kind: {NO_OWNER: rows} for kind, rows in found.items()}
        changed = sorted(kind for kind in found if found[kind] != before[kind])
        return Reading(
            {kind: before[kind] for kind in changed}, {kind: found[kind] for kind in changed}, {}
        )

    def _read_stored(self) -> dict[str, Rows]:
        version_num = self.connection.info.server_version
        found: dict[str, Rows] = {kind: {} for kind in STORED_KINDS}
        for described in self.connection.execute(load_query("stored_table", version_num).encode()):
            table = StoredTable(*described)
            if table.refuse() or table.is_filtered:
                continue
            size = len(KINDS[table.kind].key)
            rows = self.connection.execute(load_query(table.kind, version_num).encode())
            found[table.kind] = {tuple(row[:size]): tuple(row[size:]) for row in rows}
        return found

    def _forget_names(self, kind: str, owners: set[int]) -> Names:
        known = self._names.get(kind, {})
        return {owner: known.pop(owner) for owner in owners if owner in known}

    def _find_renamed(self, before: Mapping[str, Names]) -> dict[tuple[str, Key], Key]:
        """Return what is called otherwise than in ``before``."""
        renamed = {}
        for kind, names in before.items():
            now = self._names.get(kind, {})
            for owner, places in names.items():
                for place, key in places.items():
                    new = now.get(owner, {}).get(place, key)
                    if new != key:
                        renamed[kind, new] = key
        return renamed

    def _find_touched(self) -> Touched:
        """Return the objects that rows speak of which are new or gone."""
        touched: Touched = defaultdict(set)
        queries = {
            catalog: f"execute {self._prepare(catalog, build_change_query(catalog), 'text')}"
            f"('{self._since.get(catalog, FIRST_TRANSACTION)}')"
            for catalog in self._find_written()
        }
        for catalog, ((count, new, horizon),) in (self._ask(queries) if queries else {}).items():
            self._since[catalog] = horizon
            known = self._known.setdefault(catalog, {})
            for identity, owners, sort in new or ():
                seen = (frozenset(filter(None, owners)), str(sort))
                before = known.get(identity, NOTHING)
                _touch(touched, catalog, seen, before)
                _touch(touched, catalog, before, seen)
                known[identity] = seen
            if len(known) != count:
                for seen in self._forget_removed(catalog, known):
                    _touch(touched, catalog, seen, NOTHING)
        return touched

    def _find_written(self) -> Sequence[str]:
        """Return the catalogs that were written to since the last call; all if that is unknown."""
        version_num = self.connection.info.server_version
        catalogs = list_catalogs(version_num)
        if not self.publish():
            return catalogs
        name = self._prepare("writes", build_write_query(version_num))
        answer = self.connection.execute(f"execute {name}".encode(), prepare=False)
        writes = {str(catalog): int(count) for catalog, count in answer}
        written = [one for one in catalogs if writes[one] != self._writes.get(one)]
        self._writes = writes
        return written

    def _forget_removed(self, catalog: str, known: dict[str, Seen]) -> list[Seen]:
        rows = self.connection.execute(build_list_query(catalog).encode()).fetchall()
        removed = known.keys() - {str(row[0]) for row in rows}
        return [known.pop(identity) for identity in removed]

    def _prepare(self, name: str, query: str, parameter: str = "") -> str:
        """Return the name of a prepared statement, prepared at its first use."""
        statement = f"driftbook_{name}"
        if name not in self._prepared:
            given = f" ({parameter})" if parameter else ""
            self.connection.execute(f"prepare {statement}{given} as {query}".encode())
            self._prepared.add(name)
        return statement

    def _ask(self, queries: Mapping[str, str]) -> dict[str, list[TupleRow]]:
        cursors, refusal = send_all(self.connection, queries)
        if refusal is not None:
            raise refusal
        return {kind: cursor.fetchall() for kind, cursor in cursors.items()}

    def _keep(self, kind: str, rows: Sequence[TupleRow]) -> None:
        size, by_owner = len(KINDS[kind].key), self.rows[kind]
        names = self._names.setdefault(kind, {})
        for *values, owner, place in unpack_rows(KINDS[kind], rows):
            key = tuple(values[:size])
            by_owner.setdefault(owner, {})[key] = tuple(values[size:])
            if kind not in NAMELESS:
                names.setdefault(owner, {})[place] = key


def _touch(touched: Touched, catalog: str, seen: Seen, other: Seen) -> None:
    """Note what a row speaks of, as it is ``seen``; ``other`` is what it was, or became."""
    owners, sort = seen
    for kind in BY_CATALOG[catalog].find_kinds(sort):
        touched[kind] |= owners
    if sort[1:] != other[1][1:]:
        for kind in HELD:
            touched[kind] |= owners


def _merge(parts: Iterable[Rows]) -> Rows:
    merged: Rows = {}
    for part in parts:
        merged |= part
    return merged
