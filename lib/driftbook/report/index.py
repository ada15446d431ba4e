"""The index of all reports, made from their ``result.json`` files and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from driftbook.charts.palette import SEVERITIES
from driftbook.errors import DriftbookError
from driftbook.model import Verdict
from driftbook.report.page import FILTERS, TEMPLATES, build_page
from driftbook.report.privacy import conceal_json
from driftbook.report.publish import explain_refusal, write_beside
from driftbook.report.result import Json, read_result

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

WORST_FIRST = (Verdict.ERROR, Verdict.FAIL, Verdict.INCOMPLETE, Verdict.PASS)
FILES = ("report.html", "result.json", "notebook.ipynb")


@dataclass(frozen=True, slots=True)
class Row:
    """One report as the index shows it."""

    target: str
    audit_id: str
    report: str
    verdict: Verdict
    reason: str
    captured_at: str = ""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))
    files: dict[str, str] = field(default_factory=dict)  # name and address

    @property
    def rank(self) -> int:
        """Return 0 for the worst verdict."""
        return WORST_FIRST.index(self.verdict)


def write_index(reports_dir: Path) -> Path:
    """Write ``reports_dir/index.html`` and return it.

    One row per target and report, the latest; below them all that are kept. A result that cannot
    be read is a row with verdict ``error``, not a gap. Equal results give equal bytes.

    Raises:
        PublishRefused: The folder cannot be written.
    """
    try:
        reports_dir.mkdir(parents=True, exist_ok=True)
        kept = sorted(read_rows(reports_dir), key=lambda row: (row.target, row.report))
    except OSError as error:
        raise explain_refusal(error, reports_dir) from error
    kept.sort(key=lambda row: row.audit_id, reverse=True)
    latest = find_latest(kept)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters.update(FILTERS)
    page = environment.get_template("overview.html.j2").render(
        page=build_page("Reports"),
        latest=latest,
        kept=kept,
        # Info is rare: no column of dots for it.
        severities=[name for name in SEVERITIES if name != "info" or _has_info(kept)],
        verdict=latest[0].verdict if latest else Verdict.PASS,
        summary=summarise(latest, kept),
    )
    return write_beside(f"{page}\n", reports_dir / "index.html")


def read_rows(reports_dir: Path) -> list[Row]:
    """Return one row per ``<target>/<audit id>/<notebook>`` folder, whatever it holds."""
    folders = [
        folder
        for folder in reports_dir.glob("*/*/*")
        if folder.is_dir()
        and not any(part.startswith(".") for part in folder.relative_to(reports_dir).parts)
    ]
    return [read_row(folder, reports_dir) for folder in folders]


def read_row(folder: Path, reports_dir: Path) -> Row:
    """Return the row of one report; its place in the tree names it, its result says the rest."""
    target, audit_id, report = folder.relative_to(reports_dir).parts
    files = {
        name: quote(f"{target}/{audit_id}/{report}/{name}")
        for name in FILES
        if (folder / name).is_file()
    }
    try:
        result = read_result(folder / "result.json")
    except DriftbookError as error:
        return Row(target, audit_id, report, Verdict.ERROR, error.problem, files=files)
    return _row_of(result, (target, audit_id, report), files)


def _row_of(result: Json, place: tuple[str, str, str], files: dict[str, str]) -> Row:
    target, audit_id, report = place
    found = result["counts"]
    counts = found if isinstance(found, dict) else {}
    return Row(
        target=target,
        audit_id=audit_id,
        report=report,
        verdict=Verdict(str(result["verdict"])),
        reason=str(conceal_json(result["reason"])),
        captured_at=str(result["captured_at"]).replace("T", " ").removesuffix("Z"),
        counts={severity: int(counts.get(severity, 0)) for severity in SEVERITIES},
        files=files,
    )


def _has_info(rows: list[Row]) -> bool:
    return any(row.counts["info"] for row in rows)


def find_latest(rows: Iterable[Row]) -> list[Row]:
    """Return the first row of each target and report, the worst verdict first."""
    latest: dict[tuple[str, str], Row] = {}
    for row in rows:
        latest.setdefault((row.target, row.report), row)
    return sorted(latest.values(), key=lambda row: (row.rank, row.target, row.report))


def summarise(latest: list[Row], kept: list[Row]) -> str:
    """Return one sentence with the numbers of the index."""
    if not latest:
        return "No report has been made here yet: run driftbook audit TARGET."
    verdicts = Counter(row.verdict for row in latest)
    words = ", ".join(
        f"{verdicts[verdict]} {verdict}" for verdict in WORST_FIRST if verdicts[verdict]
    )
    targets = len({row.target for row in latest})
    of_targets = "1 target" if targets == 1 else f"{targets} targets"
    of_reports = "1 report" if len(kept) == 1 else f"{len(kept)} reports"
    return f"{of_targets}: {words}. {of_reports} kept."
