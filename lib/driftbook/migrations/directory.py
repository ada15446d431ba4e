"""A directory of migration files, read once."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from driftbook.errors import SourceError
from driftbook.migrations.conventions import find_convention
from driftbook.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from driftbook.migrations.conventions import Convention, Named

MAX_FILE_BYTES = 16 * 1024**2
SHOWN = 5
Content = tuple[bytes, tuple[str, ...]]  # bytes, facts
BOM = b"\xef\xbb\xbf"
# Facts of a file; those of the first group keep it from being sent.
UNSENDABLE = ("file-bytes:too-large", "file-bytes:nul", "file-bytes:not-utf-8")
BYTE_ORDER_MARK = "file-bytes:byte-order-mark"
DUPLICATE = "duplicate-version"


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One file that the tool would run.

    Attributes:
        path: Where it was read; of a tool that gives each migration a folder of its own, that
            folder.
        version: As text, for leading zeros count.
        name: The rest of the file name.
        data: Its bytes, untouched; empty when it is too large to be read.
        facts: ``duplicate-version``, ``file-bytes:…``; sorted.
        when: Milliseconds since 1970 that the tool compares instead of versions.
    """

    path: Path
    version: str
    name: str
    data: bytes
    facts: tuple[str, ...] = ()
    when: int | None = None

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
    """A file that the tool passes over: it never runs anywhere.

    ``file``: Its text, if it is SQL that somebody may have run by hand and that can be read.
    """

    name: str
    why: str
    file: MigrationFile | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Directory:
    """The files of one directory in the order in which they are applied.

    Attributes:
        path: The directory.
        files: What the tool would run.
        skipped: What it passes over.
        convention: Name of the tool's.
        evidence: What showed it, in words; empty when somebody named it.
    """

    path: Path
    files: tuple[MigrationFile, ...]
    skipped: tuple[Skipped, ...]
    convention: str = "supabase"
    evidence: str = ""


class Tree(Protocol):
    """A folder to read: as it is, or as git had it."""

    def list_names(self, folder: str = "") -> Mapping[str, bool]:
        """Return the names directly in ``folder``, by bytes, and whether each is a file."""

    def read_all(self, files: Sequence[str]) -> Mapping[str, Content]:
        """Return bytes and facts of ``files``, which are paths from the top of the tree."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A tree on the disk."""

    path: Path

    def list_names(self, folder: str = "") -> Mapping[str, bool]:
        """List what is there now; a folder that is a link is empty, for it may lead back."""
        path = self.path / folder
        if folder and path.is_symlink():
            return {}
        return {name: _is_file(path / name) for name in _list(path)}

    def read_all(self, files: Sequence[str]) -> Mapping[str, Content]:
        """Read what is there now."""
        return {file: _read(self.path / file) for file in files}


def read_directory(path: Path, convention: str = "supabase", *, is_empty: bool = True) -> Directory:
    """Read all migration files in ``path``.

    Args:
        path: The directory.
        convention: The name of one, or ``auto`` for what the files show.
        is_empty: They are for an empty database; else for one that the tool has migrated before.

    Raises:
        ConfigError: There is no such convention.
        SourceError: It is missing, holds no migration, or a file cannot be read.
    """
    return build_directory(path, Folder(path), convention, is_empty=is_empty)


def build_directory(
    path: Path, tree: Tree, convention: str, title: str = "", *, is_empty: bool = True
) -> Directory:
    """Return the directory that ``tree`` holds.

    Args:
        path: Where the files are, or would be.
        tree: Tells names and bytes.
        convention: As for `read_directory`.
        title: What a message calls the directory; its path when empty.
        is_empty: As for `read_directory`.

    Raises:
        ConfigError: There is no such convention.
        SourceError: It holds no migration, or ``tree`` raises it.
    """
    read = partial(read_tree_text, tree)
    habit, evidence = find_convention(convention, tree.list_names(), read)
    arrange = habit.arrange if is_empty else habit.arrange_again or habit.arrange
    found = arrange(_list_migrations(tree, habit), read)
    runs = [named for named in found if not named.why]
    skipped = _read_skipped(path, tree, habit, [named for named in found if named.why])
    if not runs:
        raise _explain_empty(title or str(path), habit, skipped)
    places = {named.file: "/".join(filter(None, (named.file, habit.inner))) for named in runs}
    contents = tree.read_all(list(places.values()))
    files = [
        MigrationFile(
            path / named.file,
            named.version,
            named.name,
            *contents[places[named.file]],
            named.when,
        )
        for named in runs
    ]
    return Directory(path, _mark_duplicates(files), tuple(skipped), habit.name, evidence)


def _read_skipped(
    path: Path, tree: Tree, habit: Convention, skipped: Sequence[Named]
) -> list[Skipped]:
    """Return what never runs, with the text of what is no undo file and the like."""
    others = re.compile(TOOLS[habit.name].other_files)
    wanted = [
        named.file
        for named in skipped
        if named.file.endswith(".sql") and not others.fullmatch(named.file)
    ]
    try:
        contents = tree.read_all(wanted)
    except SourceError:  # a file that never runs need not be readable
        contents = {}
    return [
        Skipped(
            named.file,
            named.why,
            MigrationFile(path / named.file, "", named.file, *contents[named.file])
            if named.file in contents
            else None,
        )
        for named in skipped
    ]


def _list_migrations(tree: Tree, habit: Convention) -> Mapping[str, bool]:
    """Return the names that ``habit`` reads; a folder with its inner file counts as a file."""
    names = tree.list_names()
    if habit.is_deep:
        return dict(_walk(tree, ""))
    if not habit.inner:
        return names
    return {
        name: not is_file and tree.list_names(name).get(habit.inner, False)
        for name, is_file in names.items()
    }


def _walk(tree: Tree, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield the files of all folders below ``folder``, from the top of the tree on."""
    for name, is_file in tree.list_names(folder).items():
        place = f"{folder}/{name}" if folder else name
        if is_file:
            yield place, True
        else:
            yield from _walk(tree, place)


def read_tree_text(tree: Tree, file: str) -> str:
    """Return the text of ``file``; empty when there is no such file."""
    folder, _, name = file.rpartition("/")
    if folder and tree.list_names().get(folder, True):
        return ""
    if not tree.list_names(folder).get(name):
        return ""
    return tree.read_all([file])[file][0].decode("utf-8", "replace")


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
        replace(file, facts=(DUPLICATE, *file.facts)) if counts[file.version] > 1 else file
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
