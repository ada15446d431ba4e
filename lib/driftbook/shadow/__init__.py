"""From migration files to an expected schema: prepare, close, replay, look."""

from __future__ import annotations
