"""Which statement of which file makes or drops an object: read when it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.sqltext import mask_comments, read_makings
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftbook.shadow.failures.subject import Subject
    from driftbook.shadow.script import Script
    from driftbook.sqltext import Making

# What a table without further words calls its sequence, indexes and constraints.
DERIVED = re.compile(r".+_(?:seq|pkey|key|fkey|idx|check|excl)\d*")
# Words behind which a relation is named.
BEFORE = r"(?:from|join|into|update|table|on|references|only|exists|using|view|of|truncate)"
SETS_PATH = re.compile(
    r"(?:^|;)\s*set\s+(?:local\s+|session\s+)?search_path|set_config\(\s*'search_path"
)
CASCADE = re.compile(r"\bcascade\b|\bdrop\s+table\b")
PUBLIC = "public"
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
        needle = self._find_needle(subject)
        return [
            Event(file, number, self.scripts[file].statements[number - 1].line, making)
            for file, number in self._find_statements(needle)
            for making in self._read(file, number)
            if _concerns(making, subject) and self._may_meet(making, file, subject)
            if making.deed is Deed.CREATED or _is_named(making, subject)
        ]

    def _may_meet(self, making: Making, file: int, subject: Subject) -> bool:
        """Return whether both may be of one schema: without one it is public, or a file's path."""
        if (making.schema or PUBLIC) == (subject.schema or PUBLIC):
            return True
        return (not making.schema or not subject.schema) and self._sets_path(file)

    def _sets_path(self, file: int) -> bool:
        return SETS_PATH.search(self._lower[file]) is not None

    def find_cascades(self, before: tuple[int, int]) -> list[Event]:
        """Return the statements before a place that drop something and what depends on it."""
        return [
            Event(file, number, self.scripts[file].statements[number - 1].line, making)
            for file, number in self._find_statements(CASCADE)
            if (file, number) < before
            for making in self._read(file, number)
            if making.deed is Deed.DROPPED
        ]

    def find_users(self, subject: Subject) -> list[int]:
        """Return the files that name ``subject`` outside of comments."""
        name, table = re.escape(subject.name.lower()), re.escape(subject.table.lower())
        if subject.kind == "relation":
            schema = re.escape(subject.schema.lower() or "public")
            words = [rf"(?:\b{BEFORE}\s+(?:only\s+)?\"?|{schema}\"?\s*\.\s*\"?){name}(?![\w$])"]
        else:
            words = [rf"(?<![\w$]){word}(?![\w$])" for word in (name, table) if word]
        patterns = [re.compile(word) for word in words]
        places = range(len(self.scripts))
        found = [p for p in places if all(self._names(p, each) for each in patterns)]
        if len(patterns) == 1:
            return found
        return [place for place in found if self._names_together(place, patterns)]

    def _names_together(self, place: int, patterns: Sequence[re.Pattern[str]]) -> bool:
        return any(
            all(each.search(statement.text.lower()) for each in patterns)
            for statement in self.scripts[place].statements
        )

    def knows_table(self, part: Subject) -> bool:
        """Return whether some file makes the table of ``part``; an alias is none."""
        whole = replace(part, kind="relation", name=part.table, table="")
        return bool(part.table) and bool(self.find(whole))

    def find_tables_with(self, column: str, statement: str) -> list[str]:
        """Return the tables that some file gives ``column`` and that ``statement`` names."""
        words = set(re.findall(r"[\w$]+", statement.lower()))
        tables = {
            making.table
            for file, number in self._find_statements(re.compile(re.escape(column.lower())))
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

    @staticmethod
    def _find_needle(subject: Subject) -> re.Pattern[str]:
        """Return what a statement must hold to be about ``subject``."""
        name = (subject.table or subject.name).lower()
        words = [name]
        if DERIVED.fullmatch(name):
            words += [name[:at] for at, character in enumerate(name) if character == "_" and at]
        return re.compile("|".join(rf"(?<![\w$]){re.escape(word)}(?![\w$])" for word in words))

    def _find_statements(self, needle: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        for file, text in enumerate(self._lower):
            if needle.search(text):
                for number, statement in enumerate(self.scripts[file].statements, start=1):
                    if needle.search(statement.text.lower()):
                        yield file, number

    def _read(self, file: int, number: int) -> tuple[Making, ...]:
        if (file, number) not in self._makings:
            text = self.scripts[file].statements[number - 1].text
            self._makings[file, number] = tuple(read_makings(text))
        return self._makings[file, number]


def _is_named(making: Making, subject: Subject) -> bool:
    """Return whether a statement that drops a function means the one that is called."""
    types = subject.types
    known = making.types is not None and types is not None and "unknown" not in types
    return not known or making.types == types


def _concerns(making: Making, subject: Subject) -> bool:
    if subject.kind == making.kind and subject.table in {"", making.table}:
        return making.name == subject.name
    if subject.table:
        whole = "type" if subject.kind == "value" else "relation"
        return making.kind == whole and making.name == subject.table
    is_type = subject.kind == "type" and making.kind in TYPES
    return is_type and making.name == subject.name
