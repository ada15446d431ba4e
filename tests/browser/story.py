"""A synthetic audit of 120 findings, hostile names among them; nothing touches a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
from tests.generated import build_evidence, build_facts
from tests.unit.incidents import build_hostile

from driftbook.access.moves import Move
from driftbook.access.reach import NONE, Reach, Right, Rows
from driftbook.audit.access import Access
from driftbook.audit.frames.columns import build_frame
from driftbook.audit.frames.facts import FINDINGS
from driftbook.audit.frames.history import SLOW
from driftbook.audit.frames.origins import ACTIONS
from driftbook.audit.frames.past import AGES, RECONCILED, TREND
from driftbook.audit.frames.replay import CASCADES, FAILURES, REPLAY
from driftbook.audit.session import Audit as RealAudit
from driftbook.audit.tested import LastSelfTest
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.report.result import RESULT_MIME

if TYPE_CHECKING:
    from driftbook.audit.postmortem import Incident

HOSTILE = ("<script>alert(1)</script>", "cost_$_per_$", "inv\u202eseciov", "tab\tle\nname", "店舗")
SIZES = {"small": 10, "large": 700}  # target: migration files
SCHEMAS = ("billing", "private", "public", "reporting")
KINDS = ("column", "policy", "index", "function", "trigger")
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"  # noqa: S105 - invented

INVOICES_EXPECTED = """\
create table public.invoices (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null,
  total numeric(12,2) not null,
  created_at timestamptz not null default now()
);
alter table public.invoices enable row level security;"""
INVOICES_LIVE = """\
create table public.invoices (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  total numeric(14,2) not null,
  created_at timestamptz not null default now(),
  paid_at timestamptz
);"""
INVOICES_FIX = """\
alter table public.invoices enable row level security;
alter table public.invoices add column if not exists paid_at timestamptz;
"""
WEBHOOK = f"""\
create function public.notify() returns trigger language plpgsql as $$
begin
\tperform net.http_post('https://hooks.example.org',
\t\theaders := '{{"Authorization": "Bearer {TOKEN}"}}');
\treturn new;
end $$;"""


def build_table(name: str) -> str:
    """Return a table of 15 lines."""
    columns = "\n".join(f"  attribute_{number} text not null default ''," for number in range(12))
    return f'create table public."{name}" (\n  id bigint primary key,\n{columns}\n  note text\n);'


def build_findings() -> list[Finding]:
    """Return 120 findings, worst first."""
    findings = [
        Finding(
            rule="altered-object",
            group="drift",
            severity=Severity.CRITICAL,
            object=ObjectRef("table", ("public", "invoices")),
            title="public.invoices: row level security is off, two columns differ",
            consequence="Anyone with the anon key can read this table: row level security is "
            "disabled live and the anon role holds SELECT.",
            fix=INVOICES_FIX,
            change="altered",
            expected=INVOICES_EXPECTED,
            live=INVOICES_LIVE,
            where="20240102030405_invoices.sql:1",
            properties=("rls_enabled", "columns"),
            origin=f"Touched outside of all migrations by {HOSTILE[0]} (high).",
        ),
        Finding(
            rule="untracked-object",
            group="drift",
            severity=Severity.CRITICAL,
            object=ObjectRef("function", ("public", "notify()")),
            title="function public.notify() is in no applied migration",
            consequence="It runs with the rights of its owner, for whoever may insert a row.",
            fix=WEBHOOK,
            change="only_live",
            live=WEBHOOK,
        ),
        Finding(
            rule="missing-object",
            group="drift",
            severity=Severity.HIGH,
            object=ObjectRef("policy", ("public", "orders", "tenant")),
            title="policy tenant on public.orders is missing in the live database",
            consequence="Every row is readable by every tenant.",
            fix="Decide which side is right; the policy was dropped by hand.",
            fix_is_sql=False,
            change="only_expected",
            expected="create policy tenant on public.orders using (tenant_id = auth.uid());",
        ),
    ]
    names = [*HOSTILE, *(f"scratch_{number:02d}" for number in range(57))]
    findings += [
        Finding(
            rule="untracked-object",
            group="drift",
            severity=Severity.HIGH,
            object=ObjectRef("table", ("public", name)),
            title=f"table {ObjectRef('table', ('public', name)).name} is in no applied migration",
            consequence="An environment built from the migrations will not have it.",
            fix=build_table(name),
            change="only_live",
            live=build_table(name),
        )
        for name in names
    ]
    findings += [
        Finding(
            rule="altered-object",
            group="drift",
            severity=(Severity.MEDIUM, Severity.LOW)[number % 2],
            object=ObjectRef(KINDS[number % 5], (SCHEMAS[number % 4], "orders", f"part_{number}")),
            title=f"part_{number} of orders differs in its definition",
            consequence="Behaviour differs from what was reviewed.",
            fix="alter table orders alter column a set not null;",
            change=("altered", "only_expected")[number % 2],
            expected=f"part_{number} integer",
            live=f"part_{number} bigint",
        )
        for number in range(55)
    ]
    return findings


def build_result(findings: list[Finding], target: str, fail_on: str) -> dict[str, object]:
    """Return the result of the synthetic audit."""
    counts = Counter(finding.severity.value for finding in findings)
    return {
        "schema_version": 1,
        "report": "drift_audit",
        "title": f"Drift audit: {target}",
        "verdict": "fail",
        "reason": f"{len(findings)} differences between the live database and 152 applied "
        "migration files; 65 reach high. 62 tables are in no applied migration.",
        "fail_on": fail_on,
        "counts": {severity.value: counts[severity.value] for severity in Severity},
        "target": {"name": target, "label": target},
        "audit_id": "20261123T014225Z-5be1",
        "captured_at": "2026-11-23T01:42:25Z",
        "provenance": [
            ["target", f"{target} (PostgreSQL 15.18)"],
            ["captured at", "2026-11-23 01:42:25 UTC"],
            ["migrations", "214 files, git 3f2c1ab (main, clean)"],
            ["tracking table", "152 recorded, 3 without a file"],
            ["expected state", "149 applied files; 65 pending, listed below"],
            ["shadow", "PostgreSQL 15.18; 149 of 149 files replayed"],
            ["schemas", "all but the platform's"],
            ["audit", "20261123T014225Z-5be1"],
        ],
        "incomplete": [
            {
                "what": "Kind vault_secret_name was not read",
                "why": "the audit role may not select from vault.secrets",
                "fix": "grant select (name) on vault.secrets to the audit role",
            }
        ],
        "since": build_since(),
        "trend": [
            {
                "audit_id": f"202611{day:02d}T014225Z-5be1",
                "audited_at": f"2026-11-{day:02d}T01:42:25Z",
                "total": total,
            }
            for day, total in enumerate((118, 119, 119, 121, len(findings)), start=19)
        ],
        "findings": [
            {
                "id": finding.id,
                "key": finding.key,
                "rule": finding.rule,
                "group": finding.group,
                "severity": finding.severity.value,
                "kind": finding.object.kind,
                "schema": finding.object.parts[0],
                "name": finding.object.name,
                "change": finding.change,
                "title": finding.title,
                "consequence": finding.consequence,
                "fix": finding.fix,
                "fix_is_sql": finding.fix_is_sql,
                "where": finding.where,
                "expected": finding.expected,
                "live": finding.live,
                "state": "known",
                "first_seen_at": "2026-11-20T01:42:25Z",
            }
            for finding in findings
        ],
        "rules": [
            {
                "id": rule,
                "outcome": outcome,
                "judged": "1,203 live and 1,110 expected rows of the catalog",
                "meaning": "An object differs between the live database and the migrations.",
                "fix": "Capture it in a migration, or revert it.",
            }
            for rule, outcome in (
                ("altered-object", "found"),
                ("missing-object", "found"),
                ("untracked-object", "found"),
                ("index-invalid", "clean"),
                ("version-collision", "clean"),
            )
        ],
        "scope": [
            {"reason": "made by the platform", "kind": "table", "objects": 61},
            {"reason": "member of extension postgis", "kind": "function", "objects": 743},
        ],
        "interceptions": [
            {
                "kind": "create extension",
                "file": "20240101000000_init.sql",
                "line": 3,
                "object": "pg_net",
                "done": "made a stub",
                "effect": "none: members of extensions are not compared",
            }
        ],
        "unaccounted": 2,
        "parameters": {"target": target, "fail_on": fail_on},
        "environment": {
            "driftbook": "0.1.0",
            "platform prelude": "supabase 2",
            "audit session": "default_transaction_read_only=on, row_security=off",
        },
    }


def build_since() -> dict[str, object]:
    """Return the comparison with the day before: a hostile name is resolved, one not checked."""
    times = {"first_seen_at": "2026-11-20T01:42:25Z", "last_seen_at": "2026-11-22T01:42:25Z"}
    rule = {"rule": "untracked-object", "severity": "high", **times}
    return {
        "previous": "20261122T014225Z-5be1",
        "previous_at": "2026-11-22T01:42:25Z",
        "new": 1,
        "known": 119,
        "resolved": 1,
        "not_checked": 1,
        "resolved_findings": [
            {"id": "drift-00000001", "key": "k1", "title": f"table {HOSTILE[0]} is gone", **rule}
        ],
        "unchecked_findings": [
            {"id": "drift-00000002", "key": "k2", "title": "table b", "why": "not read", **rule}
        ],
    }


class Audit:
    """What ``driftbook.audit.begin`` returns, of the synthetic audit."""

    def __init__(self, target: str, fail_on: str) -> None:
        self.found = build_findings()
        self.result = build_result(self.found, target, fail_on)

    @property
    def worst(self) -> list[Finding]:
        return [finding for finding in self.found if finding.severity.reaches(Severity.HIGH)]

    @cached_property
    def findings(self) -> pd.DataFrame:
        rows = [
            (
                finding.id,
                finding.severity.value,
                finding.object.kind,
                finding.change,
                finding.object.parts[0],
                finding.object.name,
                finding.title,
                "known",
                "2026-11-20",
                finding.rule,
            )
            for finding in self.found
        ]
        return pd.DataFrame(rows, columns=list(FINDINGS), dtype="str")

    @property
    def access(self) -> Access:
        after = Right(Reach.EVERYTHING, "anon", rows=Rows.OFF)
        refs = (ObjectRef("table", ("public", name)) for name in ("invoices", *HOSTILE))
        moves = [Move("anon", "SELECT", ref, NONE, after, is_new=True) for ref in refs]
        moves += [Move(HOSTILE[0], "EXECUTE", ObjectRef("function", ("a", "f()")), NONE, after)]
        return Access(tuple(moves))

    @property
    def selftest(self) -> LastSelfTest:
        return LastSelfTest(None, frozenset(), "shop")

    @property
    def trend(self) -> pd.DataFrame:
        days = range(1, 24)
        rows = [
            (str(day), datetime(2026, 11, day, tzinfo=UTC), 2, day, 28, 27, 0, 57 + day)
            for day in days
        ]
        return build_frame(rows, TREND)

    @property
    def ages(self) -> pd.DataFrame:
        first = datetime(2026, 11, 20, tzinfo=UTC)
        rows = [
            (one.id, one.severity.value, one.object.kind, one.object.name, "known", first, 3.1)
            for one in self.found
        ]
        return build_frame(rows, AGES)

    @property
    def reconciled(self) -> pd.DataFrame:
        first, last = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
        rows = [("drift-00000001", "high", f"table {HOSTILE[0]}", first, last, 3.0)]
        return build_frame(rows, RECONCILED)

    @property
    def actions(self) -> pd.DataFrame:
        when = "between 2026-11-19 02:15 and 2026-11-20 02:15 UTC"
        order = "after version 20261118093000 was recorded"
        rows = [("S1", when, order, 3, 4, f"table {HOSTILE[0]}", HOSTILE[1], "unknown")]
        return build_frame(rows, ACTIONS)

    @property
    def versions(self) -> pd.DataFrame:
        start = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
        times = [start + timedelta(hours=29 * number) for number in range(217)]
        return pd.DataFrame(
            {
                "version": [f"{time:%Y%m%d%H%M%S}" for time in times],
                "file": ["" if number > 213 else f"{number}.sql" for number in range(217)],
                "recorded": [number < 149 or number > 213 for number in range(217)],
                "in_files": [number <= 213 for number in range(217)],
                "version_at": pd.to_datetime(pd.Series(times), utc=True),
            }
        )

    @property
    def pending(self) -> pd.DataFrame:
        return self.versions.loc[~self.versions["recorded"], ["version", "file"]]

    @property
    def unsettled(self) -> pd.DataFrame:
        rows = [
            ("20260301093000", "applied unrecorded", "3 of 3", f"{HOSTILE[0]}.sql", HOSTILE[1]),
            ("20260302143000", "edited after apply", "", "1.sql", "2 of 4 statements differ"),
        ]
        columns = ["version", "state", "live_effects", "file", "note"]
        return pd.DataFrame(rows, columns=columns, dtype="str")

    @property
    def never_runs(self) -> pd.DataFrame:
        return pd.DataFrame([(HOSTILE[0], "no version")], columns=["file", "why"], dtype="str")

    @property
    def failures(self) -> pd.DataFrame:
        return build_frame([], FAILURES)

    @property
    def cascades(self) -> pd.DataFrame:
        return build_frame([], CASCADES)

    @property
    def slow(self) -> pd.DataFrame:
        return build_frame([(f"{HOSTILE[0]}.sql", 0.4, 3)], SLOW)

    @property
    def replay(self) -> pd.DataFrame:
        return build_frame([("files in the directory", "149"), ("applied", "149")], REPLAY)

    @property
    def left_out(self) -> pd.DataFrame:
        return pd.DataFrame(self.result["scope"])

    @property
    def interceptions(self) -> pd.DataFrame:
        return pd.DataFrame(self.result["interceptions"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {RESULT_MIME: self.result, "text/plain": "fail"}


def begin_incident(**given: object) -> Incident:
    """Stand in for ``driftbook.audit.begin_incident``: an incident whose texts are hostile."""
    assert given["audit_id"] == ""
    return build_hostile(sessions={"small": 1, "large": 9}[str(given["target"])])


def begin(notebook: str, *, target: str, audit_id: str, fail_on: str) -> Audit | RealAudit:
    """Stand in for ``driftbook.audit.begin``: a story of findings, or a generated history."""
    assert audit_id == ""
    if notebook == "drift_audit":
        return Audit(target, fail_on)
    evidence = build_evidence(build_facts(SIZES[target]))
    return RealAudit(notebook, evidence, Severity(fail_on))
