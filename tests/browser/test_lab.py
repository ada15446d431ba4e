"""Somebody who explores opens JupyterLab, clicks "Run All", and sees the audit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+")
DEADLINE = 60.0  # seconds for the server to say where it listens


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("jupyterlab")
    home = tmp_path_factory.mktemp("lab")
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
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(timeout=30)


def wait_for_address(lab: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and lab.poll() is None:
        found = ADDRESS.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


@pytest.mark.slow
def test_run_all_in_jupyterlab(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(address)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_selector("text=differences between the live database", timeout=120_000)
    page.wait_for_selector("text=extension-stubbed >> nth=0", timeout=60_000, state="attached")
    assert page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    assert page.locator("details.finding").count() > 10
    assert hosts == {address.split("/")[2]}
    page.close()
