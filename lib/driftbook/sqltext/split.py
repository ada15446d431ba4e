"""Cutting a text into statements, as the Supabase CLI does and as the server does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from postgast.errors import PgQueryError, check_error
from postgast.native import lib

from driftbook.sqltext.lexer import build_statements

if TYPE_CHECKING:
    from driftbook.sqltext.statement import Statement

# What Go calls white space; Python's own strip() also takes \x1c to \x1f.
GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
GO_SPACE += "\u2028\u2029\u202f\u205f\u3000"
SPECIAL = re.compile(rb"[$'\"\-/\\;(]|(?<=atomi)c", re.IGNORECASE)
SPECIAL_INSIDE = re.compile(rb"[$'\"\-/\\;()]|(?<=atomi)c|(?<=en)d", re.IGNORECASE)
BLOCK_EDGE = re.compile(rb"/\*|\*/")
TAG_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
TAG_BYTES |= frozenset(range(0x80, 0x100))
NAME_BYTES = TAG_BYTES | frozenset(b"$")
BEGIN_ATOMIC = re.compile(rb"(?<![\w$\x80-\xff])begin[\t-\r ]+atomic\Z", re.IGNORECASE)
END = b"end"


class _State(Enum):
    READY = auto()
    COMMENT = auto()  # one minus was read
    BLOCK = auto()  # a slash was read, or a block comment is open
    QUOTE = auto()
    QUOTE_END = auto()  # the quote ends unless the same character follows
    TAG = auto()  # a dollar and letters were read
    DOLLAR = auto()  # inside a dollar quote or a line comment: up to a delimiter
    ESCAPE = auto()


class _Machine:
    """The state machine of the CLI, byte by byte where bytes matter.

    ``closers`` are the ends it waits for inside parentheses and BEGIN ATOMIC; there a ``;``
    changes nothing, not even a state that any other character would end.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.state = _State.READY
        self.delimiter = b""
        self.depth = self.tag_start = self.start = 0
        self.closers: list[bytes] = []

    def find_end(self, start: int) -> int | None:
        """Return the position after the next separator; ``None`` when there is none."""
        self.state, self.start, position = _State.READY, start, start
        self.closers.clear()
        while (position := self._skip(position)) < len(self.data):
            if self._step(position):
                return position + 1
            position += 1
            while (
                self.closers
                and self.state is _State.READY
                and self._closes(self.closers[-1], start, position)
            ):
                self.closers.pop()
        return None

    def _skip(self, position: int) -> int:
        """Return the next position that can change anything."""
        found: int | None = position
        if self.state is _State.READY:
            special = SPECIAL_INSIDE if self.closers else SPECIAL
            match = special.search(self.data, position)
            found = match.start() if match else None
        elif self.state is _State.QUOTE:
            found = _at(self.data.find(self.delimiter, position))
        elif self.state is _State.DOLLAR:
            length = len(self.delimiter)
            begin = _at(self.data.find(self.delimiter, position + 1 - length))
            found = None if begin is None else begin + length - 1
        elif self.state is _State.BLOCK and self.depth:
            match = BLOCK_EDGE.search(self.data, position - 1)
            found = match.end() - 1 if match else None
        return len(self.data) if found is None else found

    def _step(self, position: int) -> bool:
        """Read one byte; return whether the statement ends with it."""
        byte, state = self.data[position], self.state
        if state is _State.QUOTE:  # only its delimiter is ever looked at
            self.state = _State.QUOTE_END
        elif state is _State.QUOTE_END and byte == self.delimiter[0]:
            self.state = _State.QUOTE
        elif state in {_State.DOLLAR, _State.ESCAPE}:
            self.state = _State.READY
        elif state is _State.TAG and byte == ord("$"):
            self.delimiter = self.data[self.tag_start : position + 1]
            self.state = _State.DOLLAR
        elif state is _State.COMMENT and byte == ord("-"):
            self.state, self.delimiter = _State.DOLLAR, b"\n"
        elif not (state is _State.TAG and byte in TAG_BYTES) and not self._in_block(position):
            return self._leave(position)
        return False

    def _in_block(self, position: int) -> bool:
        if self.state is not _State.BLOCK:
            return False
        edge = self.data[position - 1 : position + 1]
        if edge == b"/*":
            self.depth += 1
        elif not self.depth:
            return False
        elif edge == b"*/":
            self.depth -= 1
            if not self.depth:
                self.state = _State.READY
        return True

    def _leave(self, position: int) -> bool:
        """Read one byte in the ready state, whatever the state was."""
        byte = chr(self.data[position])
        if byte == ";":
            return not self.closers
        self.state = _State.READY
        if byte == "$" and not self._is_name(position - 1, self.start):
            self.state, self.tag_start = _State.TAG, position
        elif byte in "'\"":
            self.state, self.delimiter = _State.QUOTE, byte.encode()
        elif byte == "-":
            self.state = _State.COMMENT
        elif byte == "/":
            self.state, self.depth = _State.BLOCK, 0
        elif byte == "\\":
            self.state = _State.ESCAPE
        elif byte == "(":
            self.closers.append(b")")
        elif byte in "cC" and BEGIN_ATOMIC.search(self.data[self.start : position + 1]):
            self.closers.append(END)
        return False

    def _closes(self, word: bytes, start: int, end: int) -> bool:
        """Return whether the bytes before ``end`` are what is waited for; END is a whole word."""
        begin = end - len(word)
        if begin < start or self.data[begin:end].lower() != word:
            return False
        return word != END or not (self._is_name(begin - 1, start) or self._is_name(end, start))

    def _is_name(self, position: int, start: int) -> bool:
        """Return whether the byte at ``position`` can be of a name."""
        return start <= position < len(self.data) and self.data[position] in NAME_BYTES


