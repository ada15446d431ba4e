"""A directory of migration files, read once."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.errors import SourceError
from driftbook.migrations.conventions import find_convention

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from driftbook.migrations.conventions import Convention

MAX_FILE_BYTES = 16 * 1024**2
SHOWN = 5
BOM = b"\xef\xbb\xbf"
# Facts of a file; those of the first group keep it from being sent.
UNSENDABLE = ("file-bytes:too-large", "file-bytes:nul", "file-bytes:not-utf-8")
BYTE_ORDER_MARK = "file-bytes:byte-order-mark"
DUPLICATE = "duplicate-version"


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One file that the tool would run.

    Attributes:
        path: Where it was read.
        version: As text, for leading zeros count.
        name: The rest of the file name.
        data: Its bytes, untouched; empty when it is too large to be read.
        facts: ``duplicate-version``, ``file-bytes:…``; sorted.
    """

    path: Path
    version: str
    name: str
    data: bytes
    facts: tuple[str, ...] = ()

    @property
    def unsendable(self) -> str:
        """Return why no server is asked about the file; empty when one can be."""
        return next((fact for fact in self.facts if fact in UNSENDABLE), "")

    @property
    def text(self) -> str:
        """Return the file as text, a byte-order mark included.

        Raises:
            UnicodeDecodeError: It is not UTF-8; see ``unsendable``.
        """
        return self.data.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that the tool passes over: it never runs anywhere."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Directory:
    """The files of one directory in the order in which they are applied."""

    path: Path
    files: tuple[MigrationFile, ...]
    skipped: tuple[Skipped, ...]
    convention: str = "supabase"


def read_directory(path: Path, convention: str = "supabase") -> Directory:
    """Read all migration files in ``path``; sub-directories are passed over.

    Args:
        path: The directory.
        convention: ``supabase``, ``plain``, or ``auto`` for what the names show.

    Raises:
        SourceError: It is missing, holds no migration, or a file cannot be read.
    """
    listing = {name: _is_file(path / name) for name in _list(path)}
    return build_directory(path, listing, convention, lambda name: _read(path / name))


def build_directory(
    path: Path,
    listing: Mapping[str, bool],
    convention: str,
    read: Callable[[str], tuple[bytes, tuple[str, ...]]],
    title: str = "",
) -> Directory:
    """Return the directory that holds what ``listing`` names.

    Args:
        path: Where the files are, or would be.
        listing: Whether each name in it is a file, in the order of their bytes.
        convention: As for `read_directory`.
        read: Returns the bytes and the facts of the file of that name.
        title: What a message calls the directory; its path when empty.

    Raises:
        SourceError: It holds no migration, or ``read`` raises it.
    """
    habit = find_convention(convention, list(listing))
    files, skipped = list[MigrationFile](), list[Skipped]()
    for place, (name, is_file) in enumerate(listing.items()):
        named = habit.read_name(name, place)
        if is_file and named.why:
            skipped.append(Skipped(name, named.why))
        elif is_file:
            files.append(MigrationFile(path / name, named.version, named.name, *read(name)))
    if not files:
        raise _explain_empty(title or str(path), habit, skipped)
    return Directory(path, _mark_duplicates(files), tuple(skipped), habit.name)


def _list(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path), key=os.fsencode)  # noqa: PTH208 - plain names, by bytes
    except FileNotFoundError:
        raise SourceError(
            f"there is no directory {str(path)!r}",
            where=str(path.absolute()),
            fix="name the directory that holds the migration files",
        ) from None
    except NotADirectoryError:
        raise SourceError(
            f"{str(path)!r} is not a directory",
            where=str(path.absolute()),
            fix="name the directory that holds the migration files",
        ) from None
    except OSError as error:
        raise SourceError(
            f"the directory {str(path)!r} cannot be read: {error.strerror}",
            fix="let this user read the directory",
        ) from error


def _is_file(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:  # a link that leads nowhere is a file that cannot be read
        return True


def _read(path: Path) -> tuple[bytes, tuple[str, ...]]:
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):  # a pipe would be read for ever
            raise SourceError(
                f"the file {path.name!r} is no regular file",
                where=str(path),
                fix="replace it by a file",
            )
        if mode.st_size > MAX_FILE_BYTES:
            return b"", ("file-bytes:too-large",)
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"the file {path.name!r} cannot be read: {error.strerror}",
            where=str(path),
            fix="let this user read the file, or repair the link",
        ) from error
    return data, find_byte_facts(data)


def find_byte_facts(data: bytes) -> tuple[str, ...]:
    """Return what is unusual in the bytes of a file."""
    if len(data) > MAX_FILE_BYTES:
        return ("file-bytes:too-large",)
    facts = []
    if data.startswith(BOM):
        facts.append(BYTE_ORDER_MARK)
    if b"\0" in data:
        facts.append("file-bytes:nul")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        facts.append("file-bytes:not-utf-8")
    return tuple(sorted(facts))


def _mark_duplicates(files: list[MigrationFile]) -> tuple[MigrationFile, ...]:
    counts = Counter(file.version for file in files)
    return tuple(
        MigrationFile(file.path, file.version, file.name, file.data, (DUPLICATE, *file.facts))
        if counts[file.version] > 1
        else file
        for file in files
    )


def _explain_empty(title: str, habit: Convention, skipped: list[Skipped]) -> SourceError:
    passed = [each.name for each in skipped if each.name.lower().endswith(".sql")]
    names = ", ".join(map(repr, passed[:SHOWN])) + (", …" if len(passed) > SHOWN else "")
    found = f"; passed over: {names}" if passed else ""
    return SourceError(
        f"the directory {title!r} holds no migration{found}",
        where=f"convention {habit.name}: files are called {habit.expected}",
        fix='rename the files, name another directory, or set convention = "plain"',
    )
