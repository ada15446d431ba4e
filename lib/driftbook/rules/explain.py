"""The words of a finding: one line that names what differs, one that says whom it hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind, ObjectRef, quote_part
from driftbook.rules.ddl import words
from driftbook.rules.facts import name_parts, rows_of
from driftbook.rules.severity import api_roles_of, opens

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Difference, Facts

SHORT = 60  # characters of a value that still fits into a title
READS = "SELECT"
PROPERTY_WORDS = {
    "column_order": "column order",
    "not_null": "NOT NULL",
    "security_definer": "SECURITY DEFINER",
    "config": "settings",
    "using": "USING expression",
    "with_check": "WITH CHECK expression",
    "partition_bound": "partition bound",
    "rls_forced": "forced row level security",
    "rls_enabled": "row level security",
    "replica_identity": "replica identity",
}
PLURAL = frozenset(
    "attributes labels roles options config columns statistics operations tables rows tags".split()
)
TEXTS = frozenset({"body", "definition", "text"})  # a title holds no code and no prose
SWITCHES = {
    ("rls_enabled", "false"): "row level security is off",
    ("rls_enabled", "true"): "row level security is on, the files leave it off",
    ("rls_forced", "false"): "row level security is not forced on the owner",
    ("rls_forced", "true"): "row level security is forced on the owner, the files do not",
    ("not_null", "false"): "NULL is allowed, files say NOT NULL",
    ("not_null", "true"): "NOT NULL, the files allow NULL",
    ("security_definer", "true"): "runs as its owner (SECURITY DEFINER), files say as its caller",
    ("security_definer", "false"): "runs as its caller, files say as its owner (SECURITY DEFINER)",
    ("enabled", "disabled"): "is disabled",
    ("persistence", "unlogged"): "is unlogged: emptied after a crash",
    ("permissive", "true"): "is permissive, files say restrictive",
    ("permissive", "false"): "is restrictive, files say permissive",
    ("validated", "false"): "is not validated",
    ("populated", "false"): "holds no rows: never refreshed",
}


def write_title(thing: ChangedObject, facts: Facts) -> str:
    """Return one line: the object, then what differs; what cannot be printed is escaped."""
    title = _write_title(thing)
    if thing.change is ChangeKind.ONLY_LIVE and opens(thing, facts):
        title += OPENINGS.get(thing.ref.kind, "")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in title
    )


OPENINGS = {"table": ", row level security is off", "function": ", it runs as its owner"}


def _write_title(thing: ChangedObject) -> str:
    subject, what = name_subject(thing.ref)
    if thing.ref.kind in {"privilege", "default_privilege"}:
        return f"{subject}: {_say_grants(thing)}"
    what_or_kind = what or words(thing.ref.kind)
    if thing.change is ChangeKind.ONLY_LIVE:
        return f"{subject}: {what_or_kind} is in no applied migration"
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return f"{subject}: {what_or_kind} is missing from the live database"
    prefix = f"{subject}: {what}: " if what else f"{subject}: "
    if len(thing.differences) == 1:
        return _join_title(subject, what, thing.differences[0])
    names = [_name(entry.property) for entry in thing.differences]
    switch = next((text for text in map(_say_switch, thing.differences) if text), "")
    if not switch:
        return f"{prefix}{_join(names)} differ from the files"
    others = [
        name
        for name, entry in zip(names, thing.differences, strict=True)
        if _say_switch(entry) != switch
    ]
    return f"{prefix}{switch}; {_join(others)} {_differ(others)} too"


def _join_title(subject: str, what: str, entry: Difference) -> str:
    switch = _say_switch(entry)
    if what in {"owner", "comment"} or switch:  # "comment differs", "trigger t is disabled"
        said = switch or _say(entry, what)
        return f"{subject}: {what} {said}" if what and switch else f"{subject}: {said}"
    said = _say(entry, _name(entry.property))
    return f"{subject}: {what}: {said}" if what else f"{subject}: {said}"


def _differ(names: list[str]) -> str:
    return "differs" if len(names) == 1 else "differ"


def name_subject(ref: ObjectRef) -> tuple[str, str]:
    """Return the name of what a change is about, and what of it: ``public.t``, ``policy "p"``."""
    parts = name_parts(ref.kind, ref.parts)
    if "object_kind" in parts:
        names = [parts["schema"], parts.get("name", ""), parts.get("sub", parts.get("column", ""))]
        what = "" if ref.kind in {"privilege", "default_privilege"} else ref.kind
        if ref.kind == "default_privilege":
            names = [parts["role"], parts["schema"]]
        return _dotted(names), what
    if ref.kind in {"policy", "trigger", "constraint", "rule"}:
        return _dotted([parts["schema"], parts["table"]]), f"{words(ref.kind)} {ref.parts[2]!s}"
    return ref.name, ""


def _dotted(names: list[str]) -> str:
    return ".".join(quote_part(name) for name in names if name)


def _say_grants(thing: ChangedObject) -> str:
    parts = name_parts(thing.ref.kind, thing.ref.parts)
    rows = rows_of(thing.members)
    each = sorted({row["privilege"] for row in rows})
    columns = sorted({row["column"] for row in rows if row.get("column")})
    held = _join(each) + (f" on {_join(columns)}" if columns else "")
    who = parts["grantee"]
    if thing.ref.kind == "default_privilege":
        held = f"{held} on future {parts['object_kind']}s"
    if thing.change is ChangeKind.ONLY_LIVE:
        return f"{who} holds {held}, the files do not grant it"
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return f"{who} lacks {held}, the files grant it"
    return f"{who} holds {held} in another way than the files say"


def _say_switch(entry: Difference) -> str:
    return SWITCHES.get((entry.property, str(entry.live)), "")


def _say(entry: Difference, name: str) -> str:
    values = (entry.live, entry.expected)
    is_short = all(value is None or (len(value) <= SHORT and "\n" not in value) for value in values)
    plural = entry.property in PLURAL
    if not is_short or entry.property in TEXTS:
        return f"{name} differ from the files" if plural else f"{name} differs from the files"
    live, expected = ("none" if value is None else value for value in values)
    return f"{name} {'are' if plural else 'is'} {live}, files say {expected}"


def _name(name: str) -> str:
    return PROPERTY_WORDS.get(name, name.replace("_", " "))


def _join(names: list[str]) -> str:
    if len(names) < 2:  # noqa: PLR2004 - one name needs no "and"
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def write_consequence(thing: ChangedObject, facts: Facts) -> str:
    """Return who is affected and how."""
    special = {
        "table": _table_consequence,
        "policy": _policy_consequence,
        "privilege": _privilege_consequence,
        "function": _function_consequence,
    }.get(thing.ref.kind)
    said = special(thing, facts) if special else ""
    return said or _general_consequence(thing)


def _general_consequence(thing: ChangedObject) -> str:
    what = words(thing.ref.kind)
    if thing.change is ChangeKind.ONLY_LIVE:
        return (
            f"An environment built from the files will not have this {what}, "
            "and the next migration that makes one of this name fails or skips it."
        )
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return MISSING.get(thing.ref.kind, f"Code and migrations that count on this {what} fail.")
    names = {entry.property for entry in thing.differences}
    said = next(
        (
            ALTERED[thing.ref.kind, name]
            for name in sorted(names)
            if (thing.ref.kind, name) in ALTERED
        ),
        "",
    )
    return said or f"What was tested against the files is not the {what} that runs."


MISSING = {
    "index": "Queries that it serves read whole tables, and get slower as these grow.",
    "constraint": "Rows that the files forbid can be written.",
    "trigger": "What the trigger keeps true is no longer kept.",
    "comment": "Nobody is told what the files say about this object.",
    "column": "Statements that name this column fail.",
    "default_privilege": "Objects made from now on get other privileges than the files say.",
}
ALTERED = {
    ("column", "type"): "Values are stored, rounded and compared in another way than was tested.",
    ("column", "default"): "New rows get another value than the files say.",
    ("column", "not_null"): "NULL is accepted on one side and refused on the other.",
    ("constraint", "definition"): "Rows pass on one side and are refused on the other.",
    ("index", "definition"): "Queries are planned in another way than was tested.",
    ("trigger", "enabled"): "The trigger does not run when the files say that it does.",
    ("trigger", "definition"): "The trigger runs at other times, or runs other code.",
    ("view", "definition"): "Readers of the view get other rows or columns than the files say.",
    ("view", "options"): "The view may run with other rights than the files say.",
    ("enum", "labels"): "A value is valid on one side and an error on the other.",
    ("table", "persistence"): "An unlogged table is empty after a crash and on every replica.",
    ("table", "column_order"): "INSERT without a column list and SELECT * give other columns.",
    ("owner", "role"): "The owner may do everything with it, and row security does not bind it.",
    ("comment", "text"): "Readers are told something else than the files say.",
    ("extension", "version"): "Functions of the extension may differ in detail.",
}


def _table_consequence(thing: ChangedObject, facts: Facts) -> str:
    if not opens(thing, facts):
        off = thing.find("rls_enabled")
        if off is not None and off.live == "false":
            return "Its policies decide nothing: every role with a grant reads every row."
        return ""
    held = facts.api_grants("table", thing.ref.parts)
    can = [
        verb
        for verb, privilege in (
            ("read", READS),
            ("add", "INSERT"),
            ("change", "UPDATE"),
            ("delete", "DELETE"),
        )
        if any(grant.privilege == privilege for grant in held)
    ]
    whole = all(not grant.column for grant in held)
    what = "every row of this table" if whole else "rows of this table"
    who = _who({grant.grantee for grant in held})
    return f"{who} can {_join(can) or 'reach'} {what}."


def _who(roles: set[str]) -> str:
    if roles & {"anon", "PUBLIC"}:
        return "Anyone with the anon key"
    return f"Every user ({_join(sorted(roles))})"


def _policy_consequence(thing: ChangedObject, facts: Facts) -> str:
    side = facts.winner(thing.change)
    row = side.row("policy", thing.ref.parts) or {}
    who = _who(set(api_roles_of(row, facts))) if api_roles_of(row, facts) else "Its roles"
    if opens(thing, facts):
        if thing.change is ChangeKind.ONLY_EXPECTED:
            return f"{who} can reach rows that this restrictive policy keeps back."
        return f"{who} can reach rows that the files do not give."
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return f"{who} no longer reaches the rows that this policy gives."
    return f"{who} can reach other rows than the files say."


def _privilege_consequence(thing: ChangedObject, facts: Facts) -> str:
    parts = name_parts("privilege", thing.ref.parts)
    who = _who({parts["grantee"]}) if facts.is_api(parts["grantee"]) else f"{parts['grantee']}"
    what = words(parts["object_kind"])
    if thing.change is ChangeKind.ONLY_EXPECTED:
        return f"{who} gets “permission denied” on this {what} where the files allow it."
    if thing.change is ChangeKind.ALTERED:
        return f"{who} may pass on privileges on this {what} in another way than the files say."
    if opens(thing, facts):
        granted = {row["privilege"] for row in rows_of(thing.members)}
        return f"{who} can use {_join(sorted(granted))} on this {what} today."
    return f"{who} may do more with this {what} than the files allow."


def _function_consequence(thing: ChangedObject, facts: Facts) -> str:
    if opens(thing, facts):
        held = {grant.grantee for grant in facts.api_grants("function", thing.ref.parts)}
        who = _who(held) if held else "Whoever fires its trigger"
        return f"{who} runs this code with the rights of its owner."
    if thing.change is ChangeKind.ALTERED:
        return "Callers run other code, or run it with other rights or settings, than was tested."
    return ""
