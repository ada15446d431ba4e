"""Meanings that depend on both values: what was added, lost, moved, narrowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.model import quote_part
from driftbook.words import join_names, name_some

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.facts import Difference, Row

LABEL = re.compile(r"'(?:[^']|'')*'")
TYPE = re.compile(r"([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?((?:\[\])*)")
# Each holds every value of those before it.
WIDER = (
    ("smallint", "integer", "bigint", "numeric"),
    ("real", "double precision"),
    ("character varying", "text"),
    ("character", "text"),
    ("date", "timestamp without time zone"),
)
LENGTH = {"character varying", "character", "bit varying", "bit", "numeric"}


def explain_type(entry: Difference, _row: Row) -> str:
    """Return what another type of a column means: narrower, wider, or simply another one."""
    before, after = str(entry.expected), str(entry.live)
    if _is_wider(after, before):
        return f"It takes values that {before} refuses: they do not fit what the files build."
    if _is_wider(before, after):
        return f"Values that {before} holds are refused or rounded by {after}."
    return f"Values are stored, rounded and compared as {after}, and code expects {before}."


def _is_wider(wide: str, narrow: str) -> bool:
    """Return whether type ``wide`` holds every value of ``narrow``, and more."""
    one, other = TYPE.fullmatch(wide), TYPE.fullmatch(narrow)
    if one is None or other is None or one[4] != other[4]:
        return False
    if one[1] != other[1]:
        order = next((row for row in WIDER if one[1] in row and other[1] in row), ())
        return bool(order) and one[2] is None and order.index(one[1]) > order.index(other[1])
    if one[1] not in LENGTH or other[2] is None:
        return False
    if one[2] is None:
        return True
    scales = int(one[3] or 0), int(other[3] or 0)
    whole = int(one[2]) - scales[0], int(other[2]) - scales[1]
    return whole[0] >= whole[1] and scales[0] >= scales[1]


def explain_default(entry: Difference, row: Row) -> str:
    """Return what another default of a column means, for new rows and for those since then."""
    if entry.live is not None and entry.expected is not None:
        return "New rows get another value than the files say, and those made since then have it."
    if entry.live is not None:
        return "INSERTs without a value write one, where the files leave NULL or refuse."
    if row.get("not_null") is True:
        return "INSERTs without a value fail: it is NOT NULL and has no default."
    return "INSERTs without a value leave NULL, and rows made since then have it."


def explain_labels(entry: Difference, _row: Row) -> str:
    """Return which labels of an enum were added, lost or moved."""
    before, after = LABEL.findall(entry.expected or ""), LABEL.findall(entry.live or "")
    added = [label for label in after if label not in before]
    lost = [label for label in before if label not in after]
    said = []
    if lost:
        said.append(f"Writing {name_some(lost)} fails.")
    if added:
        said.append(
            f"{name_some(added)} can be written, which an environment built from the files refuses."
        )
    kept = [label for label in before if label in after]
    if kept != [label for label in after if label in before]:
        said.append("Labels sort in another order: <, ORDER BY and ranges give other results.")
    return " ".join(said) or "A value is valid on one side and an error on the other."


def explain_view_options(entry: Difference, _row: Row) -> str:
    """Return what other options of a view mean: whose rights, which barrier, which check."""
    before, after = _split(entry.expected), _split(entry.live)
    changed = {name for name, _ in before.items() ^ after.items()}
    said = [
        texts[after.get(name) in TRUE] for name, texts in VIEW_OPTIONS.items() if name in changed
    ]
    if "check_option" in changed:
        said.append(
            "Rows that the view does not show can be written through it."
            if "check_option" not in after
            else "Rows that the view would not show are refused."
        )
    return " ".join(said) or "The view may run with other rights than the files say."


def explain_owner(_entry: Difference, row: Row) -> str:
    """Return what another owner means: who may change the object, and with whose rights it runs."""
    about = {
        "table": "and row level security does not bind it unless it is forced",
        "view": "and readers reach with its rights what is behind the view, unless the view is "
        "security_invoker",
        "function": "and if it is SECURITY DEFINER it runs with the rights of that owner, whoever "
        "calls it",
    }.get(str(row.get("object_kind")), "")
    return f"The owner may do everything with it{f', {about}' if about else ''}."


TRUE = frozenset({"true", "on", "1", "yes"})
VIEW_OPTIONS = {
    "security_invoker": (
        "It reads with the rights of its owner, whose row level security is not the reader's.",
        "It reads with the rights of the reader, who may lack them.",
    ),
    "security_barrier": (
        "Functions in a query may see rows that the view hides.",
        "No function of a query sees rows that the view hides; plans may get worse.",
    ),
}


def _split(options: str | None) -> dict[str, str]:
    pairs = (one.partition("=") for one in (options or "").lower().split(", ") if one)
    return {name: value for name, _, value in pairs}


def explain_config(entry: Difference, row: Row) -> str:
    """Return what other settings of a function mean."""
    before, after = str(entry.expected or ""), str(entry.live or "")
    if "search_path" in before and "search_path" not in after:
        who = " with the rights of its owner" if row.get("security_definer") is True else ""
        return (
            f"Its caller's search_path decides which tables and functions it uses{who}: "
            "a caller can put others in their place."
        )
    if "search_path" in after and "search_path" not in before:
        return "Names that it does not qualify are looked up in a fixed search_path."
    return "It runs with other settings than the files say."


def explain_definition(entry: Difference, row: Row) -> str:
    """Return what another definition of a constraint means, by its type."""
    before, after = str(entry.expected or ""), str(entry.live or "")
    if "NOT ENFORCED" in after and "NOT ENFORCED" not in before:
        return "It is not enforced: rows that break it can be written."
    if row.get("type") != "foreign key":
        return "Rows pass on one side and are refused on the other."
    for name in ("ON DELETE", "ON UPDATE"):
        acts, wanted = _find_action(name, after), _find_action(name, before)
        if acts != wanted:
            return f"{name} does {acts} with the rows that point there, files say {wanted}."
    return "Rows that point nowhere pass on one side, or are checked at another moment."


def _find_action(name: str, definition: str) -> str:
    found = re.search(rf"{name} (CASCADE|RESTRICT|SET NULL|SET DEFAULT)", definition)
    return found[1] if found else "NO ACTION"


def explain_lost_index(row: Row) -> str:
    """Return what a missing index means: which queries scan, which duplicates are possible."""
    if row.get("unique") is True:
        return "Duplicates can be written, and ON CONFLICT on its columns fails."
    found = re.search(r"USING \w+ (\(.*)", str(row.get("definition") or ""), re.DOTALL)
    columns = found[1].split(" WHERE ")[0] if found else ""
    if not columns or len(columns) > 60:  # noqa: PLR2004 - characters that fit a sentence
        return ""
    table = quote_part(str(row.get("table") or ""))
    return f"Queries of {table} by {columns} scan the whole table, and get slower as it grows."


def explain_lost_constraint(row: Row) -> str:
    """Return what a missing constraint lets through, by its type."""
    return {
        "foreign key": "Rows that point nowhere can be written, and a DELETE leaves orphans.",
        "primary key": "Duplicates and NULL can be written; ON CONFLICT on the key fails, and "
        "UPDATE and DELETE fail once the table is published.",
        "unique": "Duplicates can be written, and ON CONFLICT on its columns fails.",
        "exclude": "Rows that exclude each other can be written.",
    }.get(str(row.get("type")), "")


def explain_lost_policy(row: Row) -> str:
    """Return what a missing policy means that only keeps rows back."""
    return "" if row.get("permissive") is not False else "Rows that it keeps back are reached."


def explain_new_policy(row: Row) -> str:
    """Return what a policy means that the files lack and that only keeps rows back."""
    return "" if row.get("permissive") is not False else "It keeps rows back that the files give."


NONE = frozenset({"None", ""})


def explain_operations(entry: Difference, _row: Row) -> str:
    """Return which kinds of changes a publication sends, or no more."""
    before, after = set(str(entry.expected).split(", ")), set(str(entry.live).split(", "))
    lost, new = (
        sorted(one - other - {"None", ""}) for one, other in ((before, after), (after, before))
    )
    said = [f"No {join_names(lost)} is sent to subscribers any more."] if lost else []
    said += [f"Each {join_names(new)} is sent to subscribers."] if new else []
    return " ".join(said)


def explain_new_column(row: Row) -> str:
    """Return what a column means that the files lack."""
    is_filled = row.get("default") or row.get("identity") or row.get("generated")
    if row.get("not_null") is True and not is_filled:
        return "INSERTs of the files fail: it is NOT NULL and has no default."
    return ""


VALUES: dict[tuple[str, str], Callable[[Difference, Row], str]] = {
    ("column", "type"): explain_type,
    ("column", "default"): explain_default,
    ("enum", "labels"): explain_labels,
    ("view", "options"): explain_view_options,
    ("function", "config"): explain_config,
    ("owner", "role"): explain_owner,
    ("constraint", "definition"): explain_definition,
    ("publication", "operations"): explain_operations,
}
LOST: dict[str, Callable[[Row], str]] = {
    "index": explain_lost_index,
    "constraint": explain_lost_constraint,
    "policy": explain_lost_policy,
}
NEW: dict[str, Callable[[Row], str]] = {
    "column": explain_new_column,
    "policy": explain_new_policy,
}
