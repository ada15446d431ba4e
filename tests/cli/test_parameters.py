"""A mistyped parameter would audit something else, and a hostile one would run as code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

    Inside = Callable[..., Ended]

CANARY = "hunter2canary"
DSN = f"postgresql://auditor:{CANARY}@db.example/live"
KNOWN = "use one of target, audit_id, fail_on"


@pytest.mark.parametrize("command", [("audit", "demo"), ("run", "drift_audit")])
@pytest.mark.parametrize(
    ("pair", "words"),
    [
        pytest.param(("tragets", "x"), ["no parameter 'tragets'", KNOWN], id="an unknown name"),
        pytest.param(("fail_on", "3"), ["'fail_on' takes str, not int"], id="a wrong type"),
        pytest.param(("fail_on", "dire"), ["cannot be 'dire'", "critical"], id="a wrong value"),
        pytest.param(
            ("x; import os", "1"), ["cannot be called 'x; import os'", KNOWN], id="a hostile name"
        ),
        pytest.param(("__import__('os')", "1"), ["cannot be called"], id="a call as a name"),
        pytest.param(("target", DSN), ["looks like a connection string"], id="a DSN as a value"),
        pytest.param(("target", f"password={CANARY}"), ["connection string"], id="a password"),
        pytest.param((DSN, "1"), ["is no parameter's name"], id="a DSN as a name"),
        pytest.param((DSN,), ["is no parameter's name"], id="a DSN alone"),
        pytest.param(("target",), ["'target' has no value"], id="no value"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    program: Program,
    inside: Inside,
    command: tuple[str, ...],
    pair: tuple[str, ...],
    words: list[str],
) -> None:
    ended = inside(*command, "-p", *pair)
    ended.check_error(2, *words, where=False)
    assert CANARY not in ended.out + ended.err
    assert ended.out == ""
    assert list(program.home.iterdir()) == []


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        pytest.param(("target", "prod"), ["says 'prod'", "of 'demo'"], id="another target"),
        pytest.param(("audit_id", "20260101T000000Z-abcd"), ["id of its own"], id="an old audit"),
    ],
)
def test_a_parameter_that_an_audit_sets_itself_is_not_silently_dropped(
    inside: Inside, pair: tuple[str, str], words: list[str]
) -> None:
    inside("audit", "demo", "-p", *pair).check_error(2, *words)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: [", "it is not YAML", id="no YAML"),
        pytest.param("- target", "is no mapping", id="a list"),
        pytest.param("tragets: demo", "no parameter 'tragets'", id="an unknown name"),
        pytest.param("target: [demo]", "not list", id="a wrong type"),
        pytest.param(b"target: \xff", "cannot be read", id="no UTF-8"),
        pytest.param(f"target: {DSN}", "looks like a connection string", id="a DSN"),
        pytest.param("!!python/object/apply:os.getcwd []", "it is not YAML", id="an object"),
        pytest.param(None, "No such file or directory", id="no file"),
    ],
)
def test_a_wrong_parameter_file_is_refused(
    program: Program, inside: Inside, text: str | bytes | None, problem: str
) -> None:
    if text is not None:
        program.write("wrong.yaml", text)
    ended = inside("run", "drift_audit", "-f", "wrong.yaml")
    ended.check_error(2, problem, where=False)
    assert CANARY not in ended.err
    assert not (program.home / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("audit", "pord"), ["no target is called 'pord'", "demo"], id="target"),
        pytest.param(("doctor", "pord"), ["no target is called 'pord'"], id="doctor's target"),
        pytest.param(
            ("run", "drift_audit", "-p", "target", "pord"), ["'pord'"], id="target of a notebook"
        ),
        pytest.param(("run", "drift"), ["no notebook is called 'drift'", "drift_audit"], id="name"),
        pytest.param(("run", "a.ipynb"), ["a.ipynb does not exist"], id="path"),
        pytest.param(("run", "../../etc"), ["no notebook is called"], id="a path as a name"),
        pytest.param(("diff", "here", "there"), ["'here' names no source"], id="source"),
        pytest.param(("replay", "demo"), ["is no migrations directory"], id="no directory"),
        pytest.param(("capture", "demo", "-o", "a/b"), ["no such folder"], id="no folder"),
        pytest.param(("--params", "no", "doctor"), ["holds no targets.toml"], id="params"),
    ],
)
def test_an_unknown_name_is_said_with_what_there_is(
    inside: Inside, arguments: tuple[str, ...], words: list[str]
) -> None:
    inside(*arguments).check_error(2, *words, where=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("adit",), ["'adit'", "see driftbook --help"], id="command"),
        pytest.param(("diff", "one"), ["'TO'", "see driftbook diff --help"], id="argument"),
        pytest.param(("audit", "demo", "--json=1"), ["--json"], id="flag"),
        pytest.param(("audit", "demo", "--fial-on"), ["--fial-on"], id="option"),
        pytest.param(("audit", "demo", "--fail-on", "dire"), ["'dire'"], id="choice"),
        pytest.param(("diff", "a", "b", "--shadow-major", "13"), ["14"], id="range"),
        pytest.param(("run", "drift_audit", "-p"), ["'-p'"], id="value"),
    ],
)
def test_wrong_usage_is_an_error_like_any_other(
    inside: Inside, arguments: tuple[str, ...], words: list[str]
) -> None:
    inside(*arguments).check_error(2, *words, "where: driftbook")


@pytest.mark.parametrize(
    "arguments",
    [
        (DSN,),
        ("audit", DSN),
        ("doctor", DSN),
        ("run", DSN),
        ("replay", DSN),
        ("init", "--target", DSN),
        ("init", "--dsn-env", DSN),
        ("audit", "demo", "--fail-on", DSN),
        ("audit", "demo", DSN),
    ],
    ids=lambda arguments: " ".join(arguments).replace(DSN, "DSN"),
)
def test_a_connection_string_in_the_wrong_place_is_not_repeated(
    inside: Inside, arguments: tuple[str, ...]
) -> None:
    ended = inside(*arguments)
    ended.check_error(2, where=False)
    assert CANARY not in ended.out + ended.err
