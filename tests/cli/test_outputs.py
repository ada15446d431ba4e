"""Outputs of a real audit: what they hold, what they never hold, and what is accepted in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.cli.conftest import ADMIT
from tests.cli.test_reports_folder import read_tree

from driftbook.postgres.connect import connect_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Ended, Program

    from driftbook.postgres.server import ShadowServer

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NASTY = "hunter2@# %/\"'Ωx+y"
HOOK = "http://127.0.0.1:1/services/T00000000/tokentokentoken42"
EVERYTHING = (
    'outputs = ["sarif", "junit", "markdown", "prometheus"]',
    'metrics_file = "metrics/driftbook.prom"',
    'webhook_env = "HOOK"',
    "notify_names = true",
    'migrations = "migrations"',
)
FILES = {"findings.sarif", "junit.xml", "metrics.prom", "summary.md"}


@pytest.fixture
def nasty(production: ShadowServer, live: str) -> Iterator[str]:
    """Yield the string of a role that audits ``live`` with a password of special characters."""
    with production.superuser("postgres") as session:
        session.execute("create role nasty login")
        session.execute(sql.SQL("alter role nasty password {}").format(sql.Literal(NASTY)))
    with connect_plain(live) as session:
        session.execute(ADMIT.replace("auditor", "nasty").encode())
    name = str(conninfo_to_dict(live)["dbname"])
    yield make_conninfo(production.dsn(name, "auditor"), user="nasty", password=NASTY)
    with production.superuser(name) as session:
        session.execute("drop owned by nasty")
    with production.superuser("postgres") as session:
        session.execute("drop role nasty")


def audit(program: Program, dsn: str, *arguments: str) -> Ended:
    (program.home / "metrics").mkdir(exist_ok=True)
    summary = program.home / "step-summary"
    return program(
        "audit", "prod", *arguments, PROD_DSN=dsn, HOOK=HOOK, GITHUB_STEP_SUMMARY=str(summary)
    )


def find_folder(program: Program) -> Path:
    """Return the folder of the latest audit."""
    return max(path for path in (program.home / "reports" / "prod").iterdir() if "Z-" in path.name)


def read_result(program: Program) -> dict[str, list[dict[str, str]]]:
    text = (find_folder(program) / "drift_audit" / "result.json").read_text(encoding="utf-8")
    result: dict[str, list[dict[str, str]]] = json.loads(text)
    return result


def test_no_output_holds_the_password_of_the_run(program: Program, live: str, nasty: str) -> None:
    program.write_target("prod", *EVERYTHING)
    with connect_plain(live) as session:
        session.execute(
            "create table public.tmp (id int); comment on table public.tmp is 'by hand'"
        )
    ended = audit(program, nasty, "--format", "github")
    assert ended.code == 1, ended.err
    assert "the webhook was not told" in ended.err
    assert "::error title=untracked-object drift-" in ended.out
    folder = find_folder(program)
    assert {path.name for path in folder.iterdir() if path.is_file()} == FILES
    assert not [name for name in FILES if f"{folder.name}/{name}" not in ended.out]
    written = read_tree(program.home)
    assert {"metrics/driftbook.prom", "step-summary"} <= written.keys()
    forms = {
        form.encode()
        for value in (NASTY, "hunter2", "tokentokentoken42")
        for form in (value, quote(value), quote(value, safe=""), quote_plus(value))
    }
    everything = {**written, "stdout": ended.out.encode(), "stderr": ended.err.encode()}
    assert not [name for name, data in everything.items() if any(form in data for form in forms)]


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param("comment on table public.orders is {}", id="a comment"),
        pytest.param(
            "create function public.f() returns text language sql as {}", id="a function's body"
        ),
    ],
)
def test_a_planted_secret_publishes_nothing(
    program: Program, live: str, nasty: str, plant: str
) -> None:
    program.write_target("prod", *EVERYTHING)
    with connect_plain(live) as session:
        text = f"select $q${NASTY}$q$"
        session.execute(sql.SQL(plant).format(sql.Literal(text)))
    ended = audit(program, nasty)
    ended.check_error(3, "a secret of this run", "nothing was published")
    assert not [path for path in read_tree(program.home / "reports") if "Z-" in path]
    assert not (program.home / "step-summary").exists()
    assert list((program.home / "metrics").iterdir()) == []
    assert "hunter2" not in ended.out + ended.err


def test_an_accepted_finding_passes_until_live_changes_again(
    program: Program, live: str, audited: str
) -> None:
    program = program.scheduling("drift_audit")
    program.write_target("prod", 'migrations = "migrations"', 'outputs = ["sarif", "markdown"]')
    with connect_plain(live) as session:
        session.execute("create table public.tmp (id int)")
    assert audit(program, audited).code == 1
    findings = read_result(program)["findings"]
    promise = ("--reason", "goes in May", "--owner", "ana", "--until", "2999-05-31")
    for finding in findings:
        assert program("accept", finding["id"], *promise).code == 0
    ended = audit(program, audited)
    assert ended.code == 0, ended.out + ended.err
    result = read_result(program)
    assert result["findings"] == []
    assert [one["id"] for one in result["accepted"]] == sorted(one["id"] for one in findings)
    assert f"{len(findings)} accepted finding" in str(result["reason"])
    page = (find_folder(program) / "drift_audit" / "report.html").read_text(encoding="utf-8")
    assert "goes in May" in page
    sarif = json.loads((find_folder(program) / "findings.sarif").read_text(encoding="utf-8"))
    held = [one for one in sarif["runs"][0]["results"] if "suppressions" in one]
    assert [one["properties"]["id"] for one in held] == sorted(one["id"] for one in findings)
    again = program(
        "run",
        "drift_audit",
        "-p",
        "target",
        "prod",
        "-p",
        "audit_id",
        str(result["audit_id"]),
        PROD_DSN=audited,
    )
    assert again.code == 0, again.err
    assert read_result(program)["accepted"] == result["accepted"]

    with connect_plain(live) as session:
        session.execute("alter table public.tmp add column secret text")
    assert audit(program, audited).code == 1
    rules = {one["rule"] for one in read_result(program)["findings"]}
    assert rules == {"accepted-void", "untracked-object"}

    with connect_plain(live) as session:
        session.execute("drop table public.tmp")
    ended = audit(program, audited)
    assert ended.code == 0, ended.out
    assert {one["rule"] for one in read_result(program)["findings"]} == {"accepted-stale"}


def test_a_malformed_file_stops_everything_before_it_runs(program: Program) -> None:
    program.write_target("prod", 'migrations = "."')
    program.write("params/accepted.toml", "[[accepted]]\nkey = 'x'\n")
    ended = program("audit", "prod", PROD_DSN="host=127.0.0.1 port=1")
    ended.check_error(2, "accepted.toml", "entry 1", "driftbook accept")


def test_an_unknown_finding_is_refused(program: Program) -> None:
    program.write_target("prod", 'migrations = "."')
    ended = program("accept", "drift-1", "--reason", "r", "--owner", "o", "--until", "2999-01-01")
    ended.check_error(2, "no latest report has a finding", "driftbook audit")
