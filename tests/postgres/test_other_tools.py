"""Projects of other tools with a wound each: an audit tells it, in that tool's words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.postgres.test_tables import NAMES, TABLES

from driftbook.audit.collect import collect_evidence
from driftbook.audit.session import Audit
from driftbook.config import Target
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.model import Severity
from driftbook.postgres.connect import connect_plain
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.prepare import AUDITOR
from driftbook.tools import TOOLS

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NEWEST = 180_000
OWNER = "postgres"
SHOP = "create table public.shops (id int primary key, name text);\n"
GOODS = "create table public.goods (id int primary key, shop int references public.shops);\n"
PRICE = "alter table public.goods add column price numeric;\n"
VIEW = "create or replace view public.names as select name from public.shops;\n"
FLYWAY_ROW = "(installed_rank, version, description, type, script, checksum, installed_by,"
FLYWAY_ROW += " execution_time, success) values "


@dataclass(frozen=True)
class Project:
    """A project of one tool: its files, what ran, and what an audit of it says."""

    tool: str
    files: dict[str, str]  # path → text
    ran: tuple[str, ...]  # in their order
    rows: str  # what the tool recorded; {path} is the checksum of that file
    edited: dict[str, str] = field(default_factory=dict)  # afterwards
    by_hand: str = ""
    states: dict[str, str] = field(default_factory=dict)  # of what is not applied
    changes: frozenset[str] = frozenset()  # objects that differ
    gaps: tuple[str, ...] = ()  # words of them
    says: tuple[str, ...] = ()  # words of findings and plan
    commands: tuple[str, ...] = ()


PROJECTS = [
    Project(
        "flyway",
        {
            "V1__shop.sql": SHOP,
            "V1.2__goods.sql": GOODS,
            "V2__price.sql": PRICE,
            "V10__more.sql": "create table public.more (id int);\n",
            "R__names.sql": VIEW,
        },
        ("V1__shop.sql", "V1.2__goods.sql", "V10__more.sql", "R__names.sql"),
        f"{FLYWAY_ROW} (1, '1', 'shop', 'SQL', 's', {{V1__shop.sql}}, 'me', 1, true),"
        " (2, '1.2', 'goods', 'SQL', 's', {V1.2__goods.sql}, 'me', 1, true),"
        " (3, '10', 'more', 'SQL', 's', {V10__more.sql}, 'me', 1, true),"
        " (4, null, 'names', 'SQL', 's', {R__names.sql}, 'me', 1, true)",
        edited={"V1__shop.sql": SHOP.replace("text", "varchar")},
        by_hand="alter table public.goods add column by_hand int",
        states={"1": "edited_after_apply", "2": "pending"},
        changes=frozenset({"public.goods.by_hand", "public.shops.name", "public.names"}),
        says=("flyway migrate runs nothing", "flyway migrate -outOfOrder=true"),
        commands=("flyway repair", "flyway migrate -outOfOrder=true"),
    ),
    Project(
        "golang-migrate",
        {
            "1_shop.up.sql": SHOP,
            "1_shop.down.sql": "drop table public.shops;\n",
            "2_goods.up.sql": GOODS,
        },
        ("1_shop.up.sql", "2_goods.up.sql"),
        "values (1, false)",
        states={"2": "applied_unrecorded"},
        changes=frozenset({"public.goods"}),
        says=("would run the file again", "migrate force 2"),
        commands=("migrate force 2",),
    ),
    Project(
        "golang-migrate",
        {"1_shop.up.sql": SHOP, "2_goods.up.sql": GOODS},
        ("1_shop.up.sql",),
        "values (2, true)",
        states={"1": "unknown", "2": "unknown"},
        changes=frozenset({"public.goods"}),
        gaps=("does not tell", "dirty at version 2", "migrate force 2"),
    ),
    Project(
        "prisma",
        {
            "20260101000000_shop/migration.sql": SHOP,
            "20260102000000_goods/migration.sql": GOODS,
            "20260103000000_price/migration.sql": PRICE,
            "migration_lock.toml": 'provider = "postgresql"\n',
        },
        ("20260101000000_shop/migration.sql", "20260102000000_goods/migration.sql"),
        "(id, checksum, migration_name, finished_at) values"
        " ('a', {20260101000000_shop/migration.sql}, '20260101000000_shop', now()),"
        " ('b', {20260103000000_price/migration.sql}, '20260103000000_price', null)",
        states={
            "20260102000000_goods": "applied_unrecorded",
            "20260103000000_price": "pending",
        },
        changes=frozenset({"public.goods"}),
        gaps=("20260103000000_price", "failed"),
        says=("prisma migrate resolve --applied 20260102000000_goods",),
        commands=(
            "prisma migrate resolve --applied 20260102000000_goods",
            "prisma migrate resolve --rolled-back 20260103000000_price",
            "prisma migrate deploy",
        ),
    ),
    Project(
        "drizzle",
        {
            "0000_shop.sql": SHOP,
            "0001_price.sql": "create table public.late (id int);\n",
            "0001_goods.sql": GOODS,
            "meta/_journal.json": json.dumps(
                {
                    "entries": [
                        {"idx": 0, "when": 1000, "tag": "0000_shop"},
                        {"idx": 1, "when": 2000, "tag": "0001_price"},
                        {"idx": 2, "when": 3000, "tag": "0001_goods"},
                    ]
                }
            ),
        },
        ("0000_shop.sql", "0001_goods.sql"),
        "(hash, created_at) values ({0000_shop.sql}, 1000), ({0001_goods.sql}, 3000)",
        states={"0001_price": "pending"},
        says=("it never runs this file", "Are they still wanted?"),
    ),
    Project(
        "dbmate",
        {
            "20260101_shop.sql": f"-- migrate:up\n{SHOP}-- migrate:down\ndrop table shops;\n",
            "20260102_goods.sql": f"-- migrate:up\n{GOODS}",
        },
        ("20260101_shop.sql", "20260102_goods.sql"),
        "values ('20260101'), ('20260103')",
        states={"20260102": "applied_unrecorded", "20260103": "missing_file_unknown"},
        changes=frozenset({"public.goods"}),
        says=("Dbmate does not notice", "Dbmate up would run"),
        commands=("driftbook tracking live --save rows.json",),
    ),
    Project(
        "plain",
        {"1.sql": SHOP, "2.sql": GOODS},
        ("1.sql",),
        "",
        states={"2": "never_effective"},
        changes=frozenset({"public.goods"}),
        says=("taken as applied", "No table tells which files ran"),
    ),
]


def build(server: ShadowServer, database: str, project: Project, folder: Path) -> Path:
    """Do everything that happened in ``project`` and return its directory."""
    for name, text in project.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    find = CONVENTIONS[project.tool].checksum
    rows = project.rows
    for name, text in project.files.items():
        if find is not None and f"{{{name}}}" in rows:
            rows = rows.replace(f"{{{name}}}", f"'{min(find(text.encode()))}'")
    with connect_plain(server.dsn(database, OWNER)) as session:
        if rows:
            schema = TOOLS[project.tool].table.partition(".")[0]
            session.execute(f"create schema if not exists {schema}".encode())
            ddl = TABLES[project.tool].replace(NAMES[project.tool], TOOLS[project.tool].table)
            session.execute(ddl.encode())
        for name in project.ran:
            session.execute(project.files[name].partition("-- migrate:down")[0].encode())
        if rows:
            session.execute(f"insert into {TOOLS[project.tool].table} {rows}".encode())
        session.execute(project.by_hand.encode())
    for name, text in project.edited.items():
        (folder / name).write_text(text, encoding="utf-8")
    with server.superuser(database) as session:
        session.execute(load_sql("auditor.sql").encode())
        session.execute(f"grant connect on database {database} to {AUDITOR}".encode())
        if rows:
            session.execute(f"grant usage on schema {schema} to {AUDITOR}".encode())
            session.execute(f"grant select on {TOOLS[project.tool].table} to {AUDITOR}".encode())
    server.set_password(AUDITOR)
    return folder


@pytest.mark.parametrize("project", PROJECTS, ids=lambda one: f"{one.tool}-{len(one.files)}")
def test_an_audit_speaks_as_the_tool(
    server: ShadowServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    if server.version_num < NEWEST:
        pytest.skip("the tables are read on every server, projects are audited on the newest")
    mark = server.roles()
    with server.superuser("postgres") as session:
        session.execute(f"create role {OWNER} login".encode())
    server.set_password(OWNER)
    with server.database(owner=OWNER) as database:
        folder = build(server, database, project, tmp_path / "files")
        monkeypatch.setenv("LIVE", server.dsn(database, AUDITOR))
        target = Target(name="live", dsn_env="LIVE", migrations=folder, convention=project.tool)
        evidence = collect_evidence(target)
    server.drop_roles_made_since(mark)
    facts = evidence.facts
    states = {one.version: one.state.value for one in facts.versions}
    assert {one: state for one, state in states.items() if state != "applied"} == project.states
    audits = [Audit(name, evidence, Severity.HIGH) for name in ("drift_audit", "tracking_audit")]
    findings = [one for audit in audits for one in audit.found]
    drift = {one.object.name for one in audits[0].found}
    assert drift >= project.changes
    assert not any(
        target.tracking_table.partition(".")[2] in name for name in drift if project.rows
    )
    told = " ".join(
        [f"{one.title} {one.consequence} {one.fix}" for one in findings]
        + [f"{step.reason} {step.command}" for step in facts.plan.steps]
    )
    assert all(words in told for words in project.says), told
    assert "supabase" not in told.lower()
    gaps = " ".join(f"{gap.what} {gap.why} {gap.fix}" for gap in facts.gaps)
    assert all(words in gaps for words in project.gaps), gaps
    assert bool(gaps) == bool(project.gaps)
    commands = {step.command for step in facts.plan.steps if step.command}
    assert commands == set(project.commands)
