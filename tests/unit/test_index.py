from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from driftbook.errors import NotebookFailed, PublishRefused
from driftbook.report import index
from driftbook.report.result import read_result, write_result
from driftbook.report.store import LocalStore

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_report(
    reports: Path, target: str, audit_id: str, verdict: str = "fail", /, **values: object
) -> Path:
    folder = reports / target / audit_id / "drift_audit"
    folder.mkdir(parents=True)
    result: dict[str, object] = {
        "schema_version": 1,
        "report": "drift_audit",
        "title": "x",
        "verdict": verdict,
        "reason": f"Something about {target}.",
        "counts": {"critical": 3, "high": 1200},
        "target": {"name": target},
        "audit_id": audit_id,
        "captured_at": "2026-11-23T01:42:25Z",
        **values,
    }
    (folder / "report.html").write_text("<p>", encoding="utf-8")
    return write_result(result, folder / "result.json")


def write_index(reports: Path) -> Path:
    return Path(index.write_index(LocalStore(reports)))


def read_tables(page: Path) -> list[list[list[str]]]:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return [
        [[cell.get_text(" ", strip=True) for cell in row("td")] for row in table.select("tbody tr")]
        for table in soup("table")
    ]


def test_latest_has_one_row_per_target_and_all_audits_stay_below(tmp_path: Path) -> None:
    write_report(tmp_path, "prod", "20261101T000000Z-aaaa")
    write_report(tmp_path, "prod", "20261123T014225Z-5be1", "pass")
    write_report(tmp_path, "staging", "20261102T000000Z-bbbb")
    latest, kept = read_tables(write_index(tmp_path))
    assert [row[:2] for row in latest] == [["✕ FAIL", "staging"], ["✓ PASS", "prod"]]
    assert latest[1][3:5] == ["Something about prod.", "no change"]
    assert latest[1][6:11] == ["0 min", "3", "1,200", "·", "·"]
    assert latest[1][11:] == ["2026-11-23 01:42:25", "HTML JSON"]
    assert [row[9] for row in kept] == [
        "20261123T014225Z-5be1",
        "20261102T000000Z-bbbb",
        "20261101T000000Z-aaaa",
    ]


def test_links_lead_to_the_files(tmp_path: Path) -> None:
    write_report(tmp_path, "prod", "20261101T000000Z-aaaa")
    soup = BeautifulSoup(write_index(tmp_path).read_text(encoding="utf-8"), "html.parser")
    links = [str(link["href"]) for link in soup.select("tbody a")]
    assert links
    assert all((tmp_path / link).is_file() for link in links)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("{}", id="no keys"),
        pytest.param("[]", id="a list"),
        pytest.param('{"schema_version": 2}', id="a later schema"),
        pytest.param("\x00", id="a NUL"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param('{"a":', id="broken off"),
    ],
)
def test_a_broken_result_is_a_row_not_a_gap(tmp_path: Path, content: str) -> None:
    file = write_report(tmp_path, "prod", "20261101T000000Z-aaaa")
    file.write_text(content, encoding="utf-8")
    latest, kept = read_tables(write_index(tmp_path))
    assert latest[0][:2] == ["! ERROR", "prod"]
    assert latest[0][2] == "drift_audit"
    assert "result" in latest[0][3]
    assert len(kept) == 1


def test_a_missing_result_is_a_row(tmp_path: Path) -> None:
    write_report(tmp_path, "prod", "20261101T000000Z-aaaa").unlink()
    latest, _ = read_tables(write_index(tmp_path))
    assert latest[0][0] == "! ERROR"


def test_a_half_written_report_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "prod" / "a1" / ".new-drift_audit-0000").mkdir(parents=True)
    assert read_tables(write_index(tmp_path)) == []


