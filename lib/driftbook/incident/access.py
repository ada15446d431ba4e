"""What roles of the API could reach at two moments, and who gained or lost what between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from driftbook.catalog.snapshot import list_rows
from driftbook.forensics.classify import Confidence
from driftbook.incident.book import Proof
from driftbook.incident.words import count, name_some, write_interval
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
RELATIONS = ("table", "view", "materialized_view")


class Reach(IntEnum):
    """How much of an object a privilege reaches."""

    NOTHING = 0
    SOME_ROWS = 1  # those that policies let
    EVERYTHING = 2


Right = tuple[str, str, ObjectRef]  # role, privilege, object


@dataclass(frozen=True, slots=True)
class Gain:
    """One right that a role has more, or less, or within other limits than before."""

    role: str
    privilege: str
    ref: ObjectRef
    before: Reach
    after: Reach

    @property
    def is_gain(self) -> bool:
        """Return whether the role reaches more than before."""
        return self.after > self.before


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
        if privilege not in VERBS or schema not in schemas or kind == "sequence":
            continue
        if kind not in {*RELATIONS, "function"}:
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
    rows = frame[["schema", "name", "rls_enabled"]].itertuples(index=False, name=None)
    return {(str(schema), str(name)) for schema, name, on in rows if on is True or on == True}  # noqa: E712 - a numpy truth value


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
        return Reach.NOTHING, ""
    return Reach.SOME_ROWS, repr(sorted(map(str, mine)))


def _is_for(role: str, roles: str) -> bool:
    return bool({role, "public", ""} & {one.strip().strip('"').lower() for one in roles.split(",")})


def diff_rights(step: Step, roles: Sequence[str], schemas: Sequence[str]) -> list[Gain]:
    """Return what changed of the reach of ``roles`` between two audits, in a fixed order."""
    assert step.before.live is not None  # noqa: S101 - steps are made of looks with one
    assert step.after.live is not None  # noqa: S101
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
    """A right that differs between the first and the last audit, and between which it came so."""

    gain: Gain
    step: Step
    clue: str


def find_moved(case: IncidentCase, book: Book) -> list[Moved]:
    """Return who gained or lost what in the window, each with its evidence.

    What was gained and lost again in between is not among them.
    """
    if case.whole is None:
        return []
    steps = [(step, diff_rights(step, case.api_roles, case.exposed)) for step in case.steps]
    moved = []
    for gain in diff_rights(case.whole, case.api_roles, case.exposed):
        right = (gain.role, gain.privilege, gain.ref)
        step = next(
            step
            for step, gains in reversed(steps)
            if any((one.role, one.privilege, one.ref) == right for one in gains)
        )
        value = f"{gain.role}, {gain.privilege}: {_reach(gain.before)}, then {_reach(gain.after)}"
        at = (step.before.at, step.after.at)
        proof = Proof("touched", "snapshot", value, gain.ref, "audits", *at)
        moved.append(Moved(gain, step, book.cite(proof)))
    return moved


def word_moved(moved: Sequence[Moved], book: Book) -> Iterator[Sentence]:
    """Yield one sentence per role, deed and interval: ``anon can read …``."""
    grouped = defaultdict[tuple[object, ...], list[Moved]](list)
    for one in moved:
        gain = one.gain
        grouped[gain.role, gain.privilege, gain.before, gain.after, one.step.after.at].append(one)
    # What everybody reaches first.
    for group in sorted(grouped.values(), key=lambda each: (-each[0].gain.after, len(each))):
        first = group[0]
        names = [one.gain.ref.name for one in group]
        kinds = {one.gain.ref.kind for one in group}
        things = kinds.pop().replace("_", " ") if len(kinds) == 1 else "object"
        what = f"{count(len(names), things)} ({name_some(names)})"
        when = write_interval(first.step.before.at, first.step.after.at)
        text = f"{_word_gain(first.gain, what)}; this came {when}"
        yield book.say(text, Confidence.HIGH, [one.clue for one in group])


def _word_gain(gain: Gain, what: str) -> str:
    verb = VERBS[gain.privilege]
    if gain.after == gain.before:
        return f"{gain.role} can {verb} other rows than before of {what}: a policy has other words"
    if gain.is_gain:
        how = "every row" if gain.after is Reach.EVERYTHING else "the rows that policies let"
        of = "" if gain.privilege in {"EXECUTE"} else f", {how}"
        return f"{gain.role} can now {verb} {what}{of}"
    if gain.after is Reach.NOTHING:
        return f"{gain.role} can no longer {verb} {what}"
    return f"{gain.role} can now {verb} only the rows that policies let, of {what}"


def _reach(reach: Reach) -> str:
    return {0: "nothing", 1: "rows that policies let", 2: "everything"}[int(reach)]
