"""The folder of the cache: private, limited, safe with many processes, and never believed."""

from __future__ import annotations

import logging
import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".cluster"
MAX_ENTRIES = 40
MAX_BYTES = 1024**3
PARTIAL_SECONDS = 3600  # a file that nobody finished

logger = logging.getLogger(__name__)


def open_folder(place: Path) -> bool:
    """Make ``place`` unless it is there; return whether it is ours alone and can be used."""
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = place.stat()
        private = status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077
        if not private:
            logger.warning("the cache is not used: %s is open to others", place)
        return private
    logger.warning("the cache is not used: %s cannot be made", place)
    return False


def name_entry(place: Path, key: str) -> Path:
    """Return where the entry of ``key`` is, or would be."""
    return place / f"{key}{SUFFIX}"


def list_entries(place: Path) -> dict[Path, os.stat_result]:
    """Return the entries with what the system knows of each, the latest used last."""
    entries = {path: status for path, status in _scan(place) if path.suffix == SUFFIX}
    return dict(sorted(entries.items(), key=lambda entry: entry[1].st_mtime_ns))


def touch_entry(path: Path) -> None:
    """Note that ``path`` was used now."""
    with suppress(OSError):
        os.utime(path)


def prune_folder(place: Path) -> None:
    """Remove what was used longest ago until both limits hold, and files that nobody finished."""
    entries = list_entries(place)
    count, size = len(entries), sum(status.st_size for status in entries.values())
    for path, status in entries.items():
        if count <= MAX_ENTRIES and size <= MAX_BYTES:
            break
        count, size = count - 1, size - status.st_size
        remove_entry(path)
    for path, status in _scan(place):
        if path.suffix != SUFFIX and time.time() - status.st_mtime > PARTIAL_SECONDS:
            remove_entry(path)


def empty_folder(place: Path) -> int:
    """Remove every entry; return how many there were."""
    entries = list_entries(place)
    for path in entries:
        remove_entry(path)
    return len(entries)


def remove_entry(path: Path) -> None:
    """Remove one file; another process may have done it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _scan(place: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(OSError):
        for path in list(place.iterdir()):
            with suppress(OSError):
                yield path, path.lstat()
