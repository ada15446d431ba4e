"""Files, tracking table and live database of real problems: what an audit says, and proposes.

A case is a folder of ``tests/golden/tracking``, named after its problem:

``migrations/``   the files that the audit is given
``target.json``   settings of the target; without it everything is plain PostgreSQL
``applied.json``  names of the files that ran, in their order; without it: every file
``applied/``      texts that ran instead of those of the same name in ``migrations``
``recorded.json`` the rows, one by the name of a file is as the CLI writes it; without it all are
``by_hand.sql``   what people did afterwards, as the owner
``tracking.sql``  what became of the tracking table, as a superuser; it comes last
``git.json``      commits of the files; without it they are in no repository
``expect.json``   everything that the audit says, versions in order and as recorded left out

A missing ``expect.json`` is written by the test, which then fails: read it before you keep it.
"""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.repository import make_repository

from driftbook.audit.collect import collect_evidence
from driftbook.config import Target
from driftbook.demo import move
from driftbook.demo.project import make_project
from driftbook.drift import cluster
from driftbook.drift.diff import diff_snapshots, drop_equal
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import connect_plain
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.prepare import AUDITOR
from driftbook.sqltext import split_cli
from driftbook.versions import Content, EffectState, OrderFlag, Trust, Version, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.audit.evidence import Evidence
    from driftbook.postgres.server import ShadowServer
    from driftbook.repairs import Forecast, RepairPlan

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NEWEST = 180_000
CASES = sorted(Path(__file__).parents[1].glob("golden/tracking/*/"))
OWNER = "postgres"
NOW = "1772366400"  # 2026-03-01 12:00 UTC
# What leaves with any cluster, and parameters of one that other tests used.
OF_CLUSTER = {
    "audit role",
    cluster.SHADOW,
    cluster.UNASKED,
    cluster.NO_ROLE,
    "privilege of the whole server",
}
USUAL = {"platform", "tracking table"} | OF_CLUSTER
AUDIT_ROWS = files("driftbook.audit") / "sql" / "audit_rows.sql"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def projects(server: ShadowServer) -> Iterator[dict[str, str]]:
    """Yield an empty database per platform; live databases are copies."""
    mark = server.roles()
    supabase = make_project(server)
    plain = server.create_database(owner=OWNER)
    with server.superuser(plain) as session:
        session.execute(move.NEW_TABLE.read_bytes())
    with server.superuser(supabase) as session:
        session.execute(load_sql("auditor.sql").encode())
        session.execute(AUDIT_ROWS.read_bytes())
    server.set_password(AUDITOR)
    yield {"supabase": supabase, "plain": plain}
    for database in (supabase, plain):
        server.drop_database(database)
    server.drop_roles_made_since(mark)


def read_json(path: Path, default: Any) -> Any:  # noqa: ANN401 - what a case says
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def push(
    session: psycopg.Connection[TupleRow], statements: Sequence[str], row: Json | None
) -> None:
    """Run one file and write its row, in one implicit transaction as the CLI does."""
    session.execute("reset all")
    with session.pipeline():
        for statement in statements:
            session.execute(statement.encode(), prepare=False)
        if row:
            record(session, row)


def record(session: psycopg.Connection[TupleRow], row: Json) -> None:
    values = (row["version"], row.get("name"), row.get("statements"))
    session.execute(move.WRITE_ROW, values, prepare=False)


def build_row(name: str, statements: Sequence[str]) -> Json:
    version, _, title = name.removesuffix(".sql").partition("_")
    return {"version": version, "name": title, "statements": list(statements) or None}


def make_live(server: ShadowServer, database: str, case: Path) -> None:
    """Do in ``database`` everything that happened in ``case``."""
    files = {file.path.name: file for file in read_directory(case / "migrations").files}
    applied: list[str] = read_json(case / "applied.json", list(files))
    texts = {
        name: (case / where / name).read_text(encoding="utf-8")
        for name in applied
        for where in ("migrations", "applied")
        if (case / where / name).exists()
    }
    split = {name: [one.text for one in split_cli(text)] for name, text in texts.items()}
    recorded = [
        build_row(each, split[each]) if isinstance(each, str) else each
        for each in read_json(case / "recorded.json", applied)
    ]
    rows = {row["version"]: row for row in recorded}
    with connect_plain(server.dsn(database, OWNER)) as session:
        for name in applied:
            mine = rows.get(name.partition("_")[0])
            while mine and mine is not next(iter(rows.values())):
                record(session, rows.pop(next(iter(rows))))  # rows before it, of no file that ran
            push(session, split[name], mine)
            if mine:
                del rows[mine["version"]]
        for row in rows.values():
            record(session, row)
        if (case / "by_hand.sql").exists():
            session.execute((case / "by_hand.sql").read_bytes())
    with server.superuser(database) as session:
        session.execute(f"grant connect on database {database} to {AUDITOR}".encode())
        session.execute(f"grant usage on schema supabase_migrations to {AUDITOR}".encode())
        grant = f"grant select on supabase_migrations.schema_migrations to {AUDITOR}"
        session.execute(grant.encode())
        if (case / "tracking.sql").exists():
            session.execute((case / "tracking.sql").read_bytes())


def try_rows(dsn: str, plan: RepairPlan) -> None:
    """Run the SQL of every step, answers to questions too, on the real table; take it back."""
    with connect_plain(dsn) as session, session.transaction(force_rollback=True):
        for step in plan.steps:
            session.execute(step.sql.encode())


