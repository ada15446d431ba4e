"""The demo story: a production that drifted from its migrations in every way a team can manage."""

from __future__ import annotations

from driftbook.demo.repository import write_repository
from driftbook.demo.story import (
    AUDITED,
    Moment,
    Production,
    build_production,
    run_production,
    run_story,
)
from driftbook.demo.wounds import (
    APPLIED_BY_HAND,
    EDITED,
    LOST_EFFECTS,
    LOST_ROWS,
    MIGRATIONS,
    NEVER_APPLIED,
    WOUNDS,
    Wound,
    find_untracked_tables,
)

__all__ = [
    "APPLIED_BY_HAND",
    "AUDITED",
    "EDITED",
    "LOST_EFFECTS",
    "LOST_ROWS",
    "MIGRATIONS",
    "NEVER_APPLIED",
    "WOUNDS",
    "Moment",
    "Production",
    "Wound",
    "build_production",
    "find_untracked_tables",
    "run_production",
    "run_story",
    "write_repository",
]
