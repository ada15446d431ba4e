"""The library for people at a prompt: everything of an audit a DataFrame, and one page per object.

Start with ``audit = driftbook.open("production")``; its ``repr`` says what to type next.
"""

from __future__ import annotations

from driftbook.explore.book import OpenAudit
from driftbook.explore.display import Table
from driftbook.explore.opening import open_audit
from driftbook.explore.page import ObjectPage

__all__ = ["ObjectPage", "OpenAudit", "Table", "open_audit"]
