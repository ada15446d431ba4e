from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from driftbook.charts.drift import plot_changes_by_kind
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.report.allow_list import CLEANER
from driftbook.report.fragments import (
    Fragment,
    render_ddl_diff,
    render_figure,
    render_finding,
    render_findings,
    render_name,
    render_sql,
    render_table,
)

SCRIPT = "<script>alert(1)</script>"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"
TABLE = "create table public.t (\n  id bigint,\n  note text\n);"


def build_finding(name: str = "t", severity: Severity = Severity.HIGH, **values: object) -> Finding:
    finding = Finding(
        rule="untracked-object",
        group="drift",
        severity=severity,
        object=ObjectRef("table", ("public", name)),
        title=f"{name} is in no applied migration",
        consequence="An environment built from the migrations will not have it.",
        fix=TABLE,
        change="only_live",
        live=TABLE,
    )
    return dataclasses.replace(finding, **values)  # type: ignore[arg-type]


def find_text(fragment: Fragment) -> str:
    return BeautifulSoup(fragment, "html.parser").get_text()


def test_a_fragment_shows_itself_in_a_notebook() -> None:
    assert render_name("a")._repr_html_() == "<code>a</code>"


def test_a_name_is_escaped_and_visible() -> None:
    assert render_name(f"{SCRIPT}\u202e") == (
        "<code>&lt;script&gt;alert(1)&lt;/script&gt;\\u202e</code>"
    )


def test_an_empty_table_is_a_sentence() -> None:
    assert find_text(render_table(pd.DataFrame({"a": []}), "findings")) == "None: no findings."


def test_a_table_shows_each_type_in_its_way() -> None:
    frame = pd.DataFrame(
        {
            "severity": ["low"],
            "id": ["drift-0123abcd"],
            "object": [SCRIPT],
            "objects": [12345],
            "recorded": [True],
            "seen_at": pd.to_datetime(["2026-11-23 01:42:25"], utc=True),
            "never_at": pd.to_datetime(pd.Series([None]), utc=True),
            "missing": pd.array([None], dtype="string"),
        }
    )
    cells = [
        cell.get_text() for cell in BeautifulSoup(render_table(frame, "x"), "html.parser")("td")
    ]
    assert cells == [
        "low",
        "drift-0123abcd",
        SCRIPT,
        "12,345",
        "yes",
        "2026-11-23 01:42:25",
        "",
        "",
    ]


def test_rows_beyond_the_first_are_text_for_the_script() -> None:
    frame = pd.DataFrame({"object": [f"a\t{number}" for number in range(1200)], "n": range(1200)})
    soup = BeautifulSoup(render_table(frame, "rows"), "html.parser")
    assert len(soup.select("tbody tr")) == 500
    rest = soup.select_one("details.rest pre")
    assert rest is not None
    lines = rest.get_text().split("\n")
    assert len(lines) == 700
    assert lines[-1] == "a\\u00091199\t1,199"


def test_secrets_are_redacted_everywhere() -> None:
    frame = pd.DataFrame({"object": [JWT], "note": [JWT]})
    finding = build_finding(live=f"select '{JWT}'", fix=f"select '{JWT}';", title=JWT)
    for fragment in (render_table(frame, JWT), render_finding(finding), render_sql(JWT)):
        assert JWT not in fragment
        assert "redacted jwt" in fragment
    assert "it holds a secret" in render_finding(finding)


def test_sql_is_highlighted_and_nothing_of_it_is_lost() -> None:
    sql = 'create table "a b" (\n\tn int default 1.5 -- why\n);'
    fragment = render_sql(sql)
    assert find_text(fragment) == sql
    assert '<span class="k">create table </span>' in fragment


def test_a_diff_marks_the_changed_words_only() -> None:
    fragment = render_ddl_diff("a int,\nb text", "a bigint,\nb text,\nc date")
    soup = BeautifulSoup(fragment, "html.parser")
    assert [mark.get_text() for mark in soup("mark")] == ["int", "bigint"]
    assert [line.get_text() for line in soup.select(".added")] == ["a bigint,", "c date"]
    assert [line.get_text() for line in soup.select(".again")] == ["b text,"]


def test_a_missing_side_is_named_and_the_other_shown_alone() -> None:
    assert "in no applied migration" in render_ddl_diff("", TABLE)
    assert "missing in the live database" in render_ddl_diff(TABLE, "")
    assert render_ddl_diff("", "") == ""


