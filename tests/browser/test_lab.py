"""Somebody who explores opens JupyterLab, clicks "Run All", and sees the audit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+")
DEADLINE = 300.0  # seconds for the demo to be recorded and the server to say where it listens
ERRORS = ".jp-RenderedText[data-mime-type*=error], .jp-RenderedText[data-mime-type*=stderr]"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Notebook → what is on its page when its last cells have run.
SEEN = {
    "drift_audit": ("text=differences between the live database", "details.finding >> nth=10"),
    "explore": ("text=What is known of one object", "text=public.invoices >> nth=0"),
    "incident_postmortem": ("table.grid >> nth=0", "svg >> nth=0"),
}


# What somebody types; the one error stands last, for what is below it would not run.
PEOPLE = [
    "import driftbook\naudit = driftbook.open()\naudit",
    "audit.tables",
    'audit["public.invoices"]',
    'audit.graph("public.invoices")',
    """from driftbook.explore.display import as_table
import pandas as pd
names = ["<img src=x onerror=window.hacked=1>", "<script>alert(1)</script>", "inv\\u202eseciov"]
as_table(pd.DataFrame({"object": names, names[0]: names}), "rows", names[1])""",
    'audit.at("2025-01-01")',
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    pytest.importorskip("jupyterlab")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(home / name.lower()) for name in places}}
    log = home / "lab.log"
    # Every cell stays in the page, not only those in sight.
    settings = home / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab"
    tracker = settings / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}', encoding="utf-8")
    command = [sys.executable, "-m", "driftbook", "lab", "--no-browser"]
    with log.open("wb") as stream:
        lab = subprocess.Popen(
            command, cwd=home, env=environment, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        yield wait_for_address(lab, log)
        lab.send_signal(signal.SIGINT)  # to the program alone: it ends the server and its kernels
        assert lab.wait(timeout=60) == 0
    finally:
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGKILL)
            lab.wait(timeout=30)


def wait_for_address(lab: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and lab.poll() is None:
        found = ADDRESS.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


def open_notebook(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(re.sub(r"/lab\S*\?", f"/lab/tree/notebooks/{name}.ipynb?reset&", address))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
    return page


def run_all(page: Page) -> None:
    """Run every cell, and wait until each has a number: one that waits or runs has a star."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        """() => [...document.querySelectorAll(
                '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt')]
            .every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))""",
        timeout=240_000,
    )
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SEEN if (NOTEBOOKS / f"{name}.ipynb").is_file()])
def test_run_all_in_jupyterlab(browser: Browser, address: str, name: str) -> None:
    page = open_notebook(browser, address, name)
    run_all(page)
    for selector in SEEN[name]:
        page.wait_for_selector(selector, timeout=60_000, state="attached")
    assert page.locator(ERRORS).count() == 0
    assert page.locator("table.grid").count() > 3
    page.close()


@pytest.mark.slow
def test_people_look_at_an_audit_in_jupyterlab(browser: Browser, address: str, home: Path) -> None:
    write_notebook(home / "notebooks" / "people.ipynb", PEOPLE)
    page = open_notebook(browser, address, "people")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    run_all(page)
    # A table finds what somebody types, and sorts by what somebody clicks.
    tables = page.locator(".driftbook").filter(has=page.get_by_text("persistence", exact=True))
    rows = tables.locator("tbody tr:visible")
    before = rows.count()
    tables.get_by_role("searchbox").fill("orders")
    assert 0 < rows.count() < before
    tables.get_by_role("searchbox").fill("")
    head = tables.locator("th").filter(has_text=re.compile("^name$"))
    head.click()
    head.click()
    assert head.get_attribute("aria-sort") == "descending"
    names = tables.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert names == sorted(names, reverse=True)
    # The page of an object, and the picture of what hangs on it.
    assert page.get_by_role("heading", name="Who may do what").count() == 1
    assert page.locator("figure svg").count() == 1
    # A mistake of the person is told in three lines; a traceback would blame the code.
    told = page.locator(ERRORS)
    assert told.count() == 1
    assert "ConfigError: no audit of 'demo' is recorded" in told.inner_text()
    assert "Traceback" not in told.inner_text()
    # Hostile names are words.
    assert page.get_by_text("<img src=x onerror=window.hacked=1>").count() > 0
    assert page.get_by_text("inv\\u202eseciov").count() > 0
    assert page.evaluate("window.hacked") is None
    assert dialogs == []
    page.close()


def write_notebook(path: Path, cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    nbformat.write(notebook, path)
