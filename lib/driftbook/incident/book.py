"""The table of evidence of a postmortem: the clues of forensics, and those that it adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.forensics.attribution import WHOLE
from driftbook.forensics.classify import Confidence
from driftbook.forensics.frames import CLUE, write_key
from driftbook.history.exhibits import build_exhibit
from driftbook.incident.words import WEAKEST_FIRST, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from driftbook.model import ObjectRef

# The surest word that a source allows; a sentence never has a surer one than its best clue.
CEILINGS = {
    "ddl_log": Confidence.EXACT,
    "pgaudit": Confidence.EXACT,
    "tracking": Confidence.EXACT,
    "commit_ts": Confidence.EXACT,
    "audit": Confidence.EXACT,
    "snapshot": Confidence.HIGH,
    "wal": Confidence.HIGH,
    "log": Confidence.HIGH,
    "witness": Confidence.HIGH,
    "shadow": Confidence.HIGH,
    "signature": Confidence.HIGH,
    "oid": Confidence.MEDIUM,
    "git": Confidence.MEDIUM,
    "owner": Confidence.LOW,
    "http_log": Confidence.LOW,
    "statements": Confidence.LOW,
}
# Rank of the sources that a postmortem adds, among those of forensics.
WEIGHTS = {"tracking": 3, "snapshot": 5, "audit": 5, "git": 14}


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence that a postmortem adds; see ``forensics.frames.CLUE``."""

    aspect: str
    source: str
    value: str
    ref: ObjectRef = WHOLE
    row: str = ""
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    raw_ref: str = ""
    note: str = ""


@dataclass
class Book:
    """Collects evidence, numbers it, and lets nothing be said that it does not carry."""

    clues: pd.DataFrame
    _proofs: dict[Proof, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember the source of each clue."""
        pairs = zip(self.clues["id"], self.clues["source"], strict=True)
        self._sources: dict[str, str] = {str(name): str(source) for name, source in pairs}

    def cite(self, proof: Proof) -> str:
        """Write down ``proof`` and return its id; the same proof twice is one."""
        if proof not in self._proofs:
            name = f"E{len(self._sources) + 1}"
            self._proofs[proof] = name
            self._sources[name] = proof.source
        return self._proofs[proof]

    def say(self, text: str, confidence: Confidence, clues: Iterable[str]) -> Sentence:
        """Return a sentence that is no surer than the best of its clues."""
        ids = tuple(dict.fromkeys(clues))
        return Sentence(text, self.limit(confidence, ids), ids)

    def limit(self, confidence: Confidence, clues: Iterable[str]) -> Confidence:
        """Return ``confidence``, or less where the clues allow no more."""
        allowed = [CEILINGS.get(self._sources[name], Confidence.LOW) for name in clues]
        best = max(allowed, key=WEAKEST_FIRST.index, default=Confidence.NONE)
        return min(confidence, best, key=WEAKEST_FIRST.index)

    def build(self) -> pd.DataFrame:
        """Return the frame ``CLUE``: those of forensics, then the others, by number."""
        rows = [_list_cells(name, proof) for proof, name in self._proofs.items()]
        if not rows:
            return self.clues
        added = build_exhibit(rows, CLUE)
        return pd.concat([self.clues, added], ignore_index=True) if len(self.clues) else added


def cite_step(  # noqa: PLR0913, PLR0917 - the columns of a clue
    book: Book,
    aspect: str,
    source: str,
    value: str,
    between: tuple[datetime | None, datetime | None],
    ref: ObjectRef = WHOLE,
) -> str:
    """Write down what two audits show together, and return its id."""
    row = "schema_migrations" if source == "tracking" else "audits"
    return book.cite(Proof(aspect, source, value, ref, row, *between))


def find_bounds(
    clues: pd.DataFrame, ids: Sequence[str], earliest: datetime | None, latest: datetime | None
) -> tuple[str, ...]:
    """Return ``ids``, those first that give the bounds of an interval, then by weight.

    Args:
        clues: Frame ``CLUE``.
        ids: Of some of its rows.
        earliest: Lower bound of what they are evidence of; ``None``: open.
        latest: Upper bound.
    """
    known = clues[clues["id"].isin(list(ids))]

    def rank(row: tuple[str, pd.Timestamp, pd.Timestamp, int]) -> tuple[int, int, int]:
        name, low, high, weight = row
        hits = (low == earliest) + (high == latest)
        return -hits, int(weight), int(name[1:])

    names = ["id", "earliest_at", "latest_at", "weight"]
    rows = known[names].itertuples(index=False, name=None)
    return tuple(str(row[0]) for row in sorted(rows, key=rank))


def _list_cells(name: str, proof: Proof) -> tuple[object, ...]:
    times = [at.isoformat() if at else None for at in (proof.earliest_at, proof.latest_at)]
    return (
        name,
        proof.ref.kind,
        write_key(proof.ref),
        proof.aspect,
        proof.source,
        proof.row,
        proof.value,
        *times,
        "",
        "",
        WEIGHTS[proof.source],
        proof.raw_ref,
        proof.note,
    )
