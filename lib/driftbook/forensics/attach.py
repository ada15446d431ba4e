"""Joining lines of logs to objects: by OID, else by transaction, else by time and name.

A clue of aspect ``actor`` or ``channel`` belongs to the one of ``born``, ``touched`` or
``dropped`` with the same ``raw_ref``. A channel whose note begins with ``a hint`` proves nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import Bracket, Order
from driftbook.forensics.case import Record
from driftbook.forensics.channels import find_channel
from driftbook.forensics.clues import Clue, ClueBook
from driftbook.forensics.frames import read_ref
from driftbook.forensics.identity import find_refs
from driftbook.forensics.shelf import SOURCES, Entry, Shelf, Witnessed, build_shelf
from driftbook.history.exhibits import list_exhibit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from driftbook.model import ObjectRef

HOW = {
    "oid": "the line names the object by its OID, in the same transaction",
    "inner": "the line names the object by its OID; its row is of a transaction inside",
    "named": "a line of the same transaction, and it names the object",
    "xid": "a line of the same transaction; it does not name the object",
    "time": "a line within 2 s of the commit, and it names the object",
    "dropped": "the line names what was dropped",
    "alone": "the only line that makes an object of this name",
    "last": "a hint: the last line that names it",
}
SURE = frozenset({"oid", "inner", "named", "time"})  # the line is of this very database


def attach_lines(
    witnesses: pd.DataFrame, records: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """Return what ``lines`` say of each witness, and of what was dropped.

    Args:
        witnesses: The exhibit ``witness``.
        records: The exhibit ``record``.
        lines: Frame ``LOG_LINE``.

    Returns:
        Frame ``CLUE`` without ``id``. Lines that disagree claim nothing: a note says so.
    """
    shelf = build_shelf(lines)
    order = _build_order(records)
    joiner = _Joiner(shelf, order)
    book = ClueBook()
    live = set()
    for row in list_exhibit_rows(witnesses):
        one = _read_witness(row)
        live.add(one.ref)
        book.add(joiner.join(one))
    book.add(joiner.join_by_name())
    book.add(joiner.find_dropped(live))
    frame, _ = book.build()
    return frame.drop(columns="id").drop_duplicates(ignore_index=True)


class _Joiner:
    def __init__(self, shelf: Shelf, order: Order) -> None:
        self.shelf, self.order = shelf, order
        self.unjoined: list[tuple[Witnessed, str]] = []
        self.joined: set[str] = set()  # databases of which a line names what is there

    def join(self, one: Witnessed) -> Iterator[Clue]:
        """Yield what is said of the birth and of the last touch of one object."""
        for aspect in ("born", "touched"):
            xid, at = one.of(aspect)
            if not xid:
                continue
            found = self.shelf.find(one, aspect)
            if not found and at is None:
                self.unjoined.append((one, aspect))
            for how, entries in found:
                if how in SURE:
                    self.joined |= {entry.database for entry in entries if entry.database}
                yield from self._say(one.ref, aspect, how, entries)
            if at is not None and xid not in self.order.together:
                yield from self._say_calls(one.ref, aspect, self.shelf.find_calls(at))

    def join_by_name(self) -> Iterator[Clue]:
        """Yield what is left for objects that nothing joined: lines that name them alone."""
        ours = self._find_databases()
        for one, aspect in self.unjoined:
            for how, entries in self.shelf.find_alone(one, aspect, ours):
                yield from self._say(one.ref, aspect, how, entries)

    def _find_databases(self) -> frozenset[str]:
        """Return whose lines count where a name is all there is.

        A server's log is that of all its databases, and a name may be in each: those are ours of
        which a line names what is there. Where no line does, a single one is, or the only one
        whose statements make what is there. Some logs name none.
        """
        if self.joined:
            return frozenset({"", *self.joined})
        makers = {
            entry.database for one, _ in self.unjoined for entry in self.shelf.find_makers(one.ref)
        }
        for found in (self.shelf.databases, makers - {""}):
            if len(found) == 1:
                return frozenset({"", *found})
        return frozenset({""})

    def find_dropped(self, live: set[ObjectRef]) -> Iterator[Clue]:
        """Yield the drops of objects that are not there any more, the last one of each."""
        ours = self._find_databases()
        last: dict[tuple[ObjectRef, str], Entry] = {}
        for entry in self.shelf.drops:
            for ref in find_refs(entry.object_type, entry.object_identity) - live:
                before = last.get((ref, entry.source))
                if before is None or entry.database in ours or before.database not in ours:
                    last[ref, entry.source] = entry
        for (ref, source), entry in last.items():
            if entry.database not in ours:
                note = f"no claim: the line is of database {entry.database}"
                yield Clue(ref, "dropped", SOURCES[source], "", raw_ref=entry.raw_ref, note=note)
                continue
            yield from self._say(ref, "dropped", "dropped", [entry])

    def _say(
        self, ref: ObjectRef, aspect: str, how: str, entries: Sequence[Entry]
    ) -> Iterator[Clue]:
        """Yield the claim of lines of one source, or that they do not agree."""
        first = entries[0 if aspect == "born" else -1]
        source = SOURCES[first.source]
        place = self._place(first)
        if len({entry.actor for entry in entries}) > 1:
            note = f"no claim: {len(entries)} lines could be meant, and they name several sessions"
            yield Clue(ref, aspect, source, "", raw_ref=first.raw_ref, note=note)
            return
        value = " ".join(filter(None, (first.tag, first.object_identity)))
        yield Clue(ref, aspect, source, value, "", place, first.raw_ref, HOW[how])
        for name, said in first.list_actor():
            yield Clue(ref, "actor", source, said, name, raw_ref=first.raw_ref)
        pushed = first.xid in self.order.together
        channel = find_channel(entries, pushed=pushed)
        if channel:
            yield Clue(
                ref, "channel", source, channel.name, raw_ref=first.raw_ref, note=channel.why
            )

    def _place(self, entry: Entry) -> Bracket:
        order = self.order.place(entry.xid) if entry.xid else Bracket()
        basis = SOURCES[entry.source]
        return Bracket(order.after_version, order.before_version, entry.at, entry.at, basis)

    def _say_calls(self, ref: ObjectRef, aspect: str, calls: Sequence[Entry]) -> Iterator[Clue]:
        """Yield that an access log has a call at that time: never more than a hint."""
        if not calls:
            return
        first = calls[0]
        if len(calls) > 1:
            note = f"no claim: {len(calls)} calls that run SQL within 2 s of the commit"
            yield Clue(ref, aspect, "http_log", "", raw_ref=first.raw_ref, note=note)
            return
        note = f"a hint: {first.request_path} within 2 s of the commit"
        yield Clue(ref, aspect, "http_log", "", raw_ref=first.raw_ref, note=note)
        yield Clue(ref, "channel", "http_log", "sql_runner", raw_ref=first.raw_ref, note=note)
        for name, said in first.list_actor():
            yield Clue(ref, "actor", "http_log", said, name, raw_ref=first.raw_ref, note=note)


def _build_order(records: pd.DataFrame) -> Order:
    rows = list_exhibit_rows(records)
    found = [Record(str(row[0]), int(str(row[1])), None) for row in rows if row[1]]
    found.sort(key=lambda record: (record.xid, record.version))
    return Order(tuple(found), Counter(record.xid for record in found), ())


def _read_witness(row: Iterable[object]) -> Witnessed:
    kind, key, oid, catalog, _, born_xid, _, touched_xid, _, born_at, touched_at = row
    return Witnessed(
        ref=read_ref(str(kind), str(key)),
        oid=int(str(oid or 0)),
        catalog=str(catalog),
        born=(int(str(born_xid or 0)), _text(born_at)),
        touched=(int(str(touched_xid or 0)), _text(touched_at)),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