def lay_out(case: Path, folder: Path) -> Path:
    """Copy the files of ``case`` and give them their history; return their directory."""
    commits = read_json(case / "git.json", [])
    repository = make_repository(folder) if commits else None
    for commit in commits:
        assert repository is not None
        for name, text in commit["files"].items():
            if text is None:
                (repository.migrations / name).unlink()
            else:
                repository.write(name, text)
        repository.commit(commit["subject"], author=commit["author"])
    shutil.rmtree(folder / "migrations", ignore_errors=True)
    shutil.copytree(case / "migrations", folder / "migrations")
    return folder / "migrations"


def is_plain(version: Version) -> bool:
    return (
        version.state is VersionState.APPLIED
        and version.content is Content.IDENTICAL
        and version.order is OrderFlag.OK
        and version.effect in {EffectState.FULL, EffectState.SUPERSEDED}
        and not version.flags
    )


def describe_version(version: Version) -> list[str]:
    said = [version.version, *map(str, (version.state, version.content, version.effect))]
    other = [f"see {version.match_version}"] if version.match_version else []
    return [*said, version.order.value, *(flag.value for flag in version.flags), *other]


def describe_plan(plan: RepairPlan) -> Json:
    return {
        "plan": [
            [step.kind.value, list(step.versions), *([step.file] if step.file else [])]
            for step in plan.steps
        ],
        "texts": {
            step.file: step.text
            for step in plan.steps
            if step.kind.value in {"restore-file", "undo-edit"} and step.text
        },
        "before": describe_forecast(plan.before),
        "after": describe_forecast(plan.after),
        "proven": plan.proven,
        "doubts": list(plan.doubts),
        "differences": [plan.changes_before, plan.changes_after],
    }


def describe_forecast(forecast: Forecast) -> Json:
    return {"runs": list(forecast.runs), "refuses": forecast.refuses}


def list_changes(evidence: Evidence) -> list[str]:
    assert evidence.live is not None
    changes = diff_snapshots(evidence.expected, evidence.live)
    equal = {(fact.kind, fact.key, fact.property) for fact in evidence.facts.equal}
    changes = drop_equal(changes, equal)
    roots = changes[changes["part_of"].isna()]
    return [
        f"~ {row['kind']} {row['name']}: {row['property']} is {say(row['live'])}, "
        f"expected {say(row['expected'])}"
        if row["change"] == "altered"
        else f"{'+' if row['change'] == 'only_live' else '-'} {row['kind']} {row['name']}"
        for row in roots.to_dict("records")
    ]


def say(value: object) -> str:
    return value if isinstance(value, str) else "nothing"


def describe(evidence: Evidence) -> Json:
    """Return everything that the audit says, without what is in order."""
    facts = evidence.facts
    told = [version for version in facts.versions if not is_plain(version)]
    said: Json = {
        "versions": [describe_version(version) for version in told],
        "missing": name_things({version.version: version.missing for version in told}),
        "different": name_things({version.version: version.different for version in told}),
        "related": {one.version: list(one.related) for one in told if one.related},
        "edits": {one.version: list(one.edit_effect) for one in told if one.edit_effect},
        "bulk": [one.version for one in facts.versions if one.trust is Trust.BULK],
        "skipped": [list(entry) for entry in facts.never_runs],
        "changes": list_changes(evidence),
        "same_in_other_words": [f"{one.kind} {'.'.join(one.key)}" for one in facts.equal],
        "left_out": sorted(
            f"{one.kind}: {one.reason}"
            for one in facts.left_out
            if one.reason not in USUAL and one.kind != "database_setting"
        ),
        "failures": [[one.file, one.message] for one in facts.failures],
        "gaps": [gap.what for gap in facts.gaps],
        "grants": [
            f"{one.privilege} on {one.on} to {one.grantee}"
            for one in facts.grants
            if one.grantee != AUDITOR
        ],
    }
    said |= describe_plan(facts.plan)
    if said["before"] == said["after"]:
        del said["after"]
    return {key: value for key, value in said.items() if value not in ([], {}, [0, 0])}


def name_things(things: Mapping[str, Sequence[object]]) -> dict[str, list[str]]:
    return {version: [str(one) for one in found] for version, found in things.items() if found}


def write_expectation(said: Json) -> str:
    """Return ``said`` as JSON, one entry of a list in each line."""
    parts = []
    for key, value in said.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(f"    {json.dumps(one, ensure_ascii=False)}" for one in value)
            parts.append(f'  "{key}": [\n{lines}\n  ]')
        else:
            parts.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_problem_is_told_and_its_repair_is_proven(
    server: ShadowServer,
    projects: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: Path,
) -> None:
    if server.version_num < NEWEST and CASES.index(case) % 3:
        pytest.skip("every case is tried on the newest server, every third on all of them")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)
    settings = read_json(case / "target.json", {})
    mark = server.roles()
    template = projects[settings.get("platform", "plain")]
    with server.database(template=template, owner=OWNER) as database:
        make_live(server, database, case)
        monkeypatch.setenv("LIVE", server.dsn(database, AUDITOR))
        files = lay_out(case, tmp_path / "project")
        # What other tests on this cluster set for its roles is no part of a case.
        settings["exclude"] = (*settings.get("exclude", ()), "database_setting:*")
        target = Target(name="live", dsn_env="LIVE", migrations=files, **settings)
        evidence = collect_evidence(target)
        try_rows(server.dsn(database, OWNER), evidence.facts.plan)
    said = describe(evidence)
    server.drop_roles_made_since(mark)
    expect = case / "expect.json"
    if not expect.exists():
        expect.write_text(write_expectation(said), encoding="utf-8")
        pytest.fail(f"{expect} was written: read it")
    assert said == read_json(expect, {})
