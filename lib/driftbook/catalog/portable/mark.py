"""How a portable capture is told from other files, by its beginning."""

from __future__ import annotations

import re

HEAD_BYTES = 1024
# As JSON, inside a text of JSON, or in a cell of CSV; after the name of a column, or nothing.
MARKED = re.compile(
    rb'\A[\w\s"\xef\xbb\xbf\xff\xfe]{0,80}[{[].{0,300}?driftbook\\*"+\s*:\s*\\*"+(capture|answer)',
    re.DOTALL,
)


def holds_mark(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is a portable capture, or says so."""
    return MARKED.search(head.replace(b"\0", b"")) is not None
