"""An audit and those before it: recorded once, compared, and read back when its folder is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.audit.entries import add_accepted
from driftbook.audit.evidence import Evidence, Facts, read_evidence
from driftbook.audit.gaps import note_unread
from driftbook.audit.result import decide_verdict
from driftbook.audit.session import Audit
from driftbook.audit.unchecked import find_reason
from driftbook.errors import ConfigError, DriftbookError, HistoryFailed
from driftbook.history import Entry, Found, Past, find_store, open_store, record_audit
from driftbook.history.keep import forget_target
from driftbook.history.past import storable
from driftbook.history.read import read_audit, read_audits
from driftbook.history.record import compare_with_past
from driftbook.places import state_dir

if TYPE_CHECKING:
    from driftbook.config import Settings
    from driftbook.history import Spell
    from driftbook.model import Finding

EVERY_RULE = ""  # the name of no report: all rules count


def remember(evidence: Evidence, settings: Settings) -> tuple[Evidence, DriftbookError | None]:
    """Record the audit, and return its evidence with the past, and why it was not recorded.

    What is accepted now belongs to the evidence. A history that fails costs the comparison with
    the past, never the audit.

    Raises:
        ConfigError: ``accepted.toml`` is malformed.
    """
    evidence = add_accepted(evidence, settings)
    try:
        past = record_audit(open_store(settings), build_entry(evidence))
    except DriftbookError as error:
        return replace(evidence, past=Past(why_unknown=error.problem)), error
    return replace(evidence, past=past), None


def forget_all(settings: Settings, target: str) -> None:
    """Forget everything that is recorded of ``target``.

    Raises:
        HistoryFailed: The store cannot be written.
    """
    if store := find_store(settings):
        forget_target(store, target)


def recall(evidence: Evidence, settings: Settings) -> Evidence:
    """Return ``evidence`` with the past, and record nothing: a notebook that runs alone."""
    evidence = add_accepted(evidence, settings)
    try:
        past = compare_with_past(find_store(settings), build_entry(evidence))
    except DriftbookError as error:
        past = Past(why_unknown=error.problem)
    return replace(evidence, past=past)


def read_stored(audit_id: str, settings: Settings, target: str = "") -> Evidence:
    """Return the evidence of a past audit, of ``target`` if it has one with this id.

    It is that of its folder, else of the history.

    Raises:
        ConfigError: No such audit is stored.
        HistoryFailed: The history cannot be read.
    """
    if evidence := read_evidence(audit_id, target):
        return note_unread(evidence)
    store = find_store(settings)
    stored = read_audit(store, audit_id, target) if store else None
    if stored is None:
        raise ConfigError(
            f"no audit {audit_id} is stored here",
            where=store.where if store else str(state_dir() / "evidence"),
            fix="leave audit_id empty to capture now",
        )
    try:
        facts = Facts.model_validate(stored.facts)
    except ValueError as error:
        raise HistoryFailed(
            f"the audit {audit_id} was recorded by another driftbook",
            where=store.where if store else "",
            fix="make its report again with the version that its report names",
        ) from error
    evidence = Evidence(stored.expected, stored.live, facts, stored.past, stored.exhibits)
    return note_unread(evidence)


def find_latest(settings: Settings, target: str) -> str:
    """Return the id of the latest recorded audit of ``target``; empty: there is none.

    Raises:
        HistoryFailed: The history cannot be read.
    """
    store = find_store(settings)
    rows = read_audits(store, target, limit=1) if store else []
    return rows[-1].point.audit_id if rows else ""


def build_entry(evidence: Evidence) -> Entry:
    """Return ``evidence`` as it is recorded: with the findings of every rule."""
    facts = evidence.facts
    audit = Audit(EVERY_RULE, evidence, facts.target.fail_on)
    accepted = [one.finding for one in audit.accepted if one.finding]
    found = [*audit.found, *accepted]  # what is accepted is not resolved

    def find_why(spell: Spell) -> str:
        return find_reason(spell, evidence)

    return Entry(
        target=facts.target.name,
        audit_id=facts.audit_id,
        captured_at=f"{facts.captured_at:%Y-%m-%dT%H:%M:%SZ}",
        verdict=decide_verdict(EVERY_RULE, audit.found, facts, facts.target.fail_on).value,
        expected=evidence.expected,
        live=evidence.live,
        facts=facts.model_dump(mode="json"),
        found=tuple(map(build_found, found)),
        accepted=frozenset(storable(finding.key) for finding in accepted),
        why_unchecked=find_why,
        exhibits=evidence.exhibits,
    )


def build_found(finding: Finding) -> Found:
    """Return ``finding`` as the history keeps it."""
    return Found(
        key=storable(finding.key),
        id=finding.id,
        rule=finding.rule,
        severity=finding.severity,
        kind=finding.object.kind,
        parts=tuple(map(storable, finding.object.parts)),
        title=storable(finding.title),
    )
