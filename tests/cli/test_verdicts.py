"""What could not be checked never passes, and no name in a database becomes part of a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.program import Ended, Program

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

HOSTILE = "<script>alert(1)</script>"


def read_result(ended: Ended) -> dict[str, object]:
    """Return the result of the drift report that the JSON of a run leads to."""
    reports = json.loads(ended.out)["reports"]
    (report,) = (one for one in reports if one["notebook"] == "drift_audit")
    with open(report["result"], encoding="utf-8") as file:  # noqa: PTH123
        result: dict[str, object] = json.load(file)
    assert report["verdict"] == result["verdict"]
    return result


def test_equal_databases_pass_and_the_index_is_named_last(program: Program, audited: str) -> None:
    ended = program("--reports", "elsewhere", "audit", "prod", PROD_DSN=audited)
    assert ended.code == 0, ended.out + ended.err
    *lines, index = ended.out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["pass", "prod", "drift_audit"],
        ["pass", "prod", "tracking_audit"],
        ["pass", "prod", "migration_history"],
    ]
    assert index == str(program.home / "elsewhere" / "index.html")
    assert "drift_audit" in (program.home / "elsewhere" / "index.html").read_text(encoding="utf-8")
    assert not (program.home / "reports").exists()
    assert list(program.temporary.iterdir()) == []


def test_without_the_right_to_the_tracking_table_nothing_passes(
    program: Program, live: str, audited: str
) -> None:
    with connect_plain(live) as session:
        session.execute("revoke select on supabase_migrations.schema_migrations from auditor")
    ended = program("audit", "prod", "--json", PROD_DSN=audited)
    assert ended.code == 4, ended.out + ended.err
    result = read_result(ended)
    assert result["verdict"] == "incomplete"
    gaps = str(result["incomplete"])
    assert "schema_migrations was not read" in gaps
    assert "may not read" in gaps
    assert "grant select on supabase_migrations.schema_migrations" in gaps


def test_without_a_tracking_table_nothing_passes(program: Program, live: str, audited: str) -> None:
    with connect_plain(live) as session:
        session.execute("drop schema supabase_migrations cascade")
    ended = program("audit", "prod", "--json", PROD_DSN=audited)
    assert ended.code == 4, ended.out + ended.err
    result = read_result(ended)
    assert result["verdict"] == "incomplete"
    assert "its schema does not exist" in str(result["incomplete"])


def test_drift_fails_also_where_something_is_unknown_and_a_hostile_name_stays_text(
    program: Program, live: str, audited: str
) -> None:
    program = program.scheduling("drift_audit")
    with connect_plain(live) as session:
        session.execute(f'create table public."{HOSTILE}" (id int)'.encode())
        session.execute("revoke usage on schema supabase_migrations from auditor")
    ended = program("audit", "prod", "--json", PROD_DSN=audited)
    assert ended.code == 1, ended.out + ended.err
    result = read_result(ended)
    assert result["verdict"] == "fail"
    assert result["incomplete"]
    assert HOSTILE in str([finding["name"] for finding in result["findings"]])  # type: ignore[attr-defined]
    reports = program.home / "reports"
    pages = [reports / "index.html", *reports.glob("prod/*/drift_audit/report.html")]
    check_escaped(pages)


def test_a_cell_that_fails_is_told_on_the_terminal_and_in_a_report(
    program: Program, inside: Callable[..., Ended]
) -> None:
    program.write_notebook("broken.ipynb", "raise ValueError('no such thing')")
    ended = inside("run", "broken.ipynb")
    ended.check_error(3, "ValueError: no such thing", "where: broken.ipynb")
    line, *_, index = ended.out.splitlines()
    assert line.startswith("error  demo  broken  ")
    assert index == str(program.home / "reports" / "index.html")
    (report,) = program.home.glob("reports/demo/*/broken/report.html")
    assert "no such thing" in report.read_text(encoding="utf-8")


def check_escaped(pages: list[Path]) -> None:
    texts = [page.read_text(encoding="utf-8") for page in pages]
    assert len(texts) == 2
    assert not [text for text in texts if HOSTILE in text or "<script>alert" in text]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in texts[1]
