from __future__ import annotations

import dataclasses

import pytest
from bs4 import BeautifulSoup
from tests.generated import build_facts

from driftbook.repairs import RepairPlan, RepairStep, StepKind
from driftbook.report import edits, steps
from driftbook.report.allow_list import CLEANER
from driftbook.report.fragments import Fragment, render_edits, render_plan
from driftbook.versions import Version, VersionState

SCRIPT = "<script>alert(1)</script>"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"
STEP = RepairStep(
    StepKind.RECORD,
    ("20240101000000",),
    "It ran.",
    evidence="4 of 4 effects are live.",
    command="supabase migration repair --status applied 20240101000000",
    sql="insert into t values (1);",
    risk="None.",
)
EDITED = Version(
    "1",
    "1_a.sql",
    VersionState.EDITED_AFTER_APPLY,
    recorded=True,
    note="one statement differs",
    written="select 2;",
    recorded_text="select 1;",
    edit_effect=("column a.b: NOT NULL added",),
)


def find_text(fragment: Fragment) -> str:
    return BeautifulSoup(fragment, "html.parser").get_text(" ")


def test_a_step_says_why_how_and_what_can_go_wrong() -> None:
    text = find_text(render_plan(RepairPlan((STEP,), proven=True)))
    for words in ("Proven", "It ran.", "4 of 4 effects", STEP.command, "insert", "Risk: None."):
        assert words in text


def test_a_plan_that_is_not_proven_says_so_and_why() -> None:
    text = find_text(render_plan(RepairPlan((STEP,), doubts=("the copy differs",))))
    assert "Not proven." in text
    assert "the copy differs" in text


def test_an_empty_plan_is_a_sentence_and_keeps_its_doubts() -> None:
    assert find_text(render_plan(RepairPlan())) == "No step is proposed."
    assert "it was not read" in find_text(render_plan(RepairPlan(doubts=("it was not read",))))


def test_every_kind_of_step_has_a_title() -> None:
    assert set(steps.TITLES) == set(StepKind)


def test_many_steps_of_a_kind_share_a_fold() -> None:
    plan = build_facts(700).plan
    page = BeautifulSoup(render_plan(plan), "html.parser")
    assert len(page.find_all("details", recursive=False)) == 4
    assert len(page.find_all("details")) == len(plan.steps) + 3


def test_what_is_copied_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    long = dataclasses.replace(STEP, sql="\n".join(f"select {n};" for n in range(900)))
    assert "899" in find_text(render_plan(RepairPlan((long,))))
    monkeypatch.setattr(steps, "PAGE_BUDGET", 1000)
    text = find_text(render_plan(RepairPlan((long,))))
    assert "900 lines, left out" in text
    assert "select" not in text


def test_a_secret_in_a_step_is_redacted_and_named() -> None:
    text = find_text(render_plan(RepairPlan((dataclasses.replace(STEP, sql=f"select '{JWT}'"),))))
    assert JWT not in text
    assert "it holds a secret, redacted here" in text


def test_an_edit_shows_both_texts_and_what_it_changes() -> None:
    text = find_text(render_edits([EDITED]))
    for words in ("1_a.sql", "edited after apply", "recorded", "file", "NOT NULL added"):
        assert words in text
    assert "migrations" not in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"edit_effect": ()}, "is not known", id="unknown effect"),
        pytest.param(
            {"state": VersionState.EDITED_HARMLESS, "edit_effect": ()},
            "Both texts give the same schema.",
            id="harmless",
        ),
        pytest.param({"written": ""}, "recorded (the file has no statement)", id="emptied"),
        pytest.param({"written": "", "recorded_text": ""}, "did not keep the texts", id="no texts"),
        pytest.param({"recorded_text": ""}, "file (nothing is recorded)", id="nothing recorded"),
    ],
)
def test_an_edit_is_told_in_words(values: dict[str, object], words: str) -> None:
    assert words in find_text(render_edits([dataclasses.replace(EDITED, **values)]))  # type: ignore[arg-type]


def test_many_edits_share_a_fold_and_stay_within_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "PAGE_BUDGET", 2000)
    page = render_edits([EDITED] * 50)
    assert "50 versions" in find_text(page)
    assert "Both texts are left out here" in page


def test_without_an_edit_there_is_a_sentence() -> None:
    assert find_text(render_edits([])) == "None: no file is known to differ from its record."


def test_hostile_texts_are_escaped_and_pass_the_allow_list() -> None:
    texts = dict.fromkeys("reason evidence command sql file old_file text risk".split(), SCRIPT)
    plan = RepairPlan((dataclasses.replace(STEP, versions=(SCRIPT,), **texts),), doubts=(SCRIPT,))
    edit = dataclasses.replace(
        EDITED, file=SCRIPT, note=SCRIPT, written=SCRIPT, recorded_text="x", edit_effect=(SCRIPT,)
    )
    for fragment in (render_plan(plan), render_edits([edit])):
        assert "<script>" not in fragment
        cleaned, raw = (
            BeautifulSoup(text, "html.parser") for text in (CLEANER.clean(fragment), fragment)
        )
        assert cleaned == raw
