"""The first command that anybody tries: it has to work with nothing, and find the whole story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driftbook import demo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program

    from driftbook.model import ObjectRef

pytestmark = pytest.mark.postgres


def test_the_demo_needs_nothing_and_tells_the_whole_story(program: Program) -> None:
    ended = program("demo")
    assert ended.code == 0, ended.err
    line, tracking, history, index = ended.out.splitlines()
    assert tracking.startswith("fail  demo  tracking_audit  ")
    assert history.startswith("pass  demo  migration_history  ")
    assert line.startswith("fail  demo  drift_audit  ")
    assert index == str(program.home / "reports" / "index.html")
    (report,) = program.home.glob("reports/demo/*/drift_audit")
    assert str(report / "report.html") in line
    check_story(report)
    check_index(program.home / "reports", report)
    assert sorted(path.name for path in program.home.iterdir()) == ["reports", "state"]
    assert list(program.temporary.iterdir()) == []


def check_story(report: Path) -> None:
    """Check that every table and every wound of the story is a finding of its own."""
    result = json.loads((report / "result.json").read_bytes())
    assert (result["verdict"], result["incomplete"]) == ("fail", [])
    found = {(one["kind"], one["name"], one["change"]) for one in result["findings"]}
    tables = {("table", thing.name, "only_live") for thing in demo.find_untracked_tables()}
    assert len(tables) == 62
    assert tables <= found
    wounds = {(one.object.kind, name_cause(one.object), str(one.change)) for one in demo.WOUNDS}
    assert len(wounds) == len(demo.WOUNDS)
    assert wounds <= found


def name_cause(thing: ObjectRef) -> str:
    """Return what a finding calls ``thing``: all privileges of one role on it are one cause."""
    privilege = thing.kind == "privilege"
    return thing.name.rpartition(".")[0] if privilege else thing.name


def check_index(reports: Path, report: Path) -> None:
    """Check that the index leads to the report, and that both are whole pages."""
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert (report / "report.html").relative_to(reports).as_posix() in page
    assert page.rstrip().endswith("</html>")
    assert (report / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
