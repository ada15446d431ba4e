"""Results that mix with progress, or end with a pipe, break every script around them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.program import Program

pytestmark = pytest.mark.postgres

FAILING = "20250101000000_a.sql"
# Reads nothing and is gone before the program says its first word.
DEAF = [sys.executable, "-c", ""]


@pytest.fixture(autouse=True)
def _migrations(program: Program) -> None:
    program.write(f"migrations/{FAILING}", "create table a (id nothing);")


def test_progress_goes_to_stderr_and_json_alone_to_stdout(program: Program) -> None:
    ended = program("replay", "migrations", "--format", "json")
    assert json.loads(ended.out)["failed"] == 1
    assert f"replaying {FAILING}" in ended.err.splitlines()
    quiet = program("--quiet", "replay", "migrations", "--format", "json")
    assert (json.loads(quiet.out)["failed"], quiet.err) == (1, "")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_is_gone_leaves_the_exit_code_as_it_is(program: Program, stream: str) -> None:
    deaf = subprocess.Popen(DEAF, stdin=subprocess.PIPE)
    deaf.wait()
    other = "stderr" if stream == "stdout" else "stdout"
    done = subprocess.run(
        program.command("replay", "migrations"),
        cwd=program.home,
        env=program.environment(),
        text=True,
        check=False,
        **{stream: deaf.stdin, other: subprocess.PIPE},  # type: ignore[call-overload]
    )
    assert deaf.stdin
    deaf.stdin.close()
    assert done.returncode == 1
    shown = done.stderr if stream == "stdout" else done.stdout
    assert "Traceback" not in shown
    assert FAILING in shown


def test_a_log_on_a_full_disk_turns_no_error_into_drift(program: Program) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            program.command("audit", "nobody"),
            cwd=program.home,
            env=program.environment(),
            stderr=full,
            check=False,
        )
    assert done.returncode == 2


def test_a_terminal_of_another_encoding_gets_escapes(program: Program) -> None:
    program.write("migrations/20250102000000_b.sql", 'select "é";')
    ended = program.run_alone("replay", "migrations", PYTHONIOENCODING="ascii")
    assert ended.code == 1
    assert 'column "\\xe9" does not exist' in ended.out
    assert "Traceback" not in ended.err


def test_control_characters_of_a_name_do_not_reach_the_terminal(program: Program) -> None:
    program.write("migrations/20250102000000_b.sql", 'select "\x1b[2J\u202e";')
    ended = program("replay", "migrations")
    assert "\\u001b[2J\\u202e" in ended.out
    assert "\x1b" not in ended.out + ended.err


def test_a_bug_is_no_drift_and_says_where_it_goes(program: Program) -> None:
    broken = "from driftbook import cli; import driftbook.propose as p; del p.find_migrations; "
    done = subprocess.run(
        [sys.executable, "-c", broken + "import sys; sys.argv = ['x', 'init']; cli.main()"],
        cwd=program.home,
        env=program.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "driftbook met a bug: please report it with this text" in done.stderr
