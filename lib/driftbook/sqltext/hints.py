"""What a whole file may do to its transaction, told cheaply: a hint, never a proof."""

from __future__ import annotations

import re

from driftbook.sqltext.lexer import mask

CONTROL = re.compile(
    r"(?:^|;)\s*(?:begin|start\s+transaction|commit|end|rollback)"
    r"(?:\s+(?:work|transaction))?(?:\s+isolation[^;]*)?\s*;",
    re.IGNORECASE,
)
BLOCK = re.compile(rb"\bexception\b\s+\bwhen\b|\bsavepoint\b", re.IGNORECASE)


def holds_control(data: bytes) -> bool:
    """Return whether a file seems to begin or end transactions itself."""
    return CONTROL.search(mask(data.decode("utf-8", "replace"))) is not None


def holds_block(data: bytes) -> bool:
    """Return whether a file seems to run a part of itself in a subtransaction."""
    return BLOCK.search(data) is not None
