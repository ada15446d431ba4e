"""What each file does to the schema: the catalogs are read after every one."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.catalog.watch import CatalogWatch
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.postgres.connect import connect_watch
from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.outcome import take_snapshot
from driftbook.shadow.prepare import AUDITOR
from driftbook.shadow.result import FileResult
from driftbook.shadow.run import run_script
from driftbook.shadow.runner import MAX_FILE_SECONDS, Runner
from driftbook.shadow.script import read_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.catalog.watch import Key, Rows
    from driftbook.migrations.directory import Directory
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.result import ReplayResult
    from driftbook.shadow.script import Script

# Such a statement changes the text of objects whose own rows it does not touch, or touches rows
# that came with the server.
FAR_REACHING = re.compile(
    r"\brename\b|\bset\s+schema\b|\bowned\s+by\b|\balter\s+extension\b"
    r"|\bdepends\s+on\s+extension\b|\b(?:grant|revoke)\b[^;]*\bpg_",
    re.IGNORECASE,
)
# Such a file may change rows that are objects, of which the catalogs say nothing.
STORING = re.compile(r"\b(buckets|cron|vault)\b", re.IGNORECASE)
NOBODY = FileResult("", "", "applied", 0, 0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """One file that was run, and the rows of the objects that it touched.

    Attributes:
        result: What became of the file; without a name for what could be laid to no file.
        before: Kind → rows before it.
        after: Kind → rows after it.
        renamed: Kind and key after it → key before it.
        statement: Number of the one statement that was run, from 1; 0: the whole file.
    """

    result: FileResult
    before: Mapping[str, Rows]
    after: Mapping[str, Rows]
    renamed: Mapping[tuple[str, Key], Key]
    statement: int = 0


class Stepper:
    """Reads what changed in one database between two files."""

    def __init__(self, watch: CatalogWatch | None, observe: Callable[[Step], None]) -> None:
        self._watch, self._observe = watch, observe

    def tell(self, result: FileResult, script: Script, statement: int = 0) -> None:
        """Tell the observer what ``script`` did, or the one ``statement`` of it."""
        if self._watch is None:
            return
        far = FAR_REACHING.search(script.text)
        seen = self._watch.read_all() if far else self._watch.read_changed()
        before, after = seen.before, seen.after
        if not far and STORING.search(script.text):
            stored = self._watch.read_stored()
            before, after = before | stored.before, after | stored.after
        self._observe(Step(result, before, after, seen.renamed, statement))

    def finish(self) -> None:
        """Read everything once more: what was overlooked is laid to no file, and not lost."""
        if self._watch is None:
            return
        seen = self._watch.read_all()
        if seen.before != seen.after:
            self._observe(Step(NOBODY, seen.before, seen.after, seen.renamed))


@contextmanager
def watch_database(
    server: ShadowServer, database: str, runner: Runner, observe: Callable[[Step], None] | None
) -> Iterator[Stepper]:
    """Yield a stepper of ``database``, which ``runner`` alone writes to, from what is there now.

    With nobody to tell it reads nothing.
    """
    if observe is None:
        yield Stepper(None, lambda _: None)
        return
    with connect_watch(server.dsn(database, AUDITOR)) as connection:
        watch = CatalogWatch(connection, runner.publish_writes)
        watch.read_all()
        yield Stepper(watch, observe)


def step_beyond(
    server: ShadowServer,
    directory: Directory,
    replayed: ReplayResult,
    observe: Callable[[Step], None],
    progress: Progress,
) -> Snapshot:
    """Run the files of ``directory``, in their order, on a copy of the shadow.

    The copy starts where ``replayed`` ended and is dropped at the end; a file that fails changes
    nothing and the next one runs all the same.

    Returns:
        The schema after the last one.
    """
    convention = CONVENTIONS[directory.convention]
    with server.database(template=replayed.database) as copy:
        prepared = replace(replayed.prepared, database=copy)
        interceptor = Interceptor(prepared, "survey")
        with (
            Runner(server, prepared, MAX_FILE_SECONDS) as runner,
            watch_database(server, copy, runner, observe) as stepper,
        ):
            for done, file in enumerate(directory.files):
                stage = f"trying {file.path.name}, which is not recorded"
                progress(stage, done, len(directory.files))
                script = read_script(file, convention, keep=False)
                result, _ = run_script(runner, interceptor, script, records=False)
                stepper.tell(result, script)
            stepper.finish()
        return take_snapshot(server, copy, "files that are not recorded")
