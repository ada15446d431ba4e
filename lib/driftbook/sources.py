"""Where a schema comes from, as people write it: parsed once, opened by others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS = (
    "a target of params/targets.toml, postgresql://…, service=NAME, a migrations directory "
    "(DIR or DIR#VERSION), a dump (FILE.sql) or a capture (FILE.json)"
)
# Wide on purpose: a text that may hold a password is never repeated in a message.
DSN = re.compile(r"^postgres(ql)?://|\b(host|hostaddr|dbname|user|password|port|service)\s*=")


class SourceKind(StrEnum):
    """What a source is."""

    LIVE = "live"
    TARGET = "target"
    DIRECTORY = "directory"
    DUMP = "dump"
    CAPTURE = "capture"


@dataclass(frozen=True, slots=True)
class Source:
    """One side of a comparison as it was written.

    Attributes:
        kind: What it is.
        text: As written, without the version; a secret when ``kind`` is live.
        version: Last version to replay, of a directory; empty: all.
    """

    kind: SourceKind
    text: str
    version: str = ""

    def __repr__(self) -> str:
        return f"Source({self.label!r})"

    @property
    def path(self) -> str:
        """Return the file or folder of a source that has one."""
        return self.text

    @property
    def label(self) -> str:
        """Return what reports call the source; never a secret."""
        if self.kind is SourceKind.LIVE:
            return "live database"
        if self.kind is SourceKind.TARGET:
            return f"target {self.text}"
        return f"{self.text}#{self.version}" if self.version else self.text


def parse_source(text: str, *, is_target: Callable[[str], bool]) -> Source:
    """Return what ``text`` names.

    A connection string is recognised first, so that no message ever repeats one.

    Raises:
        ConfigError: It is none of the forms, or one that is not supported yet.
    """
    if DSN.search(text):
        return Source(SourceKind.LIVE, text)
    if "://" in text:
        raise ConfigError(
            "this kind of address names no source", fix="write postgresql://USER@HOST/DATABASE"
        )
    if is_target(text):
        return Source(SourceKind.TARGET, text)
    path, _, version = text.partition("#")
    if path and Path(path).is_dir():
        return Source(SourceKind.DIRECTORY, path, version)
    _check_no_ref(text)
    if Path(text).is_file() and text.endswith(".sql"):
        return Source(SourceKind.DUMP, text)
    if Path(text).is_file() and text.endswith(".json"):
        return Source(SourceKind.CAPTURE, text)
    raise ConfigError(f"{text!r} names no source", fix=f"use {FORMS}")


def _check_no_ref(text: str) -> None:
    path, at, ref = text.rpartition("@")
    if not at or Path(text).exists():
        return
    if ref.startswith("-"):
        raise ConfigError(f"{ref!r} is no git ref", fix="name a branch, a tag or a commit")
    if ref and (not path or Path(path).is_dir()):
        raise ConfigError(
            "reading a git ref is not supported yet",
            where=text,
            fix="check the ref out into a folder of its own: git worktree add DIR REF",
        )
