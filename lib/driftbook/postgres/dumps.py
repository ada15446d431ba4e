"""Dumping and restoring databases of our own server with the programs beside it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from driftbook.errors import ServerError
from driftbook.postgres.launch import run_confined
from driftbook.postgres.rundir import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from driftbook.postgres.server import ShadowServer


def has_programs(server: ShadowServer, *names: str) -> bool:
    """Return whether all programs called ``names`` came with the server."""
    return all((server.binaries.bindir / name).is_file() for name in names)


@contextmanager
def open_dump(server: ShadowServer, database: str, role: str, *options: str) -> Iterator[Path]:
    """Yield the file of ``pg_dump --schema-only`` of ``database``; it is gone after the block.

    Raises:
        ServerError: The program refuses.
    """
    path = server.cluster.directory / f"{database}.sql"
    try:
        with reach(server, role, database) as (source,):
            what = ["--schema-only", "--encoding=UTF8", *options, f"--file={path}", source]
            run_program(server, "pg_dump", what)
        yield path
    finally:
        path.unlink(missing_ok=True)


def restore_dump(server: ShadowServer, database: str, role: str, path: Path) -> None:
    """Run the dump at ``path`` in ``database``, up to the first statement that fails.

    Raises:
        ServerError: A statement fails.
    """
    with reach(server, role, database) as (goal,):
        what = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={path}", goal]
        run_program(server, "psql", what)


@contextmanager
def reach(server: ShadowServer, role: str, *databases: str) -> Iterator[list[str]]:
    """Yield how a program reaches ``databases`` as ``role``; these strings hold no password.

    It is in a file, because arguments of a process can be read by every user of the machine.
    """
    hosts = [conninfo_to_dict(server.dsn(name, role)) for name in databases]
    passfile = server.cluster.directory / "client.pass"
    write_private(passfile, f"*:*:*:*:{hosts[0]['password']}\n", server.cluster.user)
    try:
        yield [
            make_conninfo("", **{**host, "password": None, "passfile": str(passfile)})
            for host in hosts
        ]
    finally:
        passfile.unlink(missing_ok=True)


def run_program(server: ShadowServer, name: str, arguments: Sequence[str]) -> None:
    """Run a program that came with the server.

    Raises:
        ServerError: It fails.
    """
    answer = run_confined(server.cluster.user, server.binaries.bindir / name, arguments)
    if answer.returncode:
        raise ServerError(
            f"a database of our own could not be moved: {name} failed",
            where=answer.stderr.strip()[-2000:],
            fix="report it with this text",
        )
