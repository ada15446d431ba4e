"""What changed in the catalogs since they were last read: rows of objects, never whole frames.

A row of a catalog tells by its ``xmin`` that it is new, and by its absence that it is gone. The
objects behind such rows are read again by the queries of the snapshot, narrowed to them. Reading
after each of a thousand files therefore costs what the files do, not what the schema holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.catalog.delta import (
    build_change_query,
    build_kind_query,
    build_list_query,
    find_catalogs,
)
from driftbook.catalog.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg
    from psycopg.rows import TupleRow

Key = tuple[str, ...]
Rows = dict[Key, tuple[object, ...]]
Sides = tuple[dict[str, Rows], dict[str, Rows]]

Known = dict[str, frozenset[int]]  # identity → owners


@dataclass(slots=True)
class CatalogWatch:
    """All rows of a database, kept up to date by reading what changed.

    Attributes:
        connection: As :func:`~driftbook.postgres.connect.connect_watch` gives it.
        rows: Kind → owner → rows.
    """

    connection: psycopg.Connection[TupleRow]
    rows: dict[str, dict[int, Rows]] = field(default_factory=dict)
    _known: dict[str, Known] = field(default_factory=dict)
    _since: str = "3"  # the first transaction id there is

    def read_all(self) -> Sides:
        """Read everything; return all rows before and now."""
        before = {kind: _merge(by_owner.values()) for kind, by_owner in self.rows.items()}
        self._find_changed()  # from here on, what is new is new
        self.rows = {kind: {} for kind in KINDS}
        for kind, found in self._read(list(KINDS), None).items():
            self._keep(kind, found)
        return before, {kind: _merge(by_owner.values()) for kind, by_owner in self.rows.items()}

    def read_changed(self) -> Sides:
        """Read what changed since the last reading; return the rows of these objects then and now.

        Kinds that nothing was found of are left out.
        """
        changed, touched = self._find_changed()
        version_num = self.connection.info.server_version
        kinds = [kind for kind in KINDS if changed & find_catalogs(kind, version_num)]
        before = {
            kind: _merge(self.rows[kind].pop(owner, {}) for owner in touched) for kind in kinds
        }
        found = self._read(kinds, sorted(touched)) if touched else {}
        for kind, rows in found.items():
            self._keep(kind, rows)
        after = {
            kind: _merge(self.rows[kind].get(owner, {}) for owner in touched) for kind in kinds
        }
        return before, after

    def _find_changed(self) -> tuple[frozenset[str], frozenset[int]]:
        """Return the catalogs with changes, and the OIDs of the objects that these speak of."""
        query = build_change_query(self.connection.info.server_version)
        changed, touched, since = set[str](), set[int](), self._since
        answer = self.connection.execute(query.encode(), {"since": since}).fetchall()
        for catalog, count, new, horizon in answer:
            known = self._known.setdefault(str(catalog), {})
            self._since = str(horizon)
            fresh = {identity: frozenset(filter(None, owners)) for identity, owners in new}
            for identity, owners in fresh.items():
                touched |= owners | known.get(identity, frozenset())
            known |= fresh
            if fresh:
                changed.add(str(catalog))
            if len(known) != count:
                changed.add(str(catalog))
                touched |= self._forget_removed(str(catalog), known)
        return frozenset(changed), frozenset(touched)

    def _forget_removed(self, catalog: str, known: Known) -> frozenset[int]:
        rows = self.connection.execute(build_list_query(catalog).encode()).fetchall()
        removed = known.keys() - {str(row[0]) for row in rows}
        return frozenset().union(*(known.pop(identity) for identity in removed))

    def _read(
        self, kinds: Sequence[str], owners: Sequence[int] | None
    ) -> dict[str, list[tuple[object, ...]]]:
        version_num = self.connection.info.server_version
        cursors = {}
        with self.connection.pipeline():
            for kind in kinds:
                query = build_kind_query(kind, version_num, narrow=owners is not None).encode()
                given = None if owners is None else {"owners": list(owners)}
                cursors[kind] = self.connection.execute(query, given)
        return {kind: cursor.fetchall() for kind, cursor in cursors.items()}

    def _keep(self, kind: str, rows: Iterable[tuple[object, ...]]) -> None:
        size, by_owner = len(KINDS[kind].key), self.rows[kind]
        for *values, owner in rows:
            key = tuple(map(str, values[:size]))
            by_owner.setdefault(int(str(owner)), {})[key] = tuple(values[size:])


def _merge(parts: Iterable[Rows]) -> Rows:
    merged: Rows = {}
    for part in parts:
        merged |= part
    return merged
