"""How each tool's rows are read, and which files they say are applied; one module per tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.tracking.tables import dbmate, drizzle, flyway, golang_migrate, prisma, supabase

if TYPE_CHECKING:
    from collections.abc import Collection

    from driftbook.tracking.tables.layout import Layout

LAYOUTS: dict[str, Layout] = {
    "supabase": supabase.LAYOUT,
    "flyway": flyway.LAYOUT,
    "dbmate": dbmate.LAYOUT,
    "golang-migrate": golang_migrate.LAYOUT,
    "prisma": prisma.LAYOUT,
    "drizzle": drizzle.LAYOUT,
    "plain": supabase.LAYOUT,
}
# Three tools have one name for their table: the columns tell whose it is, the surest first.
SURE = ("flyway", "prisma", "drizzle", "golang-migrate")


def find_keeper(columns: Collection[str]) -> str:
    """Return which tool's table has ``columns``; empty: of several it could be, or none."""
    found = (name for name in SURE if LAYOUTS[name].columns <= set(columns))
    sure = next(found, "")
    return sure or ("supabase" if {"version", "statements"} <= set(columns) else "")


def fits(convention: str, columns: Collection[str]) -> bool:
    """Return whether a table with ``columns`` can be the one of ``convention``."""
    keeper = find_keeper(columns)
    if convention == "plain":
        keeper = keeper if keeper in SURE else ""
    return LAYOUTS[convention].columns <= set(columns) and keeper in {"", convention}
