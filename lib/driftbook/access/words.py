"""Access as sentences: who can now do what, with how much, why, and what was before."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from driftbook.access.groups import is_about_rows
from driftbook.access.reach import Reach
from driftbook.access.roles import EVERYBODY
from driftbook.access.why import RIGHTS, explain_move
from driftbook.catalog.kinds.cluster import THIS_DATABASE
from driftbook.model import quote_part
from driftbook.words import count, join_names, name_some, pluralise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.access.groups import Group
    from driftbook.access.moves import Move
    from driftbook.access.reach import Right
    from driftbook.model import ObjectRef

VERBS = {
    "SELECT": "read",
    "INSERT": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
    "TRUNCATE": "empty",
    "REFERENCES": "point foreign keys at",
    "TRIGGER": "put triggers on",
    "MAINTAIN": "maintain",
    "EXECUTE": "call",
    "USAGE": "use",
    "CREATE": "create objects in",
}
SEQUENCE_VERBS = {"SELECT": "look at", "UPDATE": "set", "USAGE": "draw from"}
INTO = {"INSERT": "insert into", "DELETE": "delete from"}  # where the object follows
REACHED = {
    Reach.NOTHING: "nothing",
    Reach.NO_ROWS: "no row",
    Reach.SOME_ROWS: "only the rows that policies let through",
    Reach.AS_CALLER: "it only with rights of its own",
    Reach.AS_OWNER: "it with the rights of the owner",
    Reach.EVERYTHING: "every row",
}
BARE = frozenset({"table", "view", "materialized_view", "sequence", "function"})
LISTED = 4  # roles that a sentence names


def write_group(group: Group, before: str = "the files") -> str:
    """Return one sentence, without a full stop.

    Args:
        group: What is told.
        before: What the first side is called; empty: nothing is said of it.
    """
    move = group.first
    what = name_things(group.refs)
    what += _name_columns(move)
    rights = f"{join_names(group.privileges)} {'was' if len(group.privileges) == 1 else 'were'}"
    why = join_names([part.replace(RIGHTS, rights, 1) for part in explain_move(move)])
    said = _say_reach(group, what) + (f": {why}" if why else "")
    earlier = _say_before(group, before) if before else ""
    return f"{said}; {earlier}" if earlier else said


def _name_columns(move: Move) -> str:
    """Return which columns a right is about, in brackets; empty: the whole object."""
    before, after = set(move.before.columns), set(move.after.columns)
    names = [quote_part(name) for name in sorted(after or before)]
    if not names or move.before.reach > move.after.reach:
        return ""
    return f" ({'only ' if after else 'not only '}{join_names(names)})"


def name_roles(roles: Sequence[str]) -> str:
    """Return who, as a sentence begins."""
    if EVERYBODY in roles:
        others = [quote_part(role) for role in roles if role in {"anon", "authenticated"}]
        return f"every role ({join_names(others)} too)" if others else "every role"
    names = [quote_part(role) for role in roles]
    return join_names(names) if len(names) <= LISTED else name_some(names)


def name_things(refs: Sequence[ObjectRef]) -> str:
    """Return objects of one kind, a few of them by name."""
    if refs[0].parts == (THIS_DATABASE,):
        return THIS_DATABASE
    noun = refs[0].kind.replace("_", " ")
    if len(refs) == 1:
        return refs[0].name if refs[0].kind in BARE else f"{noun} {refs[0].name}"
    return f"{count(len(refs), noun, pluralise(noun))} ({name_some([ref.name for ref in refs])})"


def write_deed(
    privileges: Sequence[str], kind: str, other: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return what privileges let one do with objects of ``kind``: ``read and insert``.

    Args:
        privileges: In the order of the verbs.
        kind: Of the objects.
        other: Verbs that stand for the usual ones.
    """
    verbs = {**VERBS, **other, **(SEQUENCE_VERBS if kind == "sequence" else {})}
    return join_names([verbs.get(name, name) for name in privileges])


def _say_reach(group: Group, what: str) -> str:
    before, after = group.first.before, group.first.after
    who, deed = name_roles(group.roles), write_deed(group.privileges, group.first.ref.kind)
    if after.reach is Reach.NOTHING:
        lost = write_deed(group.privileges, group.first.ref.kind, INTO)
        return f"{who} can no longer {lost} {what}"
    if after.reach is Reach.NO_ROWS and before.reach is Reach.NOTHING:
        hold = "hold" if len(group.roles) > 1 else "holds"
        rights = join_names(group.privileges)
        return f"{who} {hold} {rights} on {what}, and no policy lets a row through"
    if after.reach is Reach.NO_ROWS:
        return f"{who} can no longer {deed} any row of {what}"
    if after.reach == before.reach:
        return f"{who} {_say_other(group.first, deed, what)}"
    how = "can now" if after.reach > before.reach else "can only"
    return f"{who} {how} {deed} {_say_extent(group, deed, what)}"


def _say_other(move: Move, deed: str, what: str) -> str:
    """Return what is reached in place of what was, and is neither more nor less."""
    runs = ""
    if move.runners:
        earlier, later = map(quote_part, move.runners)
        runs = f" with the rights of {later} instead of those of {earlier}"
    if move.before.columns != move.after.columns:
        return f"{_say_columns(move.before, move.after)} {deed} {what}{runs}"
    return f"can now {deed} {what}{runs}" if runs else f"can {deed} other rows of {what}"


def _say_columns(before: Right, after: Right) -> str:
    """Return how a right came to other columns; which ones stands behind the object."""
    is_more = not after.columns or (before.columns and {*before.columns} < {*after.columns})
    return "can now" if is_more else "can"


def _say_extent(group: Group, deed: str, what: str) -> str:
    reach = group.first.after.reach
    if is_about_rows(group.first):
        if reach is Reach.EVERYTHING:
            return f"{'every' if deed == VERBS['SELECT'] else 'any'} row of {what}"
        return f"those rows of {what} that policies let through"
    if reach is Reach.AS_OWNER:
        return f"{what}, with the rights of its owner"
    if reach is Reach.AS_CALLER:
        return f"{what}, with rights of its own"
    return what


def _say_before(group: Group, before: str) -> str:
    move = group.first
    if move.is_new:
        return f"no such {move.ref.kind.replace('_', ' ')} is in {before}"
    if move.before.reach == move.after.reach:
        return ""
    them = "them" if len(group.roles) > 1 or EVERYBODY in group.roles else "it"
    about_rows = is_about_rows(move)
    deed = write_deed(group.privileges, move.ref.kind)
    if move.before.reach is Reach.NOTHING and not about_rows:
        return f"{before} gave {them} no such right"
    if move.after.reach is Reach.NOTHING and not about_rows:
        return ""
    verb = deed if len(group.privileges) == 1 else "reach"
    return f"{before} let {them} {verb} {REACHED[move.before.reach]}"
