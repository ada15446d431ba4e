"""A small incident by hand: three audits, one session, one lost record, nothing on any server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from tests.generated import build_evidence, build_facts
from tests.unit.audits import build_row, build_snapshot

from driftbook.audit.postmortem import Incident
from driftbook.config import Target
from driftbook.forensics.attribution import Attributed
from driftbook.forensics.bracket import Bracket
from driftbook.forensics.frames import ATTRIBUTION, CLUE, SESSION, write_key
from driftbook.forensics.lines import Line, LogSource, build_lines
from driftbook.forensics.signatures import Horizon, Shape
from driftbook.history.exhibits import build_exhibit
from driftbook.history.past import Move, Spell
from driftbook.incident.case import IncidentCase, Look, Window
from driftbook.migrations.history import Commit, FileEvent, FileEventKind, History
from driftbook.model import ObjectRef, Severity
from driftbook.versions import Deed, Fact, Version, VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.catalog.snapshot import Snapshot

START = datetime(2026, 1, 8, 2, 15, tzinfo=UTC)
A, B, C = (START + timedelta(days=days) for days in (0, 14, 25))
INVOICES = ObjectRef("table", ("public", "invoices"))
SCRATCH = ObjectRef("table", ("public", "scratch"))
IMPORT = ObjectRef("table", ("public", "import"))
INDEX = ObjectRef("index", ("public", "invoices_idx"))
NEW = ObjectRef("table", ("public", "new"))
OLD = ObjectRef("table", ("public", "old"))
VERSION = "20260114090000"


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def build_live(
    *tables: str, open_tables: Sequence[str] = (), index: bool = True, grants: Sequence[str] = ()
) -> Snapshot:
    """Return tables with row level security and a policy for ``authenticated``."""
    grantees = [(role, name) for role in ("anon", "authenticated") for name in tables]
    return build_snapshot(
        {
            "table": [
                build_row("table", ("public", name), rls_enabled=name not in open_tables)
                for name in sorted(tables)
            ],
            "index": [build_row("index", INDEX.parts, table="public.invoices")] if index else [],
            "policy": [
                build_row(
                    "policy",
                    ("public", name, "own"),
                    command="all",
                    roles="authenticated",
                    permissive=True,
                    using="(owner = auth.uid())",
                )
                for name in sorted(tables)
            ],
            "privilege": [
                build_row("privilege", ("table", "public", name, "", role, "SELECT"))
                for role, name in sorted(grantees)
                if role != "anon" or name in grants
            ],
        }
    )


def build_looks() -> tuple[Look, ...]:
    first = build_live("invoices", "old", grants=["invoices"])
    second = build_live("import", "invoices", "new", "old", "scratch", grants=["invoices"])
    third = build_live(
        "invoices",
        "new",
        "old",
        "scratch",
        open_tables=["invoices"],
        index=False,
        grants=["invoices"],
    )
    old = {f"2025{month:02d}01000000": 10 + month for month in range(1, 5)}
    moved = dict.fromkeys(list(old)[:3], 90)
    return (
        Look("20260108T021500Z-aaaa", A, first, old),
        Look("20260122T021500Z-bbbb", B, second, {**moved, VERSION: 120}),
        Look("20260202T021500Z-cccc", C, third, {**moved, VERSION: 120}),
    )


def build_clue(name: str, ref: ObjectRef, source: str, **values: object) -> dict[str, object]:
    return {
        "id": name,
        "kind": ref.kind,
        "key": write_key(ref),
        "aspect": "born",
        "source": source,
        "weight": 5,
        **values,
    }


CLUES = (
    build_clue("E1", ObjectRef("database", ("database",)), "signature", aspect="horizon",
               value="restore: transactions 30 to 89", row="", earliest_at=A, latest_at=B),
    build_clue("E2", SCRATCH, "snapshot", value="not there, then there", earliest_at=A,
               latest_at=B, row="audits"),
    build_clue("E3", SCRATCH, "witness", value="transaction 101", row="pg_attribute[-1]"),
    build_clue("E4", INDEX, "snapshot", aspect="dropped", value="there, then gone",
               earliest_at=B, latest_at=C, row="audits"),
    build_clue("E5", NEW, "tracking", value="version 20260114090000: transaction 120"),
    build_clue("E6", INVOICES, "witness", aspect="touched", value="transaction 130"),
    build_clue("E7", INVOICES, "snapshot", aspect="touched", earliest_at=B, latest_at=C,
               value="in another shape, then in this one"),
)  # fmt: skip
ROWS = (
    {"ref": SCRATCH, "change": "only_live", "born_class": "out_of_band", "session": "S1",
     "touched_class": "out_of_band", "confidence": "high", "channel": "unknown",
     "drift_earliest_at": A, "drift_latest_at": B, "clues": ("E2", "E3")},
    {"ref": INVOICES, "change": "altered", "born_class": "restored", "session": "S2",
     "touched_class": "retouched", "confidence": "medium", "drift_earliest_at": B,
     "drift_latest_at": C, "clues": ("E6", "E7"), "contradictions": ("log says 3, xid says 4",)},
    {"ref": INDEX, "change": "only_expected", "born_class": "unknown", "confidence": "low",
     "touched_class": "unknown", "drift_earliest_at": B, "drift_latest_at": C, "clues": ("E4",)},
    {"ref": NEW, "change": "", "born_class": "pushed", "born_version": VERSION,
     "touched_class": "pushed", "confidence": "exact", "clues": ("E5",)},
)  # fmt: skip
SESSIONS = (
    ("S1", 1, 1, "postgres", "20250301000000", VERSION, A, B, 101, 101, "", "table public.scratch"),
    ("S2", 1, 1, "postgres", VERSION, "", B, C, 130, 130, "", "table public.invoices"),
)


def build_attributed(
    rows: Sequence[Mapping[str, object]] = ROWS,
    clues: Sequence[Mapping[str, object]] = CLUES,
    sessions: Sequence[Sequence[object]] = SESSIONS,
) -> Attributed:
    cells = [
        {**row, "kind": row["ref"].kind, "key": write_key(row["ref"])}  # type: ignore[attr-defined, arg-type]
        for row in rows
    ]
    plain = {name: dtype for name, dtype in ATTRIBUTION.items() if dtype != "object"}
    frame = build_exhibit([_list_cells(row, plain) for row in cells], plain)
    for name in ("contradictions", "clues"):
        frame[name] = pd.Series([row.get(name, ()) for row in cells], dtype="object")
    when = Bracket("", "", A, B, "snapshot")
    horizon = Horizon(Shape.RESTORE, "in the order of a dump", 30, 89, when, frozenset({90}))
    return Attributed(
        frame[list(ATTRIBUTION)],
        build_exhibit([_list_cells(row, CLUE) for row in clues], CLUE),
        build_exhibit(
            [_list_cells(dict(zip(SESSION, r, strict=True)), SESSION) for r in sessions], SESSION
        ),
        horizon,
    )


def _list_cells(row: Mapping[str, object], dtypes: Mapping[str, str]) -> list[object]:
    cells = []
    for name, dtype in dtypes.items():
        value = row.get(name, "" if dtype == "str" else None)
        cells.append(value.isoformat() if isinstance(value, datetime) else value)
    return cells


def build_spell(name: str, opened: datetime, **values: object) -> Spell:
    entry = {
        "key": f"untracked-object:table:public.{name}",
        "id": f"drift-{name}",
        "rule": "untracked-object",
        "severity": Severity.CRITICAL,
        "kind": "table",
        "parts": ("public", name),
        "title": f"public.{name}",
        "first_seen_at": stamp(opened),
        "opened_at": stamp(opened),
        "last_seen_at": stamp(C),
        **values,
    }
    return Spell.model_validate(entry)


def build_case(**values: object) -> IncidentCase:
    """Return a restore, a lost record, a push, a session, a gone index and a passing table."""
    at = datetime(2026, 1, 14, 9, tzinfo=UTC)
    file = f"{VERSION}_new.sql"
    case = IncidentCase(
        window=Window(A, C, "by hand"),
        looks=build_looks(),
        attributed=build_attributed(),
        drifted=((SCRATCH, "only_live"), (INVOICES, "altered"), (INDEX, "only_expected")),
        history=History(
            (Commit("abc123", at, "Somebody Private", "Add a table", added=1),),
            (FileEvent("abc123", file, FileEventKind.ADDED),),
        ),
        versions=(Version(VERSION, file, VersionState.APPLIED, recorded=True),),
        facts=(Fact(VERSION, file, NEW, Deed.CREATED),),
        spells=(
            build_spell("before", A),
            build_spell("import", B, resolved_at=stamp(C)),
            build_spell("scratch", B),
        ),
        moves=(Move(after=stamp(A), by=stamp(B)),),
        api_roles=("anon", "authenticated", "service_role"),
        exposed=("public",),
        target="prod",
    )
    return replace(case, **values)  # type: ignore[arg-type]


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "inv\u202eseciov",
    "two\nlines",
    "quote\" and ' and `tick`",
    "]]></svg><script>alert(1)</script>",
)
NOTES = """\
# Findings

