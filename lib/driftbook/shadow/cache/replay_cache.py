"""One replay and the cache: where it can begin, and what is kept of it for the next one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psycopg

from driftbook.errors import ServerError
from driftbook.postgres.archive import ArchiveDamaged, read_archive, write_archive
from driftbook.shadow.cache.entry import LEAVES, Kept, read_kept, write_kept
from driftbook.shadow.cache.folder import (
    list_entries,
    name_entry,
    open_folder,
    prune_folder,
    remove_entry,
    touch_entry,
)
from driftbook.shadow.extensions import read_available, write_controls
from driftbook.shadow.failures.classify import ENVIRONMENT
from driftbook.shadow.prepare import AUDITOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import FileResult
    from driftbook.shadow.steps import Step

KEEP_SECONDS = 0.5  # below that running the files again is cheaper than writing an entry
MAX_ROWS = 1_000_000  # of all steps; a replay reads them faster than an entry gives them
MAX_ENTRY_BYTES = 256 * 1024**2
MAINTENANCE = "postgres"
# Whatever an entry holds that this version did not write, it is removed and made again.
DAMAGED = (ArchiveDamaged, OSError, ServerError, psycopg.Error, LookupError, TypeError, ValueError)

logger = logging.getLogger(__name__)


class ReplayCache:
    """What one replay takes from the cache and gives to it.

    A server takes its files from the cache when it starts: one that runs already can use nothing
    and keeps nothing, for earlier replays left their roles in it.

    Args:
        server: Started by :meth:`begin`, unless it runs.
        place: The folder of the cache; ``None``: there is none.
        keys: One per prefix of the files that are run, first that of no file.

    Attributes:
        files: How many files were taken from the cache.
        rebuilt: An entry was damaged or stale and is made again.
    """

    def __init__(self, server: ShadowServer, place: Path | None, keys: Sequence[str]) -> None:
        usable = place is not None and not server.running and open_folder(place)
        self._server, self._keys = server, keys
        self._place = place if usable else None
        self.files, self.rebuilt, self._restored = 0, False, False

    def begin(self) -> Kept | None:
        """Start the server where the longest known prefix ended; ``None``: at the beginning.

        Raises:
            ServerError: It cannot be started even without the cache.
        """
        for path, count in self._find_entries():
            try:
                kept = self._restore(path, count)
            except DAMAGED as error:
                logger.warning("a damaged entry of the cache is made again: %s", error)
                self._server.stop()
                self.rebuilt = True
                remove_entry(path)
            else:
                touch_entry(path)
                self.files, self._restored = count, True
                return kept
        self._server.start()
        return None

    def keep(self, kept: Kept, seconds: float) -> None:
        """Keep the replay for the next one; ``seconds`` is what its files took beyond the cache.

        What cannot be written is logged: the replay itself is not worse for it.

        Raises:
            ServerError: The server does not start again.
        """
        count = len(kept.results)
        known = self._restored and (count == self.files or seconds < KEEP_SECONDS)
        if self._place is None or known or not is_repeatable(kept.results):
            return
        if count_rows(kept.steps) > MAX_ROWS or self._server.cluster.find_size() > MAX_ENTRY_BYTES:
            logger.info("the replay is not kept: it is too large")
            return
        about = write_kept(kept, self._read_real())
        path = name_entry(self._place, self._keys[count])
        with self._server.stopped() as data:
            try:
                write_archive(data, about, path)
            except (OSError, ValueError) as error:
                logger.warning("the replay is not kept: %s", error)
        prune_folder(self._place)

    def _find_entries(self) -> Iterable[tuple[Path, int]]:
        """Return the entries of the prefixes, with their number of files, longest first."""
        if self._place is None:
            return
        known = list_entries(self._place)
        for count in range(len(self._keys) - 1, -1, -1):
            path = name_entry(self._place, self._keys[count])
            if path in known:
                yield path, count

    def _restore(self, path: Path, count: int) -> Kept:
        archive = read_archive(path)
        kept = read_kept(archive.about)
        if len(kept.results) != count:
            raise ArchiveDamaged(path.name)
        self._server.start(archive)
        prepared = kept.prepared
        self._server.close_database(prepared.database, prepared.role)
        if self._read_real() != archive.about["real"]:
            raise ArchiveDamaged("the server has other extensions now")
        write_controls(self._server, prepared.provisions.values())
        self._server.set_password(prepared.role)
        self._server.set_password(AUDITOR)
        return kept

    def _read_real(self) -> dict[str, bool]:
        with self._server.superuser(MAINTENANCE) as session:
            return read_available(self._server, session)


def count_rows(steps: Iterable[Step]) -> int:
    """Return how many rows ``steps`` hold."""
    return sum(
        len(rows)
        for step in steps
        for side in (step.before, step.after)
        for kind, rows in side.items()
        if kind not in LEAVES
    )


def is_repeatable(results: Iterable[FileResult]) -> bool:
    """Return whether the same files would fail again: not so when time or room ran out."""
    errors = [result.error for result in results if result.error]
    return not any(
        error.reason == "time" or error.sqlstate.startswith(ENVIRONMENT) for error in errors
    )
