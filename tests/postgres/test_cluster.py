"""The database itself and its roles: read without its name, compared where that says much."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.postgres.server import ShadowServer

ASKED = ScopeSettings(roles=True)
# Statement, what one change it is, and whether roles have to be asked for.
CHANGES = [
    ("alter database {db} connection limit 7", "database connection_limit", False),
    ("alter database {db} is_template true", "database is_template", False),
    ("comment on database {db} is 'x'", "database comment", False),
    ("alter database {db} owner to holder", "owner role", False),
    ("grant create on database {db} to kept", "privilege only_live", False),
    ("revoke temporary on database {db} from public", "privilege only_expected", False),
    ("grant connect on database {db} to kept with grant option", "privilege only_live", False),
    ("alter database {db} set work_mem = '3MB'", "database_setting only_live", False),
    ("alter role kept in database {db} set work_mem = '3MB'", "database_setting only_live", False),
    ("alter role kept set search_path = a, b", "database_setting only_live", False),
    ("alter role all set work_mem = '3MB'", "database_setting only_live", False),
    ("alter role kept bypassrls", "role bypass_rls", True),
    ("alter role kept superuser", "role superuser", True),
    ("alter role kept noinherit", "role inherit", True),
    ("alter role kept login", "role login", True),
    ("alter role kept createdb", "role create_db", True),
    ("alter role kept createrole", "role create_role", True),
    ("alter role kept replication", "role replication", True),
    ("alter role kept connection limit 3", "role connection_limit", True),
    ("alter role kept valid until '2030-01-01 00:00+02'", "role valid_until", True),
    ("comment on role kept is 'x'", "role comment", True),
    ("create role one_more", "role only_live", True),
    ("grant pg_monitor to kept", "membership only_live", True),
    ("grant kept to holder with admin option", "membership admin", True),
]  # fmt: skip
# What lies among the server's own: no role of it has to be asked for.
CHANGES += [
    ("grant execute on function pg_ls_dir(text) to kept", "initial_privilege only_live", False),
    ("grant select (rolname) on pg_authid to kept", "initial_privilege only_live", False),
    ("revoke select on pg_settings from public", "initial_privilege only_live", False),
    ("grant update on information_schema.tables to kept", "initial_privilege only_live", False),
    ("revoke usage on schema information_schema from public", "initial_privilege only_live", False),
]
SINCE_16 = [
    ("grant kept to holder with inherit false", "membership inherit", True),
    ("grant kept to holder with set false", "membership set", True),
]


def run(server: ShadowServer, database: str, text: str) -> None:
    with server.superuser(database) as connection:
        connection.execute(sql.SQL(text).format(db=sql.Identifier(database)))


def read(server: ShadowServer, database: str) -> Snapshot:
    dsn = server.dsn(database, server.superuser_name)
    with connect_audit(dsn, label="test") as session:
        return read_snapshot(session, source="test", captured_at=datetime.now(UTC))


@pytest.fixture(scope="module")
def base(server: ShadowServer) -> Iterator[tuple[str, Snapshot]]:
    mark = server.roles()
    with server.database() as name:
        run(server, name, "create role holder; create role kept; grant kept to holder")
        yield name, read(server, name)
    server.drop_roles_made_since(mark)


def reset(server: ShadowServer, name: str) -> None:
    run(
        server,
        name,
        """
        alter database {db} owner to supabase_admin; revoke all on database {db} from kept;
        grant temporary on database {db} to public;
        alter database {db} connection limit -1; alter database {db} is_template false;
        comment on database {db} is null; alter database {db} reset all;
        alter role kept in database {db} reset all; alter role all reset all;
        revoke all on function pg_ls_dir(text) from kept; grant select on pg_settings to public;
        revoke all (rolname) on pg_authid from kept;
        revoke all on information_schema.tables from kept;
        grant usage on schema information_schema to public;
        drop role if exists one_more; revoke kept from holder; drop role kept; create role kept;
        grant kept to holder
        """,
    )


def name_roots(changes: pd.DataFrame) -> list[str]:
    roots = changes[changes["part_of"].isna()]
    return [f"{row.kind} {row.property or row.change}" for row in roots.itertuples()]


def test_every_change_is_one_change_and_roles_are_asked_for(
    server: ShadowServer, base: tuple[str, Snapshot]
) -> None:
    name, expected = base
    cases = CHANGES + (SINCE_16 if server.version_num >= 160_000 else [])
    for statement, change, of_role in cases:
        run(server, name, statement)
        live, found = read(server, name), {}
        for settings in (ScopeSettings(), ASKED):
            scoped = apply_scope(expected, live, None, settings)
            found[settings.roles] = name_roots(diff_snapshots(scoped.expected, scoped.live))
        reset(server, name)
        assert found == {False: [] if of_role else [change], True: [change]}, statement


def test_no_secret_and_no_name_of_the_database_is_read(
    server: ShadowServer, base: tuple[str, Snapshot]
) -> None:
    name, expected = base
    run(server, name, "alter database {db} set app.jwt_secret = 'hunter2'")
    run(server, name, "alter role kept password 'hunter2'")
    found = read(server, name)
    reset(server, name)
    frames = {kind: found.frames[kind].to_csv() for kind in found.frames}
    assert "hunter2" not in "".join(frames.values())
    assert "app.jwt_secret,***" in frames["database_setting"]
    assert not [kind for kind, text in frames.items() if name in text]
    scoped = apply_scope(expected, found, None, ASKED)
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert name_roots(changes) == ["database_setting only_live"]


def test_roles_are_no_part_of_the_root_hash(
    server: ShadowServer, base: tuple[str, Snapshot]
) -> None:
    name, expected = base
    run(server, name, "create role one_more; grant one_more to kept")
    found = read(server, name)
    reset(server, name)
    assert len(found.frames["role"]) == len(expected.frames["role"]) + 1
    assert found.root_hash == expected.root_hash
    run(server, name, "alter database {db} set work_mem = '3MB'")
    found = read(server, name)
    reset(server, name)
    assert found.root_hash != expected.root_hash


def test_files_are_asked_of_a_database_only_what_they_can_state(
    server: ShadowServer, base: tuple[str, Snapshot]
) -> None:
    name, shadow = base
    run(server, name, "alter database {db} connection limit 7; alter role kept login")
    live = read(server, name)
    run(server, name, "alter database {db} set work_mem = '3MB'; comment on database {db} is 'x'")
    stated = read(server, name)
    reset(server, name)
    silent = apply_scope(shadow, live, shadow, ScopeSettings())
    assert diff_snapshots(silent.expected, silent.live).empty
    reasons = silent.left_out[silent.left_out["kind"] == "database"]["reason"]
    assert list(reasons) == ["of the shadow's own database, which says nothing of files"]
    told = apply_scope(stated, live, shadow, ScopeSettings())
    assert name_roots(diff_snapshots(told.expected, told.live)) == [
        "database comment",
        "database_setting only_expected",
    ]


def test_roles_of_the_platform_are_not_compared(
    server: ShadowServer, base: tuple[str, Snapshot]
) -> None:
    name, shadow = base
    run(server, name, "alter role kept login; create role one_more; grant one_more to kept")
    live = read(server, name)
    reset(server, name)
    scoped = apply_scope(shadow, live, shadow, ASKED)
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert set(changes["kind"]) == {"membership", "role"}
    assert name_roots(changes) == ["role only_live"]


def test_evidence_without_roles_is_no_gap_unless_they_are_asked_for(
    base: tuple[str, Snapshot],
) -> None:
    snapshot = base[1]
    frames = {kind: frame for kind, frame in snapshot.frames.items() if kind != "role"}
    older = replace(snapshot, frames=frames, unread={"role": "older"})
    assert not apply_scope(older, snapshot, None, ScopeSettings()).expected.unread
    assert apply_scope(older, snapshot, None, ASKED).expected.unread == {"role": "older"}


def test_an_audit_that_asked_for_no_roles_is_no_cluster_without_any(
    base: tuple[str, Snapshot],
) -> None:
    snapshot = base[1]
    recorded = apply_scope(snapshot, snapshot, None, ScopeSettings()).live
    assert recorded.frames["role"].empty
    scoped = apply_scope(recorded, snapshot, None, ASKED)
    assert set(scoped.expected.unread) == {"role", "membership"}
    assert diff_snapshots(scoped.expected, scoped.live).empty
