"""A self-test as lines for people and as JSON values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.selftest.result import Outcome

if TYPE_CHECKING:
    from driftbook.selftest.mutations import Mutation
    from driftbook.selftest.result import SelfTest, Trial

Json = dict[str, object]
SCHEMA_VERSION = 1


def describe_mutation(mutation: Mutation) -> Json:
    """Return a line of the catalogue as JSON values."""
    return {
        "kind": mutation.kind,
        "properties": list(mutation.properties),
        "class": mutation.find_class(),
        "since": mutation.since,
        "on": mutation.on,
        "where": mutation.where,
        "sql": mutation.sql,
    }


def build_json(found: SelfTest) -> Json:
    """Return the whole result as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": found.source,
        "server_version": found.server_version,
        "root_hash": found.root_hash,
        "passed": found.passed,
        "tried": found.tried,
        "detected": len(found.of(Outcome.DETECTED)),
        "one_object_named": found.exact,
        "on_own_objects": found.own,
        "classes": [
            {"class": cls, "tried": tried, "detected": detected}
            for cls, tried, detected in count_classes(found)
        ],
        "missed": [_describe(trial) for trial in found.of(Outcome.MISSED)],
        "not_applied": [_describe(trial) for trial in found.of(Outcome.REFUSED)],
        "false_alarms": [{"where": one.where, "what": one.what} for one in found.false_alarms],
        "unchecked": list(found.unchecked),
    }


def count_classes(found: SelfTest) -> list[tuple[str, int, int]]:
    """Return class, mutations tried and mutations detected, sorted by class."""
    tried, detected = Counter[str](), Counter[str]()
    for trial in found.trials:
        cls = trial.mutation.find_class()
        tried[cls] += trial.outcome is not Outcome.REFUSED
        detected[cls] += trial.outcome is Outcome.DETECTED
    return [(cls, tried[cls], detected[cls]) for cls in sorted(tried)]


def list_lines(found: SelfTest) -> list[str]:
    """Return the result as lines, what is wrong first."""
    lines = [f"missed: {_tell(trial)}" for trial in found.of(Outcome.MISSED)]
    lines += [f"false alarm: {one.what} ({one.where})" for one in found.false_alarms]
    lines += [f"not applied: {_tell(trial)}" for trial in found.of(Outcome.REFUSED)]
    lines += [f"not tested: {sentence}" for sentence in found.unchecked]
    lines += [
        f"{cls}: {detected} of {tried} detected" for cls, tried, detected in count_classes(found)
    ]
    detected = len(found.of(Outcome.DETECTED))
    lines.append(
        f"{detected} of {found.tried} mutations detected, {found.exact} with exactly one object "
        f"named, {found.own} of them on objects of {found.source}, "
        f"{len(found.false_alarms)} false alarms (PostgreSQL {found.server_version})"
    )
    return lines


def _describe(trial: Trial) -> Json:
    return describe_mutation(trial.mutation) | {
        "object": trial.object,
        "statement": trial.statement,
        "named": list(trial.named),
        "why": trial.why,
    }


def _tell(trial: Trial) -> str:
    names = " or ".join(trial.mutation.properties)
    return f"{trial.mutation.kind} {names}: {trial.why}\n  {trial.statement}"
