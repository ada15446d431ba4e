"""One object of a real production: as a report, and at a prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import driftbook
from driftbook.errors import ConfigError
from driftbook.explore import Table
from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from tests.cli.program import Program

pytestmark = pytest.mark.postgres

HOSTILE = "<img src=x onerror=alert(1)>\u202e\n"
DRIFT = f"""
    alter table public.people disable row level security;
    create view public."{HOSTILE}" as select name from public.people;
    comment on table public.people is '{HOSTILE}';
    grant select on public.orders to auditor;
"""  # noqa: S608 - it is no query


@pytest.fixture
def drifted(live: str, audited: str) -> str:
    with connect_plain(live) as session:
        session.execute(DRIFT.encode())
    return audited


def test_a_report_about_one_object(program: Program, drifted: str) -> None:
    given = ("-p", "target", "prod", "-p", "object_name", "people")
    ended = program("run", "explore", *given, "--json", PROD_DSN=drifted)
    assert ended.code == 0, ended.err
    folder = next((program.home / "reports" / "prod").glob("*/explore"))
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert (result["verdict"], result["findings"], result["rules"]) == ("pass", [], [])
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("public.people", "all: row level security is off", "people_read", "altered"):
        assert words in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;\\u202e" in page


def test_an_object_that_is_not_there_is_a_report_that_says_so(
    program: Program, drifted: str
) -> None:
    given = ("-p", "target", "prod", "-p", "object_name", "peopel")
    ended = program("run", "explore", *given, PROD_DSN=drifted)
    assert ended.code == 3
    assert "close to it: public.people" in ended.err


def test_a_session_at_a_prompt(
    program: Program,
    drifted: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PROD_DSN", drifted)
    monkeypatch.setenv("DRIFTBOOK_STATE", str(program.home / "state"))
    monkeypatch.chdir(program.home)
    audit = driftbook.open("prod")
    assert "no audit of prod is recorded: making one now" in capsys.readouterr().err
    assert audit.taken.endswith("made now")
    assert audit.object().name in {"public.people", "public.orders"}
    people = audit["people"]
    assert people.state == "altered"
    assert people.dependents["how"].tolist() == ["constraint orders_person_fkey", "query"]
    answer = audit.sql("select count(*) as n from public.orders")
    assert isinstance(answer, Table)
    assert answer["n"].tolist() == [0]
    with pytest.raises(ConfigError, match="permission denied") as caught:
        audit.sql("select * from public.people")
    assert caught.value.where == "target prod"
    cut = audit.sql("select * from pg_catalog.generate_series(1, 9) as n", limit=3)
    assert len(cut) == 3
    assert "Cut: only the first 3 rows" in repr(cut)
    again = audit.capture()
    assert again.tables.equals(audit.tables)
    files = driftbook.open(str(Path("migrations")))
    assert files.at is not None
    assert set(files.tables["change"]) == {"not compared"}
