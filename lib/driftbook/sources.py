"""Where a schema comes from, as people write it: parsed once, opened by others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.catalog.portable.mark import HEAD_BYTES, holds_mark
from driftbook.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS = (
    "a target of params/targets.toml, postgresql://…, service=NAME, a migrations directory "
    "(DIR, DIR#VERSION, DIR@REF or DIR@DAY), a dump (FILE.sql), a capture (FILE.json or what "
    "driftbook capture --script made) or what an audit saw (audit:ID)"
)
# Wide on purpose: a text that may hold a password is never repeated in a message.
DSN = re.compile(r"^postgres(ql)?://|\b(host|hostaddr|dbname|user|password|port|service)\s*=")
AUDIT = "audit:"
CAPTURES = (".json", ".capture")


class SourceKind(StrEnum):
    """What a source is."""

    LIVE = "live"
    TARGET = "target"
    DIRECTORY = "directory"
    DUMP = "dump"
    CAPTURE = "capture"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Source:
    """One side of a comparison as it was written.

    Attributes:
        kind: What it is.
        text: As written, without ref and version; a secret when ``kind`` is live.
        version: Last version to replay, of a directory; empty: all.
        ref: Commit, branch, tag or date at which git has the directory; empty: as it is now.
        convention: How the files of a directory are read; ``auto``: as they show.
        place: ``first`` or ``second`` of two live databases, whose addresses are not shown.
    """

    kind: SourceKind
    text: str
    version: str = ""
    ref: str = ""
    convention: str = "auto"
    place: str = ""

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
            return f"{self.place} live database".lstrip()
        if self.kind is SourceKind.TARGET:
            return f"target {self.text}"
        if self.kind is SourceKind.AUDIT:
            return f"audit {self.text}"
        ref = f"@{self.ref}" if self.ref else ""
        return f"{self.text}{ref}#{self.version}" if self.version else f"{self.text}{ref}"


def tell_apart(first: Source, second: Source) -> tuple[Source, Source]:
    """Return both sources of a comparison, with labels of their own if they are live databases."""
    if {first.kind, second.kind} != {SourceKind.LIVE}:
        return first, second
    return replace(first, place="first"), replace(second, place="second")


def name_first(first: Source, second: Source) -> str:
    """Return what sentences call the first side, as whose the second one was to be."""
    if first.kind is SourceKind.DIRECTORY and second.kind is not SourceKind.DIRECTORY:
        return "the files"
    return f"the {first.label}" if first.kind is SourceKind.LIVE else first.label


def parse_source(text: str, *, is_target: Callable[[str], bool]) -> Source:
    """Return what ``text`` names.

    A connection string is recognised first, so that no message ever repeats one.

    Raises:
        ConfigError: It is none of the forms, or one that is not supported yet.
    """
    if DSN.search(text):
        return Source(SourceKind.LIVE, text)
    if "://" in text:
        fix = "write postgresql://USER@HOST/DATABASE"
        if text.startswith(("https://", "http://")):
            fix = (
                "describe a target that it reads for: driftbook init --rpc ADDRESS, then name that"
            )
        raise ConfigError("this kind of address names no source", fix=fix)
    if text.startswith(AUDIT) or is_target(text):
        kind = SourceKind.AUDIT if text.startswith(AUDIT) else SourceKind.TARGET
        return Source(kind, text.removeprefix(AUDIT))
    path, _, version = text.partition("#")
    if path and Path(path).is_dir():
        return Source(SourceKind.DIRECTORY, path, version)
    if Path(text).is_file() and text.endswith(".sql"):
        return Source(SourceKind.DUMP, text)
    if Path(text).is_file() and (text.endswith(CAPTURES) or _is_capture(Path(text))):
        return Source(SourceKind.CAPTURE, text)
    return _parse_past(text)


def _is_capture(path: Path) -> bool:
    """Return whether a file of any name begins as psql and SQL editors write a capture."""
    try:
        with path.open("rb") as file:
            return holds_mark(file.read(HEAD_BYTES))
    except OSError:
        return False


def _parse_past(text: str) -> Source:
    """Return the directory that ``text`` names in the form DIR@REF or DIR@REF#VERSION."""
    before, mark, version = text.rpartition("#")
    whole = before if mark else text
    parts = whole.split("@")
    # The longest directory wins: its name may hold the sign, and so may a ref, HEAD@{1}.
    cuts = [("@".join(parts[:at]), "@".join(parts[at:])) for at in range(len(parts) - 1, 0, -1)]
    path, ref = next((cut for cut in cuts if cut[0] and Path(cut[0]).is_dir()), ("", ""))
    if not path and cuts and _may_be_past(cuts[-1][0]):
        path, ref = cuts[-1]
    if not path or not ref:
        raise ConfigError(f"{text!r} names no source", fix=f"use {FORMS}")
    if ref.startswith("-"):
        raise ConfigError(f"{ref!r} is no git ref", fix="name a branch, a tag, a commit or a day")
    return Source(SourceKind.DIRECTORY, path, version if mark else "", ref)


def _may_be_past(path: str) -> bool:
    """Return whether ``path`` may be a directory that is no more; never what holds a password."""
    folder = Path(path)
    return bool(path) and ":" not in path and not folder.exists() and folder.parent.is_dir()
