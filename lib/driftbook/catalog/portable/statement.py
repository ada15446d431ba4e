"""One SELECT that gives a whole capture, for those who can run one SELECT and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.portable.parts import FRAMES, HEAD, write_end, write_frame
from driftbook.catalog.reader import load_query
from driftbook.postgres.connect import SETTINGS
from driftbook.sqltext.lexer import find_regions, mask_comments

if TYPE_CHECKING:
    from collections.abc import Iterable

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
GUARDED = """\
select case when
    {settings}
then pg_catalog.json_build_object('driftbook', 'answer', 'value', {value}) end as answer
"""


def write_select(major: int) -> str:
    """Return the SELECT that captures a server of ``major``: one row, one cell of JSON."""
    frames = [write_frame(name, load_query(name, major * 10_000)) for name in FRAMES]
    return guard(join_parts([HEAD, *frames, write_end()]))


def join_parts(parts: Iterable[str]) -> str:
    """Return the expression that gives the values of ``parts``, each one SELECT, as a list."""
    listed = ",\n".join(f"(\n{part}\n)" for part in parts)
    return f"pg_catalog.array_to_json(array[\n{listed}\n])"


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
    text = GUARDED.format(settings="\n    and ".join(calls), value=value)
    lines = _escape(mask_comments(text)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _escape(text: str) -> str:
    """Return ``text`` with literals that no setting of the session reads otherwise."""
    parts, position = [], 0
    for kind, start, end in find_regions(text):
        literal = text[start:end]
        if kind == "quote" and literal[0] == "'" and "\\" in literal:
            parts += [text[position:start], "E", literal.replace("\\", "\\\\")]
            position = end
    return "".join([*parts, text[position:]])
