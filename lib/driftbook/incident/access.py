"""What roles of the API could reach at two moments, and who gained or lost what between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from driftbook.catalog.snapshot import list_rows
from driftbook.forensics.classify import Confidence
from driftbook.incident.book import Proof
from driftbook.incident.words import write_interval
from driftbook.model import ObjectRef
from driftbook.words import count, name_some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase, Step
    from driftbook.incident.words import Sentence

BYPASSES = "service_role"  # row level security does not hold for it, on the platform that has it
EVERYBODY = "PUBLIC"
VERBS = {
    "SELECT": "read",
    "INSERT": "insert into",
    "UPDATE": "update",
    "DELETE": "delete from",
    "EXECUTE": "call",
}
COMMANDS = {"SELECT": "select", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete"}
KINDS = frozenset({"table", "view", "materialized_view", "function"})


class Reach(IntEnum):
    """How much of an object a privilege reaches."""

    NOTHING = 0
    NO_ROWS = 1  # it is held, and no policy lets a row through
    SOME_ROWS = 2
    EVERYTHING = 3


WORDS = {
    Reach.NOTHING: "nothing",
    Reach.NO_ROWS: "no row",
    Reach.SOME_ROWS: "the rows that policies let",
    Reach.EVERYTHING: "every row",
}


Right = tuple[str, str, ObjectRef]  # role, privilege, object


@dataclass(frozen=True, slots=True)
class Gain:
    """One right that a role has more, or less, or within other limits than before."""

    role: str
    privilege: str
    ref: ObjectRef
    before: Reach
    after: Reach


def read_rights(
    snapshot: Snapshot, roles: Sequence[str], schemas: Sequence[str]
) -> dict[Right, tuple[Reach, str]]:
    """Return what ``roles`` reach in ``schemas``, and by which policies.

    The use of the schemas themselves is taken as given: the API serves them. Memberships of
    roles are in no snapshot.
    """
    limits = _read_limits(snapshot)
    secured = _read_secured(snapshot)
    rights: dict[Right, tuple[Reach, str]] = {}
    for row in list_rows(snapshot.frames["privilege"]) if "privilege" in snapshot.frames else ():
        kind, schema, name, column, grantee, privilege = map(str, row[:6])
        if privilege not in VERBS or schema not in schemas or kind not in KINDS:
            continue
        parts = (schema, name, column) if column else (schema, name)
        ref = ObjectRef("column" if column else kind, parts)
        for role in roles if grantee == EVERYBODY else (grantee,):
            if role in roles:
                reach, by = _find_reach(role, privilege, (schema, name), secured, limits)
                best = rights.get((role, privilege, ref), (Reach.NOTHING, ""))
                rights[role, privilege, ref] = max(best, (reach, by))
    return {right: found for right, found in rights.items() if found[0]}


def _read_secured(snapshot: Snapshot) -> set[tuple[str, str]]:
    frame = snapshot.frames.get("table")
    if frame is None:
        return set()
    secured = frame[frame["rls_enabled"].fillna(value=False).astype(bool)]
    return set(zip(secured["schema"], secured["name"], strict=True))


def _read_limits(snapshot: Snapshot) -> Mapping[tuple[str, str], list[tuple[object, ...]]]:
    found = defaultdict[tuple[str, str], list[tuple[object, ...]]](list)
    if "policy" in snapshot.frames:
        names = ["schema", "table", "command", "roles", "permissive", "using", "with_check"]
        for schema, table, *rest in list_rows(snapshot.frames["policy"][names]):
            found[str(schema), str(table)].append(tuple(rest))
    return found


def _find_reach(
    role: str,
    privilege: str,
    table: tuple[str, str],
    secured: set[tuple[str, str]],
    limits: Mapping[tuple[str, str], list[tuple[object, ...]]],
) -> tuple[Reach, str]:
    if table not in secured or role == BYPASSES or privilege not in COMMANDS:
        return Reach.EVERYTHING, ""
    command = COMMANDS[privilege]
    mine = [
        one
        for one in limits.get(table, ())
        if str(one[0]).lower() in {"all", command} and _is_for(role, str(one[1]))
    ]
    if not any(one[2] for one in mine):
        return Reach.NO_ROWS, ""
    return Reach.SOME_ROWS, repr(sorted(map(str, mine)))


def _is_for(role: str, roles: str) -> bool:
    return bool({role, "public", ""} & {one.strip().strip('"').lower() for one in roles.split(",")})


def diff_rights(step: Step, roles: Sequence[str], schemas: Sequence[str]) -> list[Gain]:
    """Return what changed of the reach of ``roles`` between two audits, in a fixed order."""
    assert step.before.live is not None  # noqa: S101 - steps are made of looks with one
    assert step.after.live is not None  # noqa: S101
    if step.is_quiet:
        return []
    before = read_rights(step.before.live, roles, schemas)
    after = read_rights(step.after.live, roles, schemas)
    nothing = (Reach.NOTHING, "")
    return [
        Gain(*right, before.get(right, nothing)[0], after.get(right, nothing)[0])
        for right in sorted(
            before.keys() | after.keys(), key=lambda one: (one[:2], one[2].kind, one[2].parts)
        )
        if before.get(right, nothing) != after.get(right, nothing)
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """What one role may do with one object that it could not before, or no more.

    Attributes:
        role: Who.
        ref: With what.
        privileges: By which of its rights, all of them with the same reach before and after.
        before: How much they reached at the first audit.
        after: How much they reach at the last one.
        step: The audits between which it came so.
        clue: Id of the evidence.
    """

    role: str
    ref: ObjectRef
    privileges: tuple[str, ...]
    before: Reach
    after: Reach
    step: Step
    clue: str


def find_moved(case: IncidentCase, book: Book) -> list[Moved]:
    """Return who gained or lost what in the window, each with its evidence.

    What was gained and lost again in between is not among them.
    """
    if case.whole is None:
        return []
    last = {
        (gain.role, gain.privilege, gain.ref): step
        for step in case.steps
        for gain in diff_rights(step, case.api_roles, case.exposed)
    }
    grouped: dict[tuple[str, ObjectRef, Reach, Reach, datetime], list[str]] = {}
    steps = {step.after.at: step for step in case.steps}
    for gain in diff_rights(case.whole, case.api_roles, case.exposed):
        at = last[gain.role, gain.privilege, gain.ref].after.at
        key = (gain.role, gain.ref, gain.before, gain.after, at)
        grouped.setdefault(key, []).append(gain.privilege)
    return [
        _prove(Moved(role, ref, tuple(privileges), before, after, steps[at], ""), book)
        for (role, ref, before, after, at), privileges in grouped.items()
    ]


def _prove(moved: Moved, book: Book) -> Moved:
    rights = ", ".join(moved.privileges)
    value = f"{moved.role}, {rights}: {WORDS[moved.before]}, then {WORDS[moved.after]}"
    at = (moved.step.before.at, moved.step.after.at)
    proof = Proof("touched", "snapshot", value, moved.ref, "audits", *at)
    return replace(moved, clue=book.cite(proof))


def word_moved(moved: Sequence[Moved], book: Book) -> Iterator[Sentence]:
    """Yield one sentence per role, deeds and interval, what existed before first."""
    grouped = defaultdict[tuple[object, ...], list[Moved]](list)
    for one in moved:
        key = (one.role, one.privileges, one.before, one.after, one.step.after.at)
        grouped[key].append(one)
    for group in sorted(grouped.values(), key=_sort_group):
        first = group[0]
        when = write_interval(first.step.before.at, first.step.after.at)
        names = [one.ref.name for one in group]
        kinds = {one.ref.kind.replace("_", " ") for one in group}
        noun = kinds.pop() if len(kinds) == 1 else "object"
        what = names[0] if len(names) == 1 else f"{count(len(names), noun)} ({name_some(names)})"
        text = f"{_word_move(first, what)}; this came {when}"
        yield book.say(text, Confidence.HIGH, [one.clue for one in group])


def _sort_group(group: Sequence[Moved]) -> tuple[object, ...]:
    first = group[0]
    return first.role == BYPASSES, -first.after, len(group), first.role, first.ref.parts


def _word_move(moved: Moved, what: str) -> str:
    verbs = [verb for name, verb in VERBS.items() if name in moved.privileges]
    deed = " and ".join(filter(None, [", ".join(verbs[:-1]), verbs[-1]]))
    if moved.after == moved.before:
        return f"{moved.role} can {deed} other rows than before of {what}: a policy has other words"
    if moved.after is Reach.NOTHING:
        return f"{moved.role} can no longer {deed} {what}"
    if moved.after is Reach.NO_ROWS:
        return f"{moved.role} holds the right to {deed} {what}, and no policy lets it reach a row"
    if moved.after < moved.before:
        return f"{moved.role} can {deed} only those rows of {what} that policies let"
    if "EXECUTE" in moved.privileges:
        return f"{moved.role} can now {deed} {what}"
    return f"{moved.role} can now {deed} {what}, {WORDS[moved.after]}"
