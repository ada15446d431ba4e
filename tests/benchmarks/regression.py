"""PostgreSQL's own regression database: captured, dumped, restored, compared.

    apt-get source postgresql-15 && python tests/benchmarks/regression.py postgresql-15-15.18/
        [--include DIR]

The files of ``src/test/regress`` run in the order of their schedule on the installed server of
that major; what they leave is the database. Nothing of them is kept. Their C functions are
compiled, which takes a compiler and the server's headers: ``--include`` says where, else
``pg_config`` does. One row of Markdown is printed per source.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.compare import CompareOptions, compare_sources
from driftbook.catalog.reader import read_snapshot
from driftbook.config import read_settings
from driftbook.postgres.binaries import find_major
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.server import ShadowServer
from driftbook.progress import say_nothing

if TYPE_CHECKING:
    from driftbook.postgres.binaries import Binaries

SUPERUSER = "bench"
BAR = 5.0  # seconds
SETTINGS = {"max_prepared_transactions": "2", "wal_level": "logical"}
SESSION = {
    "PGTZ": "PST8PDT",
    "PGDATESTYLE": "Postgres, MDY",
    "PGOPTIONS": "-c intervalstyle=postgres_verbose -c allow_in_place_tablespaces=on",
    "PG_DLSUFFIX": ".so",
}
SHOWN = 20


def find_source_major(source: Path) -> int:
    """Return the major version that ``source`` is of."""
    found = re.search(r"PACKAGE_VERSION='(\d+)", (source / "configure").read_text())
    assert found, "a source tree has its version in configure"
    return int(found[1])


def build_libraries(binaries: Binaries, regress: Path, include: str | None, folder: Path) -> None:
    """Compile the C functions of the tests into ``folder``, beside those of two modules."""
    config = [str(binaries.bindir / "pg_config")]
    asked = [
        subprocess.run([*config, what], check=True, capture_output=True, text=True).stdout.strip()
        for what in ("--pkglibdir", "--includedir-server")
    ]
    command = ["cc", "-w", "-shared", "-fPIC", "-I", include or asked[1], "-I", str(regress)]
    target = folder / "regress.so"
    subprocess.run([*command, str(regress / "regress.c"), "-o", str(target)], check=True)
    for name in ("refint.so", "autoinc.so"):
        shutil.copy(Path(asked[0]) / name, folder)


def run_tests(server: ShadowServer, name: str, regress: Path, folder: Path) -> int:
    """Run every file of the schedule in database ``name``; return how many there are."""
    schedule = (regress / "parallel_schedule").read_text()
    tests = " ".join(re.findall(r"^test: *(.+)$", schedule, flags=re.MULTILINE)).split()
    places = {
        "PG_ABS_SRCDIR": str(regress),
        "PG_ABS_BUILDDIR": str(folder),
        "PG_LIBDIR": str(folder),
    }
    psql = [str(server.binaries.bindir / "psql"), "-X", "-q", "-d", server.dsn(name, SUPERUSER)]
    for test in tests:
        # Many statements fail on purpose.
        with (regress / "sql" / f"{test}.sql").open() as text:
            subprocess.run(
                psql,
                stdin=text,
                capture_output=True,
                env={**os.environ, **SESSION, **places},
                cwd=folder,
                check=False,
            )
    return len(tests)


def restore(server: ShadowServer, name: str, copy: str) -> int:
    """Restore the dump of database ``name`` in ``copy``; return how many statements failed."""
    bindir = server.binaries.bindir
    dsns = [server.dsn(one, SUPERUSER) for one in (name, copy)]
    dumped = subprocess.run([bindir / "pg_dump", dsns[0]], check=True, capture_output=True)
    command = [bindir / "psql", "-X", "-q", "-d", dsns[1]]
    done = subprocess.run(command, input=dumped.stdout, capture_output=True, check=True)
    return done.stderr.count(b"ERROR:")


def measure(source: Path, include: str | None) -> None:
    """Print the row of one source, and what differs."""
    binaries = find_major(find_source_major(source))
    regress = source.resolve() / "src" / "test" / "regress"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o777)  # the server's user writes files there, and reads libraries
        (folder / "results").mkdir()
        (folder / "results").chmod(0o777)
        build_libraries(binaries, regress, include, folder)
        with ShadowServer(binaries, superuser=SUPERUSER, settings=SETTINGS) as server:
            name, copy = server.create_database(), server.create_database()
            count = run_tests(server, name, regress, folder)
            failed = restore(server, name, copy)
            show(server, name, copy, f"{binaries.version}, {count} files", failed)


def show(server: ShadowServer, name: str, copy: str, what: str, failed: int) -> None:
    """Capture the database and compare it with its restored dump."""
    dsns = [server.dsn(one, SUPERUSER) for one in (name, copy)]
    started = time.perf_counter()
    with connect_audit(dsns[0], label="benchmark") as session:
        snapshot = read_snapshot(session, source="benchmark", captured_at=datetime.now(UTC))
    seconds = time.perf_counter() - started
    comparison = compare_sources(*dsns, read_settings(), CompareOptions(), say_nothing)
    told = [line for line in comparison.lines() if line[0] in "+-~?"]
    objects = sum(snapshot.counts().values())
    print(
        f"| {what} | {objects:,} | {seconds:.2f} s | {BAR:.0f} s | {len(snapshot.unaccounted)} "
        f"| {len(snapshot.unread)} | {failed} | {len(told)} |",
        flush=True,
    )
    print(*told[:SHOWN], sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--include")
    given = parser.parse_args()
    print("| PostgreSQL | rows | capture | bar | unaccounted | unread | not restored | differ |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for one in given.sources:
        measure(one, given.include)
