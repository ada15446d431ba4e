"""The last self-test of a target: kept beside its evidence, shown in each of its reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from driftbook.audit.evidence import ClassFact, SelfTestFact, write_private
from driftbook.audit.frames.columns import build_frame, declare
from driftbook.audit.sides import read_clock_now
from driftbook.errors import AuditError
from driftbook.places import state_dir
from driftbook.selftest.result import Outcome
from driftbook.selftest.words import count_classes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from driftbook.audit.result import Json
    from driftbook.selftest.result import SelfTest

TESTED = declare("changes tried:int seen:int not_seen")


def keep_selftest(target: str, found: SelfTest, versions: Iterable[str]) -> None:
    """Write what a self-test of ``target`` found, for the reports of its audits.

    Args:
        target: Its name.
        found: What was found.
        versions: Those of the files that were replayed.

    Raises:
        AuditError: The folder cannot be written.
    """
    fact = SelfTestFact(
        at=read_clock_now(),
        server_version=found.server_version,
        versions=tuple(sorted(versions)),
        classes=tuple(
            ClassFact(name=name, tried=tried, detected=detected)
            for name, tried, detected in count_classes(found)
        ),
        exact=found.exact,
        own=found.own,
        missed=tuple(trial.statement for trial in found.of(Outcome.MISSED)),
        not_applied=len(found.of(Outcome.REFUSED)),
        false_alarms=tuple(f"{alarm.what} ({alarm.where})" for alarm in found.false_alarms),
    )
    path = _place(target)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(fact.model_dump_json(), path)
    except OSError as error:
        raise AuditError(
            f"the result of the self-test cannot be kept: {error.strerror}",
            where=str(path),
            fix="free space or name another folder: DRIFTBOOK_STATE=DIR",
        ) from error


def read_selftest(target: str) -> SelfTestFact | None:
    """Return the last self-test of ``target``; ``None``: there is none that can be read."""
    try:
        return SelfTestFact.model_validate_json(_place(target).read_bytes())
    except (OSError, ValidationError):
        return None


def _place(target: str) -> Path:
    return state_dir() / "selftests" / f"{target}.json"


@dataclass(frozen=True, slots=True)
class LastSelfTest:
    """What an audit shows of the last self-test of its target.

    Attributes:
        fact: The self-test; ``None``: there was none before the audit.
        versions: Versions of the files that the audit replayed.
        target: Name of the target.
    """

    fact: SelfTestFact | None
    versions: frozenset[str]
    target: str

    @property
    def table(self) -> pd.DataFrame:
        """One row per class of changes, then their sum, then the copies without a change.

        Returns:
            ``changes`` (str), ``tried``, ``seen`` (int64), ``not_seen`` (str: what, one a line).
        """
        if self.fact is None:
            return build_frame([], TESTED)
        rows: list[tuple[object, ...]] = [
            (one.name, one.tried, one.detected, "") for one in self.fact.classes
        ]
        missed = "\n".join(self.fact.missed)
        rows.append((f"all, {self._describe()}", self.fact.tried, self.fact.detected, missed))
        alarms = self.fact.false_alarms
        rows.append(("none, but reported", 0, len(alarms), "\n".join(alarms)))
        return build_frame(rows, TESTED)

    @property
    def why_empty(self) -> str:
        """Return what stands where there is no row."""
        return f"Not tested: driftbook selftest {self.target} was not run before this audit."

    def as_json(self) -> Json:
        """Return the self-test as JSON values; nothing of it when there was none."""
        if self.fact is None:
            return {}
        return {
            "at": self.fact.at.isoformat(),
            "server_version": self.fact.server_version,
            "same_files": self.is_current,
            "tried": self.fact.tried,
            "detected": self.fact.detected,
            "one_object_named": self.fact.exact,
            "on_own_objects": self.fact.own,
            "missed": list(self.fact.missed),
            "false_alarms": list(self.fact.false_alarms),
        }

    @property
    def is_current(self) -> bool:
        """Return whether the files of the audit are those that were tested."""
        return self.fact is not None and self.versions == {*self.fact.versions}

    def _describe(self) -> str:
        assert self.fact is not None  # noqa: S101 - the caller looked
        files = "the same files" if self.is_current else "other files than this audit's"
        return f"{self.fact.at:%Y-%m-%d} on PostgreSQL {self.fact.server_version}, {files}"
