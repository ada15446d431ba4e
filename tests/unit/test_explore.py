"""What people see of an audit at a prompt, in a terminal and in JupyterLab."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.unit.explored import AT, EARLIER, HOSTILE, TOKEN, build_explored

import driftbook
from driftbook.audit.evidence import write_evidence
from driftbook.audit.remember import remember
from driftbook.audit.session import Audit
from driftbook.config import read_settings
from driftbook.errors import ConfigError, DriftbookError
from driftbook.explore import OpenAudit, Table, book, page
from driftbook.explore.display import as_table
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAMES = [
    *("drift", "findings", "tables", "columns", "functions", "policies", "privileges", "indexes"),
    *("versions", "dependencies", "history", "attribution", "clues", "sessions", "gaps"),
]


@pytest.fixture(scope="module", autouse=True)
def _recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("explore")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTBOOK_STATE", str(home / "state"))
        patch.chdir(home)
        for at in (EARLIER, AT):
            evidence, problem = remember(build_explored(at), read_settings())
            assert problem is None
            write_evidence(evidence)
        yield


@pytest.fixture(scope="module")
def audit() -> OpenAudit:
    return driftbook.open("demo")


@pytest.mark.parametrize("module", [driftbook, book, page], ids=lambda module: module.__name__)
def test_examples_of_the_documentation(audit: OpenAudit, module: object) -> None:
    names = {"audit": audit, "driftbook": driftbook}
    failed = tried = 0
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=names):
        done = doctest.DocTestRunner(verbose=False).run(test)
        failed, tried = failed + done.failed, tried + done.attempted
    assert failed == 0
    assert tried > 0


def test_the_latest_recorded_audit_is_opened_and_says_so(audit: OpenAudit) -> None:
    assert audit.taken == "2026-02-12 02:15 UTC, recorded"
    assert audit.definitions == ("the files", "target demo")
    text = repr(audit)
    assert "audit 20260212T021500Z-0e0e of demo" in text
    assert 'audit.object("public.orders")' in text


def test_an_audit_is_opened_by_its_id(audit: OpenAudit) -> None:
    first = audit.history["audit"].iloc[0]
    assert driftbook.open("demo", audit_id=first).id == first
    assert driftbook.open(f"audit:{first}").id == first


@pytest.mark.parametrize("name", FRAMES)
def test_everything_is_a_frame_that_shows_itself(audit: OpenAudit, name: str) -> None:
    frame = getattr(audit, name)
    assert isinstance(frame, Table)
    assert isinstance(frame, pd.DataFrame)
    assert name in dir(audit)
    assert isinstance(frame.head(1), Table)
    assert repr(frame)
    html = frame._repr_html_()
    assert 'class="driftbook"' in html
    assert HOSTILE not in html


def test_objects_say_on_which_side_they_are(audit: OpenAudit) -> None:
    changes = dict(zip(audit.tables["name"], audit.tables["change"], strict=True))
    assert changes == {"orders": "altered", HOSTILE: "only_live"}
    early = audit.at("2026-01-08").tables
    assert early["change"].tolist() == ["same"]
    with pytest.raises(ConfigError, match="no kind of object"):
        audit.objects("tables")


@pytest.mark.parametrize("day", ["2026-02-12", "2026-02-12 02:15", "2030-01-01", AT, AT.date()])
def test_a_day_counts_to_its_end(audit: OpenAudit, day: str) -> None:
    assert audit.at(day).id == audit.id


@pytest.mark.parametrize("day", ["2026-02-12 02:14", "2026-01-08", "2026-01-31T00:00:00Z"])
def test_an_earlier_day_has_the_audit_before_it(audit: OpenAudit, day: str) -> None:
    assert audit.at(day).id == "20260108T021500Z-0e0e"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-01-07", ["no audit of 'demo' is recorded at or before", "2026-01-08 02:15"]),
        ("yesterday", ["'yesterday' is no day", "2026-01-31"]),
    ],
)
def test_a_day_without_an_audit_says_what_there_is(
    audit: OpenAudit, day: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        audit.at(day)
    assert all(word in str(caught.value) for word in words)


def test_a_difference_of_two_days(audit: OpenAudit) -> None:
    changes = audit.diff("2026-01-08")
    told = {(row.kind, row.change) for row in changes.itertuples()}
    assert told == {("table", "came"), ("table", "altered"), ("comment", "altered")}
    assert audit.diff("2026-01-08", "2026-02-12").equals(changes)
    back = audit.at("2026-01-08").diff("2026-02-12")
    assert set(back["change"]) == {"went", "altered"}
    assert audit.diff("2026-02-12").empty


def test_a_difference_of_two_sources(audit: OpenAudit) -> None:
    one, other = audit.history["audit"]
    changes = audit.diff(f"audit:{one}", f"audit:{other}")
    assert changes[["kind", "change"]].equals(audit.diff("2026-01-08")[["kind", "change"]])


def test_an_audit_without_a_database_says_so() -> None:
    audit = Audit("", build_explored(live=False), Severity.HIGH)
    alone = OpenAudit(audit, read_settings(), "made now")
    assert "no database was asked" in repr(alone)
    assert set(alone.tables["change"]) == {"not compared"}
    for unknown in (alone.dependencies, alone["orders"].dependents):
        assert repr(unknown) == "Not known: no database was asked."
        assert "None" not in unknown._repr_html_()
    assert "Not known: no database was asked." in alone["orders"]._repr_html_()
    with pytest.raises(ConfigError, match="asked no database"):
        alone.diff("2026-01-08")


def test_the_page_of_an_object(audit: OpenAudit) -> None:
    orders = audit.object("public.orders")
    assert (orders.kind, orders.name, orders.state) == ("table", "public.orders", "altered")
    assert "enable row level security" in orders.expected
    assert "enable row level security" not in orders.live
    assert orders.deeds["did"].tolist() == ["created"]
    assert [(row.object, row.how) for row in orders.dependents.itertuples()] == [
        ("public.count_it()", "names it in its text"),
        ("public.totals", "query"),
    ]
    assert orders.neighbours["object"].tolist() == ["public.totals"]
    assert orders.owner == "postgres"
    assert "row level security" in orders.fix
    assert {"origin", "access", "fix", "findings"} <= set(dir(orders))
    with pytest.raises(AttributeError, match="dependents"):
        _ = orders.dependants


def test_access_is_privileges_and_policies_together(audit: OpenAudit) -> None:
    def find(page: object, role: str) -> tuple[bool, str, str]:
        access = page.access  # type: ignore[attr-defined]
        row = access[(access["role"] == role) & (access["privilege"] == "SELECT")].iloc[0]
        return bool(row["allowed"]), row["rows"], row["through"]

    now, then = audit["orders"], audit.at("2026-01-08")["orders"]
    assert find(now, "anon") == (True, "all: row level security is off", "granted")
    assert find(then, "anon") == (True, "those of orders_tenant", "granted")
    assert find(then, "service_role") == (True, "none: no policy lets it", "granted")
    assert find(then, "postgres") == (True, "all: its owner", "owner")
    assert find(then, "authenticated") == (False, "", "")


def test_without_a_name_the_object_with_most_findings(audit: OpenAudit) -> None:
    most = audit.object().about
    assert most.findings
    assert len(most.findings) >= len(audit.object("totals").about.findings)


def test_a_name_that_is_nobodys_has_one_close_to_it(audit: OpenAudit) -> None:
    with pytest.raises(ConfigError, match=r"close to it: .*public\.orders"):
        audit.object("public.order")


def test_names_are_completed(audit: OpenAudit) -> None:
    names = audit._ipython_key_completions_()
    assert "public.orders" in names
    assert audit[names[names.index("public.orders")]].kind == "table"


def test_the_graph_is_a_picture_and_a_text(audit: OpenAudit) -> None:
    picture = audit.graph("orders")
    assert "view public.totals: query" in repr(picture)
    assert "<svg" in picture._repr_html_()


def test_hostile_names_and_comments_are_words(audit: OpenAudit) -> None:
    hostile = audit["orders"]
    for html in (
        hostile._repr_html_(),
        audit[f"public.{HOSTILE}"]._repr_html_(),
        audit.graph(f"public.{HOSTILE}")._repr_html_(),
        audit.tables._repr_html_(),
        audit._repr_html_(),
        as_table(pd.DataFrame({HOSTILE: [HOSTILE]}), HOSTILE, HOSTILE)._repr_html_(),
    ):
        assert "<img" not in html
        assert "\u202e" not in html
    for text in (repr(hostile), repr(audit.tables)):
        assert "\u202e" not in text
        assert "\\u202e" in text


def test_secrets_are_in_the_frame_and_never_shown(audit: OpenAudit) -> None:
    page = audit["f()"]
    for shown in (repr(audit.functions), audit.functions._repr_html_(), repr(page)):
        assert TOKEN not in shown
        assert "redacted jwt" in shown
    assert TOKEN not in page._repr_html_()


def test_a_mistake_is_three_lines_in_a_notebook() -> None:
    error = DriftbookError("it is wrong", where="here", fix="mend it")
    assert error._render_traceback_(type(error), error, None) == [
        "DriftbookError: it is wrong\n  where: here\n  fix: mend it"
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("production", "names no source"),
        ("postgresql://u:hunter2@h/d", "only a target, a recorded audit or a directory"),
        ("audit:20200101T000000Z-0000", "no audit 20200101T000000Z-0000 is stored"),
    ],
)
def test_what_cannot_be_opened_says_what_can(source: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        driftbook.open(source)
    assert "hunter2" not in str(caught.value)


def test_a_target_without_a_database_is_asked_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftbook.config import Target  # noqa: PLC0415
    from driftbook.explore.live import find_live  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="names no database"):
        find_live(Target(name="files"))
