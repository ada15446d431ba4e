"""Running one notebook and publishing what it gave."""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from driftbook.errors import NotebookFailed
from driftbook.model import Verdict
from driftbook.report.engine import ENGINE
from driftbook.report.export import ReportExporter, conceal_outputs, find_title, judge_notebook
from driftbook.report.kernel import Limit, build_manager_class, read_last_words
from driftbook.report.parameters import check_parameters
from driftbook.report.publish import publishing
from driftbook.report.result import Json, write_result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbformat import NotebookNode

    from driftbook.progress import Progress

__all__ = ["RunResult", "check_parameters", "run_notebook"]

KERNEL = "python3"  # what papermill looks up the language by; the kernel is always our own
NO_LIMIT = 7 * 24 * 3600.0  # seconds; a notebook run by hand is stopped by hand
BROKEN = (PapermillExecutionError, DeadKernelError, CellTimeoutError, RuntimeError)


@dataclass(frozen=True, slots=True)
class RunResult:
    """A published report.

    Attributes:
        verdict: That of the result; ``error`` when a cell failed or no result came.
        result: What the notebook judged; ``None`` when it never got that far.
        report: The HTML page.
        notebook: The executed notebook.
        failure: Why the verdict is ``error``; ``None`` for every other verdict.
    """

    verdict: Verdict
    result: Json | None
    report: Path
    notebook: Path
    failure: NotebookFailed | None = None


def run_notebook(  # noqa: PLR0913 - all but the place by name
    notebook: Path,
    parameters: Mapping[str, object],
    output_dir: Path,
    *,
    secrets: Sequence[str] = (),
    progress: Progress | None = None,
    timeout: float = NO_LIMIT,
) -> RunResult:
    """Run ``notebook`` and publish ``output_dir/<name>/`` with report, result, notebook and run.

    Args:
        notebook: An ``.ipynb`` file; its name is that of the report.
        parameters: For its parameters cell, checked before a kernel starts.
        output_dir: The folder of the audit; a report that is there already is replaced.
        secrets: Connection strings and keys of this run that nothing published may hold.
        progress: Told before each code cell.
        timeout: Seconds after which the run is stopped; its report then says so.

    Raises:
        ConfigError: A parameter is unknown, of another type, or holds a secret.
        PublishRefused: A secret would be published, or the folder cannot be written.
    """
    check_parameters(notebook, parameters)
    goal = output_dir / notebook.stem
    with publishing(goal, secrets) as folder:
        with tempfile.TemporaryDirectory(prefix="driftbook-", ignore_cleanup_errors=True) as name:
            started = time.time()
            executed = execute(notebook, parameters, Path(name), progress, timeout)
        run = build_run(notebook, executed, started)
        tidy(executed)
        result, problem = judge_notebook(executed)
        entry = result or build_failure(notebook, executed, problem, output_dir)
        write_files(executed, entry, run, folder)
    failure = None
    if result is None:
        fix = "open the notebook in JupyterLab, or run the command that the message names"
        failure = NotebookFailed("\n".join(problem), where=notebook.name, fix=fix)
    verdict = Verdict(str(entry["verdict"]))
    return RunResult(verdict, result, goal / "report.html", goal / "notebook.ipynb", failure)


def execute(
    notebook: Path,
    parameters: Mapping[str, object],
    private: Path,
    progress: Progress | None = None,
    timeout: float = NO_LIMIT,
) -> NotebookNode:
    """Run ``notebook`` with papermill and return it, also when a cell failed.

    Args:
        notebook: What to run, in the caller's working directory.
        parameters: Checked already.
        private: A folder of this run: papermill's own output, the kernel's sockets.
        progress: Told before each code cell.
        timeout: Seconds that the kernel may run.
    """
    written = private / "executed.ipynb"
    source = _read(notebook)
    limit = Limit(timeout)
    try:
        execute_notebook(
            # Not its path: papermill fills in braces that it finds in paths.
            source,
            str(written),
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=KERNEL,
            progress_bar=False,
            log_output=False,
            kernel_manager_class=build_manager_class(private, limit),
            **_build_hooks(notebook.stem, len(source.cells), progress),
        )
    except BROKEN as error:
        # Without a kernel nothing was written: then the report is of the notebook as it is.
        executed = _read(written) if written.exists() else source
        if not isinstance(error, PapermillExecutionError):
            mill = executed.metadata.setdefault("papermill", {"parameters": dict(parameters)})
            mill["exception"] = _explain_end(error, written, limit)
        return executed
    finally:
        limit.stop()
    return _read(written)


def _build_hooks(name: str, total: int, progress: Progress | None) -> dict[str, object]:
    if not progress:
        return {}

    def tell(cell_index: int, **_: object) -> None:
        progress(f"running {name}", min(cell_index, total), total)

    return {"on_cell_start": tell}


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _explain_end(error: Exception, written: Path, limit: Limit) -> str:
    """Return why a run ended that no cell explains: out of time, of memory, or no kernel."""
    if limit.passed:
        return (
            f"The notebook was stopped: it ran longer than {limit.seconds:g} s. "
            "Give it more time: --timeout SECONDS, or timeout in params/targets.toml."
        )
    return f"The kernel died. {read_last_words(written.parent) or error}"


def tidy(notebook: NotebookNode) -> None:
    """Take out of ``notebook`` what differs between equal runs or names this machine."""
    mill = notebook.metadata.get("papermill", {})
    kept = {key: mill[key] for key in ("exception", "parameters") if mill.get(key)}
    notebook.metadata.papermill = kept
    for number, cell in enumerate(notebook.cells):
        cell.id = str(number)
        cell.metadata.pop("execution", None)
        cell.metadata.pop("papermill", None)
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                # A traceback shows paths of the machine, and could show values.
                output.traceback = [f"{output.ename}: {output.evalue}"]
    conceal_outputs(notebook)


def build_failure(
    notebook: Path, executed: NotebookNode, problem: Sequence[str], output_dir: Path
) -> Json:
    """Return the result of a notebook that has none: verdict error, never a stale pass."""
    target = executed.metadata.get("papermill", {}).get("parameters", {}).get("target", "")
    name = str(target or output_dir.parent.name)
    return {
        "schema_version": 1,
        "report": notebook.stem,
        "title": find_title(executed),
        "verdict": Verdict.ERROR.value,
        "reason": " ".join(problem),
        "target": {"name": name, "label": name},
        "audit_id": output_dir.name,
        "captured_at": "",
    }


def build_run(notebook: Path, executed: NotebookNode, started: float) -> Json:
    """Return what differs between equal runs: times, versions, the notebook that ran."""
    cells = [
        {"cell": number, "seconds": round(cell.metadata.papermill.get("duration") or 0, 3)}
        for number, cell in enumerate(executed.cells)
        if cell.cell_type == "code" and "papermill" in cell.metadata
    ]
    return {
        "started_at": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started, 3),
        "cells": cells,
        "notebook_sha256": hashlib.sha256(notebook.read_bytes()).hexdigest(),
        "python": platform.python_version(),
        "system": platform.system(),
        "papermill": version("papermill"),
    }


def write_files(executed: NotebookNode, result: Json, run: Json, folder: Path) -> None:
    """Write the four files of a report into ``folder``."""
    page, _ = ReportExporter().from_notebook_node(executed)
    (folder / "report.html").write_text(page, encoding="utf-8")
    nbformat.write(executed, folder / "notebook.ipynb")
    write_result(result, folder / "result.json")
    (folder / "run.json").write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
