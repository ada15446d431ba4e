from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from driftbook.errors import NotebookFailed, PublishRefused
from driftbook.report import index
from driftbook.report.result import read_result, write_result
from driftbook.report.store import LocalStore


def write_report(
    reports: Path, target: str, audit_id: str, verdict: str = "fail", **values: object
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
    assert latest[1][3:7] == ["3", "1,200", "·", "·"]
    assert latest[1][9:] == ["2026-11-23 01:42:25", "0 min", "HTML JSON"]
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
    assert latest[0][2].startswith("drift_audit")
    assert "result" in latest[0][2]
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
