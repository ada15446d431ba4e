"""One audit of a target at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from driftbook.errors import AuditError
from driftbook.places import state_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.progress import Progress


@contextmanager
def lock_target(name: str, wait: float, progress: Progress) -> Iterator[None]:
    """Hold the lock of a target, so that a second audit of it waits, or says why it cannot."""
    folder = state_dir() / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / f"{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if wait:
                progress(f"another audit of {name} is running; waiting up to {wait:.0f} s")
            lock.acquire(timeout=wait)
    except Timeout:
        raise AuditError(
            f"another audit of {name!r} is still running",
            where=str(folder / f"{name}.lock"),
            fix="wait for it, or give more time: --wait SECONDS",
        ) from None
    except OSError as error:
        raise AuditError(
            f"the lock cannot be made: {error.strerror}",
            where=str(folder),
            fix="name a folder that you may write: DRIFTBOOK_STATE=DIR",
        ) from error
    try:
        yield
    finally:
        lock.release()
