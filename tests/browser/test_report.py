from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from driftbook.charts.drift import plot_schema_kind
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.report.export import ReportExporter
from driftbook.report.fragments import render_figure, render_findings, render_table
from driftbook.report.index import write_index
from driftbook.report.result import RESULT_MIME
from driftbook.report.store import LocalStore

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from playwright.sync_api import Browser, Dialog, Page

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    '<a href="javascript:alert(1)">x</a>',
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<svg><use href="https://example.org/x.svg#a"></use></svg>',
    "</title></script></style><script>alert(1)</script>",
    "</pre></details>\t<script>alert(1)</script>\n<img src=x onerror=alert(1)>",
)
RESULT = {
    "schema_version": 1,
    "report": "hostile",
    "title": "Hostile",
    "verdict": "fail",
    "reason": "x",
    "target": {"name": "demo"},
    "audit_id": "a1",
    "captured_at": "2026-11-23T01:42:25Z",
}


class Visit:
    """A page, and everything it did that a report must not do."""

    def __init__(
        self,
        browser: Browser,
        file: Path,
        *,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        fragment: str = "",
    ) -> None:
        size = {"width": width, "height": 900}
        self.page: Page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        self.requests: list[str] = []
        self.loaded: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfinished", lambda request: self.loaded.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.goto(f"{file.resolve().as_uri()}{fragment}")
        self.page.wait_for_timeout(200)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def render(folder: Path, *outputs: NotebookNode, markdown: str = "## Findings") -> Path:
    """Return a page with a result and ``outputs``."""
    emitted = new_output("display_data", data={RESULT_MIME: RESULT})
    cells = [new_markdown_cell(markdown), new_code_cell("x", outputs=[emitted, *outputs])]
    page, _ = ReportExporter().from_notebook_node(new_notebook(cells=cells))
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    return file


def test_the_page_is_small_and_so_is_an_empty_one(report: Path, tmp_path: Path) -> None:
    assert report.stat().st_size < 360_000  # five figures, eighty findings, who reaches what
    assert render(tmp_path).stat().st_size < 30_000


