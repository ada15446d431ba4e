"""The table of evidence: every piece that a sentence may rest on, each with a number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftbook.forensics.bracket import NOWHERE, Bracket, read_time
from driftbook.forensics.frames import CLUE, read_ref, write_key
from driftbook.history.exhibits import build_exhibit, list_exhibit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from driftbook.forensics.case import Case, Testimony
    from driftbook.forensics.classify import Claim, Judge
    from driftbook.forensics.signatures import Horizon
    from driftbook.model import ObjectRef

# How much a source is worth, 1 the most: the log of DDL events, audit logs, equality with a
# record, commit times, earlier audits, other logs, the order of transactions, signatures, hints.
WEIGHTS = {
    "ddl_log": 1,
    "pgaudit": 2,
    "tracking": 3,
    "commit_ts": 4,
    "snapshot": 5,
    "wal": 6,
    "log": 7,
    "witness": 8,
    "shadow": 8,
    "oid": 9,
    "signature": 10,
    "owner": 11,
    "http_log": 12,
    "statements": 13,
    "git": 14,
}
ABOUT_ALL = "database"  # kind of what is said of the database as a whole


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence for one aspect of one object; see ``frames.CLUE``."""

    ref: ObjectRef
    aspect: str
    source: str
    value: str
    row: str = ""
    bracket: Bracket = NOWHERE
    raw_ref: str = ""
    note: str = ""


@dataclass(slots=True)
class ClueBook:
    """Collects clues and numbers them; the same clue twice is one."""

    _places: dict[Clue, int] = field(default_factory=dict)

    def add(self, clues: Iterable[Clue]) -> tuple[int, ...]:
        """Write down ``clues`` and return their places."""
        places = (self._places.setdefault(clue, len(self._places)) for clue in clues)
        return tuple(dict.fromkeys(places))

    def build(self) -> tuple[pd.DataFrame, dict[int, str]]:
        """Return the frame, by object, aspect and weight, and place → id."""
        order = sorted(self._places, key=_sort_key)
        ids = {self._places[clue]: f"E{number}" for number, clue in enumerate(order, start=1)}
        rows = [(ids[self._places[clue]], *_list_cells(clue)) for clue in order]
        return build_exhibit(rows, CLUE), ids


def _sort_key(clue: Clue) -> tuple[object, ...]:
    overall = clue.ref.kind != ABOUT_ALL
    weight = WEIGHTS[clue.source]
    return (overall, clue.ref.kind, clue.ref.parts, clue.aspect, weight, clue.value, clue.raw_ref)


def _list_cells(clue: Clue) -> tuple[object, ...]:
    times = [
        at.isoformat() if at else None for at in (clue.bracket.earliest_at, clue.bracket.latest_at)
    ]
    return (
        clue.ref.kind,
        write_key(clue.ref),
        clue.aspect,
        clue.source,
        clue.row,
        clue.value,
        *times,
        clue.bracket.after_version,
        clue.bracket.before_version,
        WEIGHTS[clue.source],
        clue.raw_ref,
        clue.note,
    )


def read_clues(frame: pd.DataFrame) -> Iterator[Clue]:
    """Yield the rows of a frame ``CLUE``, with or without its column ``id``."""
    names = [name for name in CLUE if name != "id"]
    for row in list_exhibit_rows(frame[names]):
        one = dict(zip(names, row, strict=True))
        yield Clue(
            ref=read_ref(str(one["kind"]), str(one["key"])),
            aspect=str(one["aspect"]),
            source=str(one["source"]),
            value=str(one["value"] or ""),
            row=str(one["row"] or ""),
            bracket=Bracket(
                str(one["after_version"] or ""),
                str(one["before_version"] or ""),
                read_time(str(one["earliest_at"] or "")),
                read_time(str(one["latest_at"] or "")),
                str(one["source"]),
            ),
            raw_ref=str(one["raw_ref"] or ""),
            note=str(one["note"] or ""),
        )


def find_horizon_clues(horizon: Horizon, whole: ObjectRef, case: Case) -> Iterator[Clue]:
    """Yield what is known of the database as a whole."""
    value = horizon.shape.value
    if horizon.first_xid:
        value += f": transactions {horizon.first_xid} to {horizon.last_xid}"
    yield Clue(whole, "horizon", "signature", value, bracket=horizon.when, note=horizon.why)
    if born := case.clock.get("cluster_born_at"):
        bracket = Bracket(earliest_at=read_time(str(born)), basis="signature")
        note = "the cluster was made then; nothing in it is older"
        yield Clue(whole, "horizon", "signature", str(born), "pg_control", bracket, note=note)
    for move in case.past.moves:
        bracket = Bracket("", "", read_time(move.after), read_time(move.by), "snapshot")
        note = "most tables have other OIDs than at the audit before: they were made anew"
        yield Clue(whole, "horizon", "snapshot", "made anew", "pg_class.oid", bracket, note=note)


def find_witness_clues(one: Testimony, aspect: str, claim: Claim, judge: Judge) -> Iterator[Clue]:
    """Yield what the catalog, the tracking table and the server's clock say of one aspect."""
    born = aspect == "born"
    row = (one.born_row or one.touched_row) if born else one.touched_row
    at = one.born_at if born and one.born_xid else one.touched_at
    timed = judge.order.place(claim.xid)
    place = replace(timed, earliest_at=None, latest_at=None)
    yield Clue(one.ref, aspect, "witness", f"transaction {claim.xid}", row, place)
    if at is not None:
        bracket = Bracket(earliest_at=at, latest_at=at, basis="commit_ts")
        yield Clue(one.ref, aspect, "commit_ts", at.isoformat(), row, bracket)
    elif timed.basis == "snapshot":
        note = "where the counter of transactions stood when audits looked"
        bracket = Bracket("", "", timed.earliest_at, timed.latest_at, "snapshot")
        yield Clue(one.ref, aspect, "snapshot", f"transaction {claim.xid}", row, bracket, note=note)
    record = judge.case.record_of.get(claim.version)
    if claim.version and record:
        value = f"version {claim.version}: transaction {record.xid}"
        yield Clue(one.ref, aspect, "tracking", value, "schema_migrations", note=claim.why)


def find_shadow_clues(ref: ObjectRef, case: Case) -> Iterator[Clue]:
    """Yield which files do it, as the shadow shows."""
    for aspect, version in (("born", case.find_creator(ref)), ("touched", case.find_toucher(ref))):
        if version:
            file = case.file_of.get(version, "")
            yield Clue(ref, aspect, "shadow", f"version {version}", raw_ref=file)


def find_sighting_clues(ref: ObjectRef, case: Case) -> Iterator[Clue]:
    """Yield what earlier audits saw of it."""
    seen = case.sightings.get(ref)
    if seen is None:
        return
    for aspect, low, high, value in (
        ("born", seen.absent_at, seen.seen_at, "not there, then there"),
        ("touched", seen.other_at, seen.same_at, "in another shape, then in this one"),
        ("dropped", seen.gone_after, seen.gone_by, "there, then gone"),
    ):
        if high:
            bracket = Bracket("", "", read_time(low), read_time(high), "snapshot")
            seen_as = value if low else "so already at the first audit"
            yield Clue(ref, aspect, "snapshot", seen_as, "audits", bracket)
