from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.incidents import (
    CLUES,
    IMPORT,
    INDEX,
    INVOICES,
    NEW,
    ROWS,
    SCRATCH,
    SESSIONS,
    VERSION,
    A,
    B,
    C,
    build_attributed,
    build_case,
    build_clue,
    build_spell,
    stamp,
)

from driftbook.forensics.classify import Confidence
from driftbook.forensics.frames import CLUE, write_key
from driftbook.incident import frames
from driftbook.incident.access import find_moved, word_moved
from driftbook.incident.actions import list_actions
from driftbook.incident.blast import find_dependents
from driftbook.incident.book import Book, Proof
from driftbook.incident.case import Window
from driftbook.incident.events import Event, Lane, find_undated, number_events
from driftbook.incident.header import find_moments
from driftbook.incident.lessons import cost_rules, find_blind, find_remedies
from driftbook.incident.told import Teller
from driftbook.incident.words import (
    Sentence,
    name_numbers,
    write_duration,
    write_interval,
    write_order,
)
from driftbook.model import Finding, ObjectRef, Severity

if TYPE_CHECKING:
    from driftbook.incident.case import IncidentCase

# Written again, not imported: the surest word that each source of evidence may carry.
SUREST = {
    "exact": {"ddl_log", "pgaudit", "tracking", "commit_ts", "audit"},
    "high": {"snapshot", "wal", "log", "witness", "shadow", "signature"},
    "medium": {"oid", "git"},
    "low": {"owner", "http_log", "statements"},
}
ORDER = ["none", "low", "medium", "high", "exact"]


def tell(case: IncidentCase) -> tuple[list[Event], Book]:
    book = Book(case.attributed.clues)
    return number_events(Teller(case, book).tell()), book


def find(events: list[Event], text: str) -> Event:
    (event,) = [event for event in events if text in event.what]
    return event


def test_everything_that_happened_is_one_event() -> None:
    events, _ = tell(build_case())
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    told = [(event.lane.value, event.earliest_at, event.latest_at) for event in events]
    assert told.count(("detection", B, B)) == 1
    assert find(events, "restored from a dump").first_xid == 30
    assert find(events, "lost 1 record (20250401000000)").lane is Lane.TRACKING
    assert find(events, "3 records").what.endswith("written anew")
    pushed = find(events, f"Version {VERSION} was pushed: 1 object")
    assert (pushed.confidence, pushed.objects) == (Confidence.EXACT, (NEW,))
    made = find(events, "made table public.scratch")
    assert (made.session, made.confidence) == ("S1", Confidence.HIGH)
    assert (
        "after version 20250301000000 and before version 20260114090000 was recorded"
        in made.sentence.text
    )
    assert find(events, "changed table public.invoices").confidence is Confidence.MEDIUM
    gone = find(events, "Index public.invoices_idx went")
    assert (gone.earliest_at, gone.latest_at) == (B, C)
    assert [one.objects for one in events if IMPORT in one.objects] == [(IMPORT,), (IMPORT,)]


def test_a_table_that_came_and_went_between_audits_is_told_twice() -> None:
    events, _ = tell(build_case())
    came, went = (one for one in events if IMPORT in one.objects)
    assert (came.earliest_at, came.latest_at) == (A, B)
    assert (went.earliest_at, went.latest_at) == (B, C)


def test_a_drop_that_a_log_saw_is_told_once_with_its_time() -> None:
    at = B + timedelta(days=3)
    line = build_clue(
        "E8", IMPORT, "ddl_log", aspect="dropped", value="DROP TABLE", earliest_at=at, latest_at=at
    )
    case = build_case(attributed=build_attributed(clues=(*CLUES, line)))
    came, went = (one for one in tell(case)[0] if IMPORT in one.objects)
    assert came.latest_at == B
    assert (went.earliest_at, went.latest_at, went.clues) == (at, at, ("E8",))


def test_no_person_is_named() -> None:
    events, book = tell(build_case())
    assert "Somebody" not in " ".join(event.what for event in events)
    assert "Somebody" not in book.build().to_csv()


def list_sentences(case: IncidentCase) -> tuple[list[Sentence], Book]:
    events, book = tell(case)
    sentences = [event.sentence for event in events]
    sentences += [m.sentence for m in find_moments(case, events, book) if m.sentence]
    sentences += word_moved(find_moved(case, book), book)
    return sentences, book


