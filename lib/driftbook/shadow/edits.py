"""Small changes to the text of one statement, outside its quotes and comments.

Words are replaced by spaces, so that positions in errors stay those of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.sqltext import mask, mask_comments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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


def drop_role_statements(text: str, body: str) -> str:
    """Return a DO statement whose ``body`` makes, alters and drops no role.

    Only statements written out are found: what the block computes is left to the server.
    """
    return _replace_in_body(text, body, ROLE_STATEMENT.finditer(mask(body)))


def drop_extension_statements(text: str, body: str, names: Collection[str]) -> str:
    """Return a DO statement whose ``body`` makes none of the extensions ``names``."""
    found = EXTENSION_STATEMENT.finditer(mask_comments(body))
    return _replace_in_body(
        text, body, (each for each in found if each[1].strip('"').lower() in names)
    )


def _replace_in_body(text: str, body: str, statements: Iterable[re.Match[str]]) -> str:
    """Return ``text`` whose ``body`` does nothing where ``statements`` stood."""
    start = text.find(body) if body else -1
    if start < 0:
        return text
    changed = body
    for found in statements:
        blank = NOT_NEWLINE.sub(" ", found.group())[len("null") :]
        changed = f"{changed[: found.start()]}null{blank}{changed[found.end() :]}"
    return text[:start] + changed + text[start + len(body) :]


def _blank(text: str, word: re.Pattern[str]) -> str:
    found = word.search(mask(text))
    if not found:
        return text
    return text[: found.start()] + NOT_NEWLINE.sub(" ", found.group()) + text[found.end() :]
