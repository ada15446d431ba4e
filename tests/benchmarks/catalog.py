"""What reading a schema and comparing two costs, as ratios to ``pg_dump --schema-only``.

    python tests/benchmarks/catalog.py [TABLES ...] [--major 15|18]

Rows are measured in turns on one server of its own; the median of the ratios and their spread
are printed. Peak memory is that of a process that reads one schema, reads it again after 1 % of
its tables changed, and compares.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schema import ROLES, change_some, make_schema

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.diff import diff_snapshots
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot

SIZES = (62, 1_000, 10_000)
RUNS = {62: 9, 1_000: 5, 10_000: 3}
SHARE = 0.01
MEGABYTE = 1024  # of ru_maxrss, in its unit
SUPERUSER = "bench"
SETTINGS = {"max_locks_per_transaction": "1024"}  # pg_dump locks every table


def read(dsn: str, *, alone: bool = False) -> Snapshot:
    """Return what an audit reads, with the connections made for it; ``alone``: with one."""
    with connect_audit(dsn, label="benchmark") as session:
        chosen = replace(session, open_beside=None) if alone else session
        return read_snapshot(chosen, source="benchmark", captured_at=datetime.now(UTC))


def dump(server: ShadowServer, dsn: str) -> None:
    """Read the same by pg_dump; its text goes nowhere."""
    program = server.binaries.bindir / "pg_dump"
    command = [str(program), "--schema-only", "--file=/dev/null", "--dbname", dsn]
    subprocess.run(command, check=True)


def measure(server: ShadowServer, tables: int) -> None:
    """Print the rows of one size."""
    with server.database() as name, server.database() as changed:
        for database in (name, changed):
            with server.superuser(database) as session:
                make_schema(session, tables)
        with server.superuser(changed) as session:
            change_some(session, tables, SHARE)
        dsns = [server.dsn(one, SUPERUSER) for one in (name, changed)]
        reads, dumps, diffs, singles = list[float](), list[float](), list[float](), list[float]()
        for _ in range(RUNS.get(tables, 3)):
            start = time.perf_counter()
            dump(server, dsns[0])
            dumped = time.perf_counter()
            read(dsns[0], alone=True)
            singles.append(time.perf_counter() - dumped)
            dumps.append(dumped - start)
            dumped = time.perf_counter()
            sides = [read(dsn) for dsn in dsns]
            done = time.perf_counter()
            changes = diff_snapshots(sides[0], sides[1])
            end = time.perf_counter()
            reads.append((done - dumped) / 2)
            diffs.append(end - done)
        objects = sum(sides[0].counts().values())
        roots = int(changes["part_of"].isna().sum())
        del sides, changes
        show(f"{tables:,} tables, {objects:,} objects: reading", dumps, reads)
        show("… in one session", dumps, singles)
        both = [2 * one for one in reads]
        whole = [one + two for one, two in zip(both, diffs, strict=True)]
        show(f"… reading both and comparing ({roots} changes), to reading both", both, whole)
        show("… comparing, to 1 s per 300,000 objects", [objects / 300_000] * len(diffs), diffs)
        peak = measure_memory(dsns)
        print(f"| … peak memory of both and the comparison | 600 MB | {peak} MB | |", flush=True)


def measure_memory(dsns: list[str]) -> int:
    """Return the peak of a fresh process, in megabytes."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory"],
        input="\n".join(dsns),
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)


def use_memory() -> None:
    """Read both databases named on the input, compare, and print the peak."""
    sides = [read(dsn) for dsn in sys.stdin.read().splitlines()]
    diff_snapshots(sides[0], sides[1])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE)


def show(title: str, base: list[float], own: list[float]) -> None:
    """Print one row of Markdown."""
    ratios = [mine / theirs for mine, theirs in zip(own, base, strict=True)]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    seconds = f"{statistics.median(base):.3f} s | {statistics.median(own):.3f} s"
    print(f"| {title} | {seconds} | {spread} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=int, nargs="*", default=SIZES)
    parser.add_argument("--major", type=int)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        use_memory()
        return
    print("| case | base | driftbook | ratio |")
    print("|---|---:|---:|---:|")
    binaries = resolve_binaries(options.major)
    with ShadowServer(binaries, superuser=SUPERUSER, settings=SETTINGS) as server:
        with server.superuser("postgres") as session:
            session.execute(ROLES.encode())
        for tables in options.tables:
            measure(server, tables)


if __name__ == "__main__":
    main()
