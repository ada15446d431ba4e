"""What a statement says, whatever its wording: the tree of PostgreSQL's grammar as one key.

The tree is never written back as SQL: postgast's writer ends the process at some statements,
``alter type t add value ''`` for one, and a migration file must not be able to do that.
Its fingerprints are no help either: they pass over constants and bodies.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from google.protobuf.descriptor import FieldDescriptor

from driftbook.sqltext.parse import parse_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

# Where a node stood in the text. A tablespace has a location as well, which is no number.
PLACE = re.compile(r"(\w+_)?location|stmt_len|(rexpr_)?list_(start|end)")
GUARDS = frozenset({"if_not_exists", "missing_ok", "replace", "skip_if_new_val_exists"})
# ALTER TEXT SEARCH CONFIGURATION … REPLACE exchanges dictionaries; it guards nothing.
NO_GUARD = "AlterTSConfigurationStmt.replace"


def digest_statement(text: str) -> str | None:
    """Return a key of what the one statement ``text`` says.

    Layout, comments, case, needless quotes and synonyms (``int``, ``integer``) make no
    difference; every constant and every character of a quoted body does.

    Returns:
        64 hexadecimal digits; equal keys: the server reads the same. ``None`` for what is not
        exactly one statement that can be read: nothing is known of it but its text.
    """
    return _digest(text, _is_place)


def digest_unguarded(text: str) -> str | None:
    """Return the same as if no IF [NOT] EXISTS and OR REPLACE stood in ``text``.

    What stands in a quoted body counts there too.
    """
    return _digest(text, _is_place_or_guard)


def _digest(text: str, is_unwanted: Callable[[FieldDescriptor], bool]) -> str | None:
    tree = parse_one(text)
    if tree is None:
        return None
    _clear(tree, is_unwanted)
    return hashlib.sha256(tree.SerializeToString(deterministic=True)).hexdigest()


def _clear(tree: Message, is_unwanted: Callable[[FieldDescriptor], bool]) -> None:
    """Empty every unwanted field in ``tree``, however deep."""
    stack = [tree]
    while stack:
        node = stack.pop()
        for field, value in node.ListFields():
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                stack.extend(value if field.is_repeated else (value,))
            elif is_unwanted(field):
                node.ClearField(field.name)


@cache  # asked of every field of every node: thousands of times for a few hundred fields
def _is_place(field: FieldDescriptor) -> bool:
    return field.type == FieldDescriptor.TYPE_INT32 and bool(PLACE.fullmatch(field.name))


@cache
def _is_place_or_guard(field: FieldDescriptor) -> bool:
    is_guard = field.name in GUARDS and not field.full_name.endswith(NO_GUARD)
    return is_guard or _is_place(field)
