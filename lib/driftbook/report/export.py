"""Executed notebook → one self-contained HTML file; a pure function of notebook and template."""

from __future__ import annotations

import copy
import html
import re
from typing import TYPE_CHECKING

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters import add_anchor

from driftbook.errors import NotebookFailed
from driftbook.report.allow_list import CLEANER
from driftbook.report.markup import shown
from driftbook.report.page import FILTERS, TEMPLATES, build_page, inert_json
from driftbook.report.privacy import conceal_json
from driftbook.report.result import Json, complete_result, find_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbformat import NotebookNode

EMBEDDED = 64_000  # characters of JSON in the page; a larger result leaves definitions out
NO_RESULT = "No cell emitted a result."
BROKEN_OFF = "The run was broken off."


class ReportExporter(HTMLExporter):
    """nbconvert's HTML exporter with our template, our allow-list and a content security policy."""

    def __init__(self, **kwargs: object) -> None:
        kwargs = {"template_name": TEMPLATES.name, **kwargs}
        folder = str(TEMPLATES.parent)
        super().__init__(extra_template_basedirs=[folder], **kwargs)  # type: ignore[no-untyped-call]
        self.sanitize_html = True

    def default_filters(self) -> Iterator[tuple[str, Callable[..., object]]]:
        """Replace nbconvert's allow-list, which escapes headings, tables, details and SVG."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "clean_html", CLEANER.clean
        yield from FILTERS.items()

    def from_notebook_node(  # type: ignore[override]  # as in HTMLExporter: a page, not a node
        self, nb: NotebookNode, resources: Json | None = None, **kwargs: object
    ) -> tuple[str, Json]:
        """Render ``nb``; the verdict header comes from the result that one of its cells emitted."""
        result, problem = judge_notebook(nb)
        nb = conceal_outputs(copy.deepcopy(nb))  # also when papermill alone made it
        page = {
            **build_page(str(result["title"]) if result else find_title(nb)),
            "result": result,
            "result_json": inert_json(shorten_result(result)) if result else "",
            "problem": problem,
            "contents": list(find_headings(nb)),
        }
        text, resources = super().from_notebook_node(
            nb, {**(resources or {}), "page": page}, **kwargs
        )
        return anchor_findings(text), resources


def conceal_outputs(nb: NotebookNode) -> NotebookNode:
    """Redact secrets in the outputs of ``nb``, in place, and return it."""
    for cell in nb.cells:
        if "outputs" in cell:
            cell.outputs = nbformat.from_dict(conceal_json(cell.outputs))
    return nb


def judge_notebook(nb: NotebookNode) -> tuple[Json | None, list[str]]:
    """Return the result of ``nb``, redacted; or ``None`` and the lines that say why there is none.

    A notebook that failed after it emitted its result has none: nothing below it was judged.
    """
    problem = find_problem(nb)
    if problem:
        return None, problem
    value = find_result(nb)
    if value is None:
        return None, [NO_RESULT]
    try:
        result = conceal_json(complete_result(value))
    except NotebookFailed as error:
        return None, [shown(line) for line in str(error).split("\n")]
    return (result, []) if isinstance(result, dict) else (None, [NO_RESULT])


def find_problem(nb: NotebookNode) -> list[str]:
    """Return the first error that a cell shows, line by line; empty when none failed."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
                return [shown(line) for line in text.split("\n") if line.strip()]
    exception = nb.metadata.get("papermill", {}).get("exception")
    return [shown(exception if isinstance(exception, str) else BROKEN_OFF)] if exception else []


def shorten_result(result: Json) -> Json:
    """Return ``result`` as the page carries it: without definitions when it is large."""
    findings = result["findings"]
    if len(inert_json(result)) <= EMBEDDED or not isinstance(findings, list):
        return result
    left_out = {"expected", "live", "fix"}
    short = [{key: finding[key] for key in finding if key not in left_out} for finding in findings]
    return {**result, "findings": short}


def find_title(nb: NotebookNode) -> str:
    """Return the notebook's own heading of level 1: the title of a report without a result."""
    markdown = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", markdown, flags=re.MULTILINE)
    return title[1] if title else "Report"


def find_headings(nb: NotebookNode) -> Iterator[dict[str, str]]:
    """Yield the headings of level 2 and 3 that the page will show: the contents need no script."""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and "remove-cell" not in cell.metadata.get("tags", []):
            for marks, text in re.findall(r"^(#{2,3}) (.+)$", cell.source, flags=re.MULTILINE):
                anchored = add_anchor(f"<h2>{html.escape(text)}</h2>")
                anchor = re.search(r'id="([^"]*)"', anchored)
                if anchor:
                    yield {
                        "level": str(len(marks)),
                        "anchor": html.unescape(anchor[1]),
                        "text": text,
                    }


def anchor_findings(page: str) -> str:
    """Make the row of a finding its address where no part of the page shows it in full."""
    known = set(re.findall(r'<details class="finding" id="([\w-]+)"', page))

    def anchor(cell: re.Match[str]) -> str:
        if cell[1] in known:
            return cell[0]
        known.add(cell[1])
        return f'<td class="id" id="{cell[1]}"><code>{cell[1]}</code></td>'

    return re.sub(r'<td class="id"><a href="#([a-z]+-[0-9a-f]{8,12})">\1</a></td>', anchor, page)
