"""Who may use what a captured object: what defaults would give beyond live, and the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.rules.ddl_access import Statements, object_name, revoke_statement
from driftbook.rules.definitions import owner
from driftbook.rules.facts import Grant

if TYPE_CHECKING:
    from driftbook.rules.facts import Facts, Key

ON_RELATION = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
ALL = {
    "table": ON_RELATION,
    "view": ON_RELATION,
    "materialized_view": ON_RELATION,
    "sequence": ("USAGE", "SELECT", "UPDATE"),
    "function": ("EXECUTE",),
}


def restrict(facts: Facts, kind: str, key: Key) -> Statements:
    """Return what takes away from API roles what live does not give them.

    A new object gets whatever default privileges say where it is made: without this, a migration
    that captures a closed table would open it.
    """
    if kind not in ALL:
        return []
    on = object_name(facts.live, kind, key)
    made: Statements = []
    for role in facts.context.api_roles:
        if role not in facts.live.grantees or (role == "PUBLIC" and kind != "function"):
            continue
        held = {
            grant.privilege
            for grant in facts.live.grants(kind, *key)
            if grant.grantee == role and not grant.column
        }
        missing = [name for name in ALL[kind] if name not in held]
        if missing:
            grants = [Grant(role, name, "", grantable=False, is_owner=False) for name in missing]
            made.append(revoke_statement(on, role, grants))
    return made


def keep_owner(facts: Facts, kind: str, key: Key) -> Statements:
    """Return OWNER TO where live's owner is not the one that the files' objects have."""
    parts = (kind, *key) if len(key) > 1 else (kind, "", *key)
    row = facts.live.row("owner", parts)
    if row is None or row["role"] == facts.expected.usual_owner or not facts.expected.usual_owner:
        return []
    return [owner(parts, str(row["role"]), facts.live)]
