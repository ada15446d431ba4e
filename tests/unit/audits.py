"""Audits of a small schema that changes, as the history records them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame
from driftbook.config import Settings
from driftbook.history import Entry, Found, Spell
from driftbook.history.past import storable
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START = datetime(2026, 1, 1, 2, 15, tzinfo=UTC)
EMPTY = {name: build_frame((), kind.dtypes) for name, kind in KINDS.items()}
SETTINGS = Settings(params=None, reports="reports", targets={})


def build_row(kind: str, key: Sequence[str], **values: object) -> list[object]:
    return [*key, *(values.get(entry.name) for entry in KINDS[kind].properties)]


def build_snapshot(rows: Mapping[str, Sequence[Sequence[object]]]) -> Snapshot:
    """Return a snapshot with a frame of every kind, those of ``rows`` filled."""
    frames = {**EMPTY}
    for name in rows:
        frames[name] = build_frame(rows[name], KINDS[name].dtypes)
    return Snapshot("test", START, 150018, frames, build_frame([], UNACCOUNTED))


def build_found(name: str, severity: Severity = Severity.HIGH, **values: str) -> Found:
    return Found(
        key=f"untracked-object:table:public.{name}",
        id=f"drift-{name}",
        rule=values.get("rule", "untracked-object"),
        severity=severity,
        kind="table",
        parts=("public", name),
        title=storable(values.get("title", f"public.{name}: no migration makes it")),
    )


@lru_cache
def build_schema(names: tuple[str, ...], body: str = "select 1") -> Snapshot:
    columns = [("public", name, part) for name in names for part in ("id", "note")]
    return build_snapshot(
        {
            "table": [build_row("table", ("public", name), rls_enabled=True) for name in names],
            "column": [build_row("column", key, type="bigint", position=1) for key in columns],
            "function": [build_row("function", ("public", "f()"), body=body)],
        }
    )


def build_entry(
    day: int,
    live: Snapshot,
    found: Sequence[Found] = (),
    *,
    target: str = "prod",
    unchecked: Sequence[str] = (),
) -> Entry:
    at = START + timedelta(days=day)

    def find_why(spell: Spell) -> str:
        return "not looked at" if spell.id in unchecked else ""

    return Entry(
        target=target,
        audit_id=f"{at:%Y%m%dT%H%M%SZ}-0000",
        captured_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        verdict="fail" if found else "pass",
        expected=build_schema(("a", "b")),
        live=live,
        facts={
            "audit_id": str(day),
            "versions": [{"version": str(number)} for number in range(70 + day)],
            "history": {"commits": [], "branch": "main"},
        },
        found=tuple(found),
        why_unchecked=find_why,
    )


def build_days(count: int, seed: int, target: str = "prod", first: int = 0) -> list[Entry]:
    """Return audits of the days ``first`` to ``count``: tables come, go and come back by hand."""
    return [build_day(day, seed, target) for day in range(first, count)]


def build_day(day: int, seed: int, target: str) -> Entry:
    random = Random(1000 * seed + day)  # noqa: S311 - not a secret
    tables = ["a", "b", *(f"t{number}" for number in range(40) if random.random() < 0.7)]
    found = [build_found(name, random.choice(list(Severity))) for name in tables[2:]]
    live = build_schema(tuple(tables), f"select {day // 3}")
    return build_entry(day, live, found, target=target)
