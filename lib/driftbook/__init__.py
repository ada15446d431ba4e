"""driftbook: what the migration files say, what was recorded, what is really there."""

from __future__ import annotations

__version__ = "0.1.0"
