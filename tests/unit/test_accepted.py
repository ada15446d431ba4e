from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.results import build_accepted, build_finding, build_result

from driftbook.accepted import Accepted, hash_observed, parse_accepted, read_accepted
from driftbook.config import Settings, Target, read_settings
from driftbook.errors import ConfigError
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.report.accept import Promise, accept_finding
from driftbook.rules import find_entries
from driftbook.rules.accepted.facts import Fate, judge_entries

if TYPE_CHECKING:
    from collections.abc import Callable

TODAY = date(2026, 11, 27)
HASH = f"sha256:{'0' * 64}"
FINDING = Finding(
    rule="untracked-object",
    group="drift",
    severity=Severity.HIGH,
    object=ObjectRef("table", ("public", "tmp")),
    title="t",
    consequence="c",
    fix="f",
    live="create table public.tmp ();",
)
ENTRY = Accepted(
    key=FINDING.key,
    targets=("prod",),
    reason="goes in May",
    owner="ana",
    until=date(2026, 11, 27),
    observed=hash_observed(FINDING),
)
LINES = {
    "key": '"untracked-object:table:public.tmp"',
    "targets": '["prod"]',
    "reason": '"goes in May"',
    "owner": '"ana"',
    "until": "2027-05-31",
    "observed": f'"{HASH}"',
}


def write_lines(**other: str) -> str:
    lines = {**LINES, **other}
    return "[[accepted]]\n" + "".join(f"{key} = {text}\n" for key, text in lines.items() if text)


def judge(
    entry: Accepted, *findings: Finding, today: date = TODAY, can_look: bool = True
) -> tuple[Fate, list[str]]:
    judged = judge_entries([entry], findings, today, lambda _: can_look)
    return judged[0].fate, [f"{one.rule} {one.severity}" for one in find_entries(judged)]


def test_an_entry_holds_to_the_end_of_its_last_day() -> None:
    assert judge(ENTRY, FINDING) == (Fate.HOLDS, [])
    expired = judge(ENTRY, FINDING, today=date(2026, 11, 28))
    assert expired == (Fate.EXPIRED, ["accepted-expired medium"])


@pytest.mark.parametrize(
    "change",
    [{"live": "other"}, {"expected": "other"}, {"severity": Severity.CRITICAL}],
)
def test_an_entry_is_void_when_its_finding_changes(change: dict[str, str]) -> None:
    changed = replace(FINDING, **change)  # type: ignore[arg-type]
    assert judge(ENTRY, changed) == (Fate.VOID, ["accepted-void medium"])


def test_other_words_about_the_same_do_not_void_an_entry() -> None:
    assert judge(ENTRY, replace(FINDING, title="other", fix="other"))[0] is Fate.HOLDS


def test_an_entry_is_stale_only_where_somebody_looked() -> None:
    other = replace(FINDING, object=ObjectRef("table", ("public", "other")))
    assert judge(ENTRY, other) == (Fate.STALE, ["accepted-stale low"])
    assert judge(ENTRY, can_look=False) == (Fate.UNKNOWN, [])


def test_an_id_decides_where_a_key_cannot_be_written() -> None:
    odd = replace(FINDING, object=ObjectRef("migration", ("\udcff.sql",)))
    entry = ENTRY.model_copy(update={"key": "shown", "id": odd.id, "observed": hash_observed(odd)})
    assert judge(entry, odd)[0] is Fate.HOLDS


def test_a_secret_is_no_part_of_what_an_entry_remembers() -> None:
    token = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    one, other, redacted = (
        hash_observed(replace(FINDING, live=f"select '{text}'"))
        for text in (token, token[:-1] + "x", "no token")
    )
    assert one == other != redacted
    mark = "\u2039redacted key 8f3a1c2b\u203a"
    assert hash_observed(replace(FINDING, live=f"select '{mark}'")) == one


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[[accepted]\n", "is not TOML", id="no TOML"),
        pytest.param(write_lines(reason=""), "reason: Field required", id="no reason"),
        pytest.param(write_lines(reason='" "'), "reason: String should have", id="empty reason"),
        pytest.param(write_lines(until='"soon"'), "until: ", id="no date"),
        pytest.param(write_lines(observed='"x"'), "observed: ", id="no hash"),
        pytest.param(write_lines(targets="[]"), "targets: ", id="no target"),
        pytest.param(write_lines(note='"x"'), "note: Extra inputs", id="unknown key"),
        pytest.param(write_lines() + write_lines(), "is accepted twice", id="twice"),
        pytest.param(
            write_lines(key='"accepted-void:finding:x"'), "cannot be accepted", id="an entry"
        ),
        pytest.param("ignore = ['*']\n", "ignore: Extra inputs", id="another table"),
        pytest.param(write_lines(targets='["gone"]'), "a target that there is not", id="target"),
    ],
)
def test_a_malformed_file_is_told_in_parts(tmp_path: Path, text: str, problem: str) -> None:
    settings = build_settings(tmp_path)
    (tmp_path / "params" / "accepted.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_accepted(settings)
    assert problem in refused.value.problem
    assert "accepted.toml" in refused.value.where
    assert refused.value.fix


def build_settings(home: Path) -> Settings:
    params = home / "params"
    params.mkdir(exist_ok=True)
    targets = {name: Target(name=name) for name in ("prod", "stage")}
    return Settings(params=params, reports=str(home / "reports"), targets=targets)


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Settings]:
    def write(*findings: dict[str, object], target: str = "prod", **more: object) -> Settings:
        result = build_result(*findings, target={"name": target}, **more)
        folder = tmp_path / "reports" / target / str(result["audit_id"]) / "drift_audit"
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
        return build_settings(tmp_path)

    return write


