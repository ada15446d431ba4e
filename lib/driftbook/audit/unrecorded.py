"""Findings about objects that a file makes which merely is not recorded: another fix is right."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.model import ChangeKind, Severity
from driftbook.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.config import Target
    from driftbook.model import Finding
    from driftbook.versions import Version


def credit_files(
    findings: Iterable[Finding], versions: Iterable[Version], target: Target
) -> list[Finding]:
    """Return ``findings`` with the file named that makes the object but is not recorded.

    A new migration would be the second one to make it; what is missing is the record.
    """
    unrecorded = [version for version in versions if version.file and not version.recorded]
    makers = {thing: version for version in unrecorded for thing in version.makes}
    return [
        _credit(finding, makers[finding.object], target)
        if finding.change != ChangeKind.ONLY_EXPECTED and finding.object in makers
        else finding
        for finding in findings
    ]


def _credit(finding: Finding, version: Version, target: Target) -> Finding:
    if version.found < version.testable:
        fix = f"compare the file with live: {version.found} of {version.testable} effects are there"
    elif command := TOOLS[target.convention].record:
        fix = f"record that it ran: {command.format(shlex.quote(version.version))}"
    else:
        fix = f"record version {version.version} in {target.tracking_table}"
    return replace(
        finding,
        # It was reviewed: what is wrong is its record, whatever it opens.
        severity=max(finding.severity, Severity.HIGH, key=lambda severity: severity.rank),
        where=version.file,
        consequence=f"{version.file} does this and is not recorded as applied: the migration tool "
        "would run that file again, or refuse to run anything.",
        fix=fix,
        fix_is_sql=False,
    )
