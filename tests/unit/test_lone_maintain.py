"""MAINTAIN that GRANT ALL gave is no news; MAINTAIN that somebody gave alone is told."""

from __future__ import annotations

import pytest
from tests.unit.snapshots import build_snapshot

from driftbook.catalog.kinds import KINDS
from driftbook.drift.majors import find_lone_maintain

OLD, NEW = 150_000, 170_000
GIVEN_BEFORE_17 = "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER".split()


def grants(*privileges: str) -> dict[str, list[dict[str, object]]]:
    table = {"object_kind": "table", "schema": "auth", "name": "users", "column": ""}
    holder = {"grantee": "dashboard", "is_owner": False}
    return {"privilege": [{**table, **holder, "privilege": one} for one in privileges]}


@pytest.mark.parametrize(
    ("compared", "whole", "other", "told"),
    [
        pytest.param(["MAINTAIN"], ["MAINTAIN", *GIVEN_BEFORE_17], OLD, 0, id="the rest left"),
        pytest.param(["MAINTAIN"], ["MAINTAIN", "SELECT"], OLD, 1, id="given alone"),
        pytest.param(["MAINTAIN"], ["MAINTAIN", "SELECT"], NEW, 0, id="both can have it"),
        pytest.param([], ["MAINTAIN", "SELECT"], OLD, 0, id="not compared"),
    ],
)
def test_maintain(compared: list[str], whole: list[str], other: int, told: int) -> None:
    older = build_snapshot({}, KINDS, other)
    sides = (older, build_snapshot(grants(*compared), KINDS, NEW))
    full = (older, build_snapshot(grants(*whole), KINDS, NEW))
    assert len(find_lone_maintain(sides, full)) == told
