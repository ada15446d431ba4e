"""What is known around a finding about the schema: who made it so, and what uses the object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.audit.uses import Uses, read_uses
from driftbook.forensics.frames import read_ref
from driftbook.forensics.words import describe_origin
from driftbook.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.audit.session import Audit
    from driftbook.model import Finding, ObjectRef


@dataclass(frozen=True)
class Context:
    """Looked up once, when the first finding asks.

    Attributes:
        audit: What it is known from.
    """

    audit: Audit

    def add(self, finding: Finding) -> Finding:
        """Return ``finding`` with its origin and its users, if it is about the schema."""
        if finding.group != "drift":
            return finding
        row = self._origins.get(finding.object)
        # What live lacks nothing there can need.
        is_live = finding.change != ChangeKind.ONLY_EXPECTED.value
        uses = self._uses.find(finding.object) if is_live and self._uses else None
        return replace(finding, origin=describe_origin(row) if row else "", used_by=uses)

    @cached_property
    def _origins(self) -> dict[ObjectRef, Mapping[str, object]]:
        rows = self.audit.attribution.to_dict("records")
        return {
            read_ref(row["kind"], row["key"]): {str(name): row[name] for name in row}
            for row in rows
        }

    @cached_property
    def _uses(self) -> Uses | None:
        return read_uses(self.audit.evidence)
