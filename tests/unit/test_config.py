"""A wrong targets file is refused with its place; a secret never gets into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.config import read_dsn, read_secrets, read_settings
from driftbook.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def params(tmp_path: Path) -> Path:
    folder = tmp_path / "params"
    folder.mkdir()
    return folder


def write(params: Path, text: str) -> Path:
    (params / "targets.toml").write_text(text, encoding="utf-8")
    return params


def test_the_demo_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFTBOOK_PARAMS", raising=False)
    assert read_settings().target("demo").is_demo


def test_paths_are_relative_to_the_repository(params: Path) -> None:
    write(params, '[targets.prod]\ndsn_env = "X"\nmigrations = "db/migrations"\n')
    target = read_settings(params).target("prod")
    assert target.migrations == params.parent / "db/migrations"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[targets.prod]\ndsn = 'x'\n", "'dsn' does not belong", id="a DSN"),
        pytest.param("[targets.prod]\npassword = 'x'\n", "'password' does not", id="a password"),
        pytest.param("[targets.prod]\nplatfrom = 'x'\n", "platfrom", id="a misspelt key"),
        pytest.param("[targets.prod]\nshadow_major = 'ten'\n", "shadow_major", id="a wrong type"),
        pytest.param("[targets.prod]\nfail_on = 'bad'\n", "fail_on", id="an unknown severity"),
        pytest.param("[targets.'a b']\ndsn_env = 'X'\n", "cannot be called", id="a bad name"),
        pytest.param("[target.prod]\n", "target", id="a misspelt table"),
        pytest.param("[targets.prod\n", "is not TOML", id="no TOML"),
    ],
)
def test_a_wrong_file_is_refused(params: Path, text: str, problem: str) -> None:
    write(params, text)
    with pytest.raises(ConfigError) as caught:
        read_settings(params)
    assert problem in caught.value.problem
    assert "targets.toml" in caught.value.where
    assert caught.value.fix


def test_an_unknown_target_names_the_known_ones(params: Path) -> None:
    write(params, '[targets.prod]\ndsn_env = "X"\n')
    with pytest.raises(ConfigError, match="'pord'") as caught:
        read_settings(params).target("pord")
    assert "demo, prod" in caught.value.fix


def test_a_missing_variable_is_named_and_nothing_else(
    params: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(params, '[targets.prod]\ndsn_env = "NO_SUCH_DSN"\n')
    monkeypatch.delenv("NO_SUCH_DSN", raising=False)
    with pytest.raises(ConfigError, match="NO_SUCH_DSN"):
        read_dsn(read_settings(params).target("prod"))


def test_the_reports_folder_can_be_named(params: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFTBOOK_REPORTS", raising=False)
    write(params, 'reports = "out"\n')
    assert read_settings(params).reports == str(params.parent / "out")


def test_keys_of_the_storage_are_secrets_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING", "AWS_REGION"):
        monkeypatch.setenv(name, f"value of {name}")
    (tmp_path / "targets.toml").write_text("", encoding="utf-8")
    secrets = read_secrets(read_settings(tmp_path))
    assert "value of AWS_SECRET_ACCESS_KEY" in secrets
    assert "value of AZURE_STORAGE_CONNECTION_STRING" in secrets
    assert "value of AWS_REGION" not in secrets
