"""Why a role reaches more or less than before: what was granted, switched on or off, added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.access.reach import BY_POLICY, SUPERUSER, Reach, Rows
from driftbook.access.roles import EVERYBODY
from driftbook.model import quote_part

if TYPE_CHECKING:
    from driftbook.access.facts import Policy
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
# What a policy says of its own on rows that are read, and on those that are written.
TESTS = {"INSERT": ("check",), "UPDATE": ("using", "check")}


def explain_move(move: Move) -> tuple[str, ...]:
    """Return the reasons, each as a clause; ``RIGHTS`` stands for the privileges."""
    before, after = move.before, move.after
    parts = [_explain_holding(move)]
    if after.rows is not before.rows and (after.reach > before.reach or not before.reach):
        parts.append(OPEN.get(after.rows, ""))
    elif before.rows in OPEN and after.rows in BY_POLICY:
        parts.append("row level security is on")
    if after.rows in BY_POLICY and not move.is_new:
        parts += _explain_policies(move)
    if {before.reach, after.reach} == {Reach.AS_CALLER, Reach.AS_OWNER}:
        parts.append(RUNS[move.ref.kind == "view", after.reach])
    if move.runners:
        parts.append("it has another owner")
    return tuple(dict.fromkeys(filter(None, parts)))


def _explain_holding(move: Move) -> str:
    before, after = move.before, move.after
    if after.no_usage or before.no_usage:
        schema = quote_part(move.ref.parts[0])
        return f"schema {schema} may {'not be used' if after.no_usage else 'be used now'}"
    if not after.holder:
        return _explain_loss(move.role, before, after)
    if before.holder:
        return ""
    return _explain_gain(move.role, after)


def _explain_loss(role: str, before: Right, after: Right) -> str:
    if before.holder == SUPERUSER:
        return f"{quote_part(before.worn) if before.worn else 'it'} is no superuser any more"
    if before.is_owner and after.owner != before.owner:
        whose = "it" if before.holder == role else quote_part(before.holder)
        return f"{whose} is not the owner any more"
    # Whether the membership is gone or what the other role held, it is the same right.
    through = before.holder if before.holder not in {EVERYBODY, role} else before.worn
    return f"the right came through {quote_part(through)}" if through else f"{RIGHTS} revoked"


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


def _explain_policies(move: Move) -> list[str]:
    """Return what policies do that they did not; what does not count for the outcome is left out.

    What lets rows through that did not, or limits no more, explains a gain; the reverse a loss.
    """
    before, after = move.before, move.after
    old = {one.name: one for one in before.policies}
    new = {one.name: one for one in after.policies}
    parts = [_say_came(one, move) for name, one in new.items() if name not in old]
    if before.rows in BY_POLICY:
        parts += [_say_gone(one, move) for name, one in old.items() if name not in new]
        parts += [_say_changed(old[name], one, move) for name, one in new.items() if name in old]
    elif not before.reach:
        return [part for part in parts if part]
    found = [part for part in parts if part]
    return found or (["a policy closes it"] if after.reach is Reach.NO_ROWS else [])


def _list_tests(policy: Policy, privilege: str) -> set[str | None]:
    return {getattr(policy, name) for name in TESTS.get(privilege, ("using",))}


def _say_came(policy: Policy, move: Move) -> str:
    """Return what a policy does that is new, or new for the role; empty: nothing that counts."""
    after, name = move.after, f"policy {quote_part(policy.name)}"
    tests = _list_tests(policy, move.privilege)
    if not policy.permissive:
        if "false" in tests:
            return f"{name} keeps every row back" if move.is_loss else ""
        return f"{name} limits it" if after.reach is Reach.SOME_ROWS and tests != {"true"} else ""
    if after.reach is Reach.NO_ROWS or tests & {"false", None}:
        return ""
    if after.reach is Reach.EVERYTHING:
        return f"{name} lets every row through" if tests == {"true"} else ""
    return f"{name} lets it" if not move.is_loss else ""


def _say_gone(policy: Policy, move: Move) -> str:
    explains = not move.is_loss if not policy.permissive else not move.is_gain
    gone = "is not for it any more" if policy.name in move.after.others else "is gone"
    return f"policy {quote_part(policy.name)} {gone}" if explains else ""


def _say_changed(old: Policy, new: Policy, move: Move) -> str:
    name, tests = f"policy {quote_part(new.name)}", _list_tests(new, move.privilege)
    if old.permissive == new.permissive and _list_tests(old, move.privilege) == tests:
        return ""
    if old.permissive != new.permissive:
        return f"{name} {'lets it by itself' if new.permissive else 'only limits it'}"
    if new.permissive and tests == {"true"} and move.after.rows is Rows.OPEN:
        return f"{name} lets every row through"
    if tests == {"true"}:
        return f"{name} has other words" if new.permissive else f"{name} limits nothing any more"
    if "false" in tests or (new.permissive and None in tests):
        return f"{name} {'lets no row through' if new.permissive else 'keeps every row back'}"
    return f"{name} has other words"
