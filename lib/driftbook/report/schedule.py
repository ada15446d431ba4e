"""From a target to published reports: lock, capture once, run notebooks, publish, index."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from filelock import FileLock, Timeout

from driftbook.audit.collect import collect_evidence
from driftbook.audit.evidence import build_audit_id, write_evidence
from driftbook.audit.sides import read_clock_now
from driftbook.config import DEMO, Settings, holds_dsn, read_dsn, read_secrets, state_dir
from driftbook.errors import AuditError, ConfigError, NotebookFailed
from driftbook.model import Severity, Verdict
from driftbook.progress import Progress, say_nothing
from driftbook.report.execute import RunResult, check_parameters, run_notebook
from driftbook.report.index import write_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftbook.config import Target

SCHEDULED = ("drift_audit", "tracking_audit", "migration_history")
NEEDS_DATABASE = frozenset({"drift_audit"})
NOTEBOOK_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Which verdict speaks for several reports: could not audit, then drift, then gaps.
PRECEDENCE = (Verdict.ERROR, Verdict.FAIL, Verdict.INCOMPLETE, Verdict.PASS)

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class AuditRun:
    """The reports of one run and their index."""

    target: str
    results: tuple[RunResult, ...]
    index: Path

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict."""
        return min((result.verdict for result in self.results), key=PRECEDENCE.index)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the worst verdict."""
        return self.verdict.exit_code

    @property
    def failures(self) -> list[NotebookFailed]:
        """Return why a notebook has no result, one error per report with verdict ``error``."""
        return [result.failure for result in self.results if result.failure]

    def lines(self) -> list[str]:
        """Return one line per report: verdict, target, notebook, counts, path."""
        return [
            "  ".join(
                part
                for part in (
                    result.verdict.value,
                    self.target,
                    result.report.parent.name,
                    _describe_counts(result.result),
                    str(result.report),
                )
                if part
            )
            for result in self.results
        ]

    def as_json(self) -> Values:
        """Return the run as JSON values."""
        return {
            "target": self.target,
            "verdict": self.verdict.value,
            "index": str(self.index),
            "reports": [
                {
                    "notebook": result.report.parent.name,
                    "verdict": result.verdict.value,
                    "report": str(result.report),
                    "result": str(result.report.with_name("result.json")),
                }
                for result in self.results
            ],
        }


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
        evidence = collect_evidence(target, progress)
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
    return AuditRun(name, tuple(results), index)


def list_scheduled(target: Target) -> list[str]:
    """Return the notebooks of an audit: without a database those about the files alone."""
    has_live = target.is_demo or target.has_database
    return [name for name in SCHEDULED if has_live or name not in NEEDS_DATABASE]


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


def check_values(given: Mapping[str, object]) -> None:
    """Raise :class:`ConfigError` for a value that a notebook would refuse only when it runs."""
    fail_on = given.get("fail_on", Severity.HIGH.value)
    if fail_on not in [severity.value for severity in Severity]:
        raise ConfigError(
            f"fail_on cannot be {fail_on!r}",
            where="parameter fail_on",
            fix=f"use one of {', '.join(Severity)}",
        )


def check_own(name: str, given: Mapping[str, object]) -> None:
    """Raise :class:`ConfigError` for a parameter that an audit of ``name`` sets by itself."""
    if given["target"] != name:
        raise ConfigError(
            f"the parameter target says {given['target']!r}, the audit is of {name!r}",
            where="parameter target",
            fix=f"leave it out, or run driftbook audit {given['target']}",
        )
    if given.get("audit_id"):
        raise ConfigError(
            "an audit captures anew and has an id of its own",
            where="parameter audit_id",
            fix=f"report on a stored audit: driftbook run {SCHEDULED[0]} -p target {name} "
            f"-p audit_id {given['audit_id']}",
        )


def read_parameters(pairs: Sequence[str], file: Path | None) -> Values:
    """Return the parameters of a YAML ``file`` and of ``NAME=VALUE`` pairs, which win.

    Raises:
        ConfigError: The file is no YAML mapping, or a pair has no value.
    """
    values: Values = {}
    if file is not None:
        try:
            document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = getattr(error, "strerror", None) or "it is not YAML"
            raise ConfigError(
                f"the parameter file cannot be read: {reason}",
                where=str(file),
                fix="give a file of lines such as target: production",
            ) from None
        if not isinstance(document, dict):
            raise ConfigError(
                "the parameter file is no mapping", where=str(file), fix="write name: value lines"
            )
        values |= {str(name): value for name, value in document.items()}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if holds_dsn(name):
            raise ConfigError(
                "a connection string is no parameter's name",
                fix="write -p NAME VALUE; a database is named by a target of params/targets.toml",
            )
        if not equals:
            raise ConfigError(f"parameter {name!r} has no value", fix="write -p NAME VALUE")
        values[name] = parse_value(text)
    return values


def parse_value(text: str) -> object:
    """Return a number or truth value where ``text`` spells one, else ``text`` (papermill's way)."""
    if text in {"True", "true", "False", "false"}:
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def find_notebook(notebook: str) -> Path:
    """Return the path of a notebook given by name or path.

    A name is looked up in ``notebooks/`` of the working directory, then in the package.

    Raises:
        ConfigError: There is no such notebook.
    """
    if notebook.endswith(".ipynb"):
        path = Path(notebook)
        if path.is_file():
            return path
        raise ConfigError(f"{notebook} does not exist", fix="give the path of an .ipynb file")
    if NOTEBOOK_NAME.fullmatch(notebook):
        for folder in notebook_folders():
            if (folder / f"{notebook}.ipynb").is_file():
                return folder / f"{notebook}.ipynb"
    known = sorted({path.stem for folder in notebook_folders() for path in folder.glob("*.ipynb")})
    name = "as a connection string reads" if holds_dsn(notebook) else repr(notebook)
    raise ConfigError(
        f"no notebook is called {name}", fix=f"use one of {', '.join(known)}, or a path"
    )


def notebook_folders() -> list[Path]:
    """Return where notebooks are looked for, first wins: here, in the package, in a checkout."""
    package = Path(str(files("driftbook")))
    return [
        folder
        for folder in (Path("notebooks"), package / "notebooks", package.parents[1] / "notebooks")
        if folder.is_dir()
    ]


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


def _describe_counts(result: Mapping[str, object] | None) -> str:
    counts = (result or {}).get("counts")
    if not isinstance(counts, dict):
        return ""
    return " ".join(f"{count} {severity}" for severity, count in counts.items() if count)
