"""What a road that runs one SELECT gives back, whatever it wraps around the one cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

MARK = "driftbook"
# As JSON, inside a text of JSON, or in a cell of CSV.
MARKED = re.compile(
    rb'\A[\w\s"\xef\xbb\xbf\xff\xfe]{0,80}[{[].{0,300}?driftbook\\*"+\s*:\s*\\*"+(capture|answer)',
    re.DOTALL,
)
HEAD_BYTES = 1024  # of a file, in which its mark stands
DEEPEST = 8  # wrappings, counted with every text that holds JSON


class NoAnswer(ValueError):
    """A value that does not hold an answer."""


def holds_mark(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is a portable capture, or says so."""
    return MARKED.search(head.replace(b"\0", b"")) is not None


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
