"""A stopped cluster in one file: packed once, checked before it is believed, unpacked at will.

The three databases that initdb makes are copies of each other: equal contents are stored once.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftbook.postgres.launch import ServiceUser

MAGIC = b"driftbook cluster 1\n"
DIGEST_BYTES, LENGTH_BYTES = 32, 8
# Relative, plain, and no part of it begins with a dot: nothing is written outside the folder.
INSIDE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
LEFT_OUT = frozenset({"postmaster.opts", "postmaster.pid"})


class ArchiveDamaged(Exception):
    """The file is not what was written; nothing of it may be used."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A checked archive in memory.

    Attributes:
        about: What was written beside the files.
        folders: Relative names, parents first.
        files: Relative name, offset in ``contents``, size in bytes.
    """

    about: dict[str, object]
    folders: tuple[str, ...]
    files: tuple[tuple[str, int, int], ...]
    contents: memoryview


def write_archive(data: Path, about: dict[str, object], path: Path) -> Path:
    """Write the data directory ``data`` of a stopped server, readable by its owner only.

    A reader never sees half of it.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: The directory holds what is neither file nor folder.
    """
    folders, names = _list(data)
    places: dict[bytes, int] = {}
    contents, files = bytearray(), list[tuple[str, int, int]]()
    for name in names:
        content = (data / name).read_bytes()
        digest = hashlib.sha256(content).digest()
        if digest not in places:
            places[digest] = len(contents)
            contents += content
        files.append((name, places[digest], len(content)))
    document = {"about": about, "folders": folders, "files": files}
    header = json.dumps(document, separators=(",", ":")).encode()
    parts = (len(header).to_bytes(LENGTH_BYTES), header, contents)
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    # mkstemp makes the file with mode 0600.
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines((MAGIC, whole.digest(), *parts))
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return path


def read_archive(path: Path) -> Archive:
    """Return what :func:`write_archive` wrote.

    Raises:
        ArchiveDamaged: It is of another form, incomplete or altered.
        OSError: It cannot be read.
    """
    whole = memoryview(path.read_bytes())
    start = len(MAGIC) + DIGEST_BYTES
    body = whole[start:]
    if whole[: len(MAGIC)] != MAGIC or hashlib.sha256(body).digest() != whole[len(MAGIC) : start]:
        raise ArchiveDamaged(path.name)
    length = int.from_bytes(body[:LENGTH_BYTES])
    document = json.loads(bytes(body[LENGTH_BYTES : LENGTH_BYTES + length]))
    files = tuple((str(name), int(at), int(size)) for name, at, size in document["files"])
    folders = tuple(map(str, document["folders"]))
    if not all(INSIDE.fullmatch(name) for name in (*folders, *(name for name, _, _ in files))):
        raise ArchiveDamaged(path.name)
    return Archive(document["about"], folders, files, body[LENGTH_BYTES + length :])


def unpack_archive(archive: Archive, data: Path, user: ServiceUser) -> None:
    """Make the data directory ``data``, which belongs to ``user`` alone.

    Raises:
        OSError: It exists, or there is no room.
    """
    data.mkdir(mode=0o700)
    user.own(data)
    for name in archive.folders:
        (data / name).mkdir(mode=0o700)
        user.own(data / name)
    within = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name, at, size in archive.files:
            file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=within)
            try:
                if os.write(file, archive.contents[at : at + size]) != size:
                    raise OSError(errno.ENOSPC, "no room for the files of a server")
                if os.geteuid() == 0:
                    os.fchown(file, user.uid, user.gid)
            finally:
                os.close(file)
    finally:
        os.close(within)


def _list(data: Path) -> tuple[list[str], list[str]]:
    """Return the relative names of folders, parents first, and of files."""
    folders, files, left = list[str](), list[str](), [""]
    while left:
        parent = left.pop()
        with os.scandir(data / parent) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                name = f"{parent}/{entry.name}" if parent else entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                    left.append(name)
                elif entry.is_file(follow_symlinks=False):
                    if name not in LEFT_OUT:
                        files.append(name)
                else:
                    raise ValueError(f"neither file nor folder: {name}")
    return folders, files
