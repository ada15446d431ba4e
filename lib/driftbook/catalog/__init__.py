"""What a database holds: kinds of objects, the queries that read them, snapshots."""

from __future__ import annotations
