"""A wrong targets.toml is refused with its line or key, and a secret in it is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

CANARY = "hunter2canary"
DSN = f"postgresql://auditor:{CANARY}@db.example/live"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[targets.prod\n", ["is not TOML", "line 1"], id="no TOML"),
        pytest.param(b"# \xff\n", ["is not TOML"], id="no UTF-8"),
        pytest.param(
            "[targets.prod]\nplatfrom = 'plain'\n",
            ["key 'platfrom' is unknown", "[targets.prod]", "platform"],
            id="a misspelt key",
        ),
        pytest.param(
            "[target.prod]\n",
            ["key 'target' is unknown", "reports, history_env, targets"],
            id="a misspelt table",
        ),
        pytest.param(
            "[targets.prod]\nshadow_major = 9\n", ["shadow_major", "14"], id="a wrong value"
        ),
        pytest.param(
            f"[targets.prod]\npassword = '{CANARY}'\n",
            ["key 'password' does not belong into a file", "dsn_env = "],
            id="a password",
        ),
        pytest.param(
            f"[targets.prod]\ndsn = '{DSN}'\n", ["key 'dsn' does not belong"], id="a string"
        ),
        pytest.param(
            f"[targets.prod]\ndsn_env = '{DSN}'\n",
            ["connection string in 'dsn_env' does not belong", "dsn_env = "],
            id="a string for the variable's name",
        ),
        pytest.param(
            f"[targets.prod]\nservice = 'x password={CANARY}'\n",
            ["connection string in 'service'"],
            id="a string for the service",
        ),
        pytest.param(f"password = '{CANARY}'\n", ["'password' is unknown"], id="outside a table"),
        pytest.param(f"[targets.'{DSN}']\n", ["a target cannot be called"], id="a string as name"),
    ],
)
def test_a_wrong_file_is_refused_and_shows_no_secret(
    program: Program, inside: Callable[..., Ended], text: str | bytes, words: list[str]
) -> None:
    program.write("params/targets.toml", text)
    ended = inside("audit", "prod")
    ended.check_error(2, *words, str(program.home / "params" / "targets.toml"))
    assert CANARY not in ended.out + ended.err


def test_files_alone_are_reported_on_and_never_pass(
    program: Program, inside: Callable[..., Ended]
) -> None:
    program.write("params/targets.toml", '[targets.prod]\nmigrations = "."\n')
    program.write("20250101000000_a.sql", "select 1;")
    run = ("run", "drift_audit", "-p", "target", "prod")
    inside(*run).check_error(2, "names no database", "[targets.prod]", "dsn_env")
    ended = inside("audit", "prod")
    assert ended.code == 4, ended.out + ended.err
    tracking, history, _ = ended.out.splitlines()
    assert tracking.startswith("incomplete  prod  tracking_audit  ")
    assert history.startswith("pass  prod  migration_history  ")


def test_a_folder_of_parameters_that_is_a_file_is_said_so(
    program: Program, inside: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTBOOK_PARAMS", str(program.write("file", "text")))
    inside("doctor").check_error(2, "targets.toml cannot be read: Not a directory")
