"""The façade that notebooks and the command line call: one call gives the whole audit."""

from __future__ import annotations

from driftbook.audit.incident import begin_incident
from driftbook.audit.session import Audit
from driftbook.audit.start import begin

__all__ = ["Audit", "begin", "begin_incident"]
