"""Lines of logs, looked up by OID, by transaction and by time."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from driftbook.forensics.identity import KINDS_OF, find_refs, find_table
from driftbook.forensics.lines import LOG_LINE, LogSource
from driftbook.history.exhibits import list_exhibit_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pandas as pd

    from driftbook.model import ObjectRef

    Found = list[tuple[str, list["Entry"]]]  # how it was joined, lines of one source

NEAR = timedelta(seconds=2)
SOURCES: Mapping[str, str] = {
    LogSource.CSVLOG: "log",
    LogSource.JSONLOG: "log",
    LogSource.PGAUDIT: "pgaudit",
    LogSource.DDL_LOG: "ddl_log",
    LogSource.STATEMENTS: "statements",
    LogSource.HTTP: "http_log",
    LogSource.WAL: "wal",
}
# OID of a catalog, the same in every server: what the log of events calls classid.
CLASSES = {
    "pg_attribute": 1259,
    "pg_cast": 2605,
    "pg_class": 1259,
    "pg_collation": 3456,
    "pg_constraint": 2606,
    "pg_default_acl": 826,
    "pg_event_trigger": 3466,
    "pg_extension": 3079,
    "pg_foreign_data_wrapper": 2328,
    "pg_foreign_server": 1417,
    "pg_namespace": 2615,
    "pg_operator": 2617,
    "pg_policy": 3256,
    "pg_proc": 1255,
    "pg_publication": 6104,
    "pg_rewrite": 2618,
    "pg_statistic_ext": 3381,
    "pg_trigger": 2620,
    "pg_type": 1247,
}
WORD = re.compile(r'"(?:[^"]|"")+"|[^\W\d]\w*')


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a log, as it is looked up."""

    at: datetime | None
    source: str
    raw_ref: str
    xid: int
    session: str
    database: str
    role: str
    application: str
    client: str
    tag: str
    object_type: str
    object_identity: str
    nested: bool
    protocol: str
    oid: tuple[int, int]
    request_path: str
    jwt_role: str
    text: str

    @property
    def actor(self) -> tuple[str, ...]:
        """Return who it was, as far as the log says."""
        return (self.session, self.role, self.application, self.client)

    @property
    def refs(self) -> frozenset[ObjectRef]:
        """Return the objects that it names."""
        return find_refs(self.object_type, self.object_identity)

    def names(self, ref: ObjectRef) -> bool:
        """Return whether it names ``ref``, or the table that it is a part of."""
        if ref in self.refs or find_table(ref) in self.refs:
            return True
        # A logged statement has no identity, but its text.
        return SOURCES[self.source] == "log" and _name(ref) in _list_words(self.text)

    def list_actor(self) -> Iterator[tuple[str, str]]:
        """Yield what is known of who it was: role, application, client."""
        for name in ("role", "application", "client"):
            if value := getattr(self, name):
                yield name, value


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An object, and the transactions that made it and touched it last, with their times."""

    ref: ObjectRef
    oid: int
    catalog: str
    born: tuple[int, str | None]
    touched: tuple[int, str | None]

    def of(self, aspect: str) -> tuple[int, datetime | None]:
        """Return transaction (0: unknown) and time of ``born`` or ``touched``."""
        xid, at = self.born if aspect == "born" else self.touched
        return xid, datetime.fromisoformat(at) if at else None


@dataclass(frozen=True)
class Shelf:
    """Every line, in the order of time, and where to find it."""

    by_oid: Mapping[tuple[int, int], list[Entry]]
    by_xid: Mapping[int, list[Entry]]
    timed: Sequence[Entry]  # statements without a transaction
    calls: Sequence[Entry]  # of access logs
    drops: Sequence[Entry] = field(default=())
    databases: frozenset[str] = frozenset()  # that lines name

    @cached_property
    def by_word(self) -> Mapping[str, list[Entry]]:
        """Return name → the statements without a transaction that hold it."""
        found = defaultdict[str, list[Entry]](list)
        for entry in self.timed:
            for word in _list_words(entry.text):
                found[word].append(entry)
        return dict(found)

    def find(self, one: Witnessed, aspect: str) -> Found:
        """Return the lines of one aspect, by source, each with how it was joined."""
        xid, at = one.of(aspect)
        near = [entry for entry in self.by_xid.get(xid, ()) if _fits(entry, at)]
        found: Found = []
        for source in dict.fromkeys(entry.source for entry in near):
            found.append(_choose(one, [entry for entry in near if entry.source == source]))
        if not any(how == "oid" for how, _ in found):
            found += self._find_inner(one, aspect)
        if not any(entries[0].source != LogSource.WAL for _, entries in found) and at is not None:
            found += self._find_timed(one.ref, at)
        return found

    def find_calls(self, at: datetime) -> Sequence[Entry]:
        """Return the calls of an access log within 2 s of ``at``."""
        return _slice(self.calls, at)

    def _find_inner(self, one: Witnessed, aspect: str) -> Found:
        """Return lines of the object's OID whose transaction is the one around its row's."""
        xid, at = one.of(aspect)
        lines = [
            entry
            for entry in self.by_oid.get((CLASSES.get(one.catalog, 0), one.oid), ())
            if 0 < entry.xid < xid and entry.names(one.ref) and _fits(entry, at)
        ]
        if aspect == "born" or one.born == one.touched:
            made = [entry for entry in lines if entry.tag.startswith("CREATE ")]
        else:
            made = [entry for entry in lines[-1:] if at is not None]
        return [("inner", made)] if len(made) == 1 else []

    def find_makers(self, ref: ObjectRef) -> list[Entry]:
        """Return the statements without a transaction that make an object of this kind and name."""
        return [entry for entry in self.by_word.get(_name(ref), ()) if _makes(entry, ref.kind)]

    def find_alone(self, one: Witnessed, aspect: str, databases: Collection[str]) -> Found:
        """Return the one statement that makes an object of this kind and name, if there is one.

        Without commit times nothing else joins a statement that was logged before it had a
        transaction. Of an object that was touched since, the last line that names it is a hint.

        Args:
            one: The object.
            aspect: ``born`` or ``touched``.
            databases: Whose lines count.
        """
        named = [
            entry for entry in self.by_word.get(_name(one.ref), ()) if entry.database in databases
        ]
        if aspect == "born" or one.born == one.touched:
            made = [entry for entry in named if _makes(entry, one.ref.kind)]
            return [("alone", made)] if len(made) == 1 else []
        return [("last", named[-1:])] if named else []

    def _find_timed(self, ref: ObjectRef, at: datetime) -> Found:
        lines = [entry for entry in _slice(self.timed, at) if entry.names(ref)]
        by_source: dict[str, list[Entry]] = defaultdict(list)
        for entry in lines:
            by_source[entry.source].append(entry)
        return [("time", entries) for entries in by_source.values()]


def _name(ref: ObjectRef) -> str:
    return ref.parts[-1].partition("(")[0]


def build_shelf(lines: pd.DataFrame) -> Shelf:
    """Return the rows of a frame ``LOG_LINE``, put in order."""
    entries = [_read_entry(row) for row in list_exhibit_rows(lines[list(LOG_LINE)])]
    by_oid, by_xid = (
        defaultdict[tuple[int, int], list[Entry]](list),
        defaultdict[int, list[Entry]](list),
    )
    for entry in entries:
        if entry.xid:
            by_xid[entry.xid].append(entry)
        if all(entry.oid):
            by_oid[entry.oid].append(entry)
    known = [entry for entry in entries if entry.at is not None]
    known.sort(key=attrgetter("at"))
    return Shelf(
        dict(by_oid),
        dict(by_xid),
        [entry for entry in known if SOURCES[entry.source] == "log" and not entry.xid],
        [entry for entry in known if entry.source == LogSource.HTTP],
        [entry for entry in known if _is_drop(entry)],
        frozenset(entry.database for entry in entries if entry.database),
    )


def _choose(one: Witnessed, entries: list[Entry]) -> tuple[str, list[Entry]]:
    """Return the lines that name the object best, and how they do it."""
    oid = (CLASSES.get(one.catalog, 0), one.oid)
    if by_oid := [entry for entry in entries if entry.oid == oid]:
        return "oid", by_oid
    if named := [entry for entry in entries if entry.names(one.ref)]:
        return "named", named
    return "xid", entries


def _fits(entry: Entry, at: datetime | None) -> bool:
    """Return whether a line can be of what was committed ``at``: it is written before."""
    return at is None or entry.at is None or entry.at <= at + NEAR


def _is_drop(entry: Entry) -> bool:
    if not (entry.object_type and entry.object_identity):
        return False
    by_the_way = entry.object_type == "table column" and "drop" in _list_words(entry.text)
    return entry.tag.startswith("DROP ") or by_the_way


def _makes(entry: Entry, kind: str) -> bool:
    """Return whether a statement makes an object of ``kind``."""
    return entry.tag.startswith("CREATE ") and kind in KINDS_OF.get(entry.object_type, ())


def _slice(entries: Sequence[Entry], at: datetime) -> Sequence[Entry]:
    low = bisect_left(entries, at - NEAR, key=attrgetter("at"))
    return entries[low : bisect_right(entries, at + NEAR, key=attrgetter("at"))]


@lru_cache(maxsize=4096)
def _list_words(text: str) -> frozenset[str]:
    """Return the names in a statement as the catalog has them."""
    return frozenset(
        word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
        for word in WORD.findall(text)
    )


def _read_entry(row: tuple[object, ...]) -> Entry:
    cells = dict(zip(LOG_LINE, row, strict=True))

    def text(name: str) -> str:
        return str(cells[name] or "")

    def number(name: str) -> int:
        return int(str(cells[name] or 0))

    at = text("observed_at")
    tag = text("tag")
    # A statement of a log names its type in its tag.
    object_type = text("object_type") or tag.partition(" ")[2].lower()
    return Entry(
        at=datetime.fromisoformat(at) if at else None,
        source=text("source"),
        raw_ref=text("raw_ref"),
        xid=number("xid"),
        session=text("session"),
        database=text("database"),
        role=text("db_role"),
        application=text("application"),
        client=text("client"),
        tag=tag,
        object_type=object_type,
        object_identity=text("object_identity"),
        nested=bool(cells["nested"]),
        protocol=text("protocol"),
        oid=(number("classid"), number("objid")),
        request_path=text("request_path"),
        jwt_role=text("jwt_role"),
        text=text("text"),
    )
