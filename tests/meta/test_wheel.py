"""Who installs the wheel gets everything that a checkout has: queries, templates, notebooks."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIB = ROOT / "lib" / "driftbook"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    files = {
        path.relative_to(LIB.parent).as_posix()
        for path in LIB.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "driftbook/catalog/sql/table.sql" in files
    assert files <= names


def test_the_notebooks_are_in_the_wheel(names: set[str]) -> None:
    notebooks = {f"driftbook/notebooks/{path.name}" for path in ROOT.glob("notebooks/*.ipynb")}
    assert notebooks
    assert notebooks <= names


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert {name.partition("/")[0] for name in names} == {"driftbook", "driftbook-0.1.0.dist-info"}
