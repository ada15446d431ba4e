"""Copies that differ in nothing: whatever an audit reports of them is a false alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.drift.canonical import equalise
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import apply_scope
from driftbook.model import ObjectRef
from driftbook.postgres.dumps import open_dump, restore_dump
from driftbook.selftest.probe import open_database, read_probe
from driftbook.selftest.result import FalseAlarm
from driftbook.shadow.outcome import take_snapshot
from driftbook.shadow.replay import load_dump

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer
    from driftbook.selftest.stage import Stage
    from driftbook.shadow.prepare import Prepared

PROGRAMS = ("pg_dump", "psql")


def find_in_clone(server: ShadowServer, database: str, own: Stage) -> Iterator[FalseAlarm]:
    """Yield what differs between ``database``, read as an audit reads, and its clone in ``own``."""
    changes = own.compare(take_snapshot(server, database, "the original"))
    yield from tell("the files' schema and its clone", changes)


def find_in_restored_probe(
    server: ShadowServer, database: str, probe: Stage
) -> Iterator[FalseAlarm]:
    """Yield what differs between the probe and its dump, restored; it is all our own SQL."""
    superuser = server.superuser_name
    with open_database(server) as name:
        with open_dump(server, database, superuser, "--no-security-labels") as path:
            restore_dump(server, name, superuser, path)
        with server.superuser(name) as session:
            session.execute(read_probe()[-1].encode())  # the labels, which no dump restores
        changes = _compare_restored(probe, take_snapshot(server, name, "restored"))
    yield from tell("the probe and its restored dump", changes)


def find_in_restored(
    server: ShadowServer, other: ShadowServer, prepared: Prepared, own: Stage
) -> Iterator[FalseAlarm]:
    """Yield what differs between the own schema and its dump, loaded as a source on ``other``."""
    with open_dump(server, prepared.database, prepared.role) as path:
        restored = load_dump(other, path, platform="plain", replay_role=prepared.role)
    changes = _compare_restored(own, restored.expected)
    yield from tell("the files' schema and its restored dump", changes)


def _compare_restored(stage: Stage, restored: Snapshot) -> pd.DataFrame:
    scope = replace(stage.scope, without_rows=True)  # a dump of structure fills no view
    scoped = apply_scope(stage.base, restored, stage.platform, scope)
    changes = diff_snapshots(scoped.expected, scoped.live)
    return equalise(changes, scoped.expected, scoped.live, stage.scratch)


def tell(where: str, changes: pd.DataFrame) -> Iterator[FalseAlarm]:
    """Yield a false alarm for every change that is part of no other."""
    roots = changes[changes["part_of"].isna()]
    columns = ["kind", "key", "change", "property"]
    for kind, key, change, name in roots[columns].itertuples(index=False, name=None):
        yield FalseAlarm(where, f"{ObjectRef(kind, key)}: {name or change}")
