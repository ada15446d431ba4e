"""A replay under way: what became of the files so far, run now or by an earlier replay."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.outcome import ExtensionLog
from driftbook.shadow.result import FileResult
from driftbook.shadow.run import read_notes, run_pieces, run_script
from driftbook.shadow.runner import Runner
from driftbook.shadow.steps import watch_database

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.cache.entry import Kept
    from driftbook.shadow.cache.key import Terms
    from driftbook.shadow.result import Note, Status
    from driftbook.shadow.script import Script
    from driftbook.shadow.steps import Step, Stepper


class Course:
    """The files of one replay, one after the other.

    Args:
        server: A running server.
        terms: What decides the replay.
        kept: Where it begins.
        notes: On what was done before the first file.

    Attributes:
        log: The extensions that the files gave.
        results: One per file so far.
        notes: In file order.
        seconds: What the files took that were run now.
        is_repeatable: Another session could go on where this one ended.
    """

    def __init__(
        self, server: ShadowServer, terms: Terms, kept: Kept, notes: Sequence[Note]
    ) -> None:
        self._server, self._terms, self._kept = server, terms, kept
        self._interceptor = Interceptor(kept.prepared, terms.mode, terms.database_names)
        self.log = ExtensionLog(kept.prepared)
        self.results, self.notes = list[FileResult](), list(notes)
        self.seconds, self.is_repeatable = 0.0, False
        self._ran, self._steps = list[FileResult](), list(kept.steps)
        self._stopped = False
        self._pieces: Collection[str] = ()

    @contextmanager
    def open(
        self,
        max_file_seconds: float,
        observe: Callable[[Step], None] | None,
        piecewise: Collection[str],
    ) -> Iterator[None]:
        """Hold the session of the files; ``observe`` is told at once what is known already."""
        prepared, self._pieces = self._kept.prepared, piecewise

        def note(step: Step) -> None:
            self._steps.append(step)
            if observe is not None:
                observe(step)

        if observe is not None:
            for step in self._kept.steps:
                observe(step)
        started = time.perf_counter()
        with ExitStack() as stack:
            self._runner = stack.enter_context(Runner(self._server, prepared, max_file_seconds))
            begun = self._runner.read_session()
            self._stepper: Stepper = stack.enter_context(
                watch_database(
                    self._server, prepared.database, self._runner, note if observe else None
                )
            )
            yield
            self._stepper.finish()
            told = observe is None or len(self._steps) == len(self._ran)
            self.is_repeatable = told and self._runner.read_session() == begun
        self.seconds = time.perf_counter() - started

    def follow(self, script: Script, *, chosen: bool, records: bool) -> None:
        """Run ``script`` unless it is passed over, or was run before.

        ``records``: its version is recorded when the versions of this replay are.
        """
        if not chosen or self._stopped:
            status: Status = "not-reached" if self._stopped else "skipped"
            count = len(script.statements)
            self.results.append(FileResult(script.version, script.file, status, count, 0.0))
            return
        if len(self._ran) < len(self._kept.results):
            result = self._kept.results[len(self._ran)]
            self.notes += read_notes(self._interceptor, script)
        else:
            result = self._run(script, records=records and self._terms.records)
        self._ran.append(result)
        self.results.append(result)
        if result.error is None:
            self.log.apply(script)
        self._stopped = self._terms.mode == "strict" and result.error is not None

    def build_kept(self) -> Kept:
        """Return what the next replay begins with that starts with the same files."""
        return replace(self._kept, results=tuple(self._ran), steps=tuple(self._steps))

    def _run(self, script: Script, *, records: bool) -> FileResult:
        if script.file in self._pieces:
            return run_pieces(self._runner, self._interceptor, script, self._stepper.tell)
        result, notes = run_script(self._runner, self._interceptor, script, records=records)
        self.notes += notes
        self._stepper.tell(result, script)
        return result
