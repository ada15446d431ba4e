"""What following every file costs, as a ratio to the plain replay of the same files.

    python tests/benchmarks/effect_matrix.py [FILES …]

Each row is measured three times in turn on one server; the median and the spread are printed.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from migrations import write_migrations

from driftbook.audit.plan import Plan
from driftbook.audit.trace import Tracer
from driftbook.migrations.directory import read_directory
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.server import ShadowServer
from driftbook.progress import say_nothing
from driftbook.shadow.replay import replay
from driftbook.tracking.effects import judge_facts, sum_effects

SIZES = (10, 100, 700)
RUNS = 3


def measure(files: int) -> tuple[float, float, list[float], int]:
    """Return seconds of the plain replay and of the effect matrix, their ratios, and the facts."""
    with tempfile.TemporaryDirectory() as folder:
        directory = read_directory(write_migrations(Path(folder), files))
        plain, followed, count = [], [], 0
        with ShadowServer(resolve_binaries(), superuser="supabase_admin") as server:
            tracer = Tracer(server, Plan("supabase", "postgres", None), None, say_nothing)
            for _ in range(RUNS):
                started = time.perf_counter()
                done = replay(server, directory, platform="supabase")
                plain.append(time.perf_counter() - started)
                server.drop_database(done.database)
                started = time.perf_counter()
                run = tracer.replay(directory, None)
                facts = judge_facts(run.diary.facts, run.result.expected, None)
                sum_effects(facts, run.diary.failures)
                followed.append(time.perf_counter() - started)
                count = len(facts)
                server.drop_database(run.result.database)
    ratios = [slow / fast for slow, fast in zip(followed, plain, strict=True)]
    return statistics.median(plain), statistics.median(followed), ratios, count


def main(sizes: tuple[int, ...]) -> None:
    """Print one line of Markdown per size."""
    print("| files | plain replay | with effect matrix | ratio | facts | memory |")
    print("|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        plain, followed, ratios, facts = measure(size)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"| {size} | {plain:.2f} s | {followed:.2f} s | {spread} | {facts} | {memory} MB |")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
