"""Identities stay the same, and different things never share one."""

from __future__ import annotations

import hashlib

from driftbook.model import Finding, ObjectRef, Severity, Verdict


def finding(rule: str = "untracked-object", *parts: str) -> Finding:
    return Finding(
        rule=rule,
        group="drift",
        severity=Severity.HIGH,
        object=ObjectRef("table", parts or ("public", "orders")),
        title="",
        consequence="",
        fix="",
    )


def test_a_finding_has_a_stable_key_and_id() -> None:
    key = "untracked-object:table:public.orders"
    assert finding().key == key
    assert finding().id == f"drift-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def test_names_with_dots_do_not_collide() -> None:
    assert (
        ObjectRef("column", ("s", "a.b", "c")).name != ObjectRef("column", ("s", "a", "b.c")).name
    )


def test_exit_codes_are_the_documented_ones() -> None:
    codes = {verdict.value: verdict.exit_code for verdict in Verdict}
    assert codes == {"pass": 0, "fail": 1, "error": 3, "incomplete": 4}


def test_severities_are_ordered() -> None:
    assert Severity.CRITICAL.reaches(Severity.HIGH)
    assert not Severity.MEDIUM.reaches(Severity.HIGH)
