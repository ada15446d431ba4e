"""Unit tests leave the user's own state alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import Repository, make_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTBOOK_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "repository")
