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
POLL_SECONDS = 1.0  # between two measurements of the files
TICK_SECONDS = 0.1
IDLE_TICKS = 20

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


class Guard:
    """The limit of one block.

    Attributes:
        step: How far the watchdog had to go; ``None`` while it did nothing.
        why: ``time`` or ``size``.
    """

    def __init__(self, connection: psycopg.Connection[object], seconds: float) -> None:
        self.step: Step | None = None
        self.why = "time"
        self.seconds, self.deadline = seconds, time.monotonic() + seconds
        self.connection, self.pid = connection, connection.info.backend_pid
        self.done = threading.Event()
        self.acting = threading.Lock()

    def end(self) -> None:
        """Leave the block alone; no cancellation of it arrives later than this."""
        with self.acting:
            self.done.set()


class Watchdog:
    """One thread for all blocks of a server, which ends the work of a session at its deadline.

    A thread for each file would cost more than most files do; it looks at what runs every tenth
    of a second, and nothing wakes it. Without a block it ends, and begins again with the next.
    """

    def __init__(self, server: Watched) -> None:
        self._server = server
        self._guards = list[Guard]()
        self._lock = threading.Lock()
        self._runs = False

    @contextmanager
    def watch(self, connection: psycopg.Connection[object], seconds: float) -> Iterator[Guard]:
        """Limit the time of everything done with ``connection`` inside the block.

        At the deadline the running statement is cancelled, then the session terminated, then the
        server killed, with two seconds between the steps.

        Raises:
            ServerError: The limit was reached, whatever the block itself made of it.
        """
        guard = Guard(connection, seconds)
        self._add(guard)
        try:
            yield guard
        except (psycopg.Error, DriftbookError):
            guard.end()
            if guard.step is None:
                raise
        finally:
            guard.end()
            with self._lock:
                self._guards.remove(guard)
        if guard.step is not None:
            raise explain(guard)

    def _add(self, guard: Guard) -> None:
        with self._lock:
            self._guards.append(guard)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="driftbook-watch", daemon=True).start()

    def _run(self) -> None:
        measured, idle = time.monotonic(), 0
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                guards = list(self._guards)
                idle = 0 if guards else idle + 1
                if idle > IDLE_TICKS:
                    self._runs = False
                    return
            now = time.monotonic()
            if guards and now - measured >= POLL_SECONDS:
                measured = now
                if self._server.find_excess():
                    for guard in guards:
                        guard.why, guard.deadline = "size", now
            for guard in guards:
                if now >= guard.deadline:
                    self._stop(guard)

    def _stop(self, guard: Guard) -> None:
        for step, action in (
            (Step.CANCELLED, self._cancel),
            (Step.TERMINATED, self._terminate),
            (Step.KILLED, lambda _: self._server.kill()),
        ):
            with guard.acting:
                if guard.done.is_set():
                    return
                guard.step = step
                logger.info("a watched session is %s (%s)", step, guard.why)
                with suppress(psycopg.Error, OSError):
                    action(guard)
            guard.done.wait(GRACE_SECONDS)

    @staticmethod
    def _cancel(guard: Guard) -> None:
        guard.connection.cancel_safe(timeout=GRACE_SECONDS)

    def _terminate(self, guard: Guard) -> None:
        with psycopg.connect(self._server.superuser_conninfo(), autocommit=True) as connection:
            connection.execute("select pg_catalog.pg_terminate_backend(%s)", (guard.pid,))


def explain(guard: Guard) -> ServerError:
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