@pytest.mark.parametrize(
    "case",
    [
        build_case(),
        build_case(attributed=build_attributed((), CLUES[:1], ()), drifted=((INDEX, "altered"),)),
        build_case(looks=build_case().looks[-1:], window=Window(C, C)),
        build_case(spells=(), history=replace(build_case().history, commits=())),
    ],
    ids=["whole", "unattributed", "one audit", "bare"],
)
def test_each_sentence_has_evidence_that_exists_and_is_no_surer_than_it(
    case: IncidentCase,
) -> None:
    sentences, book = list_sentences(case)
    clues = book.build()
    assert list(clues["id"]) == [f"E{number}" for number in range(1, len(clues) + 1)]
    sources = dict(zip(clues["id"], clues["source"], strict=True))
    assert sentences
    for sentence in sentences:
        assert sentence.clues
        allowed = max(
            ORDER.index(word)
            for word, names in SUREST.items()
            if names & {sources[clue] for clue in sentence.clues}
        )
        assert ORDER.index(sentence.confidence.value) <= allowed, sentence.text


def test_each_bound_of_an_event_is_a_bound_of_its_evidence() -> None:
    events, book = tell(build_case())
    clues = book.build().set_index("id")
    for event in events:
        own = clues.loc[list(event.clues)]
        for bound, column in ((event.earliest_at, "earliest_at"), (event.latest_at, "latest_at")):
            if bound is not None:
                assert bound in set(own[column].dropna()), event.what


def test_nothing_can_be_said_without_evidence() -> None:
    with pytest.raises(ValueError, match="no evidence"):
        Sentence("It was the intern.", Confidence.EXACT, ())


def test_a_hint_never_proves() -> None:
    book = Book(build_attributed(clues=()).clues)
    hint = book.cite(Proof("version", "git", "a commit"))
    assert book.say("x", Confidence.EXACT, [hint]).confidence is Confidence.MEDIUM
    audit = book.cite(Proof("horizon", "audit", "an audit"))
    assert book.say("x", Confidence.EXACT, [hint, audit]).confidence is Confidence.EXACT
    assert book.say("x", Confidence.LOW, [audit]).confidence is Confidence.LOW
    assert book.cite(Proof("horizon", "audit", "an audit")) == audit


def test_what_was_so_at_the_first_audit_is_older_than_the_window() -> None:
    rows = [{**ROWS[0], "session": "", "drift_earliest_at": None, "drift_latest_at": A}]
    case = build_case(attributed=build_attributed(rows, CLUES, ()), drifted=((SCRATCH, "altered"),))
    assert not [event for event in tell(case)[0] if SCRATCH in event.objects]


def test_what_nobody_saw_otherwise_is_not_said_to_have_changed() -> None:
    rows = [{**ROWS[2], "drift_earliest_at": None, "drift_latest_at": B}]
    case = build_case(
        attributed=build_attributed(rows, CLUES, ()), drifted=((INDEX, "only_expected"),)
    )
    assert "came to differ from the files" in find(tell(case)[0], "invoices_idx").what


def test_an_object_that_no_row_dates_is_dated_by_the_audits() -> None:
    rows = [{**ROWS[2], "drift_earliest_at": None, "drift_latest_at": None, "clues": ()}]
    case = build_case(attributed=build_attributed(rows, CLUES, ()), drifted=((INDEX, "altered"),))
    gone = next(event for event in tell(case)[0] if event.objects == (INDEX,))
    assert (gone.earliest_at, gone.latest_at) == (B, C)


def test_an_event_without_a_time_is_never_given_one() -> None:
    unseen = ObjectRef("unread_kind", ("x",))
    rows = [
        {**ROWS[0], "drift_earliest_at": None, "drift_latest_at": None},
        {**ROWS[2], "ref": unseen, "drift_earliest_at": None, "drift_latest_at": None},
    ]
    sessions = [(*SESSIONS[0][:6], None, None, *SESSIONS[0][8:])]
    case = build_case(
        attributed=build_attributed(rows, CLUES, sessions),
        drifted=((SCRATCH, "only_live"), (unseen, "altered")),
    )
    events, _ = tell(case)
    undated = find_undated(events)
    assert [event.objects for event in undated] == [(SCRATCH,), (unseen,)]
    assert events[-2:] == undated, "by transaction, behind all that have a time"
    assert undated[0].when == "at an unknown time"
    assert undated[1].confidence is Confidence.NONE
    marks = frames.build_marks(events)
    assert marks["earliest_at"].isna().sum() == 2
    unknown = frames.build_unknown(undated, find_remedies(case, events))
    assert unknown["known"].iloc[0].startswith("after version 20250301000000 and before")
    assert "commit timestamps" in unknown["would_have_told"].iloc[0]


