"""What files and snapshots tell about a platform, and about who ran the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.snapshots import Row, build_snapshot

from driftbook.audit.guess import Needs, guess_replay_role, read_needs
from driftbook.catalog.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("create table a (id int); -- auth.uid()", Needs()),
        ("create policy p on t using (auth.uid() = id)", Needs(uses=True)),
        ('insert into "storage"."buckets" values (1)', Needs(uses=True)),
        ("create table auth.users (id int)", Needs(uses=True, brings=True)),
        ("create schema auth", Needs(brings=True)),
        ('create policy p on t for select to "authenticated"', Needs(names_roles=True)),
        (
            "alter default privileges in schema public grant select on tables to anon",
            Needs(names_roles=True, default_schemas=frozenset({"public"})),
        ),
        (
            'ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA app, "B" GRANT ALL ON TABLES TO b',
            Needs(default_schemas=frozenset({"app", "B"})),
        ),
        (
            "alter default privileges for role a grant all on tables to b",
            Needs(default_schemas=frozenset({""})),
        ),
        ("alter default privileges in schema app revoke all on tables from b", Needs()),
        (
            'alter table only "public"."T q" owner to a; alter function s.f(int[]) owner to b',
            Needs(owned=frozenset({"T q", "f"})),
        ),
    ],
)
def test_needs(text: str, needs: Needs) -> None:
    assert read_needs([text]) == needs


def rows(*owners: tuple[str, str, str]) -> Sequence[Row]:
    return [
        {"object_kind": kind, "schema": "public", "name": name, "role": role}
        for kind, name, role in owners
    ]


@pytest.mark.parametrize(
    ("owners", "owned", "role"),
    [
        pytest.param([], [], None, id="nothing"),
        pytest.param([("view", "v", "a")], [], "a", id="no table"),
        pytest.param([("table", "t", "a"), ("view", "v", "b")], [], "a", id="tables first"),
        pytest.param(
            [("table", "t", "a"), ("function", "f(integer)", "b")], ["t"], "b", id="not handed over"
        ),
        pytest.param([("table", "t", "a")], ["t"], "a", id="all handed over"),
    ],
)
def test_replay_role(
    owners: list[tuple[str, str, str]], owned: list[str], role: str | None
) -> None:
    snapshot = build_snapshot({"owner": list(rows(*owners))}, KINDS)
    assert guess_replay_role(snapshot, frozenset(owned)) == role


def test_files_that_name_the_roles_of_the_platform_expect_them() -> None:
    needs = read_needs(["grant select on public.t to anon;"])
    assert (needs.names_roles, needs.makes_roles) == (True, False)
    assert read_needs(
        ["create role anon nologin; grant usage on schema public to anon;"]
    ).makes_roles
    assert read_needs(["alter publication supabase_realtime add table public.t;"]).uses
