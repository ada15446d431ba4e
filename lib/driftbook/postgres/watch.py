"""Time limits enforced from outside: text under test may switch its own limits off."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import psycopg

from driftbook.errors import DriftbookError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_SECONDS = 2.0
POLL_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Step(StrEnum):
    """How far the watchdog had to go."""

    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    KILLED = "killed with its server"


class Watched(Protocol):
    """The server of a watched session."""

    def superuser_conninfo(self) -> str:
        """Return where a session can be terminated."""

    def find_excess(self) -> bool:
        """Return whether the server's files have outgrown their ceiling."""

    def kill(self) -> None:
        """End the server at once."""


class Watch:
    """A thread that ends the work of one session at a deadline, gently first.

    Attributes:
        step: How far it had to go; ``None`` while it did nothing.
        why: ``time`` or ``size``.
    """

    def __init__(
        self, server: Watched, connection: psycopg.Connection[object], seconds: float
    ) -> None:
        self.step: Step | None = None
        self.why = "time"
        self.seconds = seconds
        self._server, self._connection = server, connection
        self._pid = connection.info.backend_pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="driftbook-watch", daemon=True)

    def start(self) -> None:
        """Start counting."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; no cancellation of it arrives later than this."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        deadline = time.monotonic() + self.seconds
        while not self._done.wait(min(POLL_SECONDS, max(0.0, deadline - time.monotonic()))):
            if self._server.find_excess():
                self.why = "size"
                break
            if time.monotonic() >= deadline:
                break
        for step, action in (
            (Step.CANCELLED, self._cancel),
            (Step.TERMINATED, self._terminate),
            (Step.KILLED, self._server.kill),
        ):
            if self._done.is_set():
                return
            self.step = step
            logger.info("a watched session is %s (%s)", step, self.why)
            with suppress(psycopg.Error, OSError):
                action()
            self._done.wait(GRACE_SECONDS)

    def _cancel(self) -> None:
        self._connection.cancel_safe(timeout=GRACE_SECONDS)

    def _terminate(self) -> None:
        with psycopg.connect(self._server.superuser_conninfo(), autocommit=True) as connection:
            connection.execute("select pg_catalog.pg_terminate_backend(%s)", (self._pid,))


@contextmanager
def watch(
    server: Watched, connection: psycopg.Connection[object], seconds: float
) -> Iterator[Watch]:
    """Limit the time of everything done with ``connection`` inside the block.

    At the deadline the running statement is cancelled, then the session terminated, then the
    server killed, with two seconds between the steps.

    Raises:
        ServerError: The limit was reached, whatever the block itself made of it.
    """
    guard = Watch(server, connection, seconds)
    guard.start()
    try:
        yield guard
    except (psycopg.Error, DriftbookError):
        guard.stop()
        if guard.step is None:
            raise
    finally:
        guard.stop()
    if guard.step is not None:
        raise explain(guard)


def explain(guard: Watch) -> ServerError:
    """Return the error of a watch that had to act."""
    if guard.why == "size":
        return ServerError(
            f"the files of the shadow outgrew their limit; the session was {guard.step}",
            fix="look for a statement that fills tables, or set TMPDIR to a larger disk",
        )
    return ServerError(
        f"the shadow ran for more than {guard.seconds:g} s; the session was {guard.step}",
        fix="look for an endless statement, or raise the limit",
    )