moments = st.one_of(st.none(), st.integers(0, 40).map(lambda days: A + timedelta(days=days)))


@given(st.lists(st.tuples(moments, moments, st.integers(0, 9)), max_size=12))
def test_events_are_numbered_by_time_then_by_transaction(
    drawn: list[tuple[datetime | None, datetime | None, int]],
) -> None:
    events = number_events(
        Event(Lane.DATABASE, "x", Confidence.LOW, ("E1",), low, high, first_xid=xid)
        for low, high, xid in drawn
    )
    assert [event.number for event in events] == list(range(1, len(drawn) + 1))
    timed = [event for event in events if event.has_time]
    assert events[: len(timed)] == timed
    starts = [event.earliest_at or event.latest_at for event in timed]
    assert starts == sorted(starts)  # type: ignore[type-var]
    xids = [event.first_xid or 10 for event in events[len(timed) :]]
    assert xids == sorted(xids)


def test_moments_say_what_is_known_of_each() -> None:
    case = build_case()
    events, book = tell(case)
    started, detected, mitigated, resolved = find_moments(case, events, book)
    assert (started.earliest_at, started.latest_at) == (A, B)
    assert detected.latest_at == B
    assert detected.note.startswith("up to 14 days after it began")
    assert mitigated.sentence is not None
    assert "1 finding still open" in mitigated.sentence.text
    assert resolved.latest_at is None


def test_moments_of_an_incident_that_is_over() -> None:
    case = build_case(spells=(build_spell("import", B, resolved_at=stamp(C)),))
    events, book = tell(case)
    _, _, mitigated, resolved = find_moments(case, events, book)
    assert (mitigated.earliest_at, mitigated.latest_at) == (B, C)
    assert resolved.sentence is not None
    assert resolved.sentence.confidence is Confidence.HIGH


def test_nothing_found_is_no_moment() -> None:
    case = build_case(spells=())
    events, book = tell(case)
    assert [one.sentence is None for one in find_moments(case, events, book)] == [
        *(False, True, True, True)
    ]


def test_changes_tell_between_which_audits_they_came() -> None:
    case = build_case()
    events, _ = tell(case)
    changes = frames.build_changes(case, events).set_index("object")
    assert changes.loc["public.scratch", "change"] == "came"
    assert changes.loc["public.invoices_idx", "change"] == "went"
    assert changes.loc["public.invoices", "property"] == "rls_enabled"
    assert "2026-01-22 02:15 and 2026-02-02" in changes.loc["public.invoices", "came"]
    assert changes.loc["public.scratch", "event"] == str(find(events, "made table").number)
    alone = build_case(looks=case.looks[-1:])
    assert list(frames.build_changes(alone, ()).columns) == list(frames.CHANGES)


def test_who_gained_access_is_a_sentence_with_evidence() -> None:
    case = build_case()
    book = Book(case.attributed.clues)
    moved = find_moved(case, book)
    texts = [sentence.text for sentence in word_moved(moved, book)]
    assert texts[0] == (
        "anon can now read every row of public.invoices: row level security is off; this came "
        "between 2026-01-22 02:15 and 2026-02-02 02:15 UTC"
    )
    assert any(
        text.startswith("authenticated can now read those rows of 2 tables (") for text in texts
    )
    table = frames.build_access(moved)
    assert set(table["evidence"]) <= set(book.build()["id"])


def test_dependents_are_found_through_others_and_once() -> None:
    view, report, function = (
        ObjectRef("view", ("public", "open")),
        ObjectRef("view", ("public", "report")),
        ObjectRef("function", ("public", "f()")),
    )
    pairs = [(view, INVOICES), (report, view), (function, report), (view, report), (NEW, INVOICES)]
    edges = pd.DataFrame(
        [(a.kind, write_key(a), b.kind, write_key(b), "uses") for a, b in pairs],
        columns=["kind", "key", "on_kind", "on_key", "how"],
        dtype="str",
    )
    found = find_dependents(edges, [INVOICES, NEW])
    assert [(one.ref, one.distance) for one in found] == [(view, 1), (report, 2), (function, 3)]
    assert {one.changed for one in found} == {INVOICES}
    assert find_dependents(edges.head(0), [INVOICES]) == []
    assert frames.build_dependents(found)["needs"].iloc[1] == "view public.open"