PROMISE = Promise("goes in May", "ana", date(2027, 5, 31))


def test_accepting_keeps_what_people_wrote(publish: Callable[..., Settings]) -> None:
    settings = publish(build_finding(1, observed=HASH), build_finding(2, observed=HASH))
    assert settings.params
    path = settings.params / "accepted.toml"
    path.write_text("# ours\n\n" + write_lines() + "# after\n", encoding="utf-8")
    accept_finding("drift-00000001", PROMISE, settings, TODAY)
    accept_finding("untracked-object:table:public.t2", PROMISE, settings, TODAY)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ours\n\n" + write_lines() + "# after\n")
    assert [one.id for one in read_accepted(settings)] == ["", "drift-00000001", "drift-00000002"]
    accept_finding("drift-00000001", Promise("later", "bo", TODAY), settings, TODAY)
    renewed = path.read_text(encoding="utf-8")
    assert renewed.startswith("# ours\n\n" + write_lines() + "# after\n")
    assert renewed.count("goes in May") == 2
    entry = read_accepted(settings)[1]
    assert (entry.reason, entry.owner, entry.until) == ("later", "bo", TODAY)
    assert len(read_accepted(settings)) == 3


def test_what_is_accepted_can_be_renewed(publish: Callable[..., Settings]) -> None:
    finding = build_finding(1, observed=HASH)
    settings = publish(accepted=[build_accepted(finding)])
    entry, path = accept_finding("drift-00000001", PROMISE, settings, TODAY)
    assert entry.targets == ("prod",)
    assert path.read_text(encoding="utf-8").startswith("# Findings that somebody answers for")


@pytest.mark.parametrize(
    ("name", "promise", "words"),
    [
        pytest.param("drift-00000002", PROMISE, "drift-00000001 (untracked", id="close id"),
        pytest.param("public.t11", PROMISE, "did you mean drift-00000001", id="close name"),
        pytest.param("zzz", PROMISE, "copy the id from its report", id="nothing like it"),
        pytest.param("drift-00000001", Promise(" ", "a", TODAY), "--reason", id="no reason"),
        pytest.param("drift-00000001", Promise("r", "", TODAY), "--owner", id="no owner"),
        pytest.param(
            "drift-00000001", Promise("r", "a", date(2026, 11, 26)), "has passed", id="past"
        ),
        pytest.param("drift-00000009", PROMISE, "older than accepting", id="an old report"),
    ],
)
def test_what_cannot_be_accepted_is_refused_and_nothing_written(
    publish: Callable[..., Settings], name: str, promise: Promise, words: str
) -> None:
    settings = publish(build_finding(1, observed=HASH), build_finding(9))
    with pytest.raises(ConfigError) as refused:
        accept_finding(name, promise, settings, TODAY)
    assert words in str(refused.value)
    assert settings.params
    assert not (settings.params / "accepted.toml").exists()


def test_a_finding_of_two_targets_asks_which(publish: Callable[..., Settings]) -> None:
    publish(build_finding(1, observed=HASH))
    settings = publish(build_finding(1, observed=HASH), target="stage")
    with pytest.raises(ConfigError, match="of 2 targets"):
        accept_finding("drift-00000001", PROMISE, settings, TODAY)
    entry, _ = accept_finding("drift-00000001", PROMISE, settings, TODAY, "stage")
    assert entry.targets == ("stage",)
    assert [one.targets for one in read_accepted(settings)] == [("stage",)]


def test_only_the_latest_report_counts(publish: Callable[..., Settings]) -> None:
    publish(build_finding(1, observed=HASH))
    settings = publish(audit_id="20261128T014225Z-5be1")
    with pytest.raises(ConfigError, match="no latest report"):
        accept_finding("drift-00000001", PROMISE, settings, TODAY)


def test_the_bundled_settings_have_no_entries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_accepted(read_settings()) == ()
    assert parse_accepted("", Path("accepted.toml")) == ()
