"""What an audit writes for others, beside its reports and outside of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.config import read_secrets, read_webhook
from driftbook.errors import AuditError, DriftbookError, PublishRefused
from driftbook.gate import check_text
from driftbook.model import Verdict
from driftbook.places import find_step_summary
from driftbook.report.formats.annotations import build_annotations
from driftbook.report.formats.joined import Joined, join_results
from driftbook.report.formats.junit import build_junit
from driftbook.report.formats.markdown import build_markdown
from driftbook.report.formats.prometheus import build_metrics
from driftbook.report.formats.sarif import build_sarif
from driftbook.report.publish import write_beside
from driftbook.report.result import read_result
from driftbook.report.told import Told, read_told, write_told
from driftbook.report.webhook import tell_webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.config import Output, Settings, Target

METRICS = "metrics.prom"
# In the order in which they are named to people.
FILES: dict[Output, str] = {
    "markdown": "summary.md",
    "sarif": "findings.sarif",
    "junit": "junit.xml",
    "prometheus": METRICS,
}


@dataclass(frozen=True, slots=True)
class Outputs:
    """What was made of an audit besides its reports.

    Attributes:
        joined: The audit.
        files: Their names in the audit's folder.
        annotations: Workflow commands, one per line.
        warnings: What could not be handed out; it changes no verdict.
    """

    joined: Joined
    files: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    warnings: tuple[DriftbookError, ...] = ()


def write_outputs(folder: Path, target: Target, settings: Settings) -> Outputs:
    """Write the files that ``target`` asks for into the ``folder`` of an audit.

    Args:
        folder: Holds one folder with a ``result.json`` per report.
        target: Names its outputs.
        settings: Where paths are seen from.
    """
    results = [read_result(path) for path in sorted(folder.glob("*/result.json"))]
    joined = join_results(results, place_migrations(target, settings))
    texts = dict(_build_texts(joined, target))
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Outputs(joined, tuple(texts), tuple(build_annotations(joined)))


def _build_texts(joined: Joined, target: Target) -> Iterator[tuple[str, str]]:
    builders = {"markdown": build_markdown, "sarif": build_sarif, "junit": build_junit}
    for output, name in FILES.items():
        if output not in target.outputs:
            continue
        if output == "prometheus":
            yield name, build_metrics(joined, read_told(target.name).last_pass)
        else:
            yield name, builders[output](joined)


def hand_out(outputs: Outputs, target: Target, settings: Settings) -> list[DriftbookError]:
    """Give an audit that is published to those who wait for it; return what did not work.

    Raises:
        PublishRefused: What would be handed out holds a secret.
    """
    joined, hidden = outputs.joined, read_secrets(settings)
    told = read_told(target.name)
    text = build_metrics(joined, told.last_pass)
    summary = build_markdown(joined)
    for name, content in (
        (METRICS, text),
        ("summary.md", summary),
        ("annotations", "\n".join(outputs.annotations)),
    ):
        check_text(name, content, hidden)
    problems: list[DriftbookError] = []
    if "markdown" in target.outputs:
        problems += _append_summary(summary)
    if target.metrics_file:
        problems += _write_metrics(text, target.metrics_file)
    told, failed = tell_webhook(joined, told, target, read_webhook(target), hidden)
    problems += failed
    if joined.verdict is Verdict.PASS:
        told = told.model_copy(update={"last_pass": joined.run_at})
    return [*problems, *_keep(target.name, told)]


def tell_failure(
    error: DriftbookError, audit_id: str, target: Target, settings: Settings
) -> list[DriftbookError]:
    """Hand out that an audit of ``target`` could not be made; see :func:`hand_out`."""
    result = {
        "schema_version": 1,
        "report": "audit",
        "title": f"Audit: {target.title}",
        "verdict": Verdict.ERROR.value,
        "reason": error.problem,
        "target": {"name": target.name, "label": target.title},
        "audit_id": audit_id,
        "captured_at": "",
    }
    return hand_out(Outputs(join_results([result])), target, settings)


def place_migrations(target: Target, settings: Settings) -> str:
    """Return the directory of the migration files as seen from the repository's root."""
    base = settings.params.resolve().parent if settings.params else Path.cwd()
    path = target.migrations
    if path.is_relative_to(base):
        path = path.relative_to(base)
    # A place outside of the repository is nobody's business: its last name is enough.
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


def _append_summary(text: str) -> list[DriftbookError]:
    path = find_step_summary()
    try:
        if path:
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        return [_warn(f"the step summary cannot be written: {error.strerror}", str(path))]
    return []


def _write_metrics(text: str, path: Path) -> list[DriftbookError]:
    try:
        write_beside(text, path)
    except PublishRefused as error:
        problem = error.problem.replace("the report", "the metrics file", 1)
        return [_warn(problem, str(path))]
    return []


def _keep(target: str, told: Told) -> list[DriftbookError]:
    try:
        if told != read_told(target):
            write_told(target, told)
    except (OSError, PublishRefused):
        fix = "free space or rights there: until then others are told again what they know"
        return [AuditError("what others were told cannot be kept", where=target, fix=fix)]
    return []


def _warn(problem: str, where: str) -> AuditError:
    return AuditError(problem, where=where, fix="name a file in a folder that you may write")
