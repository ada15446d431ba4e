"""One SELECT for a road that runs nothing else, and the value in what it gives back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from psycopg import sql

from driftbook.postgres.connect import SETTINGS
from driftbook.sqltext.lexer import find_regions, mask_comments

MARK = "driftbook"
DEEPEST = 8  # wrappings, counted with every text that holds JSON
# Those of an audit session that decide how a text looks, and can be set inside a statement.
TEXT_SETTINGS = (
    "search_path",
    "timezone",
    "datestyle",
    "intervalstyle",
    "bytea_output",
    "extra_float_digits",
    "quote_all_identifiers",
    "standard_conforming_strings",
)
# What guards look for in a text without telling its code from its literals.
REFUSED = re.compile(
    r";|--|\b(?:insert|update|delete|truncate|drop|create|alter|grant|revoke)\b", re.IGNORECASE
)
GUARDED = """\
select case when
    {settings}
then pg_catalog.json_build_object('driftbook', 'answer', 'value', {value}) end as answer
"""


class NoAnswer(ValueError):
    """A value that does not hold an answer."""


def guard(value: str) -> str:
    """Return a SELECT that evaluates ``value``, JSON, under the settings of an audit session.

    The branch of a CASE is evaluated after its condition, and what is in it is no constant: so
    every text is written after the settings are made, which end with the transaction. There is
    no semicolon and no comment: functions that run one SELECT for others refuse both.
    """
    calls = [
        f"pg_catalog.set_config('{name}', '{SETTINGS[name]}', true) is not null"
        for name in TEXT_SETTINGS
    ]
    return simplify(GUARDED.format(settings="\n    and ".join(calls), value=value))


def simplify(text: str) -> str:
    """Return ``text`` without comments, and without literals that may be misread.

    What is in a literal is never taken for code by a guard, nor read otherwise by a setting.
    """
    parts, position = [], 0
    masked = mask_comments(text)
    for start, end in _find_literals(masked):
        literal = masked[start:end]
        if "\\" in literal or REFUSED.search(literal):
            plain = REFUSED.sub(_write_code, literal.replace("\\", "\\\\"))
            parts += [masked[position:start], "E", plain]
            position = end
    lines = "".join([*parts, masked[position:]]).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _write_code(found: re.Match[str]) -> str:
    """Return what was found with its first character as a code."""
    return f"\\x{ord(found[0][0]):02x}{found[0][1:]}"


def _find_literals(text: str) -> list[tuple[int, int]]:
    """Return start and end of each literal in simple quotes, those with quotes in it as one."""
    found: list[tuple[int, int]] = []
    for kind, start, end in find_regions(text):
        if kind == "quote" and text[start] == "'":
            begin = found.pop()[0] if found and found[-1][1] == start else start
            found.append((begin, end))
    return found


def fill_in(query: str, given: Mapping[str, str] | None) -> str:
    """Return ``query`` with literals in the places of ``%(name)s``, as the driver fills them."""
    literals = {name: sql.Literal(text).as_string() for name, text in (given or {}).items()}
    text = query % literals if literals else query
    return text.strip().removesuffix(";")


def unwrap(value: object) -> object:
    """Return the value of the answer that ``value`` holds.

    Functions that run a SELECT for others wrap its one cell into a list of rows, an object with
    the name of the column, of the function or of ``result``, a text that holds JSON, or several
    of these. What is wrapped is recognised by its mark.

    Raises:
        NoAnswer: There is none.
    """
    for _ in range(DEEPEST):
        if isinstance(value, Mapping) and value.get(MARK) == "answer" and "value" in value:
            return value["value"]
        value = _open(value)
    raise NoAnswer("it is wrapped too often")


def _open(value: object) -> object:
    if isinstance(value, str):
        return json.loads(value)
    if isinstance(value, list | Mapping):
        held = list(value.values()) if isinstance(value, Mapping) else value
        holding = [one for one in held if isinstance(one, str | list | Mapping) and one]
        if len(holding) == 1:
            return holding[0]
        marked = [one for one in holding if MARK in str(one)[:1000]]
        if len(marked) == 1:
            return marked[0]
    raise NoAnswer("no cell of it holds what was asked for")
