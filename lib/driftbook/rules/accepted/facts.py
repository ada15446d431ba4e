"""Which entries of ``accepted.toml`` hold for the findings of an audit, and which do not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from driftbook.accepted import hash_observed
from driftbook.model import Finding, ObjectRef
from driftbook.redact import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from driftbook.accepted import Accepted
    from driftbook.model import Severity

GROUP = "accepted"
PLACE = "params/accepted.toml"


class Fate(StrEnum):
    """What became of an entry."""

    HOLDS = "holds"
    EXPIRED = "expired"  # its day has passed
    VOID = "void"  # the finding is another one now: severity or definitions changed
    STALE = "stale"  # there is no such finding any more
    UNKNOWN = "unknown"  # no such finding, and the audit could not look for it


@dataclass(frozen=True, slots=True)
class Judged:
    """One entry, the finding that it is about, and what became of it."""

    entry: Accepted
    fate: Fate
    finding: Finding | None = None


def judge_entries(
    entries: Iterable[Accepted],
    findings: Sequence[Finding],
    today: date,
    can_look: Callable[[Accepted], bool],
) -> tuple[Judged, ...]:
    """Return what became of each entry, in their order.

    Args:
        entries: Those of the audit's target and rules.
        findings: Of the same rules.
        today: The day of the audit, UTC.
        can_look: Whether the audit would have found the finding of an entry, if it were there.
    """
    return tuple(_judge(entry, findings, today, can_look) for entry in entries)


def _judge(
    entry: Accepted,
    findings: Sequence[Finding],
    today: date,
    can_look: Callable[[Accepted], bool],
) -> Judged:
    finding = next((one for one in findings if entry.is_about(one)), None)
    if finding is None:
        return Judged(entry, Fate.STALE if can_look(entry) else Fate.UNKNOWN)
    if hash_observed(finding) != entry.observed:
        return Judged(entry, Fate.VOID, finding)
    return Judged(entry, Fate.EXPIRED if today > entry.until else Fate.HOLDS, finding)


def build_finding(  # noqa: PLR0913 - the parts of a finding
    rule: str, severity: Severity, judged: Judged, *, title: str, consequence: str, fix: str
) -> Finding:
    """Return the finding of ``rule`` about an entry.

    Args:
        rule: Its id.
        severity: How bad it is.
        judged: The entry.
        title: What is wrong with it, after the key of its finding.
        consequence: For whom, in sentences; who accepted it, and why, is added.
        fix: What to do.
    """
    entry = judged.entry
    return Finding(
        rule=rule,
        group=GROUP,
        severity=severity,
        object=ObjectRef("finding", (entry.key,)),
        title=f"{display_name(entry.key)}: {title}",
        consequence=f"{consequence} {entry.owner} had accepted it: {entry.reason}",
        fix=fix,
        fix_is_sql=False,
        where=PLACE,
    )


def write_renewal(judged: Judged) -> str:
    """Return the command that accepts the finding anew."""
    name = judged.finding.id if judged.finding else judged.entry.id
    return f"driftbook accept {name} --reason … --owner … --until …"
