"""What reading a large csvlog costs: seconds, and the most memory that the process took.

    python tests/benchmarks/logs.py [MB …]

One statement in a hundred makes a table; the others are queries, as an application sends them.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import tempfile
import time
from pathlib import Path

from driftbook.forensics.logs import read_logs

SIZES = (10, 500)
MEGABYTE = 1024 * 1024


def build_block() -> str:
    """Return a thousand records."""
    text = io.StringIO()
    writer = csv.writer(text)
    for number in range(1000):
        query = (
            f"select o.id, o.note\nfrom public.orders as o where o.id = {number} and o.note <> 'x'"
        )
        statement = query if number % 100 else f"create table public.t{number} (id int)"
        record = [""] * 26
        record[0], record[1], record[2] = "2026-11-28 14:12:51.303 CET", "postgres", "shop"
        record[4], record[5], record[7] = "10.0.0.7:5122", f"6b0a.{number:x}", "idle"
        record[11], record[13], record[22] = "LOG", f"statement: {statement}", "app"
        writer.writerow(record)
    return text.getvalue()


def measure(size: int) -> tuple[float, int]:
    """Return seconds and lines kept of a log of ``size`` megabytes."""
    block = build_block()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "postgres.csv"
        with path.open("w", encoding="utf-8") as file:
            while file.tell() < size * MEGABYTE:
                file.write(block)
        started = time.perf_counter()
        found = read_logs([path])
        return time.perf_counter() - started, len(found.lines)


def main() -> None:
    """Print one row per size."""
    for size in map(int, sys.argv[1:] or SIZES):
        seconds, lines = measure(size)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{size:>5} MB  {seconds:6.1f} s  {lines:>6} lines  {memory:5.0f} MB of memory")


if __name__ == "__main__":
    main()
