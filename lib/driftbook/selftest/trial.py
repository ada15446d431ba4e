"""Trying the mutations of the catalogue, each on an object of one's own where one will do."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import psycopg

from driftbook.errors import AuditError
from driftbook.model import ChangeKind, ObjectRef
from driftbook.progress import say_nothing
from driftbook.selftest.mutations import WHOLE
from driftbook.selftest.pick import find_statements
from driftbook.selftest.result import Outcome, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from driftbook.progress import Progress
    from driftbook.selftest.mutations import Mutation
    from driftbook.selftest.stage import Stage

ATTEMPTS = 4  # objects of the own schema that a mutation is tried on before it goes to the probe
MAJOR = 10_000


def try_all(
    mutations: Sequence[Mutation],
    probe: Stage,
    own: Stage | None = None,
    progress: Progress = say_nothing,
) -> list[Trial]:
    """Try every mutation that the server can have; each is undone before the next."""
    major = probe.base.version_num // MAJOR
    fitting = [mutation for mutation in mutations if mutation.since <= major]
    trials = []
    for done, mutation in enumerate(fitting, 1):
        trials.append(try_one(mutation, probe, own))
        progress("trying mutations", done, len(fitting))
    return trials


def try_one(mutation: Mutation, probe: Stage, own: Stage | None = None) -> Trial:
    """Try ``mutation`` on an object of ``own``, else on one of the probe's."""
    refused = Trial(mutation, Outcome.REFUSED, "", mutation.sql, why="no object of the probe fits")
    for stage, name, statement in _find_attempts(mutation, probe, own):
        try:
            changes = stage.compare_after(statement)
        except psycopg.Error as error:
            why = str(error.diag.message_primary or error)
            refused = Trial(mutation, Outcome.REFUSED, name, statement, why=why)
            continue
        except AuditError as error:
            return Trial(mutation, Outcome.MISSED, name, statement, why=error.problem)
        return judge(mutation, name, statement, changes)
    return refused


def _find_attempts(
    mutation: Mutation, probe: Stage, own: Stage | None
) -> Iterator[tuple[Stage, str, str]]:
    if not mutation.on:
        yield probe, "", mutation.sql
        return
    if own is not None and not (mutation.kind == "owner" and own.scope.ignore_owner):
        for name, statement in islice(find_statements(mutation, own.compared), ATTEMPTS):
            yield own, name, statement
    for _, statement in islice(find_statements(mutation, probe.compared), ATTEMPTS):
        yield probe, "", statement


def judge(mutation: Mutation, name: str, statement: str, changes: pd.DataFrame) -> Trial:
    """Return what became of ``mutation``, as the changes after it show."""
    is_root = changes["part_of"].isna()
    named = dict.fromkeys(
        str(ObjectRef(kind, key))
        for kind, key in changes.loc[is_root, ["kind", "key"]].itertuples(index=False)
    )
    rows = changes[["kind", "change", "property"]].itertuples(index=False, name=None)
    wanted = {
        (mutation.kind, name, "")
        if name in WHOLE
        else (mutation.kind, ChangeKind.ALTERED.value, name)
        for name in mutation.properties
    }
    if wanted & set(rows):
        return Trial(mutation, Outcome.DETECTED, name, statement, tuple(named))
    why = f"reported only as {', '.join(named)}" if named else "no change was reported"
    return Trial(mutation, Outcome.MISSED, name, statement, tuple(named), why)
