"""One exit code speaks for several notebooks and targets, and none of them takes others along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

MIME = "application/vnd.driftbook.result+json"
GAP = {"what": "live database", "why": "no one asked", "fix": "ask"}


def write_notebook(program: Program, name: str, verdict: str = "pass", cell: str = "") -> None:
    """Write a notebook that an audit runs instead of the shipped one: no work but its verdict."""
    parameters = 'target: str = ""\naudit_id: str = ""\nfail_on: str = ""'
    result = {
        "schema_version": 1,
        "report": name,
        "title": name,
        "verdict": verdict,
        "reason": "So it was written.",
        "audit_id": "x",
        "captured_at": "2026-11-23T01:42:25Z",
        "incomplete": [GAP] if verdict in {"incomplete", "fail"} else [],
    }
    emit = (
        f"from IPython.display import display\n{cell}\nresult = {result!r}\n"
        "result['target'] = {'name': target}\n"
        f"display({{'{MIME}': result}}, raw=True)"
    )
    base: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
    cells = [
        {**base, "metadata": {"tags": ["parameters"]}, "source": parameters},
        {**base, "metadata": {}, "source": emit},
    ]
    kernel = {"name": "python3", "display_name": "x", "language": "python"}
    metadata = {"kernelspec": kernel}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    program.write(f"notebooks/{name}.ipynb", json.dumps(document))


@pytest.fixture
def verdicts(program: Program) -> Callable[..., None]:
    """Return a way to say what the two notebooks about files will judge; targets are a and b."""
    program.write("migrations/20250101000000_a.sql", "select 1;")
    table = 'migrations = "migrations"\n'
    program.write("params/targets.toml", f"[targets.a]\n{table}[targets.b]\n{table}")

    def write(tracking: str = "pass", history: str = "pass") -> None:
        write_notebook(program, "tracking_audit", tracking)
        write_notebook(program, "migration_history", history)

    write()
    return write


@pytest.mark.parametrize(
    ("found", "options", "code"),
    [
        pytest.param(("pass", "pass"), (), 0, id="pass"),
        pytest.param(("incomplete", "pass"), (), 4, id="incomplete"),
        pytest.param(("incomplete", "fail"), (), 1, id="drift speaks before gaps"),
        pytest.param(("incomplete", "pass"), ("--allow-incomplete",), 0, id="gaps allowed"),
        pytest.param(("pass", "fail"), ("--allow-incomplete",), 1, id="drift is no gap"),
        pytest.param(("pass", "fail"), ("--fail-on", "never"), 4, id="gaps beside drift remain"),
        pytest.param(
            ("pass", "fail"), ("--fail-on", "never", "--allow-incomplete"), 0, id="all allowed"
        ),
    ],
)
def test_what_is_allowed_changes_the_code_and_not_the_verdict(
    inside: Callable[..., Ended],
    verdicts: Callable[..., None],
    found: tuple[str, str],
    options: tuple[str, ...],
    code: int,
) -> None:
    verdicts(*found)
    ended = inside("audit", "a", *options)
    assert ended.code == code, ended.err
    assert [line.split()[0] for line in ended.out.splitlines()[:2]] == list(found)
    hidden = "--allow-incomplete" in options and "pass" not in set(found) - {"pass"}
    assert ("allowed: a" in ended.err) == hidden


def test_quiet_prints_when_the_verdict_is_not_pass(
    inside: Callable[..., Ended], verdicts: Callable[..., None]
) -> None:
    assert inside("audit", "a", "b", "--quiet") == type(inside("--version"))(0, "", "")
    verdicts("pass", "incomplete")
    ended = inside("audit", "a", "--quiet")
    assert (ended.code, ended.err) == (4, "")
    assert "incomplete  a  migration_history" in ended.out


def test_as_json_several_targets_are_a_list(
    inside: Callable[..., Ended], verdicts: Callable[..., None]
) -> None:
    verdicts()
    runs = json.loads(inside("audit", "b", "a", "b", "--json").out)
    assert [run["target"] for run in runs] == ["b", "a"]


def test_of_several_targets_the_worst_speaks_and_each_has_its_reports(
    program: Program, inside: Callable[..., Ended], verdicts: Callable[..., None]
) -> None:
    verdicts("pass", "incomplete")
    text = (program.home / "params" / "targets.toml").read_text(encoding="utf-8")
    program.write("params/targets.toml", f'{text}[targets.c]\nmigrations = "nowhere"\n')
    ended = inside("audit", "--all")
    ended.check_error(3, "nowhere")
    lines = [line.split()[:3] for line in ended.out.splitlines()]
    assert ["incomplete", "b", "migration_history"] in lines
    assert len(list(program.home.glob("reports/[ab]/2*/*/result.json"))) == 4
    assert not (program.home / "reports" / "c").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("a", "nowhere"), ["no target is called 'nowhere'"], id="unknown"),
        pytest.param(("a", "b", "-p", "audit_id=x"), ["has an id of its own"], id="parameter"),
        pytest.param(("a", "dsn"), ["variable UNSET_DSN is not set"], id="no string"),
        pytest.param((), ["no target is named", "--all"], id="none"),
        pytest.param(("a", "--all"), ["--all takes no names"], id="both"),
    ],
)
def test_a_wrong_target_stops_all_before_anything_runs(
    program: Program,
    inside: Callable[..., Ended],
    verdicts: Callable[..., None],
    arguments: tuple[str, ...],
    words: list[str],
) -> None:
    assert verdicts
    text = (program.home / "params" / "targets.toml").read_text(encoding="utf-8")
    program.write("params/targets.toml", f'{text}[targets.dsn]\ndsn_env = "UNSET_DSN"\n')
    ended = inside("audit", *arguments)
    ended.check_error(2, *words)
    assert not (program.home / "reports").exists()


def test_a_notebook_without_end_is_a_report_that_says_so_and_the_others_are_there(
    program: Program, inside: Callable[..., Ended], verdicts: Callable[..., None]
) -> None:
    verdicts()
    write_notebook(program, "tracking_audit", cell="while True: pass")
    ended = inside("audit", "a", "--timeout", "8")
    ended.check_error(3, "stopped: it ran longer than 8 s", "--timeout SECONDS", "tracking_audit")
    tracking, history, _ = (line.split() for line in ended.out.splitlines())
    assert (tracking[0], history[0]) == ("error", "pass")
    page = (program.home / tracking[-1]).read_text(encoding="utf-8")
    assert "ran longer than 8 s" in page
    assert "means &#34;no drift&#34;" in page or 'means "no drift"' in page
    index = (program.home / "reports" / "index.html").read_text(encoding="utf-8")
    assert "ran longer than 8 s" in index


def test_a_notebook_that_fails_takes_no_other_along(
    program: Program, inside: Callable[..., Ended], verdicts: Callable[..., None]
) -> None:
    verdicts("pass", "pass")
    write_notebook(program, "tracking_audit", cell="raise ValueError('on purpose')")
    ended = inside("audit", "a", "b")
    ended.check_error(3, "ValueError: on purpose")
    codes = [line.split()[0] for line in ended.out.splitlines() if "  " in line]
    assert codes == ["error", "pass", "error", "pass"]
    assert len(list(program.home.glob("reports/*/2*/*/report.html"))) == 4
