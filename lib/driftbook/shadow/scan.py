"""What the files ask of the server before the first of them runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.shadow.script import Script
    from driftbook.sqltext import Shape, Statement

NAME = r"""("(?:[^"]|"")+"|[A-Za-z_][\w$]*)"""
# Inside DO blocks and the strings they execute; what is computed there is not seen.
CREATE_EXTENSION = re.compile(
    rf"\bcreate\s+extension\s+(if\s+not\s+exists\s+)?{NAME}(?:\s+(?:with\s+)?schema\s+{NAME})?",
    re.IGNORECASE,
)
LOOKS_FIRST = re.compile(r"\bpg_extension\b", re.IGNORECASE)
CREATE_ROLE = re.compile(rf"\bcreate\s+(?:role|user|group)\s+(?!mapping\b){NAME}", re.IGNORECASE)
SET_PARAMETER = re.compile(
    r"""\balter\s+(?:role|user|database)\b[^;]*?\bset\s+"?([A-Za-z_]\w*\.[\w.]+)""", re.IGNORECASE
)
PSEUDO_ROLES = frozenset({"public", "none", "current_user", "session_user", "current_role", ""})


@dataclass(frozen=True, slots=True)
class ExtensionNeed:
    """An extension that some file creates.

    Attributes:
        schema: Empty when no statement names one.
        moved_to: Where a later statement moves it; the members of a trusted extension belong to
            the superuser, so that the replay role cannot.
    """

    name: str
    schema: str
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class RoleNeed:
    """A role that some file names: where first, and who makes it.

    Attributes:
        created: A statement of a file makes it.
        created_in_block: A DO block makes it, perhaps under a condition.
        granted: A role statement or a policy names it.
    """

    name: str
    file: str
    statement_no: int
    line: int
    created: bool = False
    created_in_block: bool = False
    granted: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that the files ask for, each once, in the order of the files."""

    extensions: tuple[ExtensionNeed, ...] = ()
    roles: tuple[RoleNeed, ...] = ()
    parameters: tuple[str, ...] = ()


def scan(scripts: Iterable[Script]) -> Needs:
    """Read the needs of ``scripts``, all files of the directory: pending ones too."""
    extensions: dict[str, ExtensionNeed] = {}
    roles: dict[str, RoleNeed] = {}
    parameters: dict[str, None] = {}
    for script in scripts:
        for number, (statement, shape) in enumerate(_pairs(script), start=1):
            body = mask_comments(shape.body)
            for need in _find_extensions(shape, body):
                first = extensions.setdefault(need.name, need)
                if need.schema and not first.schema:
                    extensions[need.name] = replace(first, schema=need.schema)
            if shape.kind == "extension-alter" and shape.schema and shape.names[0] in extensions:
                first = extensions[shape.names[0]]
                extensions[first.name] = replace(first, moved_to=shape.schema)
            for name, how in _find_roles(shape, body):
                known = roles.get(name) or RoleNeed(name, script.file, number, statement.line)
                roles[name] = _merge(known, how)
            for parameter in _find_parameters(shape, body):
                parameters[parameter] = None
    return Needs(tuple(extensions.values()), tuple(roles.values()), tuple(parameters))


def _pairs(script: Script) -> Iterable[tuple[Statement, Shape]]:
    return zip(script.statements, script.shapes, strict=True)


def _find_extensions(shape: Shape, body: str) -> Iterator[ExtensionNeed]:
    if shape.kind == "extension-create":
        yield ExtensionNeed(shape.names[0], shape.schema)
    yield from find_block_extensions(body)


def find_block_extensions(body: str) -> Iterator[ExtensionNeed]:
    """Yield what a DO block creates, when it bears that the extension exists already."""
    looks = LOOKS_FIRST.search(body) is not None
    for found in CREATE_EXTENSION.finditer(body):
        if found.group(1) or looks:
            yield ExtensionNeed(_unquote(found.group(2)), _unquote(found.group(3) or ""))


def _find_roles(shape: Shape, body: str) -> Iterator[tuple[str, str]]:
    how = "granted" if shape.kind.startswith("role-") or shape.kind == "policy-create" else "named"
    if shape.kind == "role-create":
        yield shape.names[0], "created"
    for name in shape.roles:
        yield name, how
    for found in CREATE_ROLE.finditer(body):
        yield _unquote(found.group(1)), "created_in_block"


def _find_parameters(shape: Shape, body: str) -> Iterator[str]:
    if shape.kind in {"role-set", "database-alter"} and "." in shape.method:
        yield shape.method
    for found in SET_PARAMETER.finditer(body):
        yield found.group(1)


def _merge(known: RoleNeed, how: str) -> RoleNeed:
    if how == "named":
        return known
    if how == "created":
        return replace(known, created=True)
    if how == "granted":
        return replace(known, granted=True)
    return replace(known, created_in_block=True)


def _unquote(name: str) -> str:
    if name.startswith('"'):
        return name[1:-1].replace('""', '"')
    return name.lower()
