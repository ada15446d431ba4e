"""What one statement does, as far as a replay has to know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One statement, read.

    Attributes:
        kind: ``extension-create``, ``role-grant``, ``index-create``, …; ``other``; empty for
            text that does not parse.
        names: What it makes, changes or names, unquoted.
        schema: WITH SCHEMA of an extension.
        roles: Every role that must exist, unquoted.
        words: Options: ``concurrently``, ``if-not-exists``, ``maintain``, ``superuser``, …
        method: Access method of an index, language of a function, name of a setting.
        body: Text of a DO block.
    """

    kind: str
    names: tuple[str, ...] = ()
    schema: str = ""
    roles: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    method: str = ""
    body: str = ""