def test_of_long_definitions_only_the_hunks_are_shown() -> None:
    left = [f"column_{number}," for number in range(500)]
    right = [*left[:250], "another,", *left[251:]]
    soup = BeautifulSoup(render_ddl_diff("\n".join(left), "\n".join(right)), "html.parser")
    assert len(soup.select(".again")) == 6
    assert [note.get_text() for note in soup.select(".skipped")] == [
        "… 247 equal lines …",
        "… 246 equal lines …",
    ]


def test_a_finding_says_what_why_where_and_how_to_fix() -> None:
    finding = build_finding(where="1_a.sql:3", change="altered", expected="a", live="b", fix="c;")
    fragment = render_finding(finding)
    assert fragment.startswith(f'<details class="finding" id="{finding.id}"><summary>')
    text = find_text(fragment)
    for part in (
        finding.title,
        finding.consequence,
        "1_a.sql:3",
        "Fix, a migration that gives the files what the database has:",
        "c;",
    ):
        assert part in text


def test_only_critical_findings_are_open() -> None:
    assert ' open=""' in render_finding(build_finding(severity=Severity.CRITICAL))
    assert " open" not in render_finding(build_finding())


def test_a_definition_that_is_its_own_fix_is_shown_once() -> None:
    assert find_text(render_finding(build_finding())).count("note text") == 1


def test_words_as_fix_are_a_sentence() -> None:
    finding = build_finding(fix="Ask the owner.", fix_is_sql=False, live="")
    assert "Fix: Ask the owner." in find_text(render_finding(finding))
    assert 'class="sql' not in render_finding(finding)


def test_findings_alike_share_one_fold_and_keep_their_addresses() -> None:
    findings = [build_finding(f"t{number}") for number in range(62)]
    soup = BeautifulSoup(render_findings(findings), "html.parser")
    assert len(soup.find_all("details", recursive=False)) == 1
    assert "62 tables only in the live database" in soup.get_text()
    assert {tag["id"] for tag in soup.select("details[id]")} == {found.id for found in findings}


@pytest.mark.parametrize(("number", "is_open"), [(8, True), (49, False)])
def test_a_long_fold_is_closed_even_when_it_is_critical(number: int, *, is_open: bool) -> None:
    findings = [build_finding(f"t{n}", Severity.CRITICAL) for n in range(number)]
    fold = BeautifulSoup(render_findings(findings), "html.parser").find("details")
    assert fold is not None
    assert ("open" in fold.attrs) is is_open
    assert "public.t0, public.t1, public.t2, …" in fold.get_text()


def test_findings_can_be_limited_and_chosen() -> None:
    findings = [build_finding("a", Severity.LOW), build_finding("b"), build_finding("c")]
    text = find_text(render_findings(findings, limit=1, severities=[Severity.HIGH]))
    assert "b is in no" in text
    assert "a is in no" not in text
    assert "1 more are in the table" in text
    assert "None" in find_text(render_findings([]))


def test_equal_long_definitions_are_shown_once() -> None:
    body = "\n".join(f"line {number}" for number in range(30))
    findings = [
        build_finding(name, change="altered", expected=body, live=f"{body}\nx", fix="y;")
        for name in ("a", "b")
    ]
    fragment = render_findings(findings)
    assert find_text(fragment).count("line 29") == 2  # both sides of the first
    assert f'are those of <a href="#{findings[0].id}">' in fragment


def test_a_page_does_not_grow_with_the_definitions() -> None:
    body = "\n".join(f"column_{number} text not null default ''," for number in range(100))
    findings = [build_finding(f"t{n}", live=f"-- {n}\n{body}", fix="fix;") for n in range(300)]
    fragment = render_findings(findings)
    assert len(fragment) < 300_000
    assert "Definitions and fix are in result.json" in fragment


def test_the_allow_list_leaves_our_fragments_alone() -> None:
    frame = pd.DataFrame({"id": ["drift-0123abcd"], "severity": ["high"], "kind": ["table"]})
    finding = build_finding(SCRIPT, change="altered", expected="a\nb", live=f"a\n{SCRIPT}")
    many = pd.DataFrame({"object": range(600)})
    for fragment in (
        render_table(frame, "findings"),
        render_table(many, "many"),
        render_findings([finding, *(build_finding(f"t{n}") for n in range(9))]),
        render_figure(plot_changes_by_kind(frame), "bars", "A figure.", frame),
    ):
        cleaned = CLEANER.clean(str(fragment))
        assert BeautifulSoup(cleaned, "html.parser") == BeautifulSoup(fragment, "html.parser")
        assert "<script" not in fragment


def test_a_slug_that_could_break_an_address_is_refused() -> None:
    frame = pd.DataFrame({"kind": ["table"], "severity": ["high"]})
    with pytest.raises(ValueError, match="slug"):
        render_figure(plot_changes_by_kind(frame), 'a"b', "A figure.", frame)
