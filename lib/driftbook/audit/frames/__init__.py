"""Nouns of an audit as DataFrames: pure, every column declared, also without a row."""

from __future__ import annotations

from driftbook.audit.frames.effects import (
    build_effect_matrix,
    build_effects,
    build_growth,
    build_lifelines,
    build_most_altered,
    build_touches,
)
from driftbook.audit.frames.facts import (
    build_findings,
    build_gaps,
    build_interceptions,
    build_left_out,
    build_never_runs,
)
from driftbook.audit.frames.history import (
    build_cadence,
    build_commits,
    build_edit_events,
    build_edits,
    build_migrations,
    build_slow,
    explain_history,
)
from driftbook.audit.frames.origins import build_actions
from driftbook.audit.frames.past import build_ages, build_reconciled, build_trend
from driftbook.audit.frames.plan import build_forecast, build_plan
from driftbook.audit.frames.replay import build_cascades, build_failures, build_replay
from driftbook.audit.frames.versions import (
    build_grants,
    build_missing,
    build_pending,
    build_state_counts,
    build_trust,
    build_unsettled,
    build_versions,
    find_edited,
)

__all__ = [
    "build_actions",
    "build_ages",
    "build_cadence",
    "build_cascades",
    "build_commits",
    "build_edit_events",
    "build_edits",
    "build_effect_matrix",
    "build_effects",
    "build_failures",
    "build_findings",
    "build_forecast",
    "build_gaps",
    "build_grants",
    "build_growth",
    "build_interceptions",
    "build_left_out",
    "build_lifelines",
    "build_migrations",
    "build_missing",
    "build_most_altered",
    "build_never_runs",
    "build_pending",
    "build_plan",
    "build_reconciled",
    "build_replay",
    "build_slow",
    "build_state_counts",
    "build_touches",
    "build_trend",
    "build_trust",
    "build_unsettled",
    "build_versions",
    "explain_history",
    "find_edited",
]
