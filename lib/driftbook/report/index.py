"""The index of all reports, made from their ``result.json`` files and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader

from driftbook.charts.palette import SEVERITIES
from driftbook.model import Verdict
from driftbook.report.page import FILTERS, TEMPLATES, build_page
from driftbook.report.rows import (
    PAGES,
    WORST_FIRST,
    Row,
    describe_age,
    find_latest,
    group_files,
    read_rows,
)

if TYPE_CHECKING:
    from driftbook.report.store import Store

INDEX = "index.html"
TRIES = 3
EPOCH = datetime.fromtimestamp(0, UTC)


def write_index(store: Store) -> str:
    """Write ``index.html`` and the stable addresses of the latest reports; return its address.

    One row per target and report, the latest; below them all that are kept. Equal results give
    equal bytes.

    Raises:
        PublishRefused: The store cannot be read or written.
    """
    listing = store.list_files()
    for _ in range(TRIES):
        store.write_pages(build_pages(store, listing))
        before, listing = listing, store.list_files()
        # Another writer published meanwhile, and this index may have replaced one that knew.
        if group_files(before).keys() == group_files(listing).keys():
            break
    return f"{store.address}/{INDEX}"


def build_pages(store: Store, listing: list[str]) -> dict[str, str]:
    """Return the pages over the reports of ``listing``, by their paths; the index is the last."""
    kept = read_rows(store, listing)
    latest = find_latest(kept)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters.update(FILTERS, age=describe_age)
    redirect = environment.get_template("latest.html.j2")
    pages = {
        f"{row.target}/latest/{row.report}.html": f"{redirect.render(row=row)}\n"
        for row in latest
        if PAGES[0] in row.files
    }
    page = environment.get_template("overview.html.j2").render(
        page=build_page("Reports"),
        latest=latest,
        kept=kept,
        # No clock: of equal results the page is equal. A reader's browser counts on from here.
        now=max((row.moment for row in kept if row.moment), default=EPOCH),
        # Info is rare: no column of dots for it.
        severities=[name for name in SEVERITIES if name != "info" or _has_info(kept)],
        verdict=latest[0].verdict if latest else Verdict.PASS,
        summary=summarise(latest, kept),
    )
    return {**pages, INDEX: f"{page}\n"}


def drop_old_pages(store: Store, target: str, keep: int) -> None:
    """Remove page and notebook of reports of ``target`` beyond the newest ``keep`` of each.

    Their results stay: the index, its trends and an auditor still read them.
    """
    seen: Counter[str] = Counter()
    old = []
    reports = group_files(store.list_files())
    for place in sorted(reports, key=lambda place: place[1], reverse=True):
        if place[0] != target:
            continue
        seen[place[2]] += 1
        if seen[place[2]] > keep:
            old += [f"{'/'.join(place)}/{name}" for name in PAGES if name in reports[place]]
    store.remove_files(old)


def _has_info(rows: list[Row]) -> bool:
    return any(row.counts["info"] for row in rows)


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
