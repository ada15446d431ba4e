"""The title of a finding: one line that names the object and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.kinds import STORED_KINDS
from driftbook.model import ChangeKind, ObjectRef, quote_part
from driftbook.rules.ddl_access import words
from driftbook.rules.facts import name_parts, rows_of
from driftbook.rules.severity import opens
from driftbook.words import join_names

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Difference, Facts

SHORT = 60  # characters of a value that still fits into a title
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
    "attributes labels roles options config columns statistics operations tables rows tags "
    "publications operators functions mappings".split()
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
    ("public", "true"): "is public, files say private",
    ("public", "false"): "is private, files say public",
    ("active", "false"): "is switched off",
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


OPENINGS = {
    "table": ", row level security is off",
    "function": ", it runs as its owner",
    "view": ", it reads as its owner",
}


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
        return f"{prefix}{join_names(names)} differ from the files"
    others = [
        name
        for name, entry in zip(names, thing.differences, strict=True)
        if _say_switch(entry) != switch
    ]
    return f"{prefix}{switch}; {join_names(others)} {_differ(others)} too"


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
        what = "" if ref.kind in {"privilege", "default_privilege"} else words(ref.kind)
        if ref.kind == "default_privilege":
            names = [parts["role"], parts["schema"]]
        return _dotted(names), what
    if ref.kind in {"policy", "trigger", "constraint", "rule"}:
        return _dotted([parts["schema"], parts["table"]]), f"{words(ref.kind)} {ref.parts[2]!s}"
    return ref.name, words(ref.kind) if ref.kind in STORED_KINDS else ""


def _dotted(names: list[str]) -> str:
    return ".".join(quote_part(name) for name in names if name)


def _say_grants(thing: ChangedObject) -> str:
    parts = name_parts(thing.ref.kind, thing.ref.parts)
    rows = rows_of(thing.members)
    held = join_names(
        sorted(
            {
                f"{row['privilege']} ({row['column']})" if row.get("column") else row["privilege"]
                for row in rows
            }
        )
    )
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
