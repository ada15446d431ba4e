"""A recorded audit of a small schema with drift and hostile names, for those who explore."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.generated import build_facts
from tests.unit.audits import build_row, build_snapshot

from driftbook.audit.evidence import Evidence
from driftbook.config import Target
from driftbook.forensics.frames import DEPENDENCY, EXHIBITS, write_key
from driftbook.history.exhibits import build_exhibit
from driftbook.migrations.history import History
from driftbook.model import ObjectRef
from driftbook.repairs import RepairPlan
from driftbook.versions import Deed, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.catalog.snapshot import Snapshot

AT = datetime(2026, 2, 12, 2, 15, tzinfo=UTC)
EARLIER = datetime(2026, 1, 8, 2, 15, tzinfo=UTC)
HOSTILE = '<img src=x onerror="alert(1)">\u202e\n"x"'
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"  # noqa: S105 - invented
SECRET = f"-- Authorization: Bearer {TOKEN}"
FILE = "20260101000000_orders.sql"
ORDERS = ObjectRef("table", ("public", "orders"))


def build_side(*, guarded: bool, tables: Sequence[str], comment: str = "") -> Snapshot:
    """Return one side: ``orders`` with a view on it, and bare ``tables``."""
    names = ["orders", *tables]
    roles = ("postgres", "anon", "service_role")
    return build_snapshot(
        {
            "schema": [["public"]],
            "table": [
                build_row("table", ("public", name), rls_enabled=guarded) for name in sorted(names)
            ],
            "column": [
                build_row("column", ("public", name, "id"), type="bigint", position=1, local=True)
                for name in sorted(names)
            ],
            "view": [build_row("view", ("public", "totals"), definition=" SELECT 1")],
            "function": [
                build_row("function", ("public", "count_it()"), body="select * from orders"),
                build_row("function", ("public", "f()"), body=SECRET, definition=SECRET),
            ],
            "policy": [
                build_row(
                    "policy",
                    ("public", "orders", "orders_tenant"),
                    command="select",
                    roles="anon",
                    permissive=True,
                    using="true",
                )
            ],
            "privilege": [
                build_row(
                    "privilege",
                    ("table", "public", "orders", "", role, "SELECT"),
                    grantable=False,
                    is_owner=role == "postgres",
                )
                for role in sorted(roles)
            ],
            "owner": [build_row("owner", ("table", "public", "orders"), role="postgres")],
            "comment": [
                build_row("comment", ("table", "public", "orders", ""), text=comment or "Orders")
            ],
        }
    )


def build_dependency() -> list[tuple[str, str, str, str, str]]:
    edges = [
        (ObjectRef("view", ("public", "totals")), ObjectRef("column", (*ORDERS.parts, "id"))),
    ]
    return [(a.kind, write_key(a), b.kind, write_key(b), "query") for a, b in edges]


def build_explored(at: datetime = AT, *, live: bool = True) -> Evidence:
    """Return the evidence of one audit of the demo: a table more and no guard since ``EARLIER``."""
    is_early = at == EARLIER
    facts = build_facts(10).model_copy(
        update={
            "audit_id": f"{at:%Y%m%dT%H%M%SZ}-0e0e",
            "captured_at": at,
            "target": Target(name="demo"),
            "gaps": (),
            "versions": (),
            "history": History(),
            "plan": RepairPlan(),
            "effects": (
                Fact("20260101000000", FILE, ORDERS, Deed.CREATED),
                Fact("20260101000000", FILE, ObjectRef("view", ("public", "totals")), Deed.CREATED),
            ),
        }
    )
    exhibits = {name: build_exhibit([], dtypes) for name, dtypes in EXHIBITS.items()}
    exhibits["dependency"] = build_exhibit(build_dependency(), DEPENDENCY)
    found = build_side(
        guarded=is_early, tables=[] if is_early else [HOSTILE], comment="" if is_early else HOSTILE
    )
    return Evidence(
        replace(build_side(guarded=True, tables=[]), source="the files"),
        replace(found, source="target demo", captured_at=at) if live else None,
        facts,
        exhibits=exhibits if live else {},
    )