def split_cli(text: str) -> list[Statement]:
    """Cut ``text`` as the Supabase CLI does, its mistakes included.

    A statement is everything since the last separator, comments too; comments at the end of
    the text are a statement of their own.
    """
    data = text.encode("utf-8", "surrogatepass")
    machine = _Machine(data)
    spans, start, offset = list[tuple[int, int]](), 0, 0
    while start < len(data):
        end = machine.find_end(start)
        token = data[start:end].decode("utf-8", "surrogatepass")
        trimmed = token.rstrip(";")
        begin = len(trimmed) - len(trimmed.lstrip(GO_SPACE))
        if trimmed := trimmed.strip(GO_SPACE):
            spans.append((offset + begin, offset + begin + len(trimmed)))
        offset += len(token)
        start = len(data) if end is None else end
    return build_statements(text, spans)


def split_server(text: str) -> list[Statement] | None:
    """Cut ``text`` by PostgreSQL's own grammar; comments are in no statement.

    Returns:
        ``None`` when the text does not parse.
    """
    data = text.encode("utf-8", "surrogatepass")
    result = lib.pg_query_split_with_parser(data)
    try:
        check_error(result)
        found = [result.stmts[at].contents for at in range(result.n_stmts)]
        spans = [(each.stmt_location, each.stmt_location + each.stmt_len) for each in found]
    except PgQueryError:
        return None
    finally:
        lib.pg_query_free_split_result(result)
    return build_statements(text, _count_characters(data, spans))


@dataclass(frozen=True, slots=True)
class SplitComparison:
    """Where two readers see statements begin; ``server`` is ``None`` when it does not parse."""

    cli: tuple[tuple[int, int], ...]  # line and column of first words
    server: tuple[tuple[int, int], ...] | None

    @property
    def agree(self) -> bool:
        """Return whether nothing shows that the CLI cuts the text wrongly."""
        return self.server is None or self.cli == self.server


def compare_splits(text: str) -> SplitComparison:
    """Cut ``text`` in both ways; comments of their own do not count."""
    server = split_server(text)
    return SplitComparison(
        tuple((each.line, each.column) for each in split_cli(text) if each.has_code),
        None if server is None else tuple((each.line, each.column) for each in server),
    )


def _count_characters(data: bytes, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``spans`` of bytes, in order, as spans of characters."""
    counted, characters, seen = list[tuple[int, int]](), 0, 0
    for start, end in spans:
        characters += len(data[seen:start].decode("utf-8", "surrogatepass"))
        begin = characters
        characters += len(data[start:end].decode("utf-8", "surrogatepass"))
        counted.append((begin, characters))
        seen = end
    return counted


def _at(found: int) -> int | None:
    return None if found < 0 else found
