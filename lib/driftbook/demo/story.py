"""Build the demo's production by living through what happened to the team, act by act.

Every act is real SQL on a real server; only the dates of the story are told, not lived.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.demo.move import move_database
from driftbook.demo.project import OWNER, make_project
from driftbook.demo.push import push_file
from driftbook.demo.wounds import (
    APPLIED_BY_HAND,
    EDITED,
    HERE,
    MIGRATIONS,
    MOVED,
    NEVER_APPLIED,
    SQL,
    UNTRACKED_FILE,
    WOUNDS,
)
from driftbook.migrations.directory import read_directory
from driftbook.postgres.binaries import resolve_binaries
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.server import ShadowServer
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.prepare import AUDITOR
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.migrations.directory import MigrationFile
    from driftbook.postgres.binaries import Binaries
    from driftbook.progress import Progress

SUPERUSER = "supabase_admin"
GATEWAY = "authenticator"  # the API logs in with it and becomes service_role
STAGE = "building the demo's production"


@dataclass(frozen=True, slots=True)
class Production:
    """The live database of the story.

    Attributes:
        database: Its name on the server that it was built on.
        moved_by: ``pg_dump``, or ``template`` where the server's programs have no pg_dump.
    """

    database: str
    moved_by: str


@contextmanager
def run_production(
    progress: Progress | None = None, binaries: Binaries | None = None
) -> Iterator[str]:
    """Yield the connection string of the auditor in a fresh production; it ends with the block.

    Args:
        progress: Is told the stage, what is done and the total.
        binaries: Which server; the one of a shadow without a target when ``None``.
    """
    with ShadowServer(binaries or resolve_binaries(), superuser=SUPERUSER) as server:
        production = build_production(server, progress)
        yield server.dsn(production.database, AUDITOR)


def build_production(server: ShadowServer, progress: Progress | None = None) -> Production:
    """Build the live database of the story on ``server``.

    Args:
        server: Its superuser is ``supabase_admin``; roles of the platform are made on it.
        progress: Is told the stage, what is done and the total.
    """
    acts = _Acts(server)
    steps: tuple[Callable[[], None], ...] = (
        acts.start,
        acts.push_until_the_move,
        acts.move,
        acts.push_since_the_move,
        acts.apply_by_hand,
        acts.make_untracked_tables,
        acts.wound,
        acts.admit_the_auditor,
    )
    for done, step in enumerate(steps):
        if progress:
            progress(STAGE, done, len(steps))
        step()
    if progress:
        progress(STAGE, len(steps), len(steps))
    return Production(acts.database, acts.moved_by)


class _Acts:
    """The acts in their order; ``database`` changes with the move."""

    def __init__(self, server: ShadowServer) -> None:
        self.server = server
        self.files = read_directory(MIGRATIONS).files
        self.database = ""
        self.moved_by = ""

    def start(self) -> None:
        """Make an empty project of the platform."""
        self.database = make_project(self.server)
        self.server.set_password(GATEWAY)

    def push_until_the_move(self) -> None:
        """Apply what was there before the move; one file in the text that it had then."""
        self._push([file for file in self.files if file.version < MOVED])

    def move(self) -> None:
        """Move to the other host, losing rows of the tracking table."""
        self.database, self.moved_by = move_database(self.server, self.database)

    def push_since_the_move(self) -> None:
        """Apply the later files, except for two that nobody applied and one applied by hand."""
        others = {*NEVER_APPLIED, APPLIED_BY_HAND}
        self._push([f for f in self.files if f.version >= MOVED and f.version not in others])

    def apply_by_hand(self) -> None:
        """Run one file in the editor, then write its row without the statements."""
        (file,) = (file for file in self.files if file.version == APPLIED_BY_HAND)
        with self._session(OWNER) as session:
            session.execute(file.data)
            session.execute((SQL / "applied_manually.sql").read_bytes())

    def make_untracked_tables(self) -> None:
        """Call ``exec_sql`` once per table, as the scripts did through the API."""
        with self._session(GATEWAY) as session:
            session.execute("set role service_role")
            for call in split_cli(UNTRACKED_FILE.read_text(encoding="utf-8")):
                session.execute(call.text.encode())

    def wound(self) -> None:
        """Change what files made, one statement each, in the editor."""
        with self._session(OWNER) as session:
            for path in (SQL / f"{wound.name}.sql" for wound in WOUNDS):
                if path.is_file():  # an edited file is a wound of the files, not of production
                    session.execute(path.read_bytes())

    def admit_the_auditor(self) -> None:
        """Make the role that audits."""
        with self.server.superuser(self.database) as session:
            session.execute(load_sql("auditor.sql").encode())
            session.execute((HERE / "auditor.sql").read_bytes())
        self.server.set_password(AUDITOR)

    def _push(self, files: list[MigrationFile]) -> None:
        with self._session(OWNER) as session:
            for file in files:
                path = SQL / "edited" / file.path.name if file.version == EDITED else file.path
                statements = split_cli(path.read_text(encoding="utf-8"))
                push_file(session, file.version, file.name, [one.text for one in statements])

    def _session(self, role: str) -> psycopg.Connection[TupleRow]:
        return connect_plain(self.server.dsn(self.database, role), label="the demo's production")
