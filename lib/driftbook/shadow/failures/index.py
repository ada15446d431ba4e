"""Which statement of which file makes or drops an object: read when it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.sqltext import mask_comments, read_makings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.shadow.failures.subject import Subject
    from driftbook.shadow.script import Script
    from driftbook.sqltext import Making

TYPES = frozenset({"type", "relation"})  # a table is a type as well


@dataclass(frozen=True, slots=True)
class Event:
    """A statement that makes or drops the object.

    Attributes:
        file: Place of the file in the order of the files, from 0.
        statement: Its number in the file, from 1.
        line: Of the statement.
    """

    file: int
    statement: int
    line: int
    making: Making

    @property
    def place(self) -> tuple[int, int]:
        """Return where it is in the order of everything."""
        return self.file, self.statement


class MakingIndex:
    """All statements of a directory, asked by the name of an object."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self.scripts = scripts
        self._lower = [script.text.lower() for script in scripts]
        self._makings: dict[tuple[int, int], tuple[Making, ...]] = {}
        self._code: dict[int, str] = {}

    def find(self, subject: Subject) -> list[Event]:
        """Return the events of ``subject``, and of a part those of its table, in order."""
        needle = (subject.table or subject.name).lower()
        return [
            Event(file, number, self.scripts[file].statements[number - 1].line, making)
            for file, number in self._find_statements(needle)
            for making in self._read(file, number)
            if _concerns(making, subject)
        ]

    def find_users(self, subject: Subject) -> list[int]:
        """Return the files that name ``subject`` outside of comments."""
        names = {subject.table, subject.name if subject.kind != "key" else ""} - {""}
        words = [re.compile(rf"(?<![\w$]){re.escape(name.lower())}(?![\w$])") for name in names]
        places = range(len(self.scripts))
        return [place for place in places if all(self._names(place, word) for word in words)]

    def find_tables_with(self, column: str, statement: str) -> list[str]:
        """Return the tables that some file gives ``column`` and that ``statement`` names."""
        words = set(re.findall(r"[\w$]+", statement.lower()))
        tables = {
            making.table
            for file, number in self._find_statements(column.lower())
            for making in self._read(file, number)
            if making.kind == "column" and making.name == column
        }
        return sorted(table for table in tables if table.lower() in words)

    def _names(self, place: int, word: re.Pattern[str]) -> bool:
        if not word.search(self._lower[place]):
            return False
        if place not in self._code:
            self._code[place] = mask_comments(self.scripts[place].text).lower()
        return word.search(self._code[place]) is not None

    def _find_statements(self, needle: str) -> Iterator[tuple[int, int]]:
        for file, text in enumerate(self._lower):
            if needle in text:
                for number, statement in enumerate(self.scripts[file].statements, start=1):
                    if needle in statement.text.lower():
                        yield file, number

    def _read(self, file: int, number: int) -> tuple[Making, ...]:
        if (file, number) not in self._makings:
            text = self.scripts[file].statements[number - 1].text
            self._makings[file, number] = tuple(read_makings(text))
        return self._makings[file, number]


def _concerns(making: Making, subject: Subject) -> bool:
    if making.schema and subject.schema and making.schema != subject.schema:
        return False
    if subject.kind == making.kind and subject.table in {"", making.table}:
        return making.name == subject.name
    if subject.table:
        whole = "type" if subject.kind == "value" else "relation"
        return making.kind == whole and making.name == subject.table
    is_type = subject.kind == "type" and making.kind in TYPES
    return is_type and making.name == subject.name
