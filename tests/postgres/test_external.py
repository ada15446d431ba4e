"""On a server that somebody named only databases of our own are made, used and dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftbook.audit.choice import ShadowChoice, read_shadow
from driftbook.config import Target, read_secrets, read_settings
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.errors import ConfigError, DriftbookError, ReplayFailed, ServerError
from driftbook.migrations.directory import read_directory
from driftbook.postgres.binaries import read_binaries
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.external import ExternalServer, read_identifier
from driftbook.postgres.server import ShadowServer
from driftbook.shadow.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.postgres.binaries import Binaries

FILES = {
    "20250101000000_a.sql": "create role app_reader; create table public.a (id int, vc varchar);"
    "alter table public.a add check (vc in ('x', 'y')); grant select on public.a to app_reader;",
    "20250102000000_b.sql": "create extension citext; create view public.b as select id from a;",
}
DATABASES = b"select datname::text from pg_catalog.pg_database where datname like 'driftbook%'"


@pytest.fixture(scope="module")
def scratch(binaries: Binaries) -> Iterator[ShadowServer]:
    """Yield a server that belongs to somebody else, with a login for throw-away databases."""
    with ShadowServer(binaries, superuser="boss") as server:
        with server.superuser("postgres") as session:
            session.execute("create role guest login createdb; create role idle login")
            session.execute("create role app_owner; grant app_owner to guest")
            session.execute("grant connect on database postgres to guest, idle")
        server.set_password("guest")
        server.set_password("idle")
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def app_reader(scratch: ShadowServer) -> Iterator[None]:
    with scratch.superuser("postgres") as session:
        session.execute("create role app_reader")
        yield
        session.execute("drop role app_reader")


def list_databases(server: ShadowServer) -> list[str]:
    with server.superuser("postgres") as session:
        return [str(row[0]) for row in session.execute(DATABASES)]


@pytest.mark.usefixtures("app_reader")
def test_a_guest_gives_the_schema_that_our_own_server_gives(
    scratch: ShadowServer, folder: Path
) -> None:
    directory = read_directory(folder, convention="plain")
    with ExternalServer(scratch.dsn("postgres", "guest")) as guest:
        got = replay(guest, directory, platform="plain", replay_role="app_owner")
        assert [file.error for file in got.files] == [None, None]
        assert list_databases(scratch) == [got.database]
        with guest.database(template=got.database) as copy:
            dsn = guest.dsn(copy, "app_owner")
            with connect_plain(dsn) as session:
                assert session.execute("select current_user").fetchone() == ("app_owner",)
        assert str(guest.origin) == (
            f"PostgreSQL {scratch.binaries.version} (external: named by the target)"
        )
    assert list_databases(scratch) == []
    own = read_binaries(scratch.binaries.bindir, "system")
    assert own is not None
    with ShadowServer(own) as ours:
        wanted = replay(ours, directory, platform="plain", replay_role="app_owner")
    assert got.expected.row("table", ("public", "a")) is not None
    scoped = apply_scope(got.expected, wanted.expected, wanted.platform, ScopeSettings())
    changes = diff_snapshots(scoped.expected, scoped.live)
    # Who owns the database of a shadow, and with what settings, is the shadow's own business.
    assert [key for key in changes["key"] if "this database" not in key] == []


def test_what_a_guest_may_not_make_is_asked_for(scratch: ShadowServer, folder: Path) -> None:
    directory = read_directory(folder, convention="plain")
    with ExternalServer(scratch.dsn("postgres", "guest")) as guest:
        with pytest.raises(ReplayFailed, match="app_reader, stranger") as caught:
            replay(guest, directory, platform="plain", replay_role="stranger")
        assert caught.value.fix.endswith(
            'create role "app_reader"; create role "stranger"; grant "stranger" to "guest";'
        )
        assert caught.value.exit_code == 3
        with pytest.raises(ReplayFailed, match="platform supabase"):
            replay(guest, directory, platform="supabase")
    assert list_databases(scratch) == []


def test_a_disposable_server_is_used_as_our_own(scratch: ShadowServer, folder: Path) -> None:
    directory = read_directory(folder, convention="supabase")
    dsn = scratch.dsn("postgres", "boss")
    with ExternalServer(dsn, disposable=True) as server:
        got = replay(server, directory, platform="supabase")
        assert [file.error for file in got.files] == [None, None]
        assert got.role == "postgres"
        with pytest.raises(ServerError, match="closed to the superuser"):
            server.dsn(got.database, "boss")
    assert list_databases(scratch) == []


@pytest.mark.parametrize(
    ("role", "own", "code", "words"),
    [
        pytest.param("boss", False, 2, "could do more than own a database: boss", id="superuser"),
        pytest.param("idle", False, 3, 'alter role "idle" createdb;', id="no right"),
        pytest.param("guest", True, 2, "is the target's own server", id="the target's server"),
    ],
)
def test_a_login_is_refused(
    scratch: ShadowServer, role: str, code: int, words: str, *, own: bool
) -> None:
    with connect_plain(scratch.dsn("postgres", "guest")) as session:
        identifier = read_identifier(session) if own else ""
    with (
        pytest.raises(DriftbookError) as caught,
        ExternalServer(scratch.dsn("postgres", role), identifier),
    ):
        pass
    assert words in str(caught.value)
    assert caught.value.exit_code == code


def test_databases_of_others_are_not_dropped(scratch: ShadowServer) -> None:
    with (
        scratch.database() as name,
        ExternalServer(scratch.dsn("postgres", "boss"), disposable=True) as server,
    ):
        server.drop_database(name)
        assert list_databases(scratch) == [name]


def test_a_target_names_where_the_string_is(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(name="prod", shadow_env="SCRATCH", shadow_trust="disposable")
    with pytest.raises(ConfigError, match="SCRATCH is not set"):
        read_shadow(target)
    monkeypatch.setenv("SCRATCH", "host=h password=hunter2")
    choice = read_shadow(target)
    assert (choice.disposable, "hunter2" in choice.dsn) == (True, True)
    assert "hunter2" not in repr(choice)
    settings = read_settings().model_copy(update={"targets": {"prod": target}})
    assert read_secrets(settings) == [choice.dsn]
    named = read_shadow(Target(name="prod", shadow="service=scratch"))
    assert named == ShadowChoice(dsn="service=scratch")
    with pytest.raises(ConfigError, match="two servers"):
        read_shadow(Target(name="prod", shadow="/bin", shadow_env="SCRATCH"))
