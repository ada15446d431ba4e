"""Reports in an object store, by an address that fsspec knows, such as ``s3://``."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fsspec.core import url_to_fs

from driftbook.errors import AuditError, ConfigError, DriftbookError, PublishRefused
from driftbook.gate import check_publishable
from driftbook.report.store import list_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

RESULT = "result.json"
PROBE = ".writable"
REPORT_PARTS = 3  # <target>/<audit id>/<notebook>/…
# scheme: what pip installs for it
PACKAGES = {
    "s3": "'driftbook[s3]'",
    "s3a": "'driftbook[s3]'",
    "gs": "'driftbook[gcs]'",
    "gcs": "'driftbook[gcs]'",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}
# What a storage library calls its error: what that means, and what mends it.
REASONS = {
    "FileNotFoundError": ("no such bucket or container", "make it, or correct the address"),
    "PermissionError": (
        "access is refused",
        "give the process credentials that may list, read, write and delete there",
    ),
    "NoCredentialsError": (
        "no credentials were found",
        "give the process credentials in the way of its storage, such as AWS_PROFILE",
    ),
    "ConnectionError": ("it cannot be reached", "check address, network and proxy"),
    "ClientError": ("it cannot be reached", "check address, network and proxy"),
    "TimeoutError": ("it does not answer", "check address, network and proxy"),
}


class RemoteStore:
    """A folder of an object store: no rename there, so the order of writing stands for it.

    A report exists for readers once its ``result.json`` does, and that is written last.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        scheme = address.partition("://")[0].lower()
        try:
            # Another writer may have published a moment ago: nothing is remembered.
            self.files, self.root = url_to_fs(
                address, use_listings_cache=False, skip_instance_cache=True
            )
        except ImportError:
            package = PACKAGES.get(scheme, f"the fsspec package for {scheme}")
            raise ConfigError(
                f"reports at {scheme}:// need a package that is not installed",
                where=address,
                fix=f"run pip install {package}",
            ) from None
        except ValueError:
            raise ConfigError(
                f"no storage is called {scheme}://",
                where=address,
                fix="name a folder, or an address such as s3://bucket/reports",
            ) from None

    def check_writable(self) -> None:
        """Raise :class:`AuditError` when nothing can be written and removed here."""
        with self._explaining("cannot be written", AuditError):
            self.files.pipe_file(self._full(PROBE), b"driftbook\n")
            self.files.rm_file(self._full(PROBE))

    def list_files(self) -> list[str]:
        """Return all files but hidden ones and those of a report that has no result yet."""
        with self._explaining("cannot be listed"):
            self.files.invalidate_cache()
            paths = [self._relative(path) for path in self.files.find(self.root)]
        shown = [path for path in paths if not re.search(r"(^|/)(\.|$)", path)]
        reports = {path.removesuffix(f"/{RESULT}") for path in shown if path.endswith(f"/{RESULT}")}
        return sorted(
            path
            for path in shown
            if path.count("/") < REPORT_PARTS or "/".join(path.split("/")[:REPORT_PARTS]) in reports
        )

    def read_files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of those files that can be read, asked for together."""
        wanted = [self._full(path) for path in paths]
        with self._explaining("cannot be read"):
            found = self.files.cat(wanted, on_error="omit") if wanted else {}
        return {self._relative(path): data for path, data in found.items()}

    def write_pages(self, pages: Mapping[str, str]) -> None:
        """Write each page; an object is replaced as a whole."""
        with tempfile.TemporaryDirectory(prefix="driftbook-") as name:
            for path, text in pages.items():
                # From a file: its name is what the storage takes the type of the page from.
                file = Path(name, Path(path).name)
                file.write_text(text, encoding="utf-8")
                with self._explaining("cannot be written"):
                    self.files.put_file(str(file), self._full(path))

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove files; one that is gone already is fine."""
        for path in paths:
            with self._explaining("cannot be cleared"), suppress(FileNotFoundError):
                self.files.rm_file(self._full(path))

    @contextmanager
    def building(
        self, place: str, hidden: Sequence[str], *, replace: bool = False
    ) -> Iterator[Path]:
        """Yield a temporary folder; it passes the gate, then its files go up, results last."""
        with tempfile.TemporaryDirectory(prefix="driftbook-", ignore_cleanup_errors=True) as name:
            folder = Path(name, place)
            folder.mkdir(parents=True)
            yield folder
            files = list_inside(folder)
            check_publishable(files, hidden)
            files.sort(key=lambda path: path.name == RESULT)
            goals = {path: f"{place}/{path.relative_to(folder).as_posix()}" for path in files}
            if replace or not self._is_published(goals):
                self._upload(goals, replace=replace)

    def _is_published(self, goals: Mapping[Path, str]) -> bool:
        """Return whether equal results are there already; another one is never overwritten."""
        results = {goal: path.read_bytes() for path, goal in goals.items() if path.name == RESULT}
        found = self.read_files(results)
        if any(results[goal] != data for goal, data in found.items()):
            raise self._refuse_to_overwrite()
        return bool(results) and found.keys() == results.keys()

    def _upload(self, goals: Mapping[Path, str], *, replace: bool) -> None:
        done: list[str] = []
        try:
            for path, goal in goals.items():
                only_new = path.name == RESULT and not replace
                mode = {"mode": "create"} if only_new else {}
                with self._explaining("cannot be written"):
                    done.append(goal)
                    self.files.put_file(str(path), self._full(goal), **mode)
        except FileExistsError:  # of the other writer: what is there is theirs
            raise self._refuse_to_overwrite() from None
        except BaseException:
            if not replace:  # results first: no reader finds one without its page
                with suppress(DriftbookError):
                    self.remove_files(reversed(done))
            raise

    def _refuse_to_overwrite(self) -> PublishRefused:
        return PublishRefused(
            "another audit with this id is published already",
            where=self.address,
            fix="run the audit again: its id is made from its time",
        )

    @contextmanager
    def _explaining(self, what: str, kind: type[AuditError] = PublishRefused) -> Iterator[None]:
        """Turn an error of the storage into ours: theirs may hold keys and signed addresses."""
        try:
            yield
        except (DriftbookError, FileExistsError):
            raise
        except Exception as error:  # noqa: BLE001 - every storage library has errors of its own
            reason, fix = explain_storage_error(error)
            raise kind(
                f"the reports folder {what}: {reason}", where=self.address, fix=fix
            ) from None

    def _full(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}"

    def _relative(self, path: str) -> str:
        return path.lstrip("/")[len(self.root.strip("/")) :].lstrip("/")


def explain_storage_error(error: Exception) -> tuple[str, str]:
    """Return what ``error`` means and what mends it, by its kind alone and never by its text."""
    for name in (kind.__name__ for kind in type(error).__mro__):
        if name in REASONS:
            return REASONS[name]
    return type(error).__name__, "check the address and what the storage says of this process"
