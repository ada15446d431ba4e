"""Reading logs that somebody kept: many formats, one frame; what cannot be read is told."""

from __future__ import annotations

from driftbook.forensics.logs.files import LogGap, ReadLogs, read_logs
from driftbook.forensics.logs.record import Window

__all__ = ["LogGap", "ReadLogs", "Window", "read_logs"]
