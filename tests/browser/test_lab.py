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

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+")
DEADLINE = 300.0  # seconds for the demo to be recorded and the server to say where it listens
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Notebook → what is on its page when its last cells have run.
SEEN = {
    "drift_audit": ("text=differences between the live database", "details.finding >> nth=10"),
    "explore": ("text=What is known of one object", "text=public.invoices >> nth=0"),
    "incident_postmortem": ("table.grid >> nth=0", "svg >> nth=0"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    pytest.importorskip("jupyterlab")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(home / name.lower()) for name in places}}
    log = home / "lab.log"
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
    page.goto(re.sub(r"/lab\S*\?", f"/lab/tree/notebooks/{name}.ipynb?", address))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
    return page


def run_all(page: Page) -> None:
    """Run every cell, and wait until none is waiting or running."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    # A cell that waits or runs has a star for its number; the first one has it at once or is done.
    page.wait_for_function(
        """() => {
            const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
            const prompts = [...panel.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
                .map((prompt) => prompt.textContent);
            return prompts.some((text) => /\\[\\d+\\]/.test(text))
                && !prompts.some((text) => text.includes('*'));
        }""",
        timeout=240_000,
    )
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)


def check_outputs(page: Page) -> None:
    assert page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SEEN if (NOTEBOOKS / f"{name}.ipynb").is_file()])
def test_run_all_in_jupyterlab(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page()
    hosts: set[str] = set()
    page.close()
    page = open_notebook(browser, address, name)
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    run_all(page)
    for selector in SEEN[name]:
        page.wait_for_selector(selector, timeout=60_000, state="attached")
    check_outputs(page)
    assert page.locator("table.grid").count() > 3
    assert hosts <= {address.split("/")[2]}
    page.close()
