"""Build the demo's production by living through what happened to the team, event by event.

Every event is real SQL on a real server; only the dates of the story are told, not lived.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
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
    from collections.abc import Callable, Iterator, Sequence

    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.migrations.directory import MigrationFile
    from driftbook.postgres.binaries import Binaries
    from driftbook.progress import Progress

SUPERUSER = "supabase_admin"
GATEWAY = "authenticator"  # the API logs in with it and becomes service_role
STAGE = "building the demo's production"
NOON = timedelta(hours=12)
IMPORT = {"import_made": datetime(2026, 1, 20, 15, tzinfo=UTC)}
IMPORT |= {"import_dropped": datetime(2026, 1, 28, 15, tzinfo=UTC)}
WOUNDED = datetime(2026, 2, 4, 15, tzinfo=UTC)
SECTION = re.compile(r"^-- (\d{4}-\d{2}-\d{2}), ", re.MULTILINE)
# The nights of the audits: before the move, after it and some tables, all of them, the wounds.
AUDITED = tuple(
    datetime(2026, month, day, 2, 15, tzinfo=UTC)
    for month, day in ((1, 8), (1, 22), (2, 2), (2, 12))
)


@dataclass(frozen=True, slots=True)
class Production:
    """The live database of the story.

    Attributes:
        database: Its name on the server that it was built on.
        moved_by: ``pg_dump``, or ``template`` where the server's programs have no pg_dump; empty
            before the move.
        at: The moment of the story.
    """

    database: str
    moved_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """Production as an audit of the story finds it.

    Attributes:
        at: When, as the story tells it.
        dsn: Connection string of the auditor; it is good until the next moment.
    """

    at: datetime
    dsn: str


@contextmanager
def run_production(
    progress: Progress | None = None, binaries: Binaries | None = None
) -> Iterator[str]:
    """Yield the connection string of the auditor at the end of the story.

    Args:
        progress: Is told the stage, what is done and the total.
        binaries: Which server; the one of a shadow without a target when ``None``.
    """
    with run_story(progress, binaries, moments=AUDITED[-1:]) as moments:
        yield next(moments).dsn


@contextmanager
def run_story(
    progress: Progress | None = None,
    binaries: Binaries | None = None,
    moments: Sequence[datetime] = AUDITED,
) -> Iterator[Iterator[Moment]]:
    """Yield the moments of the story in their order; its server ends with the block."""
    with ShadowServer(binaries or resolve_binaries(), superuser=SUPERUSER) as server:
        yield (
            Moment(production.at, server.dsn(production.database, AUDITOR))
            for production in live_through(server, moments, progress)
        )


def build_production(server: ShadowServer, progress: Progress | None = None) -> Production:
    """Build the live database of the end of the story on ``server``.

    Args:
        server: Its superuser is ``supabase_admin``; roles of the platform are made on it.
        progress: Is told the stage, what is done and the total.
    """
    return next(live_through(server, AUDITED[-1:], progress))


def live_through(
    server: ShadowServer, moments: Sequence[datetime], progress: Progress | None = None
) -> Iterator[Production]:
    """Let the events happen in their order and yield production at each of ``moments``."""
    story = _Story(server)
    events = story.list_events()
    done = 0
    for at in moments:
        while done < len(events) and events[done][0] < at:
            if progress:
                progress(STAGE, done, len(events))
            events[done][1]()
            done += 1
        story.admit_the_auditor()
        if progress:
            progress(STAGE, done, len(events))
        yield Production(story.database, story.moved_by, at)


class _Story:
    """What happened, on one server; ``database`` changes with the move."""

    def __init__(self, server: ShadowServer) -> None:
        self.server = server
        self.database = make_project(server)
        self.moved_by = ""
        server.set_password(GATEWAY)

    def list_events(self) -> list[tuple[datetime, Callable[[], None]]]:
        """Return every event and when it happened, in this order."""
        events: list[tuple[datetime, Callable[[], None]]] = [(_read_time(MOVED), self.move)]
        for file in read_directory(MIGRATIONS).files:
            if file.version not in NEVER_APPLIED:
                by_hand = file.version == APPLIED_BY_HAND
                apply = self.apply_by_hand if by_hand else self.push
                events.append((_read_time(file.version), partial(apply, file)))
        text = UNTRACKED_FILE.read_text(encoding="utf-8")
        _, *sections = SECTION.split(text)
        for day, section in zip(sections[::2], sections[1::2], strict=True):
            at = datetime.fromisoformat(day).replace(tzinfo=UTC) + NOON
            events.append((at, partial(self.call_runner, section)))
        events += [(at, partial(self.run_in_editor, [name])) for name, at in IMPORT.items()]
        # An edited file is a wound of the files, not of production: it has no SQL here.
        wounds = [one.name for one in WOUNDS if (SQL / f"{one.name}.sql").is_file()]
        events.append((WOUNDED, partial(self.run_in_editor, wounds)))
        return sorted(events, key=lambda event: event[0])

    def push(self, file: MigrationFile) -> None:
        """Apply a file as the tool does; one of them in the text that it had then."""
        path = SQL / "edited" / file.path.name if file.version == EDITED else file.path
        statements = split_cli(path.read_text(encoding="utf-8"))
        with self._session(OWNER) as session:
            push_file(session, file.version, file.name, [one.text for one in statements])

    def move(self) -> None:
        """Move to the other host, losing rows of the tracking table."""
        self.database, self.moved_by = move_database(self.server, self.database)

    def apply_by_hand(self, file: MigrationFile) -> None:
        """Run a file in the editor, then write its row without the statements."""
        with self._session(OWNER) as session:
            session.execute(file.data)
            session.execute((SQL / "applied_manually.sql").read_bytes())

    def call_runner(self, text: str) -> None:
        """Call ``exec_sql`` as the scripts did through the API, once per table."""
        with self._session(GATEWAY) as session:
            session.execute("set role service_role")
            for call in split_cli(text.partition("\n")[2]):
                session.execute(call.text.encode())

    def run_in_editor(self, names: Sequence[str]) -> None:
        """Run statements by hand, as people do in the editor of the platform."""
        with self._session(OWNER) as session:
            for name in names:
                session.execute((SQL / f"{name}.sql").read_bytes())

    def admit_the_auditor(self) -> None:
        """Make the role that audits."""
        with self.server.superuser(self.database) as session:
            session.execute(load_sql("auditor.sql").encode())
            session.execute((HERE / "auditor.sql").read_bytes())
        self.server.set_password(AUDITOR)

    def _session(self, role: str) -> psycopg.Connection[TupleRow]:
        return connect_plain(self.server.dsn(self.database, role), label="the demo's production")


def _read_time(version: str) -> datetime:
    return datetime.strptime(version, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
