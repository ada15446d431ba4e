"""SQL as text: cutting, locating and recognising statements; never judging them."""

from __future__ import annotations

from driftbook.sqltext.canon import digest_statement, digest_unguarded
from driftbook.sqltext.hints import holds_block, holds_control
from driftbook.sqltext.lexer import (
    ClientPart,
    blank_client_parts,
    collapse,
    mask,
    mask_comments,
    mask_literals,
)
from driftbook.sqltext.makings import Making, read_makings
from driftbook.sqltext.parse import read_shape
from driftbook.sqltext.shape import Shape
from driftbook.sqltext.split import SplitComparison, compare_splits, split_cli, split_server
from driftbook.sqltext.statement import Statement, find_position

__all__ = [
    "ClientPart",
    "Making",
    "Shape",
    "SplitComparison",
    "Statement",
    "blank_client_parts",
    "collapse",
    "compare_splits",
    "digest_statement",
    "digest_unguarded",
    "find_position",
    "holds_block",
    "holds_control",
    "mask",
    "mask_comments",
    "mask_literals",
    "read_makings",
    "read_shape",
    "split_cli",
    "split_server",
]
