"""Reading one statement by PostgreSQL's grammar; what it cannot read is no error here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError, Message
from postgast import parse, pg_query_pb2, scan, walk
from postgast.errors import PgQueryError

from driftbook.sqltext.lexer import mask_comments
from driftbook.sqltext.readers import READERS, ROLE_NAMED
from driftbook.sqltext.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL_BYTES = 12_000
MAX_TOKENS = 6_000  # a tree as deep as that is still walked safely
# No statement with another first word concerns the replay.
CONCERNED = frozenset(
    "alter begin comment commit copy create do drop end grant reindex reset revoke rollback "
    "security set start".split()
)
# What most statements are; the grammar has no place for a role in them.
ROLELESS = frozenset(
    "create_stmt index_stmt create_function_stmt create_trig_stmt view_stmt comment_stmt "
    "create_enum_stmt composite_type_stmt create_domain_stmt create_seq_stmt drop_stmt".split()
)
FIRST_WORD = re.compile(r"\s*([A-Za-z_]+)")
NOTHING = Shape("")


def read_shape(text: str) -> Shape:
    """Read the one statement ``text``; never fails."""
    code = mask_comments(text)
    first = FIRST_WORD.match(code)
    if not first or first.group(1).lower() not in CONCERNED or "\0" in text:
        return Shape("other") if first else NOTHING
    tree = parse_one(code)
    if tree is None:
        return NOTHING
    name = tree.stmts[0].stmt.WhichOneof("node")
    node = getattr(tree.stmts[0].stmt, name)
    read = READERS.get(name)
    shape = read(node) if read else Shape("other")
    return (
        shape if shape.roles or name in ROLELESS else replace(shape, roles=tuple(_find_roles(node)))
    )


def parse_one(code: str) -> pg_query_pb2.ParseResult | None:
    """Return the tree of the one statement in ``code``; ``None``: there is none, or no telling."""
    try:
        # A NUL silently ends what the parser reads.
        if "\0" in code or (len(code) > SMALL_BYTES and len(scan(code).tokens) > MAX_TOKENS):
            return None
        tree = parse(code)
    except (PgQueryError, DecodeError, UnicodeError):
        return None
    return tree if len(tree.stmts) == 1 else None


def _find_roles(node: Message) -> Iterator[str]:
    seen: set[str] = set()
    for _, part in walk(node):
        if isinstance(part, pg_query_pb2.RoleSpec) and part.roletype == ROLE_NAMED:
            if part.rolename not in seen:
                yield part.rolename
            seen.add(part.rolename)
