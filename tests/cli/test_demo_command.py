"""The first command that anybody tries: it has to work with nothing, and find the whole story."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from driftbook import demo

if TYPE_CHECKING:
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
    check_postmortem(program)
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


def check_postmortem(program: Program) -> None:
    """Check that the four audits alone tell what happened in the story, and when."""
    ended = program("run", "incident_postmortem", "-p", "title", "The move")
    (line, _) = ended.out.splitlines()
    assert line.startswith(("pass  demo  incident_postmortem", "incomplete  demo  incident_"))
    folder = Path(line.rpartition("  ")[2]).parent
    result = json.loads((folder / "result.json").read_bytes())
    assert result["title"] == "The move: demo"
    assert "Told from 4 recorded audits alone: no database was asked" in result["reason"]
    page = BeautifulSoup((folder / "report.html").read_bytes(), "html.parser")
    told = [item.get_text() for item in page.select('li[id^="event-"]')]
    (restore,) = (text for text in told if "was restored from a dump" in text)
    assert "between 2026-01-08 02:15 and 2026-01-22 02:15 UTC" in restore
    made = [re.search(r"made (\d+) tables", text) for text in told if "of no file" in text]
    assert sum(int(found[1]) for found in made if found) == len(demo.find_untracked_tables())
    assert len(made) < 10, "the tables are a small number of actions"
    assert any("lost 9 records" in text for text in told)
    assert any("orders_import_20260120 went" in text for text in told)
    rows = page.select('[id^="Since-when-is"]')[0].find_next("table").select("tbody tr")
    dated = {row.select("td")[1].get_text(): row.select("td")[4].get_text() for row in rows}
    assert {dated[one.object.name] for one in demo.WOUNDS[:2]} == {"2026-02-12 02:15:00"}
    links = {link["href"][1:] for link in page.select('main a[href^="#E"]')}
    assert links <= {cell["id"] for cell in page.select("td[id]")}


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
