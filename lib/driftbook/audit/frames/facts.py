"""Findings, failures, gaps and what was left out, as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.drift.platform import find_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from pydantic import BaseModel

    from driftbook.audit.evidence import GapFact, InterceptionFact, LeftOutFact
    from driftbook.model import Finding

FINDINGS = declare("id severity kind change schema object title state first_seen rule")
INTERCEPTIONS = declare("kind place object done effect")
LEFT_OUT = declare("reason kind objects:int")
GAPS = declare("what why fix")
NEVER_RUNS = declare("file why")


def build_findings(
    findings: Iterable[Finding], states: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return one row per finding, in the order given (all str).

    Args:
        findings: Of the report.
        states: Id of a finding → its state and the time of its first sight.

    Returns:
        ``id``, ``severity``, ``kind``, ``change``, ``schema``, ``object``, ``title``, ``state``
        (new, known, reopened; empty: the past is not known), ``first_seen`` (a day), ``rule``.
    """
    rows = (
        (
            finding.id,
            finding.severity.value,
            finding.object.kind,
            str(finding.change),
            find_schema(finding.object.kind, finding.object.parts),
            finding.object.name,
            finding.title,
            states[finding.id][0],
            states[finding.id][1][:10],
            finding.rule,
        )
        for finding in findings
    )
    return build_frame(rows, FINDINGS)


def build_interceptions(facts: Iterable[InterceptionFact]) -> pd.DataFrame:
    """Return statements not sent as written: kind, place, object, done, effect (str)."""
    rows = (
        (
            fact.kind,
            f"{fact.file}:{fact.line}" if fact.file else "the platform itself",
            fact.object,
            fact.done,
            fact.effect,
        )
        for fact in facts
    )
    return build_frame(rows, INTERCEPTIONS)


def build_left_out(facts: Iterable[LeftOutFact]) -> pd.DataFrame:
    """Return objects outside the comparison: reason, kind, objects."""
    return _build_facts(facts, LEFT_OUT)


def build_gaps(facts: Iterable[GapFact]) -> pd.DataFrame:
    """Return what could not be checked: what, why, fix."""
    return _build_facts(facts, GAPS)


def build_never_runs(pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return files that the migration tool passes over, always: file, why."""
    return build_frame(pairs, NEVER_RUNS)


def _build_facts(facts: Iterable[BaseModel], columns: dict[str, str]) -> pd.DataFrame:
    return build_frame(([getattr(fact, name) for name in columns] for fact in facts), columns)
