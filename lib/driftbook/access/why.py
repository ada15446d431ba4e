"""Why a role reaches more or less than before: what was granted, switched on or off, added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.access.reach import SUPERUSER, Reach, Rows
from driftbook.access.roles import EVERYBODY
from driftbook.model import quote_part

if TYPE_CHECKING:
    from driftbook.access.moves import Move
    from driftbook.access.reach import Right

RIGHTS = "{rights}"  # stands for the names of the privileges and "was" or "were"
OPEN = {
    Rows.OFF: "row level security is off",
    Rows.BYPASS: "row level security is bypassed",
    Rows.OWNER: "row level security is not forced on its owner",
}
RUNS = {
    (True, Reach.AS_OWNER): "the view is not security_invoker any more",
    (True, Reach.AS_CALLER): "the view is security_invoker",
    (False, Reach.AS_OWNER): "it is SECURITY DEFINER",
    (False, Reach.AS_CALLER): "it is not SECURITY DEFINER any more",
}
BY_POLICY = frozenset({Rows.POLICIES, Rows.OPEN})


def explain_move(move: Move) -> tuple[str, ...]:
    """Return the reasons, each as a clause; ``RIGHTS`` stands for the privileges."""
    before, after = move.before, move.after
    parts = [_explain_holding(move)]
    if after.rows is not before.rows and (after.reach > before.reach or not before.reach):
        parts.append(OPEN.get(after.rows, ""))
    elif before.rows in OPEN and after.rows in BY_POLICY:
        parts.append("row level security is on")
    if after.rows in BY_POLICY and not move.is_new:
        parts += _explain_policies(before, after)
    if {before.reach, after.reach} == {Reach.AS_CALLER, Reach.AS_OWNER}:
        parts.append(RUNS[move.ref.kind == "view", after.reach])
    return tuple(dict.fromkeys(filter(None, parts)))


def _explain_holding(move: Move) -> str:
    before, after = move.before, move.after
    if after.no_usage or before.no_usage:
        schema = quote_part(move.ref.parts[0])
        return f"schema {schema} may {'not be used' if after.no_usage else 'be used now'}"
    if not after.holder:
        was_member = before.holder not in {EVERYBODY, move.role}
        return "a membership is gone" if was_member else f"{RIGHTS} revoked"
    if before.holder:
        return ""
    return _explain_gain(move.role, after)


def _explain_gain(role: str, after: Right) -> str:
    if after.worn:
        return f"by SET ROLE {quote_part(after.worn)}"
    if after.holder == SUPERUSER:
        return "as a superuser"
    if after.holder == EVERYBODY:
        return f"{RIGHTS} granted to PUBLIC"
    if after.holder != role:
        return f"as a member of {quote_part(after.holder)}"
    return "as the owner" if after.is_owner else f"{RIGHTS} granted"


def _explain_policies(before: Right, after: Right) -> list[str]:
    old = {one.name: one for one in before.policies}
    new = {one.name: one for one in after.policies}
    deed = "lets every row through" if after.rows is Rows.OPEN else "lets it"
    came = [(quote_part(name), one) for name, one in new.items() if name not in old]
    parts = [f"policy {name} {deed}" for name, one in came if one.permissive]
    if before.rows not in BY_POLICY:
        return parts
    parts += [f"policy {name} limits it" for name, one in came if not one.permissive]
    parts += [f"policy {quote_part(name)} is gone" for name in old if name not in new]
    parts += [
        f"policy {quote_part(name)} {deed if after.rows is Rows.OPEN else 'has other words'}"
        for name, one in new.items()
        if old.get(name, one) != one
    ]
    return parts or (["a policy closes it"] if after.reach is Reach.NO_ROWS else [])