def test_report_names_no_other_file(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//[^"')\s]+""", text) == []


def test_no_secret_and_no_hidden_character_is_in_any_file(report: Path) -> None:
    for file in report.parent.iterdir():
        text = file.read_text(encoding="utf-8")
        assert "eyJhbGciOi" not in text
        # JSON keeps names as they are; what people see shows what is hidden.
        assert file.suffix != ".html" or "\u202e" not in text
    marks = re.findall(r"redacted jwt ([0-9a-f]{8})", report.read_text(encoding="utf-8"))
    result = json.loads(report.with_name("result.json").read_text())
    assert set(marks) == set(re.findall(r"redacted jwt ([0-9a-f]{8})", json.dumps(result)))


def test_report_loads_nothing_and_complains_about_nothing(browser: Browser, report: Path) -> None:
    visit = Visit(browser, report)
    assert visit.requests == [report.resolve().as_uri()]
    assert visit.complaints == []
    assert visit.dialogs == []


def test_verdict_comes_first(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    assert page.locator("main > :first-child .word").inner_text() == "✕ FAIL"
    assert page.locator("h1").count() == 1
    assert page.locator("html[lang=en]").count() == 1


def test_headings_have_no_gaps_and_ids_are_unique(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "hs => hs.map(h => +h.tagName[1])")
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.eval_on_selector_all("[id]", "es => es.map(e => e.id)")
    assert sorted(ids) == sorted(set(ids))


def test_every_link_of_the_contents_leads_somewhere(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    broken = page.eval_on_selector_all(
        "a[href^='#']",
        "as => as.map(a => decodeURIComponent(a.hash.slice(1)))"
        ".filter(id => !document.getElementById(id))",
    )
    assert broken == []


def test_a_chip_filters_and_the_address_keeps_the_filter(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    page.click(".chips .s-critical")
    page.get_by_text("2 of 120 rows").wait_for()
    assert page.url.endswith("#filter:severity=critical")
    page.reload()
    page.get_by_text("2 of 120 rows").wait_for()


@pytest.mark.parametrize("fragment", ["#%", "#filter:%", "#filter:text=%F0%28", "#<img>", "#a b"])
def test_no_address_breaks_the_page(browser: Browser, report: Path, fragment: str) -> None:
    visit = Visit(browser, report, fragment=fragment)
    assert visit.complaints == []
    assert visit.page.locator(".filter").count() > 0


def test_text_filter_and_sort(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    grid = page.locator("table.grid").first
    page.get_by_label("Filter rows").first.fill("<script>")
    page.get_by_text("1 of 120 rows").wait_for()
    page.get_by_label("Filter rows").first.fill("")
    grid.get_by_role("button", name="severity").click()
    assert grid.locator("th[aria-sort=ascending]").inner_text().startswith("severity")
    grid.get_by_role("button", name="severity").click()
    assert grid.locator("tbody tr").first.locator(".severity").inner_text() == "low"


def test_a_filter_survives_special_characters(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    page.get_by_label("Filter rows").first.fill("a&b=#%+ü")
    page.reload()
    page.wait_for_timeout(100)
    assert page.get_by_label("Filter rows").first.input_value() == "a&b=#%+ü"


def test_a_finding_has_an_address_inside_its_fold(browser: Browser, report: Path) -> None:
    key = "untracked-object:table:public.scratch_30"
    result = json.loads(report.with_name("result.json").read_text())
    number = next(entry["id"] for entry in result["findings"] if entry["key"] == key)
    page = Visit(browser, report, fragment=f"#{number}").page
    page.locator(f"details#{number}[open]").wait_for()
    assert page.locator(f"#{number}").is_visible()


def test_a_finding_without_details_has_its_row_as_address(browser: Browser, report: Path) -> None:
    result = json.loads(report.with_name("result.json").read_text())
    number = next(e["id"] for e in result["findings"] if e["severity"] == "low")
    page = Visit(browser, report, fragment=f"#{number}").page
    assert page.locator(f"td#{number}").is_visible()


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_no_sideways_scrolling(browser: Browser, report: Path, width: int) -> None:
    page = Visit(browser, report, width=width).page
    page.eval_on_selector_all("details", "ds => ds.forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_complete_without_scripts(browser: Browser, report: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(report.resolve().as_uri())
    assert page.locator("#contents a").count() >= 10
    assert page.locator("tbody tr").count() >= 120
    assert not page.locator("#theme").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_is_legible_in_both_themes(
    browser: Browser, report: Path, scheme: Literal["light", "dark"]
) -> None:
    page = Visit(browser, report, scheme=scheme).page
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(13, 17, 23)")
    fills = page.eval_on_selector_all("figure text", "ts => ts.map(t => getComputedStyle(t).fill)")
    assert fills
    assert ground not in fills


def test_the_theme_can_be_chosen(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_json_of_the_page_is_the_result(browser: Browser, report: Path) -> None:
    page = Visit(browser, report).page
    with page.expect_download() as download:
        page.click("#download")
    saved = json.loads(download.value.path().read_text(encoding="utf-8"))
    result = json.loads(report.with_name("result.json").read_text())
    assert saved["counts"] == result["counts"]
    assert [entry["id"] for entry in saved["findings"]] == [e["id"] for e in result["findings"]]


def test_a_long_table_comes_in_portions(browser: Browser, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"object": [f"t{n} <b>&" for n in range(10_000)], "kind": "table", "n": range(10_000)}
    )
    data = {"text/html": str(render_table(frame, "rows"))}
    visit = Visit(browser, render(tmp_path, new_output("display_data", data=data)))
    page = visit.page
    assert page.get_by_text("10000 of 10000 rows").is_visible()
    assert page.locator("tbody tr").count() == 500
    page.get_by_role("button", name="Show more rows").click()
    assert page.locator("tbody tr").count() == 550
    assert page.locator("tbody tr").last.locator("code").inner_text() == "t549 <b>&"
    page.get_by_label("Filter rows").first.fill("t9999")
    page.get_by_text("1 of 10000 rows").wait_for()
    assert page.locator("tbody td").last.inner_text() == "9,999"
    page.get_by_label("Filter rows").first.fill("")
    for _ in range(2):
        page.get_by_role("button", name="n", exact=True).click()
    assert page.locator("tbody tr").first.locator("td").last.inner_text() == "9,999"
    assert visit.complaints == []


def test_cells_that_look_like_formulas_are_defused_in_csv(browser: Browser, tmp_path: Path) -> None:
    frame = pd.DataFrame({"object": ["=cmd|x", "+1", "-1", "@a", "b", 'c"d']})
    data = {"text/html": str(render_table(frame, "rows"))}
    page = Visit(browser, render(tmp_path, new_output("display_data", data=data))).page
    csv = page.evaluate("new Grid(document.querySelector('table.grid')).csv()")
    assert csv.split("\r\n")[1:] == ['"\'=cmd|x"', '"\'+1"', '"\'-1"', '"\'@a"', '"b"', '"c""d"']


def build_hostile(payload: str) -> list[NotebookNode]:
    """Return outputs that carry ``payload``, most of them unescaped."""
    frame = pd.DataFrame({"severity": ["high"] * 501, "object": [payload] * 501})
    finding = Finding(
        rule="r",
        group="drift",
        severity=Severity.CRITICAL,
        object=ObjectRef("table", (payload,)),
        title=payload,
        consequence=payload,
        fix=payload,
        expected=payload,
        live=f"{payload} x",
        where=payload,
    )
    counts = pd.DataFrame({payload: [1]}, index=[payload])
    figure = render_figure(plot_schema_kind(counts), "hostile", payload, counts.reset_index())
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{payload}</svg>'
    data = [{mime: payload} for mime in ("text/html", "text/markdown", "text/plain")]
    data += [{"text/html": str(part)} for part in (render_table(frame, payload), figure)]
    data += [{"text/html": str(render_findings([finding]))}]
    data += [{"image/svg+xml": svg}, {"application/javascript": "alert(1)"}]
    return [
        *(new_output("display_data", data=entry) for entry in data),
        new_output("stream", name="stdout", text=payload),
    ]


@pytest.mark.filterwarnings("ignore:Your element with mimetype")
@pytest.mark.parametrize("sanitized", [True, False], ids=["allow-list and policy", "policy alone"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_name_is_inert(
    browser: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    payload: str,
    *,
    sanitized: bool,
) -> None:
    monkeypatch.setitem(RESULT, "reason", payload)
    monkeypatch.setitem(RESULT, "title", payload)
    monkeypatch.setitem(RESULT, "environment", {payload: payload})
    if not sanitized:
        monkeypatch.setattr("driftbook.report.export.CLEANER.clean", lambda text: text)
    outputs = build_hostile(payload)
    heading = payload.split("\t", maxsplit=1)[0]
    file = render(tmp_path, *outputs, markdown=f"## {heading}\n\n{payload}")
    visit = Visit(browser, file)
    assert visit.dialogs == []
    assert visit.loaded == [file.resolve().as_uri()]
    if sanitized:
        assert visit.requests == visit.loaded
        assert visit.complaints == []
        assert visit.page.locator("script").count() == 3
        assert visit.page.locator("main").is_visible()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_error_is_inert(browser: Browser, tmp_path: Path, payload: str) -> None:
    failed = new_output("error", ename=payload, evalue=payload, traceback=[payload])
    visit = Visit(browser, render(tmp_path, failed))
    assert visit.dialogs == []
    assert visit.complaints == []
    assert visit.page.locator(".word").inner_text() == "! ERROR"


def test_the_index_holds_what_a_report_holds(browser: Browser, report: Path) -> None:
    index = Path(write_index(LocalStore(report.parents[3])))
    visit = Visit(browser, index, width=400)
    assert visit.requests == [index.resolve().as_uri()]
    assert visit.complaints == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 400
    visit.page.get_by_role("link", name="drift_audit").first.click()
    visit.page.get_by_role("heading", name="Drift audit: prod").wait_for()
