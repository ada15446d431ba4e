"""What is code, comment and literal in SQL, by the rules of the server and of psql."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from driftbook.sqltext.statement import Statement, find_position

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Every branch also ends at the end of the text, so nothing is ever tried twice.
REGION = re.compile(
    r"""
      (?P<comment>  --[^\n]* )
    | (?P<block>    /\* )
    | (?P<escape>   (?<![\w$])[eE]'(?:[^'\\]++|\\.|'')*+(?:'|\Z) )
    | (?P<quote>    '[^']*+(?:'|\Z) | "[^"]*+(?:"|\Z) )
    | (?P<dollar>   (?<![\w$])\$(?:[^\W\d]\w*+)?\$ )
    | (?P<meta>     \\[^\n]* )
    | (?P<end>      ; )
    """,
    re.VERBOSE | re.DOTALL,
)
BLOCK_EDGE = re.compile(r"/\*|\*/")
COPY_IN = re.compile(r"\s*copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
COPY_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
SPACE = re.compile(r"[ \t\n\r\f\v]+")  # of the server: other white space is part of a name
AROUND = re.compile(r" ?([(),;]) ?")
NOT_NEWLINE = re.compile(r"[^\n]")
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # the server folds no other letter


@dataclass(frozen=True, slots=True)
class ClientPart:
    """A piece of a text that is for psql and not for the server.

    Attributes:
        kind: ``meta-command`` or ``copy-data``.
        offset: Characters before it.
        line: Its line, from 1.
        text: The command, or the COPY statement, without the data.
    """

    kind: str
    offset: int
    line: int
    text: str


def find_regions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end of everything that is not plain code, in order.

    Kinds: ``comment``, ``quote``, ``meta`` (from a backslash to the end of its line), ``end``.
    """
    position = 0
    while found := REGION.search(text, position):
        kind, start, position = str(found.lastgroup), found.start(), found.end()
        if kind == "block":
            kind, position = "comment", _find_block_end(text, position)
        elif kind == "dollar":
            closing = text.find(found.group(), position)
            kind = "quote"
            position = len(text) if closing < 0 else closing + len(found.group())
        elif kind == "escape":
            kind = "quote"
        yield kind, start, position


def mask(text: str) -> str:
    """Return ``text`` with comments and literals as spaces: same length, same lines.

    Quoted names become spaces too; what is left are words outside all quotes.
    """
    return blank(
        text, [(a, b) for kind, a, b in find_regions(text) if kind in {"comment", "quote"}]
    )


def mask_literals(text: str) -> str:
    """Return ``text`` with comments and literals as spaces; quoted names stay."""
    return blank(
        text,
        [
            (a, b)
            for kind, a, b in find_regions(text)
            if kind == "comment" or (kind == "quote" and text[a] != '"')
        ],
    )


def mask_comments(text: str) -> str:
    """Return ``text`` with comments as spaces: same length, same lines."""
    if "--" not in text and "/*" not in text:
        return text
    return blank(text, [(a, b) for kind, a, b in find_regions(text) if kind == "comment"])


def collapse(text: str) -> str:
    """Return ``text`` without what never counts: comments, layout, and case outside quotes.

    A closing ``;`` does not count either. Equal results: the texts say the same word by word.
    """
    parts, code, position = [], "", 0
    for kind, start, end in find_regions(text):
        code += text[position:start]
        position = end
        if kind == "quote":
            parts += [_even_out(code), text[start:end]]
            code = ""
        else:
            code += " " if kind == "comment" else text[start:end]
    return "".join([*parts, _even_out(code + text[position:])]).strip(" ;")


def _even_out(code: str) -> str:
    return AROUND.sub(r"\1", SPACE.sub(" ", code)).translate(LOWER)


def blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return ``text`` with ``spans``, in order, as spaces; line breaks stay."""
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], NOT_NEWLINE.sub(" ", text[start:end])]
        position = end
    return "".join([*parts, text[position:]])


def blank_client_parts(text: str) -> tuple[str, list[ClientPart]]:
    """Take out what only psql understands: meta-commands and data of COPY … FROM stdin.

    Returns:
        The text with these parts as spaces, and the parts in order.
    """
    spans: list[tuple[int, int]] = []
    parts: list[ClientPart] = []
    skip_to = statement_at = 0
    for kind, start, end in _restart(text):
        if start < skip_to:
            continue
        if kind == "meta":
            spans.append((start, end))
            parts.append(_part("meta-command", text, start, text[start:end].strip()))
        elif kind == "end":
            statement = mask_comments(text[statement_at:start])
            if COPY_IN.match(statement):
                done = COPY_END.search(text, end)
                skip_to = done.end() if done else len(text)
                at = statement_at + len(statement) - len(statement.lstrip())
                spans.append((at, skip_to))
                parts.append(_part("copy-data", text, at, text[at:start].strip()))
            statement_at = max(end, skip_to)
    return blank(text, spans), parts


def _part(kind: str, text: str, start: int, own: str) -> ClientPart:
    return ClientPart(kind, start, find_position(text, start)[0], own)


def _restart(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the regions of ``text``, reading on after the data of a COPY as code."""
    base = statement_at = 0
    while True:
        for kind, start, end in find_regions(text[base:]):
            yield kind, base + start, base + end
            if kind == "end":
                if COPY_IN.match(mask_comments(text[statement_at : base + start])):
                    done = COPY_END.search(text, base + end)
                    base = statement_at = done.end() if done else len(text)
                    break
                statement_at = base + end
        else:
            return


def _find_block_end(text: str, position: int) -> int:
    depth = 1
    while depth and (edge := BLOCK_EDGE.search(text, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return len(text) if depth else position


def build_statements(text: str, spans: Sequence[tuple[int, int]]) -> list[Statement]:
    """Return the pieces of ``text`` at ``spans`` of characters, which are in order."""
    statements: list[Statement] = []
    line, seen = 1, 0
    for start, end in spans:
        piece = text[start:end]
        code = mask_comments(piece)
        skipped = len(code) - len(code.lstrip())
        has_code = skipped < len(code)
        first = start + (skipped if has_code else 0)
        line += text.count("\n", seen, first)
        seen = first
        column = first - text.rfind("\n", 0, first)
        statements.append(Statement(piece, start, line, column, has_code))
    return statements
