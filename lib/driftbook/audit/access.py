"""What each role may do with one object: privileges, row level security and policies together.

A snapshot holds no memberships of roles and no role's right to bypass row level security.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.model import quote_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from driftbook.config import Target
    from driftbook.model import ObjectRef
    from driftbook.rules.facts import Grant, Row, Side

ACCESS = declare("role privilege allowed:bool rows through")
POLICIES = declare("policy command roles permissive:bool using with_check")
RELATIONS = frozenset({"table", "view", "materialized_view"})
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
EVERYBODY = "PUBLIC"
# Roles of the platform that its own documentation gives BYPASSRLS.
BYPASSING = frozenset({"service_role", "postgres", "supabase_admin"})
LIMITS = (
    "Memberships of roles and the right to bypass row level security are not in a snapshot: a "
    "role that has either may do more than its row says."
)


def list_access(side: Side, thing: ObjectRef, target: Target) -> pd.DataFrame:
    """Return what each role may do: one row per role and privilege.

    Args:
        side: Where the object is.
        thing: Any object; what has no privileges has no rows.
        target: Whose API roles are told of also where they hold nothing.

    Returns:
        ``role``, ``privilege`` (str), ``allowed`` (bool), ``rows`` (which rows of a table: all,
        those of the named policies, none), ``through`` (granted to it, to PUBLIC, its owner).
    """
    places = [thing.parts] if len(thing.parts) > 1 else [("", *thing.parts), (*thing.parts, "")]
    held = [side.grants(thing.kind, place[0], place[1]) for place in places]
    grants = [grant for found in held for grant in found if thing.kind != "column"]
    if not grants and thing.kind not in RELATIONS:
        return build_frame((), ACCESS)
    wanted = COMMANDS if thing.kind in RELATIONS else _list_privileges(grants)
    roles = dict.fromkeys(
        [EVERYBODY, *target.api_roles, *sorted(grant.grantee for grant in grants)]
    )
    free = BYPASSING if target.platform == "supabase" else frozenset()
    rows = (
        (role, privilege, *_judge(side, thing, (role, privilege), grants, is_free=role in free))
        for role in roles
        for privilege in wanted
    )
    return build_frame(rows, ACCESS)


def list_policies(side: Side, thing: ObjectRef) -> pd.DataFrame:
    """Return the policies of a table: policy, command, roles, permissive, using, with_check."""
    keys = sorted(side.children("policy", thing.parts)) if thing.kind in RELATIONS else []
    rows = []
    for key in keys:
        row = side.row("policy", key) or {}
        shown = [_text(row.get(name)) for name in ("command", "roles", "using", "with_check")]
        permissive = row.get("permissive") is not False
        rows.append((key[-1], shown[0], shown[1], permissive, shown[2], shown[3]))
    return build_frame(rows, POLICIES)


def _list_privileges(grants: Sequence[Grant]) -> tuple[str, ...]:
    return tuple(sorted({grant.privilege for grant in grants}))


def _judge(
    side: Side,
    thing: ObjectRef,
    asked: tuple[str, str],
    grants: Sequence[Grant],
    *,
    is_free: bool,
) -> tuple[bool, str, str]:
    """Return whether a role has a privilege, on which rows, and through what."""
    role, privilege = asked
    of_role = [grant for grant in grants if grant.grantee in {role, EVERYBODY}]
    held = [grant for grant in of_role if grant.privilege == privilege]
    if not held:
        return False, "", ""
    is_owner = any(grant.is_owner and grant.grantee == role for grant in held)
    own = [grant for grant in held if grant.grantee == role]
    through = "owner" if is_owner else "granted" if own else EVERYBODY
    whole = [grant for grant in held if not grant.column]
    if not whole:
        through += f", columns {', '.join(sorted({grant.column for grant in held}))}"
    rows = _find_rows(side, thing, asked, is_owner=is_owner)
    if is_free and rows and thing.kind == "table":
        rows = "all: the platform lets it bypass row level security"
    return True, rows, through


def _find_rows(side: Side, thing: ObjectRef, asked: tuple[str, str], *, is_owner: bool) -> str:
    if thing.kind == "view":
        options = str((side.row("view", thing.parts) or {}).get("options") or "")
        invoker = "security_invoker=true" in options or "security_invoker=on" in options
        return "as its tables let the reader" if invoker else "as its tables let the view's owner"
    row = side.row("table", thing.parts) if thing.kind == "table" else None
    if row is None:
        return ""
    if row.get("rls_enabled") is not True:
        return "all: row level security is off"
    if is_owner and row.get("rls_forced") is not True:
        return "all: its owner"
    return _name_policies(side, thing, *asked)


def _name_policies(side: Side, thing: ObjectRef, role: str, privilege: str) -> str:
    rows = {key[-1]: side.row("policy", key) or {} for key in side.children("policy", thing.parts)}
    applied = {name: row for name, row in rows.items() if _applies(row, role, privilege)}
    allowing = sorted(name for name, row in applied.items() if row.get("permissive") is not False)
    limiting = sorted(set(applied) - set(allowing))
    if not allowing:
        return "none: no policy lets it"
    text = f"those of {', '.join(map(quote_part, allowing))}"
    return text + (f", limited by {', '.join(map(quote_part, limiting))}" if limiting else "")


def _applies(row: Row, role: str, privilege: str) -> bool:
    roles = str(row.get("roles") or "").split(", ")
    return str(row.get("command")) in {"all", privilege.lower()} and (
        EVERYBODY in roles or role in roles or quote_part(role) in roles
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
