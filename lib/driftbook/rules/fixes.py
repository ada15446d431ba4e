"""The migration that ends a change: SQL that can run twice, or words where judgement is needed.

A change that opens something (``severity.opens``), a grant to an API role, and a protection that
was taken away (a policy, a constraint, a trigger) is reverted: live goes back to what the files
say. Every other change is captured: the files get what live has, because dropping what somebody
made on purpose is not a tool's decision. Either way one migration makes both sides equal: it
runs on environments built from the files and on live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.model import ChangeKind
from driftbook.rules.access import keep_owner, restrict
from driftbook.rules.alterations import alter
from driftbook.rules.ddl import build
from driftbook.rules.ddl_access import Statements, comment_target, words
from driftbook.rules.definitions import default_privilege, owner, privilege, revoke
from driftbook.rules.facts import name_parts
from driftbook.rules.quoting import ident, show, text
from driftbook.rules.severity import opens

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.facts import ChangedObject, Facts


PROTECTIONS = frozenset({"policy", "constraint", "trigger"})
# Made by the fix, and closed by it where they open something: never taken away.
KEPT = frozenset({"table", "view", "function"})


def reverts(thing: ChangedObject, facts: Facts) -> bool:
    """Return whether the fix brings live back to the files, instead of the files to live."""
    if thing.change is ChangeKind.ONLY_LIVE and thing.ref.kind in KEPT:
        return False
    if thing.change is ChangeKind.ONLY_EXPECTED and thing.ref.kind in PROTECTIONS:
        return True
    if thing.change is ChangeKind.ONLY_LIVE and thing.ref.kind == "privilege":
        return facts.is_api(name_parts("privilege", thing.ref.parts)["grantee"])
    return opens(thing, facts)


def propose_fix(thing: ChangedObject, facts: Facts) -> tuple[str, bool]:
    """Return the fix of a change, and whether it is SQL."""
    if reverts(thing, facts) or opens(thing, facts):
        made = _close(thing, facts)
    elif thing.change is ChangeKind.ONLY_LIVE:
        made = _make(thing, facts)
    elif thing.change is ChangeKind.ONLY_EXPECTED:
        made = drop(thing, facts)
    else:
        made = alter(thing, facts.live)
    return (show(*made), True) if made else (_explain(thing), False)


def _explain(thing: ChangedObject) -> str:
    what = words(thing.ref.kind)
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return (
            f"Decide which side is right: restore the {what} with a new migration, "
            "or write a migration that drops it where it still is."
        )
    if thing.change is ChangeKind.ONLY_LIVE:
        return f"Write a migration that makes this {what} as the live database has it, or drop it."
    names = ", ".join(entry.property for entry in thing.differences)
    return f"Write a migration that gives the {what} the wanted {names} on both sides."


def _close(thing: ChangedObject, facts: Facts) -> Statements:
    close = CLOSINGS.get(thing.ref.kind)
    if close is not None:
        return close(thing, facts)
    if thing.change is ChangeKind.ALTERED:
        return alter(thing, facts.expected)
    return build(facts.expected, thing.ref.kind, thing.ref.parts, guard=True)


def _close_table(thing: ChangedObject, facts: Facts) -> Statements:
    made = _make(thing, facts) if thing.change is ChangeKind.ONLY_LIVE else []
    enable = sql.SQL("alter table {} enable row level security;")
    return [*made, enable.format(ident(*thing.ref.parts))]


def _close_policy(thing: ChangedObject, facts: Facts) -> Statements:
    if thing.change is ChangeKind.ONLY_LIVE:
        return drop(thing, facts)
    return build(facts.expected, "policy", thing.ref.parts, guard=True)


def _close_function(thing: ChangedObject, facts: Facts) -> Statements:
    if thing.change is ChangeKind.ALTERED:
        return alter(thing, facts.expected)
    row = facts.live.row("function", thing.ref.parts) or {}
    invoker = sql.SQL("alter function {} security invoker;").format(text(row.get("signature")))
    return [*_make(thing, facts), invoker]


def _close_view(thing: ChangedObject, facts: Facts) -> Statements:
    if thing.change is ChangeKind.ALTERED:
        return alter(thing, facts.expected)
    made = _make(thing, facts)
    check = sql.SQL("alter view {} set (security_invoker = true);")
    return [*made, check.format(ident(*thing.ref.parts))] if made else []


def _close_privilege(thing: ChangedObject, facts: Facts) -> Statements:
    return revoke(thing, facts.live)


def _close_owner(thing: ChangedObject, facts: Facts) -> Statements:
    row = facts.expected.row("owner", thing.ref.parts) or {}
    return [owner(thing.ref.parts, str(row.get("role")), facts.live)]


CLOSINGS: dict[str, Callable[[ChangedObject, Facts], Statements]] = {
    "table": _close_table,
    "policy": _close_policy,
    "function": _close_function,
    "privilege": _close_privilege,
    "view": _close_view,
    "owner": _close_owner,
}


def _make(thing: ChangedObject, facts: Facts) -> Statements:
    kind, key = thing.ref.kind, thing.ref.parts
    if kind == "privilege":
        return privilege(thing, facts.live)
    if kind == "default_privilege":
        return default_privilege(thing, facts.live)
    if (facts.live.row(kind, key) or {}).get("kind") == "foreign":
        return []  # its server and options are not the files' business alone
    made = build(facts.live, kind, key, guard=True)
    if not made:
        return []
    return [*made, *restrict(facts, kind, key), *keep_owner(facts, kind, key)]


def drop(thing: ChangedObject, facts: Facts) -> Statements:
    """Return what takes an object away; empty for what holds rows or code of its own."""
    kind, key = thing.ref.kind, thing.ref.parts
    dropping = DROPS.get(kind)
    if dropping is not None:
        return dropping(thing, facts)
    if kind in {"policy", "trigger", "rule"}:
        dropped = sql.SQL("drop {} if exists {} on {};")
        return [dropped.format(text(kind), ident(key[2]), ident(*key[:2]))]
    if kind in {"index", "view", "statistics"}:
        return [sql.SQL("drop {} if exists {};").format(text(kind), ident(*key))]
    return []


def _drop_constraint(thing: ChangedObject, facts: Facts) -> Statements:
    key = thing.ref.parts
    row = facts.expected.row("constraint", key) or {}
    of = sql.SQL("domain") if row.get("of") == "domain" else sql.SQL("table")
    drop = sql.SQL("alter {} {} drop constraint if exists {};")
    return [drop.format(of, ident(*key[:2]), ident(key[2]))]


def _drop_comment(thing: ChangedObject, facts: Facts) -> Statements:
    parts = name_parts("comment", thing.ref.parts)
    return [sql.SQL("comment on {} is null;").format(comment_target(facts.live, parts))]


DROPS: dict[str, Callable[[ChangedObject, Facts], Statements]] = {
    "constraint": _drop_constraint,
    "comment": _drop_comment,
    "privilege": lambda thing, facts: revoke(thing, facts.expected),
    "default_privilege": lambda thing, facts: default_privilege(thing, facts.expected, undo=True),
}
