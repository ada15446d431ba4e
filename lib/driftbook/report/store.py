"""Where reports are kept: a folder of this machine, or one of an object store."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from driftbook.config import URL
from driftbook.errors import AuditError
from driftbook.gate import check_publishable
from driftbook.report.publish import explain_refusal, put_in_place, write_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager


ABANDONED = 24 * 3600  # seconds after which a folder in the making belongs to a process that died


class Store(Protocol):
    """A folder of reports; paths in it are relative, with slashes: ``prod/<audit id>/…``."""

    address: str  # as people and messages name it; never with credentials

    def check_writable(self) -> None:
        """Raise :class:`AuditError` before any work when nothing can be written."""

    def list_files(self) -> list[str]:
        """Return the paths of all files, sorted; nothing that is still being made."""

    def read_files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of each path; one that cannot be read is left out."""

    def write_pages(self, pages: Mapping[str, str]) -> None:
        """Write each page in this order; a reader sees the old one or the new one, whole."""

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove files that are there."""

    def building(
        self, place: str, hidden: Sequence[str], *, replace: bool = False
    ) -> AbstractContextManager[Path]:
        """Yield a private local folder that becomes ``place`` when the block ends.

        Args:
            place: ``<target>/<audit id>``; the last parts of the yielded folder as well.
            hidden: Secrets of this run: where a file holds one, nothing is published.
            replace: Whether reports that are there already may give way.

        Raises:
            PublishRefused: A file holds a secret, or the store cannot be written. Then, and when
                the block fails or is interrupted, the store is as it was.
        """


def open_store(reports: str) -> Store:
    """Return the store at ``reports``: a path or an fsspec URL.

    Raises:
        ConfigError: No installed package knows such addresses.
    """
    if not URL.match(reports):
        return LocalStore(Path(reports))
    if reports.lower().startswith("file://"):
        return LocalStore(Path(unquote(urlsplit(reports).path)))
    from driftbook.report.remote import RemoteStore  # noqa: PLC0415 - fsspec only where it is used

    return RemoteStore(reports)


class LocalStore:
    """A folder of this machine; what is in the making lies hidden beside the goal."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = str(root)

    def check_writable(self) -> None:
        """Raise :class:`AuditError` when the folder cannot be made or written."""
        probe = self.root / ".writable"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise AuditError(
                f"the reports folder cannot be written: {error.strerror}",
                where=self.address,
                fix="free space or rights, or name another folder: --reports DIR",
            ) from error

    def list_files(self) -> list[str]:
        """Return all files but hidden ones."""
        found = []
        for place, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += [Path(place, name) for name in names if not name.startswith(".")]
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def read_files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of those files that can be read."""
        contents = {}
        for path in paths:
            try:
                contents[path] = (self.root / path).read_bytes()
            except OSError:  # the row of this report says so
                continue
        return contents

    def write_pages(self, pages: Mapping[str, str]) -> None:
        """Write each page by one rename."""
        for name, text in pages.items():
            path = self.root / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise explain_refusal(error, path.parent) from error
            write_beside(text, path)

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove files; one that is gone already is fine."""
        for path in paths:
            try:
                (self.root / path).unlink(missing_ok=True)
            except OSError as error:
                raise explain_refusal(error, self.root / path) from error

    @contextmanager
    def building(
        self,
        place: str,
        hidden: Sequence[str],
        *,
        replace: bool = False,  # noqa: ARG002 - equal evidence has an equal id: it may be made again
    ) -> Iterator[Path]:
        """Yield a hidden folder of the same file system; publishing it is one rename."""
        beside = self.root / f".new-{secrets.token_hex(4)}"
        folder, goal = beside / place, self.root / place
        try:
            self._sweep()
            folder.mkdir(parents=True)
            yield folder
            check_publishable(list_inside(folder), hidden)
            put_in_place(folder, goal)
        except OSError as error:
            raise explain_refusal(error, goal) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what killed processes left: it never passed the gate."""
        for path in self.root.glob(".new-*"):
            if path.is_dir() and time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def list_inside(folder: Path) -> list[Path]:
    """Return every file below ``folder``, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
