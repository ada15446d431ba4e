"""What a report says of the last self-test of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.tested import LastSelfTest, keep_selftest, read_selftest
from driftbook.selftest.mutations import Mutation
from driftbook.selftest.result import FalseAlarm, Outcome, SelfTest, Trial

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MUTATION = Mutation("policy", ("using",), 14, "", "", "alter policy p on t using (true)")


def try_it(outcome: Outcome) -> Trial:
    return Trial(MUTATION, outcome, "", MUTATION.sql, ("policy t.p",))


def build_selftest(*outcomes: Outcome) -> SelfTest:
    alarms = [FalseAlarm("the probe", "table t: options")]
    return SelfTest("production", "18.6", "", [try_it(one) for one in outcomes], alarms)


def test_a_kept_self_test_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path))
    assert read_selftest("production") is None
    found = build_selftest(Outcome.DETECTED, Outcome.MISSED, Outcome.REFUSED)
    keep_selftest("production", found, ["2", "1"])
    fact = read_selftest("production")
    assert fact is not None
    assert (fact.tried, fact.detected, fact.not_applied) == (2, 1, 1)
    tested = LastSelfTest(fact, frozenset({"1", "2"}), "production")
    rows = list(tested.table.itertuples(index=False, name=None))
    assert rows[0] == ("security", 2, 1, "")
    assert rows[1][1:] == (2, 1, MUTATION.sql)
    assert rows[1][0].endswith("on PostgreSQL 18.6, the same files")
    assert rows[2][1:] == (0, 1, "table t: options (the probe)")
    assert tested.as_json()["missed"] == [MUTATION.sql]
    assert not LastSelfTest(fact, frozenset({"1"}), "production").is_current


def test_a_self_test_that_cannot_be_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path))
    (tmp_path / "selftests").mkdir()
    (tmp_path / "selftests" / "production.json").write_text("{", encoding="utf-8")
    assert read_selftest("production") is None


def test_without_a_self_test_the_report_says_how_to_make_one() -> None:
    tested = LastSelfTest(None, frozenset(), "production")
    assert len(tested.table) == 0
    assert "driftbook selftest production" in tested.why_empty
    assert tested.as_json() == {}


def test_nothing_tried_is_no_pass() -> None:
    assert not SelfTest("x", "18.6", "", [try_it(Outcome.REFUSED)]).passed
    assert not build_selftest(Outcome.DETECTED).passed
    assert SelfTest("x", "18.6", "", [try_it(Outcome.DETECTED)]).passed