def test_rules_cost_the_days_that_their_findings_were_open() -> None:
    (cost,) = cost_rules(build_case())
    assert (cost.findings, cost.resolved, cost.worst, cost.open_days) == (2, 1, "critical", 22.0)


def test_time_without_an_audit_is_measured_against_the_schedule() -> None:
    case = build_case(every="2w")
    events, _ = tell(case)
    first, second = find_blind(case, events)
    assert (first.length, first.late) == (timedelta(days=14), timedelta())
    assert find(events, "restored").number in first.events
    assert find(events, "went, by a door").number in second.events
    assert find_blind(build_case(), events)[0].late == timedelta(days=13)


def test_a_remedy_is_named_only_where_it_would_have_told_more() -> None:
    case = build_case()
    events, _ = tell(case)
    names = [one.what for one in find_remedies(case, events)]
    assert names[0] == "an audit every day"
    assert "commit timestamps" in names
    clock = pd.DataFrame({"commit_timestamps": pd.array([True], dtype="boolean")})
    with_clock = build_case(exhibits={"clock": clock})
    assert "commit timestamps" not in [one.what for one in find_remedies(with_clock, events)]
    instants = [replace(e, earliest_at=e.latest_at) for e in events]
    assert find_remedies(case, instants) == []


def test_actions_take_back_what_opens_the_database_first() -> None:
    finding = Finding(
        rule="untracked-object",
        group="drift",
        severity=Severity.CRITICAL,
        object=SCRATCH,
        title="public.scratch is open",
        consequence="x",
        fix="drop table public.scratch;",
        fix_reverts=True,
    )
    case = build_case(findings=(finding,))
    actions = list_actions(case, tell(case)[0])
    assert actions[0].how == "drop table public.scratch;"
    assert actions[1].how == (
        "driftbook run drift_audit -p target prod -p audit_id 20260202T021500Z-cccc"
    )
    assert any("ddl-log" in one.how for one in actions)


def test_contradictions_are_shown() -> None:
    frame = frames.build_contradictions(build_attributed().attribution)
    assert frame.to_dict("records") == [
        {"kind": "table", "object": "public.invoices", "contradiction": "log says 3, xid says 4"}
    ]


def test_frames_have_their_columns_without_a_row() -> None:
    case = build_case(drifted=())
    for frame, dtypes in (
        (frames.build_events([]), frames.EVENTS),
        (frames.build_marks([]), frames.MARKS),
        (frames.build_wounds(case, {}, []), frames.WOUNDS),
        (frames.build_access([]), frames.ACCESS),
        (frames.build_rules([]), frames.RULES),
        (frames.build_blind([]), frames.BLIND),
        (frames.build_remedies([]), frames.REMEDIES),
        (frames.build_unknown([], []), frames.UNKNOWN),
        (Book(build_attributed(clues=()).clues).build(), CLUE),
    ):
        assert {str(name): str(dtype) for name, dtype in frame.dtypes.items()} == dtypes


def test_words_say_what_is_open() -> None:
    assert write_interval(A, A) == "at 2026-01-08 02:15:00 UTC"
    assert write_interval(None, A) == "before 2026-01-08 02:15 UTC"
    assert write_interval(A, None) == "after 2026-01-08 02:15 UTC"
    assert write_interval(None, None) == "at an unknown time"
    assert write_order("", "", 3, 4) == "transactions 3 to 4"
    assert write_duration(timedelta(days=1, hours=2)) == "1 day 2 h"
    assert write_duration(timedelta(minutes=61)) == "1 h 1 min"
    assert name_numbers([3, 1, 2, 7]) == "1-3, 7"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("ddl_log", "by role svc through channel sql runner,"),
        ("owner", "consistent with role svc and channel sql runner,"),
    ],
)
def test_what_a_hint_says_of_the_actor_is_called_a_hint(source: str, words: str) -> None:
    rows = [{**ROWS[0], "actor_role": "svc", "channel": "sql_runner", "clues": ("E1", "E2")}]
    clues = [
        {**CLUES[1], "id": "E1"},
        build_clue("E2", SCRATCH, source, aspect="actor", value="svc"),
    ]
    case = build_case(attributed=build_attributed(rows, clues, SESSIONS[:1]), moves=())
    assert find(tell(case)[0], "made table public.scratch").what.endswith(words)
