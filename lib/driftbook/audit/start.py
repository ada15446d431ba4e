"""The one call with which a notebook begins: parameters are checked, evidence is at hand."""

from __future__ import annotations

from driftbook.accepted import read_accepted
from driftbook.audit.collect import collect_evidence
from driftbook.audit.remember import find_latest, read_stored, recall
from driftbook.audit.session import Audit
from driftbook.config import read_access, read_settings
from driftbook.errors import ConfigError
from driftbook.model import Severity

LOOKING_BACK = frozenset({"explore"})  # notebooks that ask no database that was audited before


def begin(
    notebook: str, *, target: str = "demo", audit_id: str = "", fail_on: str = "high"
) -> Audit:
    """Return the audit that ``notebook`` reports on.

    Args:
        notebook: Name of the notebook, and of its report.
        target: A name in ``params/targets.toml``; ``demo`` is bundled.
        audit_id: A stored audit to report on again; empty: capture now, compare with the
            audits before, record nothing. Those who explore get the latest recorded one first.
        fail_on: Lowest severity that fails: critical, high, medium, low or info.

    Raises:
        ConfigError: A value is wrong: it is checked here because bare papermill checks nothing.
        AuditError: A side cannot be read.
    """
    limit = check_fail_on(fail_on)
    if not isinstance(target, str) or not isinstance(audit_id, str):
        raise ConfigError("target and audit_id are texts", fix="quote them in the parameters")
    settings = read_settings()
    chosen = settings.target(target)
    if notebook == "drift_audit" and not (audit_id or chosen.is_demo):
        read_access(chosen)  # files alone cannot drift
    read_accepted(settings)  # said before anything is captured
    if notebook in LOOKING_BACK:
        audit_id = audit_id or find_latest(settings, target)
    if audit_id:
        evidence = read_stored(audit_id, settings, target)
    else:
        evidence = recall(collect_evidence(chosen), settings)
    if evidence.facts.target.name != target:
        raise ConfigError(
            f"audit {audit_id} is of target {evidence.facts.target.name!r}",
            fix=f"give -p target {evidence.facts.target.name}",
        )
    return Audit(notebook, evidence, limit)


def check_fail_on(text: str) -> Severity:
    """Return the severity that ``text`` names, or raise :class:`ConfigError`."""
    try:
        return Severity(text)
    except ValueError:
        raise ConfigError(
            f"fail_on cannot be {text!r}", fix=f"use one of {', '.join(Severity)}"
        ) from None
