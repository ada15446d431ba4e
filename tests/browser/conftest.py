"""A real run of the shipped notebook on a synthetic audit, and a browser to look at it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kernels import fork_kernels

from driftbook.report.execute import run_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
IMPORT = "from driftbook.audit import begin"
PATHS = [str(HERE), str(ROOT)]
STAND_IN = f"import sys\n\nsys.path[:0] = {PATHS!r}\nfrom story import begin"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
# Without these a browser in a closed network spends its time on refused connections.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def run_story(folder: Path, name: str = "drift_audit", target: str = "prod") -> Path:
    """Run a shipped notebook, its audit replaced by a synthetic one, and return the page."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace(IMPORT, STAND_IN)
    copy = folder / "source" / f"{name}.ipynb"
    copy.parent.mkdir(parents=True)
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        fork_kernels(patch)
        run = run_notebook(copy, {"target": target}, folder / target / "20261123T014225Z-5be1")
    assert run.failure is None
    return run.report


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTBOOK_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_story(tmp_path_factory.mktemp("report"))


@pytest.fixture(
    scope="session",
    params=[
        (name, size)
        for name in ("tracking_audit", "migration_history", "incident_postmortem")
        for size in ("small", "large")
    ],
    ids="-".join,
)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a notebook on a generated history of 10 or 700 files."""
    name, size = request.param
    return run_story(tmp_path_factory.mktemp(name), name, size)


# Not for the session: its event loop would run under the tests of other folders.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium on PATH; the variable CHROMIUM names another")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only with a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
