"""Small changes to the text of one statement, outside its quotes and comments.

Words are replaced by spaces, so that positions in errors stay those of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.sqltext import mask, mask_comments

if TYPE_CHECKING:
    from collections.abc import Collection

CONCURRENTLY = re.compile(r"\bconcurrently\b", re.IGNORECASE)
MAINTAIN = re.compile(r"\bmaintain\s*,|,\s*maintain\b", re.IGNORECASE)
CREATE_SCHEMA = re.compile(r"\bcreate\s+schema\b", re.IGNORECASE)
DATABASE = re.compile(r"\bdatabase\b", re.IGNORECASE)
ROLE_STATEMENT = re.compile(
    r"\b(?:create|alter|drop)\s+(?:role|user|group)\s+(?!mapping\b)[^;]*", re.IGNORECASE
)
EXTENSION_STATEMENT = re.compile(
    r'\bcreate\s+extension\s+(?:if\s+not\s+exists\s+)?("(?:[^"]|"")+"|[\w$]+)[^;]*',
    re.IGNORECASE,
)
NAME = re.compile(r'\s*("(?:[^"]|"")+"|[\w$]+)')
NOT_NEWLINE = re.compile(r"[^\n]")


def drop_concurrently(text: str) -> str:
    """Return ``text`` without CONCURRENTLY."""
    return _blank(text, CONCURRENTLY)


def drop_maintain(text: str) -> str:
    """Return a GRANT of several privileges without MAINTAIN."""
    return _blank(text, MAINTAIN)


def add_if_not_exists(text: str) -> str:
    """Return a CREATE SCHEMA with IF NOT EXISTS."""
    found = CREATE_SCHEMA.search(mask(text))
    return text if not found else f"{text[: found.end()]} if not exists{text[found.end() :]}"


def hand_over(schema: str, owner: str) -> str:
    """Return the statement that gives an existing schema to ``owner``."""
    names = (name.replace('"', '""') for name in (schema, owner))
    return 'alter schema "{}" owner to "{}"'.format(*names)


def replace_database(text: str, name: str) -> str:
    """Return a statement about one database with ``name`` as its name."""
    word = DATABASE.search(mask(text))
    found = NAME.match(mask_comments(text), word.end()) if word else None
    return text if not found else f'{text[: found.start(1)]}"{name}"{text[found.end(1) :]}'


def drop_from_block(text: str, body: str, extensions: Collection[str], *, roles: bool) -> str:
    """Return a DO statement whose ``body`` makes none of ``extensions``, and changes no role.

    Only statements written out are found: what the block computes is left to the server.

    Args:
        text: The statement.
        body: The block in it.
        extensions: Names in lower case.
        roles: Whether statements that make, alter and drop roles leave as well.
    """
    start = text.find(body) if body else -1
    if start < 0:
        return text
    made = EXTENSION_STATEMENT.finditer(mask_comments(body))
    found = [each for each in made if each[1].strip('"').lower() in extensions]
    found += ROLE_STATEMENT.finditer(mask(body)) if roles else ()
    changed = body
    for each in found:  # a replacement is as long as what it replaces
        blank = NOT_NEWLINE.sub(" ", each.group())[len("null") :]
        changed = f"{changed[: each.start()]}null{blank}{changed[each.end() :]}"
    return text[:start] + changed + text[start + len(body) :]


def _blank(text: str, word: re.Pattern[str]) -> str:
    found = word.search(mask(text))
    if not found:
        return text
    return text[: found.start()] + NOT_NEWLINE.sub(" ", found.group()) + text[found.end() :]
