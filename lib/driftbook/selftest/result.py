"""What a self-test found: how much an audit would have seen, and what it would not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.selftest.mutations import Mutation


class Outcome(StrEnum):
    """What became of one mutation."""

    DETECTED = "detected"
    MISSED = "missed"
    REFUSED = "not applied"


@dataclass(frozen=True, slots=True)
class Trial:
    """One mutation that was tried.

    Attributes:
        mutation: What was done.
        outcome: Whether its kind and property were among the changes.
        object: What it was done to, of the own schema; empty: to the probe's.
        statement: The SQL that was run.
        named: Kind and name of each changed object that is part of no other.
        why: What the server said when it could not be done, or what was reported in its place.
    """

    mutation: Mutation
    outcome: Outcome
    object: str
    statement: str
    named: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_exact(self) -> bool:
        """Return whether exactly one object was named."""
        return self.outcome is Outcome.DETECTED and len(self.named) == 1


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """A difference that was reported where there is none."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """All trials of one self-test, and what was reported without a reason.

    Attributes:
        source: What the schema is of, for people.
        server_version: Of the server that played both sides.
        root_hash: Of the expected schema, as an audit compares it.
        trials: In the order of the catalogue.
        false_alarms: Differences of copies that have none.
        unchecked: What could not be tested at all, as sentences.
    """

    source: str
    server_version: str
    root_hash: str
    trials: Sequence[Trial]
    false_alarms: Sequence[FalseAlarm] = ()
    unchecked: Sequence[str] = ()

    def of(self, outcome: Outcome) -> list[Trial]:
        """Return the trials that ended with ``outcome``."""
        return [trial for trial in self.trials if trial.outcome is outcome]

    @property
    def tried(self) -> int:
        """Return how many mutations were applied."""
        return len(self.trials) - len(self.of(Outcome.REFUSED))

    @property
    def exact(self) -> int:
        """Return for how many exactly one object was named."""
        return sum(trial.is_exact for trial in self.trials)

    @property
    def own(self) -> int:
        """Return how many were applied to objects of the own schema."""
        return sum(bool(trial.object) for trial in self.trials if trial.outcome != Outcome.REFUSED)

    @property
    def passed(self) -> bool:
        """Return whether everything that was tried was seen, and nothing else."""
        return bool(self.tried) and not self.of(Outcome.MISSED) and not self.false_alarms
