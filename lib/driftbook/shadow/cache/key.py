"""The keys of a replay: one per prefix of its files, made of everything that decides the result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.shadow.roles import INLINE_ROLES_VERSION, choose_roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

    from driftbook.migrations.directory import MigrationFile
    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import Mode, Platform
    from driftbook.shadow.scan import Needs
    from driftbook.shadow.stand_in import StandIn

# Their text decides what is sent and what is read: whoever changes it changes every key.
CODE = ("catalog", "migrations", "postgres", "shadow", "sqltext")


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides a replay besides its files and its server; see ``replay``.

    Attributes:
        watched: Somebody is told what each file did.
    """

    convention: str
    platform: Platform
    role: str
    mode: Mode
    database_names: tuple[str, ...]
    stand_in: StandIn | None
    records: bool
    watched: bool

    @property
    def all_roles(self) -> bool:
        """Return whether every role that is named is made, also one that no file creates."""
        return self.platform == "plain"


def build_keys(
    server: ShadowServer, needs: Needs, terms: Terms, run: Iterable[MigrationFile]
) -> tuple[str, ...]:
    """Return one key per prefix of ``run``, the files that are run; first that of no file.

    Of the roles that files need only those count that are made beforehand: a file that names
    another one changes nothing before it.
    """
    inline = server.version_num >= INLINE_ROLES_VERSION
    roles = choose_roles(
        needs.roles,
        frozenset(),
        terms.platform,
        terms.role,
        all_roles=terms.all_roles,
        inline=inline,
    )
    asked = [needs.extensions, sorted(needs.parameters), sorted(roles)]
    parts = _plain([hash_code(), _describe_server(server), terms, asked])
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    keys = [digest.hexdigest()]
    for file in run:
        content = hashlib.sha256(file.data).hexdigest()
        digest.update(json.dumps([file.path.name, file.unsendable, content]).encode())
        keys.append(digest.hexdigest())
    return tuple(keys)


@cache
def hash_code() -> str:
    """Return the SHA-256 of everything of ours that decides a replay, the prelude included."""
    digest = hashlib.sha256()
    for name in CODE:
        for path, content in sorted(_walk(files("driftbook") / name, name)):
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _walk(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if folder.is_file():
        yield name, folder.read_bytes()
        return
    for entry in folder.iterdir():
        if entry.name != "__pycache__":
            yield from _walk(entry, f"{name}/{entry.name}")


def _describe_server(server: ShadowServer) -> list[object]:
    """Return what tells one server's programs from another's, an upgraded one included."""
    binaries = server.binaries
    status = (binaries.bindir / "postgres").stat()
    program = [str(binaries.bindir), status.st_size, status.st_mtime_ns]
    return [binaries.version_num, binaries.source, *program, server.superuser_name]


def _plain(value: object) -> object:
    """Return ``value`` as JSON values, the same for equal values."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((_plain(each) for each in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, Path) else value
