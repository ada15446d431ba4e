"""A postmortem from the history alone: the target names a variable that nobody set."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.generated import build_facts
from tests.unit.incidents import A, build_live

from driftbook.audit import begin_incident
from driftbook.audit.evidence import Evidence
from driftbook.audit.remember import remember
from driftbook.config import read_settings
from driftbook.errors import ConfigError
from driftbook.migrations.history import History
from driftbook.model import Verdict
from driftbook.report.result import complete_result

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from driftbook.catalog.snapshot import Snapshot


LINE = (
    '2026-01-20 10:00:00.123 UTC,"admin","app",100,"[local]",6b0ad353.3bd8,1,"CREATE TABLE",'
    '2026-01-20 09:59:00 UTC,3/4,731,LOG,00000,"statement: create table public.scratch ()",'
    ',,,,,,,,"<script>alert(1)</script>","client backend",,0\n'
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose target was audited three times, and is gone."""
    params = tmp_path / "params"
    params.mkdir()
    toml = '[targets.prod]\ndsn_env = "DRIFTBOOK_TEST_UNSET"\nlabel = "Production"\n'
    (params / "targets.toml").write_text(f'{toml}[targets.fresh]\nmigrations = "none"\n')
    monkeypatch.setenv("DRIFTBOOK_PARAMS", str(params))
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("DRIFTBOOK_TEST_UNSET", raising=False)
    record(A, build_live("invoices"))
    record(A + timedelta(days=14), build_live("invoices", "scratch"))
    record(A + timedelta(days=25), build_live("invoices", "scratch", open_tables=["invoices"]))
    return tmp_path


def record(at: datetime, live: Snapshot) -> None:
    settings = read_settings()
    facts = build_facts(10).model_copy(
        update={
            "audit_id": f"{at:%Y%m%dT%H%M%SZ}-aaaa",
            "captured_at": at,
            "target": settings.target("prod"),
            "history": History(),
        }
    )
    _, error = remember(Evidence(build_live("invoices"), live, facts), settings)
    assert error is None


@pytest.mark.usefixtures("home")
def test_it_is_told_without_a_connection_and_says_so() -> None:
    incident = begin_incident(target="prod", title="Outage")
    assert not incident.captured
    assert [look.audit_id[:8] for look in incident.case.looks] == [
        *("20260108", "20260122", "20260202")
    ]
    result = complete_result(incident.result)
    assert result["title"] == "Outage: Production"
    assert "Told from 3 recorded audits alone: no database was asked" in str(result["reason"])
    assert ["told from", "the history alone"] in result["provenance"]  # type: ignore[operator]
    assert incident.verdict is Verdict.INCOMPLETE, "these audits took no exhibits"
    wounds = incident.wounds.set_index("object")
    assert str(wounds.loc["public.scratch", "by"]).startswith("2026-01-22")
    assert str(wounds.loc["public.invoices", "after"]).startswith("2026-01-22")
    changed = incident.changes.set_index("object")
    assert changed.loc["public.invoices", "property"] == "rls_enabled"


@pytest.mark.usefixtures("home")
def test_an_audit_that_saw_nothing_new_narrows_the_interval_and_is_read_in_part() -> None:
    record(A + timedelta(days=26), build_live("invoices", "scratch", open_tables=["invoices"]))
    record(A + timedelta(days=27), build_live("invoices"))
    incident = begin_incident(target="prod")
    quiet = incident.case.looks[-2]
    assert quiet.live is incident.case.looks[-3].live
    assert incident.case.steps[-2].list_objects() == []
    assert quiet.records is not None
    assert incident.blind["nobody_looked_for"].tolist()[-1] == "1 day"
    changed = incident.changes
    assert changed.empty, "the first audit and the last one saw the same"


@pytest.mark.usefixtures("home")
def test_two_of_its_audits_can_be_named() -> None:
    incident = begin_incident(target="prod", between=("", "", "2026-01-08", "2026-01-20"))
    assert len(incident.case.looks) == 2
    assert incident.evidence.facts.captured_at == A + timedelta(days=14)
    last = begin_incident(target="prod", audit_id="20260108T021500Z-aaaa")
    assert len(last.case.looks) == 1
    assert last.changes.empty


def test_notes_and_logs_lie_with_the_project(home: Path) -> None:
    (home / "params" / "outage.md").write_text("**Customers** saw it.")
    logs = home / "logs"
    logs.mkdir()
    (logs / "postgres.csv").write_text(LINE)
    (logs / "picture.png").write_bytes(b"\x89PNG\r\n")
    incident = begin_incident(target="prod", notes="outage.md", logs="logs")
    assert incident.notes == "**Customers** saw it."
    (line,) = incident.lines.to_dict("records")
    assert (line["raw_ref"], line["db_role"]) == ("postgres.csv:1", "admin")
    assert "Log picture.png" in list(incident.gaps["what"]), "never without a word"
    early = begin_incident(target="prod", logs="logs", between=("", "2026-01-10", "", ""))
    assert early.lines.empty


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "given",
    [
        {"target": "prod", "notes": "missing.md"},
        {"target": "prod", "notes": "../secret.md"},
        {"target": "prod", "logs": "nowhere"},
        {"target": "prod", "audit_id": "20250101T000000Z-aaaa"},
        {"target": "prod", "fail_on": "loud"},
        {"target": "nobody"},
        {"target": "prod", "logs": 3},
    ],
    ids=" ".join,
)
def test_a_value_that_is_wrong_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as raised:
        begin_incident(**given)  # type: ignore[arg-type]
    assert raised.value.fix
