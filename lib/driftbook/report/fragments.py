"""What notebooks import: the pieces that cells display.

Every piece is built with ``Fragment(...).format(...)``, which escapes its arguments:
no f-string and no ``+`` ever puts data into HTML.
"""

from __future__ import annotations

from driftbook.report.definitions import render_ddl_diff, render_sql
from driftbook.report.edits import render_edits
from driftbook.report.figures import render_figure
from driftbook.report.findings import render_finding, render_findings
from driftbook.report.incident import (
    render_actions,
    render_events,
    render_evidence,
    render_moments,
    render_notes,
    render_sentences,
)
from driftbook.report.markup import Fragment, join, render_name, render_severity
from driftbook.report.steps import render_plan
from driftbook.report.tables import render_table

__all__ = [
    "Fragment",
    "join",
    "render_actions",
    "render_ddl_diff",
    "render_edits",
    "render_events",
    "render_evidence",
    "render_figure",
    "render_finding",
    "render_findings",
    "render_moments",
    "render_name",
    "render_notes",
    "render_plan",
    "render_sentences",
    "render_severity",
    "render_sql",
    "render_table",
]
