"""What the error of a server is about: the object that it says is missing, or there already.

Messages are those of PostgreSQL's source in English; the shadow speaks no other language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from driftbook.shadow.result import Failure

MISSING = frozenset({"42P01", "42703", "42883", "42704", "3F000", "42P10", "42830"})
PRESENT = frozenset({"42P07", "42710", "42701", "42723", "42P06"})

RELATION = "relation|table|view|materialized view|index|sequence|foreign table"
WHOLE = re.compile(
    rf'(?P<kind>{RELATION}|type|domain|role|schema|extension|publication|collation) "(?P<name>.+?)"'
    r"(?: for encoding .*)? (?:does not exist|already exists)"
)
PART = re.compile(
    r'(?P<kind>policy|trigger|constraint|column|rule) "(?P<name>.+?)" (?:of|for) '
    r'(?:relation|table) "(?P<table>.+?)" (?:does not exist|already exists)'
)
LONE_COLUMN = re.compile(
    r'column (?:"(?P<name>.+?)"|(?P<table>\S+?)\.(?P<dotted>\S+))'
    r"(?: named in key| referenced in foreign key constraint)? does not exist"
)
# Without quotes around it: as an argument or a result of CREATE FUNCTION.
BARE_TYPE = re.compile(r'type (?P<name>[^\s"]\S*|"[^"]+"\S*) does not exist')
FIELD = re.compile(r'record "(?:new|old)" has no field "(?P<name>.+?)"')
ROUTINE = re.compile(
    r"(?:function|procedure|aggregate|routine) (?P<name>[^(\s]+)(?:\((?P<arguments>.*)\))? "
    r"(?:does not exist|already exists)"
)
NAMED_ROUTINE = re.compile(
    r'(?:could not find a |)(?:function|procedure|aggregate)(?: named)? "(?P<name>[^"]+)"'
    r"(?: (?:does not exist|already exists).*|)"
)
LABEL = re.compile(r'invalid input value for enum (?P<type>.+?): "(?P<name>.*)"')
NO_KEY = re.compile(r'matching given keys for referenced table "(?P<table>.+?)"')
NAME = r'"(?:[^"]|"")+"|[\w$]+'
REFERENCES = rf"\breferences\s+(?:(?:{NAME})\s*\.\s*)?(?:{NAME})\s*(?:\(([^)]*)\))?"
CONFLICT = re.compile(
    rf"\binsert\s+into\s+(?:({NAME})\s*\.\s*)?({NAME})(?:(?!\binsert\b).)*?\bon\s+conflict\s*"
    r"\(([^)]*)\)",
    re.IGNORECASE | re.DOTALL,
)
NO_ALIAS = frozenset({"select", "set", "where", "on", "lateral", "table"})
KINDS = dict.fromkeys(RELATION.split("|"), "relation") | {"domain": "type"}


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that an error is about.

    Attributes:
        kind: As of a `driftbook.sqltext.Making`; also ``collation`` and ``rule``.
        schema: As the message has it; empty: the search path decides.
        table: Of a part; empty for a column of a table that the message does not name.
        arguments: Types, of a function that is missing.
    """

    kind: str
    schema: str
    name: str
    table: str = ""
    arguments: str | None = None  # None: the message names none

    @property
    def types(self) -> tuple[str, ...] | None:
        """Return the types that a missing function was called with, without their schemas."""
        if self.arguments is None:
            return None
        parts = re.split(r",\s*(?![^(]*\))", self.arguments) if self.arguments else []
        return tuple(_cut(part.strip())[1] for part in parts)

    def __str__(self) -> str:
        schema = f"{self.schema}." if self.schema else ""
        if self.kind == "key":
            columns = self.name.replace(",", ", ") or "its primary key"
            return f"unique key ({columns}) of table {schema}{self.table}"
        if self.table:
            whole = "type" if self.kind == "value" else "table"
            return f"{self.kind} {self.name} of {whole} {schema}{self.table}"
        kind = "table" if self.kind == "relation" else self.kind
        arguments = "" if self.arguments is None else f"({self.arguments})"
        return f"{kind} {schema}{self.name}{arguments}"


