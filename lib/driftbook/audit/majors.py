"""Findings on texts that two major versions may write apart say so, and name both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.audit.facts import describe_version
from driftbook.drift.majors import find_own_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.model import Finding


def mark_majors(
    findings: Iterable[Finding], changes: pd.DataFrame, expected: Snapshot, live: Snapshot
) -> list[Finding]:
    """Return ``findings``, those on such texts of ``changes`` marked."""
    own = find_own_texts(changes, expected, live)
    objects = {
        (kind, key)
        for kind, key, is_own in zip(changes["kind"], changes["key"], own, strict=True)
        if is_own
    }
    words = (
        f" PostgreSQL {describe_version(expected.version_num)} wrote the expected text and "
        f"{describe_version(live.version_num)} the live one: they may differ in form only."
    )
    return [
        replace(finding, cross_major=True, consequence=finding.consequence + words)
        if (finding.object.kind, finding.object.parts) in objects
        else finding
        for finding in findings
    ]