def test_an_empty_folder_has_an_index(tmp_path: Path) -> None:
    page = write_index(tmp_path / "reports").read_text(encoding="utf-8")
    assert "No report has been made here yet" in page


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for target in ("b", "a") if name == "one" else ("a", "b"):
            write_report(tmp_path / name, target, "20261101T000000Z-aaaa")
    assert write_index(tmp_path / "one").read_bytes() == write_index(tmp_path / "two").read_bytes()
    assert [path.name for path in (tmp_path / "one").iterdir() if path.name.startswith(".")] == []


def test_hostile_texts_are_text(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    write_report(tmp_path, script.replace("/", ""), "a b&c", reason=script)
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert page.count("<script>") == 2
    assert "&lt;script&gt;alert(1)" in page


def finding(name: str) -> dict[str, str]:
    return {
        **dict.fromkeys(("rule", "group", "kind", "name", "title", "key"), "x"),
        "id": f"drift-{name}",
        "severity": "high",
    }


def write_audit(reports: Path, day: int, ids: str, verdict: str = "fail", every: str = "") -> Path:
    """Write a report of a November day with one finding per letter of ``ids``."""
    return write_report(
        reports,
        "prod",
        f"202611{day:02}T020000Z-aaaa",
        verdict,
        findings=[finding(letter) for letter in ids],
        counts={"high": len(ids)},
        captured_at=f"2026-11-{day:02}T02:00:00Z",
        target={"name": "prod", "every": every},
    )


def test_a_change_is_told_by_the_ids_of_two_results(tmp_path: Path) -> None:
    write_audit(tmp_path, 1, "ab")
    write_audit(tmp_path, 2, "bcd")
    write_audit(tmp_path, 3, "bcd")
    write_audit(tmp_path, 4, "", "pass")
    latest, kept = read_tables(write_index(tmp_path))
    assert [row[3] for row in kept] == ["3 resolved", "no change", "2 new, 1 resolved", ""]
    assert latest[0][4] == "3 resolved"


def test_a_report_that_judged_nothing_resolves_nothing(tmp_path: Path) -> None:
    write_audit(tmp_path, 1, "ab")
    write_audit(tmp_path, 2, "", "error")
    write_audit(tmp_path, 3, "abc").write_text("{", encoding="utf-8")
    write_audit(tmp_path, 4, "ac")
    latest, kept = read_tables(write_index(tmp_path))
    assert [row[3] for row in kept] == ["1 new, 1 resolved", "", "", ""]
    (spark,) = BeautifulSoup((tmp_path / "index.html").read_text(), "html.parser").select("svg")
    assert spark["aria-label"] == "Open findings at the last 2 audits: 2, 2"
    assert spark["role"] == "img"
    assert len(latest) == 1


@pytest.mark.parametrize(
    ("every", "day", "age", "stale"),
    [
        pytest.param("1d", 20, "2 d", False, id="exactly double"),
        pytest.param("1d", 19, "3 d", True, id="beyond double"),
        pytest.param("12h", 20, "2 d", True, id="hours"),
        pytest.param("1w", 9, "13 d", False, id="weeks"),
        pytest.param("", 1, "21 d", False, id="no schedule is told"),
        pytest.param("soon", 1, "21 d", False, id="no interval"),
    ],
)
def test_an_age_beyond_double_the_interval_is_stale(
    tmp_path: Path, every: str, day: int, age: str, *, stale: bool
) -> None:
    write_audit(tmp_path, day, "a", every=every)
    write_report(tmp_path, "newest", "b1", captured_at="2026-11-22T02:00:00Z")
    page = write_index(tmp_path)
    (row,) = (row for row in read_tables(page)[0] if row[1] == "prod")
    assert row[6] == (f"{age}, stale" if stale else age)
    assert ('class="stale"' in page.read_text(encoding="utf-8")) == stale


def test_a_failed_report_has_the_age_of_its_audit(tmp_path: Path) -> None:
    write_audit(tmp_path, 1, "a", every="1d")
    write_report(tmp_path, "prod", "20261102T020000Z-aaaa", "error", captured_at="")
    write_report(tmp_path, "newest", "b1", captured_at="2026-11-22T02:00:00Z")
    (row,) = (row for row in read_tables(write_index(tmp_path))[0] if row[1] == "prod")
    assert (row[0], row[6]) == ("! ERROR", "20 d, stale")


def test_the_latest_report_has_an_address_that_stays(tmp_path: Path) -> None:
    for day in (1, 2):
        report = write_audit(tmp_path, day, "a").with_name("report.html")
        write_index(tmp_path)
    page = tmp_path / "prod" / "latest" / "drift_audit.html"
    link = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").a
    assert link
    assert (page.parent / str(link["href"])).resolve() == report.resolve()
    assert f'content="0; url={link["href"]}"' in page.read_text(encoding="utf-8")
    assert len(read_tables(tmp_path / "index.html")[1]) == 2


def test_old_audits_lose_their_pages_and_keep_their_results(tmp_path: Path) -> None:
    for day in range(1, 6):
        write_audit(tmp_path, day, "a").with_name("notebook.ipynb").write_text("{}")
    other = write_report(tmp_path, "other", "20200101T000000Z-aaaa")
    index.drop_old_pages(LocalStore(tmp_path), "prod", 2)
    kept = {path.parts[-3]: path.name for path in tmp_path.glob("prod/*/*/report.html")}
    assert sorted(kept) == ["20261104T020000Z-aaaa", "20261105T020000Z-aaaa"]
    assert len(list(tmp_path.glob("prod/*/*/notebook.ipynb"))) == 2
    assert len(list(tmp_path.glob("prod/*/*/result.json"))) == 5
    assert other.with_name("report.html").exists()
    page = write_index(tmp_path)
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert len(read_tables(page)[1]) == 6
    assert all((tmp_path / str(link["href"])).is_file() for link in soup.select("tbody a"))


def test_an_index_that_another_writer_overtook_is_made_again(tmp_path: Path) -> None:
    write_audit(tmp_path, 1, "a")

    class Slow(LocalStore):
        def write_pages(self, pages: Mapping[str, str]) -> None:
            if not list(tmp_path.glob("prod/20261102*")):
                write_audit(tmp_path, 2, "ab")  # by another process, after the first listing
            super().write_pages(pages)

    index.write_index(Slow(tmp_path))
    assert len(read_tables(tmp_path / "index.html")[1]) == 2


@pytest.mark.skipif(os.name != "posix", reason="a file in the way of a folder")
def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(PublishRefused, match="cannot be written"):
        write_index(tmp_path / "reports")


def test_a_result_survives_writing_and_reading(tmp_path: Path) -> None:
    file = write_report(tmp_path, "prod", "a1", extra={"kept": True})
    result = read_result(file)
    assert result["extra"] == {"kept": True}
    assert result["since"] is None
    assert write_result(result, tmp_path / "again.json").read_bytes() == file.read_bytes()
    assert json.loads(file.read_text())["counts"] == {"critical": 3, "high": 1200}


def test_a_result_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotebookFailed, match="does not match its schema"):
        write_result({"schema_version": 2}, tmp_path / "x.json")


def test_an_audit_that_could_not_look_resolves_nothing(tmp_path: Path) -> None:
    gap = {"what": "the tracking table", "why": "may not read it", "fix": "grant select"}
    write_report(tmp_path, "prod", "20261101T000000Z-aaaa", findings=[finding("a")])
    write_report(tmp_path, "prod", "20261102T000000Z-aaaa", "incomplete", incomplete=[gap])
    since = {"previous": "20261102T000000Z-aaaa", "new": 2, "known": 0, "resolved": 1}
    trend = [{"audited_at": "2026-11-01T00:00:00Z", "total": total} for total in (5, 7)]
    write_report(tmp_path, "prod", "20261103T000000Z-aaaa", since=since, trend=trend)
    _, kept = read_tables(write_index(tmp_path))
    assert [row[3] for row in kept] == ["2 new, 1 resolved", "no change", ""]
