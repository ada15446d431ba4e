"""The demo story: a production that drifted from its migrations in every way a team can manage."""

from __future__ import annotations

from driftbook.demo.repository import write_repository
from driftbook.demo.story import Production, build_production, run_production
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
    "EDITED",
    "LOST_EFFECTS",
    "LOST_ROWS",
    "MIGRATIONS",
    "NEVER_APPLIED",
    "WOUNDS",
    "Production",
    "Wound",
    "build_production",
    "find_untracked_tables",
    "run_production",
    "write_repository",
]