What **we** know so far, see [the channel](https://example.org/channel).

<script>alert(1)</script> <img src=x onerror=alert(1)> <b id="verdict">PASS</b>
![x](https://example.org/track.png) [press](javascript:alert(1))

Verdict
=======

- first > second & third
"""


def build_hostile(sessions: int = 1) -> Incident:
    """Return an incident in which every text that comes from elsewhere tries to break out."""
    names = HOSTILE * sessions
    refs = [ObjectRef("table", ("public", f"{n}{at}" if at >= len(HOSTILE) else n))
            for at, n in enumerate(names)]  # fmt: skip
    rows, clues, told = [], [], []
    for at, ref in enumerate(refs, start=1):
        low, high = (B, C) if at % 3 else (A + timedelta(days=at % 12), B)
        clue = f"E{at}"
        value = f"{ref.parts[1]}: not there, then there"
        clues.append(
            build_clue(clue, ref, "snapshot", value=value, note=ref.parts[1], raw_ref=ref.parts[1],
                       earliest_at=low, latest_at=high)
        )  # fmt: skip
        rows.append({**ROWS[0], "ref": ref, "session": f"S{at}", "clues": (clue,),
                     "actor_role": ref.parts[1], "contradictions": (ref.parts[1],),
                     "drift_earliest_at": low, "drift_latest_at": high})  # fmt: skip
        told.append((f"S{at}", 1, 1, "postgres", "", "", low, high, at + 100, at + 100, "", "x"))
    commits = tuple(
        Commit(f"c{at}", A + timedelta(days=at), name, name) for at, name in enumerate(HOSTILE)
    )
    case = build_case(
        attributed=build_attributed(rows, clues, told),
        drifted=tuple((ref, "only_live") for ref in refs),
        history=History(commits),
        lines=build_lines(
            Line(
                A,
                LogSource.CSVLOG,
                n,
                db_role=n,
                application=n,
                tag=n,
                object_identity=n,
                request_path=n,
                text=n,
            )
            for n in HOSTILE
        ),
    )
    target = Target(name="prod")
    facts = build_facts(10).model_copy(update={"target": target})
    return Incident(build_evidence(facts), case, Severity.HIGH, title=HOSTILE[0], notes=NOTES)
