"""Stored evidence of any size, the same for the same size: nothing touches a database or git."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pandas as pd

from driftbook.audit.evidence import Evidence, Facts, FileFact, GapFact, GrantFact
from driftbook.catalog.snapshot import Snapshot
from driftbook.config import Target
from driftbook.failures import FailureFact
from driftbook.migrations.history import Commit, FileEvent, FileEventKind, History
from driftbook.model import ObjectRef
from driftbook.repairs import Forecast, RepairPlan, RepairStep, StepKind
from driftbook.versions import (
    Content,
    Deed,
    EffectState,
    Fact,
    FactStatus,
    Flag,
    OrderFlag,
    Trust,
    Version,
    VersionState,
)

START = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)
AUDITED = datetime(2026, 11, 23, 1, 42, 25, tzinfo=UTC)
AUTHORS = ("Ana Lima", "Ben Okafor", "Chloé Martin", "dependabot[bot]")
NOUNS = "orders invoices people teams parcels prices reviews tickets events notes".split()
S = VersionState
# Of every twenty files: what became of them. The others are applied.
STATES = {
    3: S.PARTLY_EFFECTIVE,
    5: S.EDITED_AFTER_APPLY,
    7: S.APPLIED_UNRECORDED,
    11: S.NEVER_EFFECTIVE,
    13: S.EDITED_HARMLESS,
    15: S.CONFIRMED_BY_EFFECT,
    17: S.MOVED,
}
WRITTEN = """\
-- Orders get a state.
alter table public.{0} add column state text not null default 'open';
create index {0}_state_idx on public.{0} (state);
"""
RECORDED = """\
alter table public.{0} add column state text default 'new';
create index {0}_state_idx on public.{0} (state);
"""


def name_of(number: int) -> str:
    """Return the table that file ``number`` is about."""
    noun = NOUNS[number // 7 % len(NOUNS)]
    return noun if number < 7 * len(NOUNS) else f"{noun}_{number // (7 * len(NOUNS))}"


def build_names(count: int) -> list[tuple[str, str]]:
    """Return version and file of ``count`` migrations, in order."""
    pairs, at, random = [], START, Random(count)  # noqa: S311 - not a secret
    for number in range(count):
        version = f"{at:%Y%m%d%H%M%S}"
        pairs.append((version, f"{version}_{name_of(number)}_{number}.sql"))
        at += timedelta(hours=random.choice((1, 5, 20, 30, 70)), minutes=random.randrange(60))
    return pairs


def find_state(number: int, count: int) -> VersionState:
    if number >= count - max(count // 20, 1):
        return S.PENDING
    return STATES.get(number % 20, S.APPLIED)


def list_deeds(number: int) -> list[tuple[ObjectRef, Deed, str, ObjectRef | None]]:
    """Return what file ``number`` does: of seven, the first makes a table, the others alter it."""
    name = name_of(number)
    table = ObjectRef("table", ("public", name))

    def on_table(kind: str, part: str) -> ObjectRef:
        return ObjectRef(kind, (*table.parts, part))

    match number % 7:
        case 0:
            columns = [on_table("column", part) for part in ("id", "name", "created_at")]
            parts = [(column, Deed.CREATED, "", table) for column in columns]
            return [(table, Deed.CREATED, "", None), *parts]
        case 1 | 4:
            index = ObjectRef("index", ("public", f"{name}_{number}_idx"))
            column = on_table("column", f"extra_{number}")
            return [(column, Deed.CREATED, "", None), (index, Deed.CREATED, "", None)]
        case 2:
            policy = on_table("policy", f"read_{number}")
            return [(policy, Deed.CREATED, "", None), (table, Deed.ALTERED, "rls_enabled", None)]
        case 3:
            function = ObjectRef("function", ("public", "touch_row()"))
            first = (function, Deed.CREATED, "", None)
            again = (function, Deed.ALTERED, "body", None)
            trigger = on_table("trigger", f"touch_{number}")
            return [again if number > 3 else first, (trigger, Deed.CREATED, "", None)]
        case 5:
            view = ObjectRef("view", ("public", f"{name}_view"))
            enum = ObjectRef("enum", ("public", f"{name}_kind"))
            owner = ObjectRef("owner", ("table", "public", name))
            return [(thing, Deed.CREATED, "", None) for thing in (view, enum, owner)]
        case _:
            return [(table, Deed.DROPPED, "", None)] if number % 49 == 48 else []


def build_effects(count: int) -> tuple[Fact, ...]:
    """Return what each file did, in file order."""
    facts = list[Fact]()
    for number, (version, file) in enumerate(build_names(count)):
        state = find_state(number, count)
        for place, (thing, deed, name, part_of) in enumerate(list_deeds(number)):
            status = find_status(state, number, place, thing)
            if status is FactStatus.MISSING and deed is Deed.ALTERED:
                status = FactStatus.DIFFERENT
            facts.append(Fact(version, file, thing, deed, name, None, status, part_of))
    return tuple(facts)


def find_status(state: VersionState, number: int, place: int, thing: ObjectRef) -> FactStatus:
    if thing.kind in {"view", "owner"} or number % 9 == 2:
        return FactStatus.SUPERSEDED
    if state in {S.PENDING, S.NEVER_EFFECTIVE}:
        return FactStatus.MISSING
    if state is S.PARTLY_EFFECTIVE and place:
        return FactStatus.MISSING if place % 2 else FactStatus.DIFFERENT
    return FactStatus.FOUND


def build_versions(count: int) -> tuple[Version, ...]:
    """Return one version per file, and of every forty files one record without a file."""
    tested = Counter[str]()
    found = Counter[str]()
    for fact in build_effects(count):
        tested[fact.file] += fact.status not in {FactStatus.SUPERSEDED, FactStatus.UNTESTED}
        found[fact.file] += fact.status is FactStatus.FOUND
    versions = list[Version]()
    for number, (version, file) in enumerate(build_names(count)):
        state = find_state(number, count)
        edited = state in {S.EDITED_AFTER_APPLY, S.EDITED_HARMLESS}
        recorded = state not in {S.PENDING, S.APPLIED_UNRECORDED, S.MOVED}
        harmless = Content.SAME_EFFECT if edited else Content.EQUAL
        content = Content.DIFFERENT if state is S.EDITED_AFTER_APPLY else harmless
        full = EffectState.FULL if found[file] == tested[file] else EffectState.PARTIAL
        versions.append(
            Version(
                version=version,
                file=file,
                state=state,
                recorded=recorded,
                note="" if state is S.APPLIED else f"file {number} of {count}",
                found=found[file],
                testable=tested[file],
                name_file=f"{name_of(number)}_{number}",
                name_row=f"{name_of(number)}_{number}" if recorded else None,
                content=content if recorded else Content.NONE,
                trust=(Trust.PUSHED, Trust.BULK, Trust.UNKNOWN)[number % 3],
                match_version=f"{version[:-1]}9" if state is S.MOVED else "",
                effect=full if tested[file] else EffectState.SUPERSEDED,
                order=OrderFlag.OLDER_THAN_APPLIED if number % 50 == 7 else OrderFlag.OK,
                flags=(Flag.EDITED_IN_GIT,) if number % 6 == 5 else (),
                written=WRITTEN.format(name_of(number)) if edited else "",
                recorded_text=RECORDED.format(name_of(number)) if edited else "",
                edit_effect=(f"column public.{name_of(number)}.state: NOT NULL added",)
                if state is S.EDITED_AFTER_APPLY
                else (),
            )
        )
        if number % 40 == 6:
            lost = f"{version[:-2]}59"
            note = "the record is the only copy of the SQL"
            versions.append(Version(lost, "", S.MISSING_FILE, recorded=True, note=note))
    return tuple(versions)


def build_history(count: int) -> History:
    """Return one commit per file, edits, renames, deletions and, from 100 files on, a squash."""
    commits, events = list[Commit](), list[FileEvent]()

    def commit(at: datetime, subject: str, *changes: tuple[FileEventKind, str, str]) -> None:
        number = len(commits)
        tally = Counter(kind.value for kind, _, _ in changes)
        digest = f"{number * 2654435761 % 16**7:07x}"
        author = AUTHORS[number % len(AUTHORS)]
        commits.append(Commit(digest, at, author, subject, **tally, on_branch=number % 30 != 29))
        events.extend(FileEvent(digest, file, kind, old) for kind, file, old in changes)

    for number, (version, file) in enumerate(build_names(count)):
        at = datetime.strptime(version, "%Y%m%d%H%M%S").replace(tzinfo=UTC) + timedelta(hours=2)
        commit(at, f"Add {file}", (FileEventKind.ADDED, file, ""))
        if number % 6 == 5:
            commit(at + timedelta(days=number % 45), "Mend it", (FileEventKind.EDITED, file, ""))
        if number % 12 == 5:
            later = at + timedelta(days=number % 90 + 46)
            commit(later, "Mend it again", (FileEventKind.EDITED, file, ""))
        if number % 25 == 4:
            old = file.replace(".sql", "_old.sql")
            commit(at, "Draft", (FileEventKind.ADDED, old, ""))
            commit(at + timedelta(days=1), "Drop draft", (FileEventKind.DELETED, old, ""))
    if count >= 100:
        names = [f"2023{month:02d}01000000_old.sql" for month in range(1, 13)]
        added = [(FileEventKind.ADDED, name, "") for name in names]
        commit(START - timedelta(days=90), "Import", *added)
        gone = [(FileEventKind.DELETED, name, "") for name in names]
        kept = (FileEventKind.ADDED, "20231231000000_baseline.sql", "")
        commit(START - timedelta(days=1), "Squash last year", *gone, kept)
    order = {one.hash: place for place, one in enumerate(sorted(commits, key=lambda c: c.at))}
    events.sort(key=lambda event: (order[event.commit], event.file))
    return History(tuple(sorted(commits, key=lambda c: c.at)), tuple(events), (), "main")


def build_plan(versions: tuple[Version, ...]) -> RepairPlan:
    """Return a step for each version that needs one."""
    steps = [
        RepairStep(
            StepKind.SAVE,
            tuple(one.version for one in versions if one.recorded),
            "Every later step can be taken back with it.",
            sql="select * from supabase_migrations.schema_migrations order by version;",
        )
    ]
    for one in versions:
        match one.state:
            case S.MISSING_FILE:
                file = f"{one.version}_recovered.sql"
                text = "create table public.lost (\n  id bigint primary key\n);\n"
                reason = "The record is the only copy of the SQL."
                proof = "Split again, the text gives the recorded statements."
                steps.append(
                    RepairStep(
                        StepKind.RESTORE_FILE, (one.version,), reason, proof, file=file, text=text
                    )
                )
            case S.APPLIED_UNRECORDED:
                command = f"supabase migration repair --status applied {one.version}"
                sql = (
                    "insert into supabase_migrations.schema_migrations (version, name, "
                    "statements)\n"
                    f"values ('{one.version}', '{one.name_file}', array['create table t ()']);"
                )
                risk = "A version that did not run would be taken as applied."
                proof = f"{one.found} of {one.testable} effects are live."
                steps.append(
                    RepairStep(
                        StepKind.RECORD, (one.version,), "It ran.", proof, command, sql, risk=risk
                    )
                )
            case S.MOVED:
                steps.append(
                    RepairStep(
                        StepKind.DECIDE,
                        (one.version,),
                        "Which of the two versions do the other environments know?",
                    )
                )
    steps.sort(key=lambda step: list(StepKind).index(step.kind))
    pending = tuple(one.file for one in versions if one.state is S.PENDING)
    before = Forecast(refuses="remote versions are not found in the local directory")
    return RepairPlan(
        tuple(steps),
        before,
        Forecast(runs=pending),
        proven=True,
        changes_before=34,
        changes_after=3,
    )


def build_facts(count: int) -> Facts:
    """Return the facts of an audit of ``count`` migration files."""
    versions = build_versions(count)
    names = build_names(count)
    files = tuple(
        FileFact(
            version=version,
            file=file,
            status="applied",
            statements=number % 5 + 1,
            size=200 + number,
            seconds=(number * 37 % 101) / 1000,
        )
        for number, (version, file) in enumerate(names)
    )
    failure = FailureFact(
        version=names[2][0],
        file=names[2][1],
        line=3,
        sqlstate="42P01",
        message='relation "legacy" does not exist',
    )
    return Facts(
        audit_id="20261123T014225Z-5be1",
        captured_at=AUDITED,
        target=Target(name="prod"),
        versions=versions,
        never_runs=(("seed.sql", "its name has no version"),),
        failures=(failure,),
        interceptions=(),
        left_out=(),
        gaps=(GapFact(what="vault", why="not readable", fix="grant select"),),
        equal=(),
        unaccounted=(),
        provenance=(("target", "prod (PostgreSQL 15.18)"), ("migrations", f"{count} files")),
        environment=(("driftbook", "0.1.0"),),
        files=files,
        effects=build_effects(count),
        history=build_history(count),
        plan=build_plan(versions),
        grants=(GrantFact(grantee="anon", privilege="SELECT", on="table"),),
        records=sum(one.recorded for one in versions),
    )


def build_evidence(facts: Facts) -> Evidence:
    """Return ``facts`` with two empty snapshots."""
    unaccounted = pd.DataFrame(columns=["catalog", "schema", "name"], dtype="str")
    empty = Snapshot("nothing", AUDITED, 150018, {}, unaccounted)
    return Evidence(empty, empty, facts)