def find_subject(failure: Failure, statement: str) -> Subject | None:
    """Return what ``failure``, the error of ``statement``, is about; ``None``: no telling."""
    if failure.sqlstate == "42P10":
        return _find_conflict_key(statement)
    if found := NO_KEY.search(failure.message):
        return _find_referenced_key(found["table"], statement)
    subject = _read_message(failure.message)
    if subject is None or not subject.table or subject.kind == "value":
        return subject
    return _place_part(subject, statement)


def _read_message(message: str) -> Subject | None:
    if found := PART.search(message):
        schema, table = _cut(found["table"])
        return Subject(found["kind"], schema, found["name"], table)
    if found := WHOLE.search(message) or BARE_TYPE.search(message):
        kind = found.groupdict().get("kind", "type")
        kind = KINDS.get(kind, kind)
        cut = kind in {"relation", "type"}
        schema, name = _cut(found["name"]) if cut else ("", found["name"])
        return Subject(kind, schema, re.sub(r"\[\]$", "", name))
    if found := ROUTINE.search(message) or NAMED_ROUTINE.search(message):
        schema, name = _cut(found["name"])
        return Subject("function", schema, name, arguments=found.groupdict().get("arguments"))
    if found := LABEL.search(message):
        schema, table = _cut(found["type"])
        return Subject("value", schema, found["name"], table)
    if found := LONE_COLUMN.search(message) or FIELD.search(message):
        parts = found.groupdict()
        name = _unquote(parts.get("dotted") or parts["name"] or "")
        return Subject("column", "", name, _unquote(parts.get("table") or ""))
    return None


def _place_part(subject: Subject, statement: str) -> Subject:
    """Return a part with its table and schema as ``statement`` writes them.

    A message has the alias of a table, and never the schema of a part.
    """
    code = mask_comments(statement)
    table, schema = subject.table, ""
    alias = re.search(
        rf"(?:from|join|update|into|,)\s+(?:only\s+)?(?:({NAME})\s*\.\s*)?({NAME})\s+(?:as\s+)?"
        rf"{re.escape(table)}(?![\w$.])",
        code,
        re.IGNORECASE,
    )
    if alias and _fold(alias[2]).lower() not in NO_ALIAS:
        schema, table = _fold(alias[1] or ""), _fold(alias[2])
    else:
        named = rf'({NAME})\s*\.\s*"?{re.escape(table)}"?(?![\w$])'
        schemas = {_fold(found[1]) for found in re.finditer(named, code, re.IGNORECASE)}
        schema = schemas.pop() if len(schemas) == 1 else ""
    return replace(subject, table=table, schema=subject.schema or schema)


def _cut(name: str) -> tuple[str, str]:
    """Return schema and name; the server writes both without a sign where the dot is."""
    schema, dot, rest = name.rpartition(".")
    return (_unquote(schema), _unquote(rest)) if dot else ("", _unquote(name))


def _unquote(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        return name[1:-1].replace('""', '"')
    return name


def _find_conflict_key(statement: str) -> Subject | None:
    found = CONFLICT.search(mask_comments(statement))
    if not found:
        return None
    schema, table, columns = found.groups()
    return Subject("key", _fold(schema or ""), _read_columns(columns), _fold(table))


def _find_referenced_key(table: str, statement: str) -> Subject:
    for found in re.finditer(REFERENCES, mask_comments(statement), re.IGNORECASE):
        if table.lower() in found.group().lower():
            schema, name = _cut(table)
            return Subject("key", schema, _read_columns(found[1] or ""), name)
    return Subject("key", "", "", table)


def _read_columns(text: str) -> str:
    return ",".join(sorted(_fold(column.strip()) for column in text.split(",") if column.strip()))


def _fold(name: str) -> str:
    return _unquote(name) if name.startswith('"') else name.lower()
