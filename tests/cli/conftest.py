"""A production that real servers play, and the program beside it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.cli.program import SECRET, Ended, Program
from tests.kernels import fork_kernels

from driftbook import cli
from driftbook.postgres.binaries import find_binaries
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftbook.postgres.binaries import Binaries

FILES = {
    "20250101000000_people.sql": """
        create table public.people (id bigint primary key, name text not null);
        alter table public.people enable row level security;
        create policy people_read on public.people for select using (true);
    """,
    "20250102000000_orders.sql": """
        create table public.orders (id int primary key, person bigint references public.people);
        create index orders_person_idx on public.orders (person);
    """,
}
TRACKING = (
    "create schema supabase_migrations; create table supabase_migrations.schema_migrations "
    "(version text primary key, name text, statements text[])"
)
ADMIT = (
    "grant usage on schema supabase_migrations to auditor; "
    "grant select on supabase_migrations.schema_migrations to auditor"
)


@pytest.fixture(scope="session")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replays")


@pytest.fixture
def program(tmp_path: Path, replays: Path) -> Iterator[Program]:
    home = tmp_path / "home"
    home.mkdir()
    cache = Path(mpl.get_cachedir())
    # Short: a socket of the kernel lies in it.
    temporary = Path(tempfile.mkdtemp(prefix="cli-"))
    yield Program(home, temporary, cache, replays)
    shutil.rmtree(temporary)


@pytest.fixture
def inside(
    program: Program, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Yield the program as a call: for tables of arguments, where a process costs too much."""
    for name in ("DRIFTBOOK_PARAMS", "DRIFTBOOK_REPORTS"):
        monkeypatch.setenv(name, "")  # what the program sets is forgotten after the test
        monkeypatch.delenv(name)
    monkeypatch.setenv("DRIFTBOOK_STATE", str(program.home / "state"))
    monkeypatch.setenv("DRIFTBOOK_REPLAYS", str(program.replays))
    monkeypatch.chdir(program.home)
    fork_kernels(monkeypatch)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["driftbook", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return Ended(caught.value.code, *capfd.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)


def choose_binaries() -> Binaries:
    """Return a server with pg_dump beside it where there is one, else any."""
    found = find_binaries()
    return next((each for each in found if (each.bindir / "pg_dump").exists()), found[0])


@pytest.fixture(scope="session")
def production() -> Iterator[ShadowServer]:
    """Yield the server of the live databases, with the role of the audit and the owner."""
    with ShadowServer(choose_binaries(), superuser="supabase_admin") as server:
        with server.superuser("postgres") as session:
            session.execute("create role auditor login; create role postgres login")
        server.set_password("auditor")
        server.set_password("postgres")
        yield server


@pytest.fixture
def live(production: ShadowServer, program: Program) -> Iterator[str]:
    """Yield a database that was made from the files in ``migrations``, as its owner sees it."""
    with production.database(owner="postgres") as name:
        dsn = production.dsn(name, "postgres")
        with connect_plain(dsn) as session:
            session.execute(TRACKING.encode())
            for file, text in FILES.items():
                program.write(f"migrations/{file}", text)
                session.execute(text.encode())
                session.execute(
                    "insert into supabase_migrations.schema_migrations values (%s, %s)",
                    (file[:14], file[15:-4]),
                )
        yield dsn


@pytest.fixture
def audited(production: ShadowServer, program: Program, live: str) -> str:
    """Return the string of the audit's role, which may read the tracking table of ``live``."""
    program.write_target("prod", 'migrations = "migrations"')
    with connect_plain(live) as session:
        session.execute(ADMIT.encode())
    return production.dsn(str(conninfo_to_dict(live)["dbname"]), "auditor")


@pytest.fixture
def guarded(production: ShadowServer) -> Iterator[str]:
    """Yield the string of a role whose password needs encoding in a URL."""
    with production.superuser("postgres") as session:
        session.execute("create role guarded login")
        session.execute(sql.SQL("alter role guarded password {}").format(sql.Literal(SECRET)))
    with production.database() as name:
        yield make_conninfo(production.dsn(name, "auditor"), user="guarded", password=SECRET)
    with production.superuser("postgres") as session:
        session.execute("drop role guarded")
