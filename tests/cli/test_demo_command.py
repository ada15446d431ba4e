"""The first command that anybody tries: it has to work with nothing, and find the whole story."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest

from driftbook import demo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program

    from driftbook.model import ObjectRef

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_the_demo_needs_nothing_and_tells_the_whole_story(program: Program) -> None:
    ended = program("demo")
    assert ended.code == 0, ended.err
    line, tracking, history, index = ended.out.splitlines()
    assert tracking.startswith("fail  demo  tracking_audit  ")
    assert history.startswith("pass  demo  migration_history  ")
    assert line.startswith("fail  demo  drift_audit  ")
    assert index == str(program.home / "reports" / "index.html")
    nights = sorted(program.home.glob("reports/demo/*/drift_audit"))
    assert [night.parent.name[:8] for night in nights] == [f"{at:%Y%m%d}" for at in demo.AUDITED]
    report = nights[-1]
    assert str(report / "report.html") in line
    check_story(report)
    check_nights([json.loads((night / "result.json").read_bytes()) for night in nights])
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
    (opened,) = (one for one in result["findings"] if one["name"] == "public.customers")
    assert (opened["severity"], opened["fix_is_sql"], opened["where"]) == ("critical", True, "")


def check_nights(results: list[dict[str, object]]) -> None:
    """Check that every night is compared with the one before, and says whose clock it is."""
    assert results[0]["since"]["previous"] == ""
    for before, now in itertools.pairwise(results):
        old, new = ({one["id"]: one for one in result["findings"]} for result in (before, now))
        since = now["since"]
        assert since["previous"] == before["audit_id"]
        assert since["new"] == len(new.keys() - old.keys())
        assert since["known"] == len(new.keys() & old.keys())
        assert since["resolved"] == len(old.keys() - new.keys())
        assert all(one["state"] == ("known" if key in old else "new") for key, one in new.items())
    assert [result["since"]["resolved"] > 0 for result in results] == [*(False, False, True, False)]
    totals = [len(result["findings"]) for result in results]
    assert [point["total"] for point in results[-1]["trend"]] == totals
    assert all("story" in dict(result["provenance"])["captured at"] for result in results)


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
