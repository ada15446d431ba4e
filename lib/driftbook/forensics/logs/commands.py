"""Which statements concern the schema, or could: told from the text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from driftbook.sqltext import mask, mask_comments

# Cheap, on the text as it is; what passes is looked at without its literals.
STEMS = (
    "create alter drop grant revoke comment security reassign refresh import truncate reindex "
    "cluster exec run eval query sql"
).split()
# The command of a statement, as the server's tags name it.
COMMAND = re.compile(
    r"(?:^|;)\s*(?P<verb>create|alter|drop)\s+"
    r"(?:(?:or\s+replace|global|local|temp(?:orary)?|unlogged|unique|recursive|trusted|procedural"
    r"|constraint(?=\s+trigger))\s+)*"
    r"(?P<type>materialized\s+view|event\s+trigger|foreign\s+(?:table|server|data\s+wrapper)"
    r"|default\s+privileges|access\s+method|text\s+search\s+\w+|user\s+mapping"
    r"|operator\s+(?:class|family)|[a-z]+)"
    r"|(?:^|;)\s*(?P<other>grant|revoke|comment|security\s+label|do|reassign\s+owned"
    r"|refresh\s+materialized\s+view|import\s+foreign\s+schema|truncate|reindex|cluster)\b",
    re.IGNORECASE,
)
# Functions that run the text they are given; people call them much alike.
RUNNER = re.compile(
    r"(?:pg_?|admin_?|rpc_?)?(?:exec|execute|run|eval|query)_?(?:raw_?)?"
    r"(?:sql|ddl|query|statements?|migrations?|command)(?:_\w{1,20})?|exec|sql|pg_query",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b(?:select|call|from)\b[^;]*?\b(\w{2,63})\s*\(", re.IGNORECASE)
NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_]\w*)'
DROPPED = re.compile(
    rf"(?:if\s+exists\s+)?({NAME}\.{NAME})\s*(?:cascade|restrict)?\s*;?\s*\Z", re.IGNORECASE
)
LONGEST = 200_000  # characters of a statement that are looked at


@dataclass(frozen=True, slots=True)
class Command:
    """What a text does: the tag of its first DDL statement, and the one object it drops."""

    tag: str
    dropped: str = ""  # with its schema, as written


def find_command(text: str) -> Command | None:
    """Return what ``text`` does to the schema; ``None``: nothing."""
    if not may_concern(text):
        return None
    text = text[:LONGEST]
    code = mask(text)
    found = COMMAND.search(code)
    if found is None:
        return Command("SELECT") if any(map(is_runner, CALLED.findall(code))) else None
    words = found["other"] or f"{found['verb']} {found['type']}"
    tag = " ".join(words.upper().split())
    if found["verb"] and found["verb"].lower() == "drop":
        rest = DROPPED.match(mask_comments(text)[found.end() :].lstrip())
        return Command(tag, rest[1] if rest else "")
    return Command(tag)


def may_concern(text: str) -> bool:
    """Return whether ``text`` could do something to the schema; most texts cannot."""
    lower = text[:LONGEST].lower()
    return any(stem in lower for stem in STEMS) or ("do" in lower and "begin" in lower)


def is_runner(name: str) -> bool:
    """Return whether a function of this name runs SQL that it is given."""
    return RUNNER.fullmatch(name) is not None
