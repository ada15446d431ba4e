"""Roles of the API can reach the tracking table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.model import Finding, Severity
from driftbook.rules.quoting import ident, role, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "tracking-exposed"
GROUP = "tracking"
MEANING = "Whoever can reach the tracking table reads the SQL of every migration, or forges it."
FIX = "Revoke every privilege of API roles on the table."
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per role of the API that can read or write the table."""
    usable = {who for who, privilege, on in facts.grants if (on, privilege) == ("schema", "USAGE")}
    for grantee in facts.api_roles:
        held = {what for who, what, on in facts.grants if who == grantee and on != "schema"}
        writes = [privilege for privilege in WRITES if privilege in held]
        # Everybody has what PUBLIC has; without USAGE a SELECT is of no use.
        reads = "SELECT" in held and bool(usable & {grantee, "PUBLIC"})
        if writes or reads:
            yield _build(grantee, writes or ["SELECT"], facts)


def _build(grantee: str, privileges: list[str], facts: VersionFacts) -> Finding:
    is_writer = privileges != ["SELECT"]
    table = ident(*facts.table_ref.parts)
    return Finding(
        ID,
        GROUP,
        Severity.CRITICAL if is_writer else Severity.HIGH,
        facts.table_ref,
        f"{facts.table}: {grantee} holds {', '.join(privileges)}",
        f"{_name(grantee)} can change what counts as applied: the next deployment skips files "
        "or runs them twice, and no record can be trusted."
        if is_writer
        else f"{_name(grantee)} can read the SQL of every migration, secrets in it included."
        if facts.tool.keeps_text
        else f"{_name(grantee)} can read which migrations ran, and when.",
        show(sql.SQL("revoke all on table {} from {};").format(table, role(grantee))),
        detail=grantee,
    )


def _name(grantee: str) -> str:
    return "Every role" if grantee == "PUBLIC" else grantee
