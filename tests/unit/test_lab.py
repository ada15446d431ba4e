"""What `driftbook lab` does before JupyterLab is there."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.explored import build_explored

from driftbook.audit.remember import remember
from driftbook.config import Target, read_settings
from driftbook.errors import ConfigError
from driftbook.places import use_jupyter_config
from driftbook.report import lab

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.config import Settings
    from driftbook.progress import Progress


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return the list of targets whose story is recorded from now on, in a place of its own."""
    told: list[str] = []

    def record_story(settings: Settings, *, progress: Progress) -> None:
        progress("recording", 0, 0)
        told.append(",".join(settings.targets))

    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "record_story", record_story)
    return told


def say(*_: object) -> None:
    """Take progress."""


def test_the_demo_is_recorded_where_there_is_nothing_else(recorded: list[str]) -> None:
    assert "are recorded" in lab.prepare_demo(read_settings(), say)
    assert recorded == ["demo"]


def test_a_demo_with_a_history_is_left_as_it_is(recorded: list[str]) -> None:
    remember(build_explored(), read_settings())
    assert lab.prepare_demo(read_settings(), say) == ""
    assert recorded == []


def test_nobody_with_a_target_waits_for_the_demo(recorded: list[str]) -> None:
    settings = read_settings()
    own = settings.model_copy(update={"targets": {**settings.targets, "a": Target(name="a")}})
    assert "driftbook demo" in lab.prepare_demo(own, say)
    assert recorded == []


def test_a_notebook_that_somebody_changed_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "explore.ipynb").write_text("mine", encoding="utf-8")
    lab.copy_notebooks(folder)
    assert (folder / "explore.ipynb").read_text(encoding="utf-8") == "mine"
    copied = json.loads((folder / "drift_audit.ipynb").read_text(encoding="utf-8"))
    assert copied["nbformat"] == 4


def test_without_jupyterlab_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="not installed") as caught:
        lab.check_lab()
    assert "driftbook[lab]" in caught.value.fix


def test_a_users_settings_of_jupyterlab_go_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/own")
    use_jupyter_config(tmp_path)
    assert os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep) == ["/own", str(tmp_path.resolve())]
