"""How bad a change is: by the class of what differs, worse where it opens something.

Critical is what lets somebody outside read, write or run more *now* than the files say:

- row security off where an API role holds a privilege;
- a policy that admits an API role to more rows;
- a grant to an API role to write a table (TRUNCATE passes row security, and policies were
  written for the grants of the files), to create in a schema, to run a function as its owner,
  or to read a table without row security. A grant to read a table with row security is high:
  policies still decide;
- a function that runs as its owner and did not, where an API role may call it or a trigger does;
- a bucket that became public: whoever has the address of a file gets it;
- a role that an API role is a member of and was not, and a right of an API role to pass row
  security;
- a view that stopped checking its reader, or is in no file and never did, where an API role may
  read it: row security of what it reads does not count.

Missing grants and policies close something: an application fails, nobody gets in. They are high
for API roles and medium for others, but a missing restrictive policy opens rows like any
loosened one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind, PropertyClass, Severity
from driftbook.rules.facts import name_parts, rows_of

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Facts, Row

BY_CLASS = {
    PropertyClass.SECURITY: Severity.HIGH,
    PropertyClass.DATA: Severity.HIGH,
    PropertyClass.BEHAVIOUR: Severity.HIGH,
    PropertyClass.PERFORMANCE: Severity.MEDIUM,
    PropertyClass.COSMETIC: Severity.LOW,
    PropertyClass.INFO: Severity.INFO,
}
# An object of one side only; every other kind is high.
BY_KIND = {
    "comment": Severity.LOW,
    "index": Severity.MEDIUM,
    "statistics": Severity.MEDIUM,
    "operator_family": Severity.MEDIUM,
    "access_method": Severity.MEDIUM,
    "default_privilege": Severity.MEDIUM,
    "vault_secret_name": Severity.MEDIUM,
}
WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE", "CREATE", "MAINTAIN"})


def rate(thing: ChangedObject, facts: Facts) -> Severity:
    """Return the severity of a change."""
    if opens(thing, facts):
        return Severity.CRITICAL
    if thing.change is ChangeKind.ALTERED:
        return _rate_altered(thing)
    if thing.ref.kind == "index":
        row = facts.winner(thing.change).row("index", thing.ref.parts) or {}
        return Severity.HIGH if row.get("unique") is True else Severity.MEDIUM
    if thing.ref.kind == "privilege":
        return _rate_privilege(thing, facts)
    return BY_KIND.get(thing.ref.kind, Severity.HIGH)


def opens(thing: ChangedObject, facts: Facts) -> bool:
    """Return whether the change lets an API role do more today than the files say."""
    judge = {
        "table": _table_opens,
        "policy": _policy_opens,
        "privilege": _privilege_opens,
        "function": _function_opens,
        "view": _view_opens,
        "owner": _owner_opens,
        "role": _role_opens,
        "membership": _membership_opens,
        "storage_bucket": _bucket_opens,
    }.get(thing.ref.kind)
    return judge is not None and judge(thing, facts)


def _rate_altered(thing: ChangedObject) -> Severity:
    rated = [
        Severity.HIGH if entry.property == "unique" else BY_CLASS[PropertyClass(entry.cls)]
        for entry in thing.differences
    ]
    return min(rated, key=lambda severity: severity.rank)


def _rate_privilege(thing: ChangedObject, facts: Facts) -> Severity:
    parts = name_parts("privilege", thing.ref.parts)
    if thing.change is ChangeKind.ONLY_EXPECTED and not facts.is_api(parts["grantee"]):
        return Severity.MEDIUM
    return Severity.HIGH


def _table_opens(thing: ChangedObject, facts: Facts) -> bool:
    row = facts.live.row("table", thing.ref.parts)
    if row is None or row.get("rls_enabled") is not False or row.get("kind") == "foreign":
        return False  # a foreign table knows no row security
    if thing.change is ChangeKind.ALTERED and not thing.find("rls_enabled"):
        return False
    exposed = thing.ref.parts[0] in facts.context.exposed_schemas
    return exposed and bool(facts.api_grants("table", thing.ref.parts))


def _policy_opens(thing: ChangedObject, facts: Facts) -> bool:
    expected = facts.expected.row("policy", thing.ref.parts)
    live = facts.live.row("policy", thing.ref.parts)
    if live is None:
        return expected is not None and _restricts(expected, facts)
    if expected is None:
        return live["permissive"] is True and admits(live, facts) and not _is_closed(live)
    if live["permissive"] is not True:
        return _is_loosened(thing) and _restricts(expected, facts)
    if not admits(live, facts):
        return False
    widened = set(api_roles_of(live, facts)) - set(api_roles_of(expected, facts))
    became_permissive = expected["permissive"] is not True
    became_all = expected["command"] != "all" and live["command"] == "all"
    return bool(widened) or became_permissive or became_all or _is_loosened(thing)


def _restricts(policy: Row, facts: Facts) -> bool:
    return policy["permissive"] is not True and admits(policy, facts)


def _is_loosened(thing: ChangedObject) -> bool:
    entries = [entry for name in ("using", "with_check") if (entry := thing.find(name))]
    return any(entry.live == "true" for entry in entries)


def _is_closed(policy: Row) -> bool:
    return {policy["using"], policy["with_check"]} <= {"false", None}


def admits(policy: Row, facts: Facts) -> bool:
    """Return whether the policy speaks of a role that requests from outside run as."""
    return bool(api_roles_of(policy, facts))


def api_roles_of(policy: Row, facts: Facts) -> list[str]:
    """Return the API roles of a policy; PUBLIC is every one of them."""
    roles = str(policy["roles"] or "").split(", ")
    if "PUBLIC" in roles:
        return list(facts.context.api_roles)
    return [role for role in roles if facts.is_api(role)]


def _privilege_opens(thing: ChangedObject, facts: Facts) -> bool:
    parts = name_parts("privilege", thing.ref.parts)
    kind, key = parts["object_kind"], (parts["schema"], parts["name"])
    if thing.change is not ChangeKind.ONLY_LIVE or not facts.is_api(parts["grantee"]):
        return False
    granted = {member["privilege"] for member in rows_of(thing.members)}
    if kind in {"function", "procedure"}:
        row = facts.live.row("function", key) or {}
        return row.get("security_definer") is True and row.get("result") != "trigger"
    if granted & WRITES:
        return kind != "sequence"
    row = facts.live.row("table", key) or {}
    return "SELECT" in granted and row.get("rls_enabled") is False


def _function_opens(thing: ChangedObject, facts: Facts) -> bool:
    row = facts.live.row("function", thing.ref.parts) or {}
    if row.get("security_definer") is not True:
        return False
    if thing.change is ChangeKind.ALTERED and not thing.find("security_definer"):
        return False
    if row.get("result") in {"trigger", "event_trigger"}:
        return thing.change is ChangeKind.ALTERED
    return bool(facts.api_grants("function", thing.ref.parts))


def _view_opens(thing: ChangedObject, facts: Facts) -> bool:
    if not facts.api_grants("view", thing.ref.parts):
        return False
    if thing.change is ChangeKind.ONLY_LIVE:
        row = facts.live.row("view", thing.ref.parts) or {}
        exposed = thing.ref.parts[0] in facts.context.exposed_schemas
        return exposed and not _checks_its_reader(str(row.get("options") or ""))
    options = thing.find("options")
    return (
        options is not None
        and _checks_its_reader(options.expected)
        and not _checks_its_reader(options.live)
    )


def _checks_its_reader(options: str | None) -> bool:
    found = str(options or "").lower().split(", ")
    return bool({f"security_invoker={value}" for value in ("true", "on", "1")} & set(found))


def _owner_opens(thing: ChangedObject, facts: Facts) -> bool:
    role = thing.find("role")
    return role is not None and role.live is not None and facts.is_api(role.live)


def _bucket_opens(thing: ChangedObject, _facts: Facts) -> bool:
    public = thing.find("public")
    return public is not None and public.live == "true"


def _role_opens(thing: ChangedObject, facts: Facts) -> bool:
    gained = [thing.find(name) for name in ("superuser", "bypass_rls")]
    return facts.is_api(thing.ref.parts[0]) and any(one and one.live == "true" for one in gained)


def _membership_opens(thing: ChangedObject, facts: Facts) -> bool:
    return thing.change is ChangeKind.ONLY_LIVE and facts.is_api(thing.ref.parts[1])
