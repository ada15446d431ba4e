from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbconvert.filters import markdown2html
from tests.unit.incidents import NOTES, build_hostile

from driftbook.audit.postmortem import Incident
from driftbook.charts.incident import build_bars, plot_incident
from driftbook.charts.style import read_nothing
from driftbook.incident import frames
from driftbook.incident.actions import Action
from driftbook.incident.words import Sentence
from driftbook.report.allow_list import CLEANER
from driftbook.report.fragments import (
    Fragment,
    render_actions,
    render_events,
    render_evidence,
    render_figure,
    render_moments,
    render_notes,
    render_sentences,
    render_table,
)
from driftbook.report.incident import list_cited
from driftbook.report.result import complete_result

HARMLESS = {"script", "img", "iframe", "style"}
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"
INCIDENT = build_hostile()


def render_all(incident: Incident) -> list[Fragment]:
    actions = [*incident.actions, Action(incident.title, incident.title, is_sql=True)]
    tables = (incident.changes, incident.wounds, incident.access, incident.rules, incident.blind)
    more = (incident.unknown, incident.contradictions, incident.remedies, incident.lines)
    return [
        render_moments(incident.moments),
        render_events(incident.told),
        render_sentences(incident.reach, "None."),
        render_evidence(incident.clues, incident.sentences),
        render_actions(actions),
        render_figure(plot_incident(incident.marks), "timeline", "Events.", incident.events),
        *(render_table(table, "rows") for table in (*tables, *more)),
    ]


def test_nothing_from_elsewhere_becomes_an_element() -> None:
    for fragment in render_all(INCIDENT):
        page = BeautifulSoup(fragment, "html.parser")
        assert not page.find_all(HARMLESS)
        assert "\u202e" not in fragment
        for link in page.find_all("a"):
            assert re.fullmatch(r"#[\w-]+", str(link["href"]))


def test_the_allow_list_changes_nothing() -> None:
    for fragment in render_all(INCIDENT):
        assert BeautifulSoup(CLEANER.clean(fragment), "html.parser") == BeautifulSoup(
            fragment, "html.parser"
        )


def test_every_reference_leads_to_a_row_of_the_evidence() -> None:
    page = BeautifulSoup("".join(render_all(INCIDENT)), "html.parser")
    ids = [str(one["id"]) for one in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    wanted = {str(one["href"])[1:] for one in page.find_all("a", href=re.compile("^#E"))}
    assert wanted == list_cited(INCIDENT.sentences)
    assert wanted <= set(ids)


def test_evidence_that_is_not_there_is_an_error_and_never_a_dead_link() -> None:
    lost = Sentence("x", INCIDENT.told[0].confidence, ("E9999",))
    with pytest.raises(ValueError, match="E9999"):
        render_evidence(INCIDENT.clues, [lost])


def test_notes_are_text_with_emphasis_and_links_and_nothing_else() -> None:
    page = BeautifulSoup(
        CLEANER.clean(markdown2html(render_notes(NOTES)._repr_markdown_())), "html.parser"
    )
    assert not page.find_all([*HARMLESS, "h1", "h2", "h3"])
    assert not page.find_all(id=True)
    assert "<script>alert(1)</script>" in page.get_text()
    assert page.strong is not None
    hrefs = [link.get("href", "") for link in page.find_all("a")]
    assert "https://example.org/channel" in hrefs
    assert not [href for href in hrefs if str(href).startswith("javascript")]
    assert JWT not in render_notes(f"token {JWT}")._repr_markdown_()
    assert "No notes" in render_notes(" ")._repr_markdown_()


def test_the_result_is_that_of_a_postmortem_and_judges_no_rule() -> None:
    result = complete_result(INCIDENT.result)
    assert result["verdict"] == "incomplete", "no dependencies were taken"
    assert [gap["what"] for gap in result["incomplete"]] == ["What depends on what changed"]
    assert (result["findings"], result["rules"]) == ([], [])
    assert str(result["title"]).startswith("<script>"), "escaped where it is shown"
    assert "no database was asked" in str(result["reason"])
    assert "since" not in INCIDENT.result


def test_with_everything_known_a_postmortem_passes() -> None:
    columns = ["kind", "key", "on_kind", "on_key", "how"]
    edges = pd.DataFrame(columns=columns, dtype="str")
    case = replace(INCIDENT.case, exhibits={"dependency": edges})
    whole = Incident(INCIDENT.evidence, case, INCIDENT.fail_on)
    assert whole.verdict.value == "pass"


def test_the_same_incident_gives_the_same_bytes() -> None:
    once, again = (
        "".join(render_all(one)) for one in (build_hostile(sessions=2), build_hostile(sessions=2))
    )
    assert once == again


def test_sixty_events_are_legible_and_folded() -> None:
    incident = build_hostile(sessions=8)
    assert len(incident.told) > 60
    page = BeautifulSoup(render_events(incident.told), "html.parser")
    assert page.details is not None
    assert len(page.find_all("li")) == len(incident.told)
    bars = list(build_bars(incident.marks))
    assert max(len(bar.label) for bar in bars) < 40
    ax = plot_incident(incident.marks)
    height = ax.get_figure().get_figheight()  # type: ignore[union-attr]
    assert height < 12


def test_an_open_end_is_drawn_open_and_no_time_is_no_place() -> None:
    marks = INCIDENT.marks.copy()
    marks.loc[0, "earliest_at"] = pd.NaT
    marks.loc[1, "latest_at"] = pd.NaT
    marks.loc[2, ["earliest_at", "latest_at"]] = pd.NaT
    ax = plot_incident(marks)
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[-1] == "no time known"
    texts = [text.get_text() for text in ax.texts]
    assert f"in the order of transactions: {marks['no'][2]}" in texts


def test_without_an_event_the_figure_is_a_sentence() -> None:
    assert "nothing is known" in read_nothing(plot_incident(frames.build_marks([])))
