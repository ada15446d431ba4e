"""The demo's wounds have their states, and taking the plan heals them: shown on a copy of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from driftbook import demo
from driftbook.audit.collect import collect_evidence
from driftbook.audit.session import Audit
from driftbook.config import Target
from driftbook.demo.project import OWNER
from driftbook.demo.push import push_file
from driftbook.migrations.directory import read_directory
from driftbook.model import Severity
from driftbook.postgres.connect import connect_plain
from driftbook.repairs import StepKind
from driftbook.shadow.prepare import AUDITOR
from driftbook.sqltext import split_cli
from driftbook.tracking.pending import forecast
from driftbook.versions import Flag, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.audit.evidence import Facts
    from driftbook.postgres.server import ShadowServer
    from driftbook.repairs import RepairStep
    from driftbook.versions import Version

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="the team's repository needs git"),
]
SEED = "20251014110000"  # changes rows only, and its record is among the lost ones
LOST_INDEX = "20250218084500"  # what it made was dropped by hand
CHANGED_BY_HAND = {"20241212110000", "20250108100000", "20250115090000", "20250916084500"}
ROWS = "select version from supabase_migrations.schema_migrations"
AUTHOR = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "Ada"}


@dataclass
class Copy:
    """A copy of the story's production and of the team's repository."""

    server: ShadowServer
    database: str
    folder: Path
    target: Target

    def audit(self) -> Audit:
        return Audit("tracking_audit", collect_evidence(self.target), Severity.HIGH)

    def take(self, step: RepairStep) -> None:
        """Do what the step says, as a person would."""
        if step.old_file:
            (self.folder / step.old_file).rename(self.folder / step.file)
        if step.text:
            (self.folder / step.file).write_text(step.text, encoding="utf-8")
        if step.sql:
            with connect_plain(self.server.dsn(self.database, OWNER)) as session:
                session.execute(step.sql.encode())
        if step.kind is StepKind.APPLY:
            self.push(include_all=step.command.endswith("--include-all"))

    def push(self, *, include_all: bool) -> None:
        """Do what ``supabase db push`` does."""
        files = {file.path.name: file for file in read_directory(self.folder).files}
        with connect_plain(self.server.dsn(self.database, OWNER)) as session:
            recorded = {str(row[0]) for row in session.execute(ROWS.encode())}
            names = [(name, file.version) for name, file in files.items()]
            foreseen = forecast(names, recorded, include_all=include_all)
            assert foreseen.refuses == ""
            for name in foreseen.runs:
                file = files[name]
                statements = [statement.text for statement in split_cli(file.text)]
                push_file(session, file.version, file.name, statements)

    def commit(self) -> None:
        environment = os.environ | AUTHOR | {"GIT_COMMITTER_EMAIL": "a@b"}
        for command in ("add .", "commit -q -m repair"):
            subprocess.run(["git", *command.split()], cwd=self.folder, check=True, env=environment)


@pytest.fixture(scope="module")
def wounded(server: ShadowServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    mark = server.roles()
    production = demo.build_production(server)
    folder = tmp_path_factory.mktemp("team") / "repository"
    with demo.write_repository() as migrations:
        shutil.copytree(migrations.parents[1], folder)
    os.environ["DRIFTBOOK_COPY"] = server.dsn(production.database, AUDITOR)
    target = Target(
        name="copy",
        dsn_env="DRIFTBOOK_COPY",
        migrations=folder / "supabase" / "migrations",
        platform="supabase",
    )
    yield Copy(server, production.database, target.migrations, target)
    del os.environ["DRIFTBOOK_COPY"]
    server.drop_database(production.database)
    server.drop_roles_made_since(mark)


@pytest.fixture(scope="module")
def facts(wounded: Copy) -> Facts:
    return wounded.audit().evidence.facts


def find(facts: Facts, version: str) -> Version:
    (found,) = (one for one in facts.versions if one.version == version)
    return found


def test_every_wound_of_the_story_has_its_state(facts: Facts) -> None:
    states = {one.version: one.state for one in facts.versions}
    expected = dict.fromkeys(states, VersionState.APPLIED)
    expected |= dict.fromkeys(demo.LOST_ROWS, VersionState.APPLIED_UNRECORDED)
    expected |= dict.fromkeys(demo.NEVER_APPLIED, VersionState.PENDING)
    expected |= {
        SEED: VersionState.PENDING_UNTESTABLE,
        demo.EDITED: VersionState.EDITED_AFTER_APPLY,
        demo.APPLIED_BY_HAND: VersionState.CONFIRMED_BY_EFFECT,
        LOST_INDEX: VersionState.PARTLY_EFFECTIVE,
    }
    assert states == expected


def test_what_was_changed_by_hand_is_marked_and_no_missing_effect(facts: Facts) -> None:
    marked = {one.version for one in facts.versions if Flag.CHANGED_SINCE in one.flags}
    assert marked == CHANGED_BY_HAND
    assert [str(thing) for thing in find(facts, LOST_INDEX).missing] == [
        "index public.payments_invoice_id_idx"
    ]


def test_the_edit_says_what_it_changes_and_git_has_the_text_that_ran(facts: Facts) -> None:
    edited = find(facts, demo.EDITED)
    assert edited.edit_effect == (
        "also makes constraint public.orders.orders_total_check",
        "makes column public.orders.currency otherwise",
    )
    (undo,) = (step for step in facts.plan.steps if step.kind is StepKind.UNDO_EDIT)
    first = next(event for event in facts.history.events if event.file == edited.file)
    assert first.commit in undo.evidence


def test_the_plan_is_proven_and_says_what_the_tool_would_run(facts: Facts) -> None:
    plan = facts.plan
    assert (plan.proven, plan.doubts) == (True, ())
    assert "before recorded ones" in plan.before.refuses
    assert plan.changes_after < plan.changes_before
    assert Counter(step.kind.value for step in plan.steps) == {
        "save": 1,
        "undo-edit": 1,
        "record": 1,
        "fill-record": 1,
        "complete": 1,
        "decide": 1,
        "apply": 1,
    }


def test_taking_the_plan_leads_to_an_audit_that_passes(wounded: Copy, facts: Facts) -> None:
    for step in facts.plan.steps:  # the team's answer to the one question is yes
        wounded.take(step)
    wounded.commit()
    healed = wounded.audit()
    assert healed.result["verdict"] == "pass", healed.result["reason"]
    assert {one.state for one in healed.evidence.facts.versions} == {VersionState.APPLIED}
    assert healed.evidence.facts.plan.steps == ()
    assert healed.evidence.facts.plan.before.runs == ()
