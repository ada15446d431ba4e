"""A version is judged by its state, content and flags; what a finding proposes harms nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.unit.snapshots import build_snapshot

from driftbook.audit.evidence import Evidence, Facts, GapFact
from driftbook.audit.gaps import find_gaps, gaps_of
from driftbook.audit.result import build_result, decide_verdict
from driftbook.audit.session import Audit
from driftbook.audit.versions import build_version_facts
from driftbook.catalog.kinds import KINDS
from driftbook.config import Target
from driftbook.drift.platform import find_schema
from driftbook.failures import FailureFact
from driftbook.migrations.history import Commit, FileEvent, FileEventKind, History
from driftbook.model import ObjectRef, Severity, Verdict
from driftbook.repairs import Forecast, RepairPlan
from driftbook.rules import ALL_RULES, RULES_OF, VERSION_RULES, VersionFacts, find_versions
from driftbook.sqltext import split_server
from driftbook.versions import Content, EffectState, Flag, OrderFlag, Trust, Version, VersionState

if TYPE_CHECKING:
    from driftbook.model import Finding

S, C, H = VersionState, Content, Severity.HIGH
NUMBER, FILE = "20240101000000", "20240101000000_a.sql"
TABLE = "supabase_migrations.schema_migrations"
OLDER = OrderFlag.OLDER_THAN_APPLIED
HOSTILE = "a'; drop table t; --\n</script>\"\\"


def version(state: S = S.APPLIED, **other: object) -> Version:
    known = {"version": NUMBER, "file": FILE, "recorded": True, "name_file": "a"}
    return Version(state=state, **(known | other))  # type: ignore[arg-type]


def judge(*versions: Version, **other: object) -> list[Finding]:
    return find_versions(VersionFacts(versions, **other))  # type: ignore[arg-type]


def show(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.value) for finding in findings]


def flagged(*flags: Flag, state: S = S.APPLIED, **other: object) -> Version:
    return version(state, flags=flags, **other)


@pytest.mark.parametrize(
    ("one", "rule", "severity"),
    [
        pytest.param(
            version(S.MISSING_FILE, file=""), "tracked-without-file", "high", id="its file is gone"
        ),
        pytest.param(
            version(S.MISSING_FILE_UNKNOWN, file="", content=C.UNKNOWN),
            "tracked-without-file",
            "high",
            id="file and SQL are gone",
        ),
        pytest.param(
            version(S.PENDING, recorded=False, order=OLDER),
            "file-not-tracked",
            "high",
            id="newer ones ran",
        ),
        pytest.param(
            version(S.PENDING_UNTESTABLE, recorded=False, order=OLDER),
            "file-not-tracked",
            "high",
            id="newer ones ran, and nothing tells of this one",
        ),
        pytest.param(
            version(S.UNCONFIRMED, content=C.UNKNOWN),
            "placeholder-statements",
            "high",
            id="no SQL and no proof",
        ),
        pytest.param(
            version(S.CONFIRMED_BY_EFFECT, content=C.UNKNOWN),
            "placeholder-statements",
            "info",
            id="no statements, and live",
        ),
        pytest.param(
            version(S.CONFIRMED_BY_EFFECT, content=C.PLACEHOLDER),
            "placeholder-statements",
            "medium",
            id="a note, and live",
        ),
        pytest.param(
            version(S.EDITED_AFTER_APPLY, content=C.DIFFERENT),
            "statements-mismatch",
            "high",
            id="edited after it ran",
        ),
        pytest.param(
            flagged(Flag.COMMENT_ONLY, Flag.EMPTIED, state=S.EDITED_AFTER_APPLY),
            "statements-mismatch",
            "high",
            id="emptied after it ran, said once",
        ),
        pytest.param(
            version(S.EDITED_HARMLESS), "statements-mismatch", "low", id="edited to the same effect"
        ),
        pytest.param(
            flagged(Flag.NAME_MISMATCH, name_row="b"),
            "tracking-name-mismatch",
            "low",
            id="the record has another title",
        ),
        pytest.param(
            version(order=OrderFlag.OUT_OF_ORDER),
            "version-out-of-order",
            "medium",
            id="ran in another order",
        ),
        pytest.param(
            version(S.NEVER_EFFECTIVE, testable=2),
            "tracked-without-effect",
            "high",
            id="recorded, nothing live",
        ),
        pytest.param(
            version(S.PARTLY_EFFECTIVE, found=16, testable=17),
            "tracked-without-effect",
            "high",
            id="recorded, a part live",
        ),
        pytest.param(
            version(S.APPLIED_UNRECORDED, recorded=False),
            "effect-without-tracking",
            "high",
            id="live without a record",
        ),
        pytest.param(
            version(S.PARTLY_APPLIED_UNRECORDED, recorded=False, order=OLDER),
            "effect-without-tracking",
            "high",
            id="live in part without a record",
        ),
        pytest.param(
            version(S.MOVED, recorded=False, match_version="2"),
            "same-content-other-version",
            "medium",
            id="recorded under another version",
        ),
        pytest.param(
            flagged(Flag.NO_TIME), "file-name-format", "medium", id="digits that are no time"
        ),
        pytest.param(
            flagged(Flag.IN_FUTURE), "version-in-future", "medium", id="a version of the future"
        ),
        pytest.param(
            flagged(Flag.COMMENT_ONLY), "comment-only", "info", id="comments, and the record too"
        ),
        pytest.param(
            flagged(Flag.COMMENT_ONLY, content=C.PLACEHOLDER),
            "comment-only",
            "high",
            id="comments, and nothing tells what ran",
        ),
        pytest.param(
            flagged(Flag.COMMENT_ONLY, content=C.UNKNOWN, effect=EffectState.FULL),
            "comment-only",
            "info",
            id="comments, and its effect is known",
        ),
        pytest.param(
            flagged(Flag.NO_CHANGE), "noop-migration", "medium", id="it changed no schema"
        ),
        pytest.param(
            flagged(Flag.EDITED_IN_GIT), "history-edited", "info", id="edited after its commit"
        ),
        pytest.param(
            flagged(Flag.UNCOMMITTED), "file-uncommitted", "high", id="ran and is not committed"
        ),
        pytest.param(
            flagged(Flag.UNCOMMITTED, state=S.PENDING, recorded=False),
            "file-uncommitted",
            "low",
            id="being written",
        ),
        pytest.param(
            flagged(Flag.UNCOMMITTED, state=S.UNKNOWN),
            "file-uncommitted",
            "low",
            id="not committed, and the table was not read",
        ),
    ],
)
def test_a_version_is_found_by_one_rule(one: Version, rule: str, severity: str) -> None:
    (found,) = judge(one)
    assert (found.rule, found.severity.value, found.change) == (rule, severity, "none")
    about = found.object
    assert about.name == ("migrations" if about.kind == "directory" else NUMBER)
    assert found.key == f"{rule}:{about.kind}:{about.name}"
    assert found.where == one.file
    assert find_schema(about.kind, about.parts) == ""


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(version(), id="applied"),
        pytest.param(version(S.PENDING, recorded=False), id="pending"),
        pytest.param(version(S.PENDING_UNTESTABLE, recorded=False), id="pending, of rows"),
        pytest.param(version(S.UNKNOWN), id="the table was not read"),
        pytest.param(version(order=OLDER), id="older, and recorded"),
        pytest.param(version(S.MOVED, file="", match_version="2"), id="the other half of a pair"),
        pytest.param(version(trust=Trust.BULK), id="one record alone in its transaction"),
        pytest.param(flagged(Flag.CHANGED_SINCE, Flag.MERGED, Flag.SPLIT), id="other flags"),
        pytest.param(flagged(Flag.NO_TIME, file="", version="1"), id="a record of few digits"),
    ],
)
def test_a_version_in_order_is_not_found(one: Version) -> None:
    # A record without a file is of no file rule; its state is judged by its own.
    assert judge(one) == []


def test_versions_that_are_no_numbers_are_judged_where_the_cli_keeps_the_table() -> None:
    one = flagged(Flag.MALFORMED, state=S.MISSING_FILE, file="", version="v1")
    rules = {finding.rule for finding in judge(one)}
    assert rules == {"tracked-without-file", "version-out-of-order"}
    assert judge(flagged(Flag.MALFORMED, version="v1", file="v1.sql"), convention="plain") == []
    assert judge(flagged(Flag.NO_TIME, version="1", file="1.sql"), convention="plain") == []


def test_two_files_of_one_version_are_one_finding_and_their_flags_two() -> None:
    twins = [
        flagged(Flag.NAME_MISMATCH, Flag.NO_CHANGE, Flag.IN_FUTURE, state=S.DUPLICATE_VERSION)
        for _ in range(2)
    ]
    twins[1] = replace(twins[1], file=f"{NUMBER}_b.sql")
    found = judge(*twins)
    assert sorted(show(found)) == [
        ("duplicate-version", "high"),
        ("noop-migration", "medium"),
        ("noop-migration", "medium"),
        ("version-in-future", "medium"),
    ]
    assert len({finding.key for finding in found}) == len(found)
    assert all(one.file in found[0].consequence for one in twins)


def test_the_directory_is_one_finding_with_five_names() -> None:
    files = [
        flagged(Flag.NO_TIME, Flag.EDITED_IN_GIT, version=f"{n}", file=f"{n}_a.sql")
        for n in range(7)
    ]
    found = judge(*files, stories={"0_a.sql": "added in abc, edited once, last in def"})
    assert {finding.key for finding in found} == {
        "file-name-format:directory:migrations",
        "history-edited:directory:migrations",
    }
    assert all("7 files" in one.title and "and 2 more" in one.consequence for one in found)
    assert "0_a.sql was added in abc" in found[1].consequence


def test_records_that_were_written_together_are_one_finding() -> None:
    rows = [version(trust=Trust.BULK, version=str(number)) for number in range(2)]
    (found,) = judge(*rows)
    assert show([found]) == [("tracking-bulk-rewritten", "info")]
    assert found.object == ObjectRef("table", ("supabase_migrations", "schema_migrations"))


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param([("anon", "DELETE", "table")], "critical", id="it may write"),
        pytest.param([("anon", "UPDATE", "column")], "critical", id="it may write a column"),
        pytest.param([("PUBLIC", "INSERT", "table")], "critical", id="everybody may write"),
        pytest.param(
            [("anon", "SELECT", "table"), ("anon", "USAGE", "schema")], "high", id="it may read"
        ),
        pytest.param(
            [("anon", "SELECT", "table"), ("PUBLIC", "USAGE", "schema")],
            "high",
            id="it may read as everybody may use the schema",
        ),
        pytest.param([("anon", "SELECT", "table")], "", id="it cannot reach the schema"),
        pytest.param([("anon", "USAGE", "schema")], "", id="it can reach the schema alone"),
        pytest.param([("ci", "DELETE", "table")], "", id="no role of the API"),
    ],
)
def test_roles_of_the_api_are_kept_from_the_table(
    grants: list[tuple[str, str, str]], expected: str
) -> None:
    found = judge(grants=tuple(grants), api_roles=("anon", "PUBLIC"))
    assert [finding.severity.value for finding in found] == ([expected] if expected else [])
    for finding in found:
        grantee = grants[0][0]
        assert finding.key.endswith(f":{grantee}")
        assert finding.fix == f"revoke all on table {TABLE} from {grantee.lower()};"
        assert finding.fix_is_sql


@pytest.mark.parametrize(
    ("file", "is_found"),
    [
        pytest.param("a.sql", True, id="no version"),
        pytest.param("1_a.SQL", True, id="capitals"),
        pytest.param("a\n</script>.sql", True, id="a hostile name"),
        pytest.param("a\udcff.sql", True, id="a name that is not UTF-8"),
        pytest.param("README.md", False, id="a note"),
        pytest.param("1_a.sql.bak", False, id="a copy"),
    ],
)
def test_sql_that_never_runs_is_found(file: str, *, is_found: bool) -> None:
    found = judge(skipped=((file, "the name is wrong"),))
    assert show(found) == ([("never-runs", "high")] if is_found else [])
    for finding in found:
        assert finding.id.startswith("file-")
        assert finding.title.isprintable()


def test_a_file_that_fails_is_found_at_its_line() -> None:
    (found,) = judge(
        failures=(FailureFact(NUMBER, FILE, 3, "42P01", 'relation "a"\ndoes not exist'),)
    )
    assert show([found]) == [("replay-failed", "high")]
    assert (found.object.name, found.where) == (FILE, f"{FILE}:3")
    assert 'relation "a" does not exist (SQLSTATE 42P01)' in found.consequence


def test_names_are_quoted_in_sql() -> None:
    table = 'public.my"table'
    one = flagged(Flag.NAME_MISMATCH, version=HOSTILE, name_file=HOSTILE, name_row="b")
    found = judge(one, table=table, grants=((HOSTILE, "DELETE", "table"),), api_roles=(HOSTILE,))
    assert [finding.rule for finding in found] == ["tracking-exposed", "tracking-name-mismatch"]
    for finding in found:
        assert finding.fix_is_sql
        statements = split_server(finding.fix)
        assert statements is not None
        assert len(statements) == 1
        assert '"my""table"' in finding.fix
        assert "drop table" in finding.fix


def test_no_fix_repairs_without_versions_or_takes_a_record_away() -> None:
    versions = [
        replace(version(state, order=order, effect=effect), file=file, version=number)
        for state in S
        for order in OrderFlag
        for effect in EffectState
        for file in (FILE, "")
        for number in (NUMBER, "v 1;", "١٢")
    ]
    for convention in ("supabase", "plain"):
        for finding in judge(*versions, convention=convention):
            assert "reverted" not in finding.fix
            _, is_repair, rest = finding.fix.partition("migration repair")
            assert not is_repair or rest.startswith(f" --status applied {NUMBER}")
            assert convention == "supabase" or "supabase" not in finding.fix


def test_what_ran_is_recorded_before_everything_unrecorded_runs() -> None:
    late = version(S.PENDING, recorded=False, order=OLDER)
    ran = version(S.APPLIED_UNRECORDED, version="2", recorded=False)
    (alone,) = judge(late)
    beside = next(one for one in judge(late, ran) if one.rule == "file-not-tracked")
    assert alone.fix == "read it once more, then let it run: supabase db push --include-all"
    assert "record first what is live" in beside.fix


def test_what_is_missing_and_what_an_edit_did_is_named() -> None:
    view = ObjectRef("view", ("public", "v"))
    lost = version(S.PARTLY_EFFECTIVE, found=16, testable=17, lacking=(str(view),))
    edited = version(S.EDITED_AFTER_APPLY, written="new", recorded_text="old", edit_effect=("e",))
    (one,), (other,) = judge(lost), judge(edited)
    assert "16 of 17 effects are live" in one.title
    assert "view public.v" in one.consequence
    assert "e." in other.consequence
    assert (other.expected, other.live) == ("new", "old")


def test_reports_share_the_rules_out() -> None:
    assert {rule.ID for rules in RULES_OF.values() for rule in rules} == {
        rule.ID for rule in ALL_RULES
    }
    assert len({rule.ID for rule in ALL_RULES}) == len(ALL_RULES) == 26
    assert {rule.GROUP for rule in VERSION_RULES} == {"tracking", "file"}


def build_facts(**other: object) -> Facts:
    known = {
        "audit_id": "20240101T000000Z-abcd",
        "captured_at": datetime(2024, 1, 1, tzinfo=UTC),
        "target": Target(name="t"),
        "records": 2,
    }
    empty = (
        "versions never_runs failures interceptions left_out gaps equal unaccounted provenance "
        "environment"
    )
    return Facts(**(dict.fromkeys(empty.split(), ()) | known | other))  # type: ignore[arg-type]


def build_audit(report: str, facts: Facts, *, is_live: bool = True) -> Audit:
    side = build_snapshot({}, KINDS)
    return Audit(report, Evidence(side, side if is_live else None, facts), Severity.HIGH)


def test_the_tracking_report_counts_versions_and_says_what_push_does() -> None:
    versions = (version(S.APPLIED_UNRECORDED, recorded=False), version(version="2"))
    plan = RepairPlan(before=Forecast(refuses="a reason"))
    result = build_audit("tracking_audit", build_facts(versions=versions, plan=plan)).result
    assert result["reason"] == (
        "1 of 2 versions disagrees: 1 ran without a record. supabase db push refuses: a reason. "
        "1 finding; 1 reaches high."
    )
    calm = build_audit("tracking_audit", build_facts(versions=versions[1:])).result
    assert calm["reason"] == "Files, tracking table and live database agree on 1 version."
    assert calm["verdict"] == "pass"


@pytest.mark.parametrize("report", [*filter(RULES_OF.get, RULES_OF), "own_report"])
def test_without_a_database_no_rule_counts_as_clean_that_asks_it(report: str) -> None:
    facts = build_facts(records=None, versions=(version(S.UNKNOWN),))
    result = build_audit(report, facts, is_live=False).result
    rules = result["rules"]
    assert isinstance(rules, list)
    asked = [
        rule for rule in RULES_OF.get(report, ALL_RULES) if rule.GROUP not in {"file", "accepted"}
    ]
    idle = [rule for rule in rules if rule["outcome"] == "not_run"]
    assert [rule["id"] for rule in idle] == [rule.ID for rule in asked]
    assert all(rule["reason"] == "the target names no database" for rule in idle)
    assert report == "migration_history" or "names no database" in str(result["reason"])


def test_a_failed_file_is_no_gap_where_it_is_a_finding() -> None:
    (no_database,) = find_gaps(None, None, pd.DataFrame())
    assert no_database.what == "What is live: the target names no database"
    failure = FailureFact("1", "1_a.sql", 3, "42P01", "m")
    gaps = (
        GapFact(what="1_a.sql, line 3, failed in the shadow", why="", fix="", about="replay"),
        GapFact(what="what is live", why="", fix=""),
    )
    facts = build_facts(failures=(failure,), gaps=gaps)
    assert gaps_of("tracking_audit", facts) == gaps
    assert gaps_of("migration_history", facts) == ()
    assert decide_verdict("migration_history", [], facts, H) is Verdict.PASS
    unchecked = GapFact(what="A statement", why="", fix="", about="replay")
    facts = build_facts(failures=(failure,), gaps=(*gaps, unchecked))
    assert gaps_of("migration_history", facts) == (unchecked,)
    audit = build_audit("migration_history", facts)
    result = build_result("migration_history", audit.evidence, audit.found, H)
    assert result["incomplete"] == [{"what": "A statement", "why": "", "fix": ""}]


def test_git_tells_a_story_of_one_sentence() -> None:
    commit = Commit("abc", datetime(2024, 1, 1, tzinfo=UTC), "Ann", "s")
    event = FileEvent("abc", FILE, FileEventKind.ADDED)
    facts = build_version_facts(build_facts(history=History((commit,), (event,))))
    assert facts.stories == {FILE: "added on 2024-01-01 by Ann in abc"}
    assert facts.api_roles == ("anon", "authenticated", "PUBLIC")
    (found,) = find_versions(replace(facts, versions=(version(S.MISSING_FILE, file=""),)))
    assert "In git it was added on 2024-01-01 by Ann in abc." in found.consequence
