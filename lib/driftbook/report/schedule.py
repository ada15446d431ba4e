"""From a target to published reports: lock, capture once, run notebooks, publish, index."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from driftbook.audit.collect import collect_evidence
from driftbook.audit.evidence import build_audit_id, write_evidence
from driftbook.audit.remember import remember
from driftbook.audit.sides import read_clock_now
from driftbook.config import DEMO, Settings, read_dsn, read_secrets
from driftbook.errors import AuditError
from driftbook.progress import Progress, say_nothing
from driftbook.report.execute import check_parameters, run_notebook
from driftbook.report.given import Values, check_own, check_values
from driftbook.report.index import write_index
from driftbook.report.lock import lock_target
from driftbook.report.notebooks import NEEDS_DATABASE, find_notebook, list_scheduled
from driftbook.report.run import AuditRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def run_audit(
    name: str,
    settings: Settings,
    given: Mapping[str, object] | None = None,
    *,
    wait: float = 600,
    progress: Progress = say_nothing,
) -> AuditRun:
    """Capture the target ``name`` once and publish the report of every scheduled notebook.

    Raises:
        ConfigError: Unknown target or parameter; nothing has run.
        AuditError: The target cannot be read, or another audit of it goes on for too long.
    """
    target = settings.target(name)
    values: Values = {"target": name, "fail_on": target.fail_on.value, **(given or {})}
    notebooks = [find_notebook(notebook) for notebook in list_scheduled(target)]
    for notebook in notebooks:
        check_parameters(notebook, values)
    check_values(values)
    check_own(name, values)
    with lock_target(name, wait, progress):
        check_writable(settings.reports)
        evidence, forgotten = remember(collect_evidence(target, progress), settings)
        write_evidence(evidence)
        values["audit_id"] = evidence.facts.audit_id
        folder = settings.reports / name / evidence.facts.audit_id
        results = []
        with tidying(folder):
            for notebook in notebooks:
                progress(f"running {notebook.stem}")
                done = run_notebook(notebook, values, folder, secrets=read_secrets(settings))
                results.append(done)
        index = write_index(settings.reports)
    return AuditRun(name, tuple(results), index, forgotten)


def run_one(
    notebook: str,
    settings: Settings,
    given: Mapping[str, object],
    *,
    progress: Progress = say_nothing,
) -> AuditRun:
    """Publish the report of one notebook, which captures for itself unless given an audit."""
    path = find_notebook(notebook)
    check_parameters(path, given)
    check_values(given)
    name = str(given.get("target", DEMO))
    target = settings.target(name)
    if path.stem in NEEDS_DATABASE and not (target.is_demo or given.get("audit_id")):
        read_dsn(target)  # said here, and not only when the kernel runs
    audit_id = str(given.get("audit_id") or build_audit_id(read_clock_now(), "0000"))
    check_writable(settings.reports)
    progress(f"running {path.stem}")
    folder = settings.reports / name / audit_id
    with tidying(folder):
        result = run_notebook(path, dict(given), folder, secrets=read_secrets(settings))
    return AuditRun(name, (result,), write_index(settings.reports))


@contextmanager
def tidying(folder: Path) -> Iterator[None]:
    """Remove ``folder`` and its parent if a block that failed leaves them empty."""
    try:
        yield
    finally:
        with suppress(OSError):  # one that holds a report, of this audit or of another, stays
            folder.rmdir()
            folder.parent.rmdir()


def check_writable(reports: Path) -> None:
    """Raise :class:`AuditError` before any work when ``reports`` cannot be written."""
    probe = reports / ".writable"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise AuditError(
            f"the reports folder cannot be written: {error.strerror}",
            where=str(reports),
            fix="free space or rights, or name another folder: --reports DIR",
        ) from error
