"""What a report says of earlier audits: counts of its own rules, and nothing it did not check."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.generated import build_evidence, build_facts
from tests.unit.audits import build_found, build_row, build_schema, build_snapshot

from driftbook.audit.comparison import build_comparison
from driftbook.audit.evidence import FileFact, GapFact
from driftbook.audit.frames.past import build_ages, build_reconciled, build_trend
from driftbook.audit.unchecked import find_reason
from driftbook.charts.style import read_nothing
from driftbook.charts.trends import plot_open_findings
from driftbook.history import Past, Spell, TrendPoint
from driftbook.history.past import Memory, compare_audit, count_found, storable
from driftbook.model import Finding, ObjectRef, Severity

if TYPE_CHECKING:
    from driftbook.audit.evidence import Evidence

TIMES = {
    "first_seen_at": "2026-01-01T02:15:00Z",
    "opened_at": "2026-01-02T02:15:00Z",
    "last_seen_at": "2026-01-03T02:15:00Z",
}


def build_spell(rule: str = "untracked-object", kind: str = "table", *parts: str) -> Spell:
    found = build_found("x").model_dump()
    return Spell(
        **{**found, "rule": rule, "kind": kind, "parts": parts or ("public", "x"), **TIMES}
    )


def build_looked(**changes: object) -> Evidence:
    """Return the evidence of an audit that could look everywhere, but for ``changes``."""
    facts = build_facts(10).model_copy(update={"gaps": (), "records": 9, **changes})
    both = build_schema(("a",))
    return replace(build_evidence(facts), live=both, expected=both)


GAP = GapFact(what="file", why="it failed", fix="mend it", about="replay")
FILE = FileFact(version="1", file="1_a.sql", status="failed", statements=1, size=1, seconds=0)


@pytest.mark.parametrize(
    ("spell", "changes", "why"),
    [
        pytest.param(build_spell(), {}, "", id="looked for in vain"),
        pytest.param(build_spell(), {"records": None}, "tracking table", id="no tracking table"),
        pytest.param(build_spell("gone-rule"), {}, "its rule", id="a rule that is no more"),
        pytest.param(build_spell("missing-object"), {"gaps": (GAP,)}, "failed", id="not replayed"),
        pytest.param(build_spell(), {"gaps": (GAP,)}, "", id="live only, live was read"),
        pytest.param(
            build_spell("altered-object", "table", "public", "a"),
            {"gaps": (GAP,)},
            "",
            id="the files still make it: it was compared",
        ),
        pytest.param(
            build_spell("tracked-without-effect", "migration", "1"),
            {"files": (FILE,)},
            "failed in the shadow",
            id="a file whose effects are not known",
        ),
        pytest.param(
            build_spell("tracked-without-effect", "migration", "2"), {"files": (FILE,)}, "", id="2"
        ),
        pytest.param(
            build_spell("comment-only", "migration", "1"), {"records": None}, "", id="of the file"
        ),
    ],
)
def test_only_what_was_looked_for_is_resolved(
    spell: Spell, changes: dict[str, object], why: str
) -> None:
    reason = find_reason(spell, build_looked(**changes))
    assert why in reason
    assert bool(why) == bool(reason)


def test_what_left_the_scope_is_not_resolved() -> None:
    evidence = build_looked()
    target = evidence.facts.target.model_copy(update={"exclude": ("public.x",)})
    facts = evidence.facts.model_copy(update={"target": target})
    assert "out of scope" in find_reason(build_spell(), replace(evidence, facts=facts))
    frames = {**evidence.expected.frames}
    frames.pop("table")
    blind = replace(evidence, live=replace(evidence.expected, frames=frames))
    assert "not read" in find_reason(build_spell(), blind)
    assert "names no database" in find_reason(build_spell(), replace(evidence, live=None))


def build_past() -> Past:
    drift, other = build_found("x"), build_found("y", rule="never-runs")
    spells = {name: build_spell() for name in ("z",)}
    memory = Memory(
        trend=(TrendPoint(audit_id="old", audited_at="2026-01-03T02:15:00Z", counts={}),),
        open={
            "z": spells["z"].model_copy(update={"key": "z"}),
            "w": build_spell("never-runs").model_copy(update={"key": "w"}),
        },
    )
    now = TrendPoint(
        audit_id="now", audited_at="2026-01-05T14:15:00Z", counts=count_found([drift, other])
    )
    return compare_audit(memory, [drift, other], now, lambda _spell: "")


def build_finding(name: str, rule: str = "untracked-object") -> Finding:
    thing = ObjectRef("table", ("public", name))
    return Finding(rule, "drift", Severity.HIGH, thing, "title", "consequence", "fix")


def test_a_report_counts_the_findings_of_its_own_rules() -> None:
    past = build_past()
    result = build_comparison("drift_audit", past, [build_finding("x")])
    since, trend = result["since"], result["trend"]
    assert isinstance(since, dict)
    assert isinstance(trend, list)
    assert (since["new"], since["resolved"], since["previous"]) == (1, 1, "old")
    assert [point["total"] for point in trend] == [0, 1]
    everything = build_comparison("", past, [])["since"]
    assert isinstance(everything, dict)
    assert everything["resolved"] == 2


def test_frames_of_the_past_have_ages_and_times() -> None:
    past = build_past()
    trend = build_trend(past, {"untracked-object"})
    assert trend["total"].tolist() == [0, 1]
    finding = build_finding("x")
    states = {finding.id: ("known", "2026-01-01T02:15:00Z")}
    ages = build_ages([finding], states, datetime(2026, 1, 5, 14, 15, tzinfo=UTC))
    assert ages["days_open"].tolist() == [4.5]
    assert build_ages([finding], {finding.id: ("", "")}, datetime.now(UTC)).empty
    reconciled = build_reconciled(past, {"untracked-object"})
    assert reconciled["days_to_reconcile"].tolist() == [3.5]


def test_a_trend_is_drawn_from_two_audits_on() -> None:
    trend = build_trend(build_past(), {"untracked-object", "never-runs"})
    drawn = plot_open_findings(trend)
    assert not read_nothing(drawn)
    assert [text.get_text() for text in drawn.texts] == ["2 high"]
    assert "two audits" in read_nothing(plot_open_findings(trend.head(1)))
    assert not read_nothing(plot_open_findings(trend.assign(high=0)))


def test_a_name_that_no_database_takes_is_kept_visible() -> None:
    assert storable("a\udc80\0b") == "a\\udc80\\0b"


def test_an_object_by_its_row() -> None:
    # What find_reason rests on: a row of the files' side by the parts of a finding.
    both = build_snapshot({"table": [build_row("table", ("public", "a"), rls_enabled=True)]})
    assert both.row("table", ("public", "a"))
    assert both.row("table", ("public", "b")) is None
