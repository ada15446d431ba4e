"""Reports on tracking, history and incidents stay readable, small and quiet, small and large."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest
from tests.browser.test_report import Visit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LARGEST = 1_500_000  # bytes, of a page about 700 files


def test_the_page_is_small(generated: Path) -> None:
    assert generated.stat().st_size < LARGEST


def test_the_page_loads_nothing_and_complains_about_nothing(
    browser: Browser, generated: Path
) -> None:
    visit = Visit(browser, generated)
    assert visit.requests == [generated.resolve().as_uri()]
    assert visit.complaints == []
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator(".word").inner_text() != "! ERROR"


def test_headings_have_no_gaps_and_ids_are_unique(browser: Browser, generated: Path) -> None:
    page = Visit(browser, generated).page
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "hs => hs.map(h => +h.tagName[1])")
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.eval_on_selector_all("[id]", "es => es.map(e => e.id)")
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("width", [320, 1280])
def test_no_sideways_scrolling(browser: Browser, generated: Path, width: int) -> None:
    page = Visit(browser, generated, width=width).page
    page.eval_on_selector_all("details", "ds => ds.forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_is_legible_in_both_themes(
    browser: Browser, generated: Path, scheme: Literal["light", "dark"]
) -> None:
    page = Visit(browser, generated, scheme=scheme).page
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    fills = page.eval_on_selector_all("figure text", "ts => ts.map(t => getComputedStyle(t).fill)")
    assert fills
    assert ground not in fills


def test_every_question_has_an_answer(browser: Browser, generated: Path) -> None:
    page = Visit(browser, generated).page
    empty = page.eval_on_selector_all(
        "main h3", "hs => hs.filter(h => /^H[23]$/.test(h.nextElementSibling?.tagName)).length"
    )
    assert empty == 0


def test_the_result_is_that_of_the_notebook(generated: Path) -> None:
    result = json.loads(generated.with_name("result.json").read_text(encoding="utf-8"))
    assert result["report"] == generated.parent.name
    assert "seconds" not in json.dumps(result)


def test_a_step_can_be_copied_and_is_shown_whole(browser: Browser, generated: Path) -> None:
    page = Visit(browser, generated).page
    steps = page.locator("details.finding[open]", has_text="Save every row")
    assert steps.count() == (generated.parent.name == "tracking_audit")
    for step in steps.all():
        assert step.locator("pre").inner_text().startswith("select * from supabase_migrations")
        assert step.get_by_role("button", name="Copy").is_visible()


def test_every_statement_leads_to_its_evidence(browser: Browser, generated: Path) -> None:
    page = Visit(browser, generated).page
    links = page.locator('main a[href^="#E"]')
    if generated.parent.name != "incident_postmortem":
        assert links.count() == 0
        return
    assert links.count() > len("some")
    lost = page.eval_on_selector_all(
        'main a[href^="#E"]', "ls => ls.filter(l => !document.querySelector(l.hash)).length"
    )
    assert lost == 0
    links.first.click()
    assert page.locator(":target").is_visible()


def test_hostile_texts_of_an_incident_do_nothing(browser: Browser, generated: Path) -> None:
    visit = Visit(browser, generated)
    assert visit.dialogs == []
    assert visit.page.locator("main script:not([type])").count() == 0
    assert visit.page.locator("main img").count() == 0
