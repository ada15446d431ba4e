"""What logs say of one object, and how that fits what the catalog says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.forensics.attach import attach_lines
from driftbook.forensics.classify import Claim, Confidence, Door
from driftbook.forensics.clues import WEIGHTS, Clue, read_clues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.forensics.case import Case
    from driftbook.model import ObjectRef

HINT = "a hint"
# Logs that name the transaction or the object itself; others are near in time only.
TELLING = frozenset({"ddl_log", "pgaudit", "log", "wal"})
SLACK = pd.Timedelta(seconds=2)  # between a line of a log and the commit it belongs to


@dataclass(frozen=True)
class Heard:
    """The clues of logs about one object, and the transactions of their lines."""

    clues: tuple[Clue, ...] = ()
    xids: Mapping[str, int] = field(default_factory=dict)  # place of a line → its transaction

    def find(self, aspect: str) -> Clue | None:
        """Return the best line about ``aspect`` that claims something; ``None``: there is none."""
        found = [
            clue
            for clue in self.clues
            if clue.aspect == aspect
            and clue.value
            and clue.source in TELLING
            and not clue.note.startswith(HINT)
        ]
        return min(found, key=lambda clue: WEIGHTS[clue.source], default=None)

    def find_actor(self, line: Clue | None) -> dict[str, str]:
        """Return role, application and client of ``line``, as far as it names them."""
        if line is None:
            return {}
        return {
            clue.row: clue.value
            for clue in self.clues
            if clue.aspect == "actor" and clue.raw_ref == line.raw_ref
        }

    def find_channel(self, line: Clue | None) -> str:
        """Return the channel that ``line`` proves, else one that something hints at; or empty."""
        found = [clue for clue in self.clues if clue.aspect == "channel"]
        # Without a line of its own a touch has hints at most: a call near in time.
        last = {clue.raw_ref for clue in self.clues if clue.aspect in {"touched", "dropped"}}
        own = [
            clue
            for clue in found
            if (
                clue.raw_ref == line.raw_ref
                if line
                else clue.raw_ref in last and clue.note.startswith(HINT)
            )
        ]
        chosen = sorted(own, key=lambda clue: clue.note.startswith(HINT))
        return chosen[0].value if chosen else ""


NOTHING = Heard()


def hear_lines(case: Case) -> Mapping[ObjectRef, Heard]:
    """Return object → what the log of DDL events and other logs say of it."""
    exhibited = case.exhibit("ddl_line")
    frames = [frame for frame in (exhibited, case.lines) if frame is not None and len(frame)]
    if not frames:
        return {}
    lines = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    xids = {
        str(raw_ref): int(xid)
        for raw_ref, xid in zip(lines["raw_ref"], lines["xid"], strict=True)
        if pd.notna(xid)
    }
    found: dict[ObjectRef, list[Clue]] = {}
    for clue in read_clues(attach_lines(case.exhibit("witness"), case.exhibit("record"), lines)):
        found.setdefault(clue.ref, []).append(clue)
    return {ref: Heard(tuple(clues), xids) for ref, clues in found.items()}


def fit_line(claim: Claim, line: Clue | None) -> tuple[Claim, tuple[str, ...]]:
    """Return ``claim`` with the time of ``line``, and where the two contradict each other.

    A contradiction is kept, and makes the claim one step less sure.
    """
    at = line.bracket.earliest_at if line else None
    if line is None or at is None or not claim.xid:
        return claim, ()
    low, high = claim.bracket.earliest_at, claim.bracket.latest_at
    # A statement is logged before its transaction commits, perhaps long before.
    early = claim.bracket.basis != "commit_ts" and low is not None and at < low - SLACK
    if early or (high is not None and at > high + SLACK):
        said = (
            f"{line.raw_ref} says {at:%Y-%m-%d %H:%M:%S} UTC, "
            f"{claim.bracket.basis} says another time"
        )
        return replace(claim, confidence=claim.confidence.weaker), (said,)
    if claim.bracket.is_instant:
        return claim, ()
    bracket = replace(claim.bracket, earliest_at=at, latest_at=at, basis=line.source)
    return replace(claim, bracket=bracket), ()


def claim_drop(line: Clue, heard: Heard, case: Case) -> Claim:
    """Return what a line says of the drop of an object that is gone."""
    xid = heard.xids.get(line.raw_ref, 0)
    record = next((one for one in case.records if xid and one.xid == xid), None)
    if record and case.together[xid] == 1:
        why = "a log names the drop, in the transaction that wrote the record of the version"
        return Claim(Door.PUSHED, Confidence.HIGH, why, record.version, xid, line.bracket)
    if not xid:
        why = "a log names the drop, and does not say in which transaction"
        return Claim(Door.UNKNOWN, Confidence.MEDIUM, why, bracket=line.bracket)
    why = "a log names the drop, and no version's record was written in its transaction"
    return Claim(Door.OUT_OF_BAND, Confidence.HIGH, why, xid=xid, bracket=line.bracket)
