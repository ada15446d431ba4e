"""What the files that are not recorded would do: one after the other, on a copy of the shadow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.shadow.interceptor import Interceptor
from driftbook.shadow.outcome import take_snapshot
from driftbook.shadow.replay import MAX_FILE_SECONDS, run_script
from driftbook.shadow.runner import Runner
from driftbook.shadow.script import read_script

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.migrations.directory import Directory
    from driftbook.postgres.server import ShadowServer
    from driftbook.progress import Progress
    from driftbook.shadow.result import FileResult, ReplayResult


@dataclass(frozen=True, slots=True)
class Step:
    """One file that was run, and the schema after it."""

    result: FileResult
    after: Snapshot


def step_beyond(
    server: ShadowServer,
    directory: Directory,
    replayed: ReplayResult,
    versions: Collection[str],
    progress: Progress,
) -> Iterator[Step]:
    """Yield one step per file whose version is not in ``versions``, in file order.

    The copy starts where ``replayed`` ended and is dropped at the end; a file that fails changes
    nothing and the next one runs all the same.
    """
    beyond = [file for file in directory.files if file.version not in versions]
    if not beyond:
        return
    convention = CONVENTIONS[directory.convention]
    with server.database(template=replayed.database) as copy:
        prepared = replace(replayed.prepared, database=copy)
        interceptor = Interceptor(prepared, "survey")
        with Runner(server, prepared, MAX_FILE_SECONDS) as runner:
            for done, file in enumerate(beyond):
                progress(f"trying {file.path.name}, which is not recorded", done, len(beyond))
                script = read_script(file, convention.split, keep=False)
                result, _ = run_script(runner, interceptor, script, records=False)
                yield Step(result, take_snapshot(server, copy, file.path.name))
