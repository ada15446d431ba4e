"""What a night's audit says of the nights before, and how the past is read on the terminal."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_verdicts import read_result

from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECRET = "perform connect('password', password 'hunter2-Zq8')"  # noqa: S105 - a canary
BY_HAND = f"""
    create table public.scratch (id int);
    create function public.connect_out() returns void language plpgsql
    as $$ begin {SECRET}; end $$;
"""


def change(live: str, sql: str) -> None:
    with connect_plain(live) as session:
        session.execute(sql.encode())


def list_since(result: dict[str, object]) -> list[object]:
    since = result["since"]
    assert isinstance(since, dict)
    return [since[name] for name in ("new", "known", "resolved", "not_checked")]


def read_pages(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.name in {"report.html", "result.json"}
    }


def test_nights_are_compared_read_again_and_verified(
    program: Program, live: str, audited: str
) -> None:
    change(live, BY_HAND)
    first = read_result(program("audit", "prod", "--json", PROD_DSN=audited))
    assert list_since(first) == [2, 0, 0, 0]
    change(live, "drop table public.scratch; create table public.later (id int)")
    second = read_result(program("audit", "prod", "--json", PROD_DSN=audited))
    assert list_since(second) == [1, 1, 1, 0]
    states = {one["name"]: one["state"] for one in second["findings"]}  # type: ignore[attr-defined]
    assert states == {"public.later": "new", "public.connect_out()": "known"}
    ids = [str(result["audit_id"]) for result in (first, second)]

    # The folder of the evidence is gone: the report is made from the history, byte by byte.
    reports = program.home / "reports" / "prod" / ids[1]
    before = read_pages(reports)
    shutil.rmtree(program.home / "state" / "evidence" / "prod" / ids[1])
    for name in ("drift_audit", "tracking_audit", "migration_history"):
        program("run", name, "-p", "target", "prod", "-p", "audit_id", ids[1], PROD_DSN=audited)
    assert read_pages(reports) == before

    compared = program("diff", f"audit:{ids[0]}", f"audit:{ids[1]}")
    assert compared.code == 1, compared.err
    assert "public.scratch" in compared.out
    assert "public.later" in compared.out
    assert "connect_out" not in compared.out
    now = program("diff", f"audit:{ids[1]}", "prod", PROD_DSN=audited)
    assert "connect_out" not in now.out  # its secret is no difference
    assert "hunter2" not in compared.out + now.out

    shown = json.loads(program("history", "show", "prod", "--json").out)
    assert [(one["new"], one["resolved"]) for one in shown["audits"]] == [(4, 0), (1, 1)]
    assert {one["id"] for one in shown["findings"] if one["state"] == "resolved"}
    table = program("history", "show", "prod").out.splitlines()
    assert [line.split()[0] for line in table] == ["audit", *ids]
    assert "public.scratch" in program("history", "show", "prod", "--findings").out
    assert program("history", "verify").code == 0
    assert program("history", "prune", "prod", "--keep", "1").out.startswith("1 audits")
    program("history", "prune", "prod").check_error(2, "say which audits stay", where=False)
    program("history", "show", "nobody").check_error(2, "no audit of 'nobody'", "prod")
    store = (program.home / "state" / "history.sqlite").read_bytes()
    assert b"hunter2" not in store


def test_without_the_tracking_table_nothing_is_resolved(
    program: Program, live: str, audited: str
) -> None:
    program = program.scheduling("drift_audit")
    change(live, BY_HAND)
    program("audit", "prod", PROD_DSN=audited)
    change(
        live,
        "drop table public.scratch; drop function public.connect_out();"
        "revoke select on supabase_migrations.schema_migrations from auditor",
    )
    blind = read_result(program("audit", "prod", "--json", PROD_DSN=audited))
    assert list_since(blind) == [0, 0, 0, 2]
    why = str(blind["since"])
    assert "the tracking table was not read" in why
    change(live, "grant select on supabase_migrations.schema_migrations to auditor")
    seeing = read_result(program("audit", "prod", "--json", PROD_DSN=audited))
    assert list_since(seeing) == [0, 0, 2, 0]


def test_a_history_that_fails_costs_no_report(program: Program, audited: str) -> None:
    program = program.scheduling("drift_audit")
    program.write("state/history.sqlite", "no database at all, only words\n" * 40)
    ended = program("audit", "prod", "--json", PROD_DSN=audited)
    assert ended.code == 0, ended.out + ended.err
    assert "the history cannot be" in ended.err
    assert "fix: put the file back from a copy" in ended.err
    assert "the history cannot be" in json.loads(ended.out)["history"]
    since = read_result(ended)["since"]
    assert isinstance(since, dict)
    assert "the history cannot be" in since["why_unknown"]
    program("history", "verify").check_error(3, "not a database")


def test_a_notebook_alone_reads_the_past_and_records_nothing(
    program: Program, live: str, audited: str
) -> None:
    program = program.scheduling("drift_audit")
    program("audit", "prod", PROD_DSN=audited)
    change(live, BY_HAND)
    alone = program("run", "drift_audit", "-p", "target", "prod", "--json", PROD_DSN=audited)
    assert list_since(read_result(alone)) == [2, 0, 0, 0]
    shown = json.loads(program("history", "show", "prod", "--json").out)
    assert len(shown["audits"]) == 1
    assert not [one for one in shown["findings"] if one["rule"] == "untracked-object"]
