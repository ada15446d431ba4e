"""The page over all reports: as quiet and as complete as a report, also without script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.test_report import Visit

from driftbook.report.index import write_index
from driftbook.report.store import LocalStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<img src=x onerror=alert(1)>"


def write_report(reports: Path, target: str, day: int, findings: int, verdict: str) -> None:
    folder = reports / target / f"202611{day:02}T020000Z-aaaa" / "drift_audit"
    folder.mkdir(parents=True)
    empty = dict.fromkeys(("rule", "group", "kind", "name", "title", "key"), "x")
    result = {
        "schema_version": 1,
        "report": "drift_audit",
        "title": "Drift audit",
        "verdict": verdict,
        "reason": f"{findings} differences {HOSTILE}",
        "counts": {"high": findings},
        "target": {"name": target, "every": "1d"},
        "audit_id": "x",
        "captured_at": f"2026-11-{day:02}T02:00:00Z",
        "findings": [
            {**empty, "id": f"drift-{number}", "severity": "high"} for number in range(findings)
        ],
    }
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    (folder / "report.html").write_text("<!DOCTYPE html><h1>The report</h1>", encoding="utf-8")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    for number, target in enumerate(("accounts", "billing", "crm", "data", "events")):
        for day in (1, 2, 3):
            verdict = "pass" if number % 2 else "fail"
            write_report(reports, target, day, 0 if number % 2 else 9 + number * day, verdict)
    return Path(write_index(LocalStore(reports)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_one_request_no_message_and_no_sideways_scrolling(
    browser: Browser, index: Path, width: int, scheme: str
) -> None:
    visit = Visit(browser, index, width=width, scheme=scheme)  # type: ignore[arg-type]
    assert visit.requests == [index.resolve().as_uri()]
    assert (visit.complaints, visit.dialogs) == ([], [])
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_rows_are_sorted_and_filtered_and_the_filter_is_in_the_address(
    browser: Browser, index: Path
) -> None:
    visit = Visit(browser, index)
    latest = visit.page.locator("table.grid").first
    latest.get_by_role("button", name="high").click()
    latest.get_by_role("button", name="high").click()
    counts = latest.locator("tbody td:nth-child(9)").all_text_contents()
    assert counts == ["21", "15", "9", "·", "·"]
    visit.page.get_by_label("verdict").first.select_option("✓ PASS")
    assert latest.locator("tbody tr").count() == 2
    again = Visit(browser, index, fragment=visit.page.evaluate("location.hash"))
    assert again.page.locator("table.grid").first.locator("tbody tr").count() == 2
    visit.page.get_by_label("report").first.select_option("drift_audit")
    assert latest.locator("tbody tr").count() == 2


def test_a_reader_sees_how_old_an_audit_is_by_their_own_clock(
    browser: Browser, index: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install(time="2026-11-03T14:00:00Z")
    page.goto(index.resolve().as_uri())
    ages = page.locator("time")
    assert set(ages.all_text_contents()) == {"12 h"}
    assert page.get_by_text("Ages are counted to").count() == 0
    page.clock.set_fixed_time("2026-11-09T02:00:00Z")
    page.reload()
    assert set(ages.all_text_contents()) == {"6 d, stale"}
    context.close()


def test_without_script_everything_is_there(browser: Browser, index: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.resolve().as_uri())
    assert page.locator("table").first.locator("tbody tr").count() == 5
    assert page.locator("table").nth(1).locator("tbody tr").count() == 15
    assert page.get_by_text("Ages are counted to the newest audit, 2026-11-03 02:00 UTC").count()
    assert page.get_by_role("img", name="Open findings at the last 3 audits: 9, 9, 9").count() == 1
    page.goto((index.parent / "crm" / "latest" / "drift_audit.html").resolve().as_uri())
    page.get_by_role("heading", name="The report").wait_for()
    assert page.url.endswith("/crm/20261103T020000Z-aaaa/drift_audit/report.html")
    context.close()
