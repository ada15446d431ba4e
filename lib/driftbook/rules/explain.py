"""The consequence of a change: whom it hits, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ChangeKind
from driftbook.rules.ddl_access import words
from driftbook.rules.facts import name_parts, rows_of
from driftbook.rules.severity import api_roles_of, opens
from driftbook.words import join_names

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Facts


def write_consequence(thing: ChangedObject, facts: Facts) -> str:
    """Return who is affected and how."""
    special = {
        "table": _table_consequence,
        "policy": _policy_consequence,
        "privilege": _privilege_consequence,
        "function": _function_consequence,
        "view": _view_consequence,
        "storage_bucket": _bucket_consequence,
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
            for name in sorted(names, key=lambda name: (name == "column_order", name))
            if (thing.ref.kind, name) in ALTERED
        ),
        "",
    )
    return said or f"What was tested against the files is not the {what} that runs."


MISSING = {
    "index": "Queries that it serves read whole tables, and get slower as these grow.",
    "constraint": "Rows that the files forbid can be written.",
    "trigger": "What the trigger keeps true is no longer kept.",
    "storage_bucket": "Uploads and downloads that count on this bucket fail.",
    "cron_job": "What the job does is no longer done.",
    "vault_secret_name": "Functions that read this secret by its name get none.",
    "comment": "Nobody is told what the files say about this object.",
    "column": "Statements that name this column fail.",
    "security_label": "The module that reads the label protects the object no more.",
    "subscription": "Tables no longer get the rows of the other database.",
    "user_mapping": "The role no longer reaches the foreign server.",
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
    ("table", "parents"): "It is no longer part of the same table: queries there miss its rows.",
    ("table", "partition_bound"): "Rows go to other partitions than the files say, or to none.",
    ("table", "column_order"): "INSERT without a column list and SELECT * give other columns.",
    ("subscription", "enabled"): "Rows of the other database arrive on one side only.",
    ("subscription", "publications"): "Rows of other tables arrive than the files say.",
    ("text_search_configuration", "mappings"): "Searches find other rows than was tested.",
    ("text_search_dictionary", "options"): "Searches find other rows than was tested.",
    ("language", "trusted"): "Whoever may create may run code outside the database, or no more.",
    ("cron_job", "schedule"): "The job runs at other times than the files say.",
    ("cron_job", "command"): "The job does something else than the files say.",
    ("cron_job", "username"): "The job runs with the rights of another role.",
    ("cron_job", "active"): "The job runs on one side only.",
    ("storage_bucket", "file_size_limit"): "A file is taken on one side and refused on the other.",
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
            ("read", "SELECT"),
            ("add", "INSERT"),
            ("change", "UPDATE"),
            ("delete", "DELETE"),
        )
        if any(grant.privilege == privilege for grant in held)
    ]
    whole = all(not grant.column for grant in held)
    what = "every row of this table" if whole else "rows of this table"
    who = _who({grant.grantee for grant in held})
    return f"{who} can {join_names(can) or 'reach'} {what}."


def _who(roles: set[str]) -> str:
    if roles & {"anon", "PUBLIC"}:
        return "Anyone with the anon key"
    return f"Every user ({join_names(sorted(roles))})"


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
        return f"{who} can use {join_names(sorted(granted))} on this {what} today."
    return f"{who} may do more with this {what} than the files allow."


def _view_consequence(thing: ChangedObject, facts: Facts) -> str:
    if not opens(thing, facts):
        return ""
    who = _who({grant.grantee for grant in facts.api_grants("view", thing.ref.parts)})
    return f"{who} reads through it what its owner may: row security of its tables does not count."


def _function_consequence(thing: ChangedObject, facts: Facts) -> str:
    if opens(thing, facts):
        held = {grant.grantee for grant in facts.api_grants("function", thing.ref.parts)}
        who = _who(held) if held else "Whoever fires its trigger"
        return f"{who} runs this code with the rights of its owner."
    if thing.change is ChangeKind.ALTERED:
        return "Callers run other code, or run it with other rights or settings, than was tested."
    return ""


def _bucket_consequence(thing: ChangedObject, facts: Facts) -> str:
    if not opens(thing, facts):
        return ""
    return "Whoever has the address of a file in it can download it: no policy is asked."
