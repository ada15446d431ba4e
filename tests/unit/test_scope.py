"""What leaves the comparison is the platform's or was excluded, and is counted; the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.snapshots import Row, build_snapshot

from driftbook.audit.gaps import find_role_gaps
from driftbook.catalog.kinds import KINDS
from driftbook.drift import scope
from driftbook.drift.cluster import MADE_BEFORE
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.platform import find_schema
from driftbook.drift.scope import AUDITOR, ScopeSettings, apply_scope, subtract_platform
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot

Rows = dict[str, list[Row]]


def owner(kind: str, schema: str, name: str, role: str) -> Row:
    return {"object_kind": kind, "schema": schema, "name": name, "role": role}


def grant(schema: str, name: str, grantee: str, privilege: str = "SELECT") -> Row:
    return {
        "object_kind": "table",
        "schema": schema,
        "name": name,
        "grantee": grantee,
        "privilege": privilege,
    }


def policy(schema: str, table: str, name: str) -> Row:
    return {"schema": schema, "table": table, "name": name, "roles": "PUBLIC", "using": "true"}


PLATFORM: Rows = {
    "schema": [{"name": "auth"}, {"name": "public"}],
    "table": [{"schema": "auth", "name": "users", "kind": "ordinary", "rls_enabled": True}],
    "column": [{"schema": "auth", "table": "users", "name": "id", "type": "uuid"}],
    "owner": [
        owner("schema", "", "auth", "supabase_admin"),
        owner("table", "auth", "users", "supabase_auth_admin"),
    ],
    "extension": [{"name": "pgcrypto", "version": "1.3"}],
    "default_privilege": [
        {
            "role": "supabase_admin",
            "schema": "public",
            "object_kind": "table",
            "grantee": "anon",
            "privilege": "SELECT",
        }
    ],
}


def join(*parts: Rows) -> Rows:
    return {kind: [row for part in parts for row in part.get(kind, [])] for kind in KINDS}


def names(snapshot: Snapshot) -> set[str]:
    return {
        f"{kind} {'.'.join(filter(None, key))}"
        for kind, frame in snapshot.frames.items()
        for key in frame[list(KINDS[kind].key)].itertuples(index=False, name=None)
    }


@pytest.mark.parametrize(
    ("expected", "live", "stays"),
    [
        pytest.param({}, {}, [], id="the platform itself leaves"),
        pytest.param(
            {},
            {
                "column": [{"schema": "auth", "table": "users", "name": "is_anonymous"}],
                "index": [{"schema": "auth", "name": "users_new", "table": "users"}],
                "table": [{"schema": "auth", "name": "oauth_clients"}],
                "policy": [policy("auth", "oauth_clients", "newer")],
            },
            [],
            id="a newer platform leaves",
        ),
        pytest.param(
            {},
            {
                "policy": [policy("auth", "users", "everybody")],
                "trigger": [{"schema": "auth", "table": "users", "name": "on_signup"}],
            },
            ["policy auth.users.everybody", "trigger auth.users.on_signup"],
            id="what somebody put on a platform table stays",
        ),
        pytest.param(
            {},
            {"privilege": [grant("auth", "users", "anon"), grant("auth", "users", "pgbouncer")]},
            ["privilege table.auth.users.anon.SELECT"],
            id="a grant to an API role on a platform table stays",
        ),
        pytest.param(
            {},
            {
                "schema": [{"name": "realtime2"}],
                "owner": [owner("schema", "", "realtime2", "supabase_realtime_admin")],
                "function": [{"schema": "realtime2", "name": "send()"}],
            },
            [],
            id="a new schema of the platform leaves with what is in it",
        ),
        pytest.param(
            {},
            {
                "schema": [{"name": "inside"}],
                "owner": [owner("schema", "", "inside", "postgres")],
                "table": [{"schema": "inside", "name": "t"}],
            },
            ["owner schema.inside", "schema inside", "table inside.t"],
            id="a new schema of somebody else stays",
        ),
        pytest.param(
            {},
            {
                "schema": [{"name": "supabase_migrations"}],
                "table": [{"schema": "supabase_migrations", "name": "schema_migrations"}],
                "privilege": [grant("public", "t", "driftbook_auditor")],
                "default_privilege": [
                    {
                        "role": "supabase_admin",
                        "schema": "public",
                        "object_kind": "table",
                        "grantee": "anon",
                        "privilege": "SELECT",
                    }
                ],
            },
            [],
            id="tracking table, our own role and the platform's defaults leave",
        ),
    ],
)
def test_only_live(expected: Rows, live: Rows, stays: list[str]) -> None:
    scoped = apply_scope(
        build_snapshot(join(PLATFORM, expected), KINDS),
        build_snapshot(join(PLATFORM, live), KINDS),
        build_snapshot(PLATFORM, KINDS),
        ScopeSettings(),
    )
    assert sorted(names(scoped.live)) == stays
    assert names(scoped.expected) == set()


def test_what_a_migration_changed_or_added_stays_on_both_sides() -> None:
    off: Row = {"schema": "auth", "name": "users", "kind": "ordinary", "rls_enabled": False}
    index: Row = {"schema": "auth", "name": "mine", "table": "users"}
    expected = PLATFORM | {"table": [off], "index": [index]}
    scoped = apply_scope(
        build_snapshot(expected, KINDS),
        build_snapshot(join(PLATFORM, {"index": [index]}), KINDS),
        build_snapshot(PLATFORM, KINDS),
        ScopeSettings(),
    )
    assert names(scoped.expected) == names(scoped.live) == {"table auth.users", "index auth.mine"}


def test_row_security_switched_off_on_a_platform_table_is_seen() -> None:
    off: Row = {"schema": "auth", "name": "users", "kind": "ordinary", "rls_enabled": False}
    scoped = apply_scope(
        build_snapshot(PLATFORM, KINDS),
        build_snapshot(PLATFORM | {"table": [off]}, KINDS),
        build_snapshot(PLATFORM, KINDS),
        ScopeSettings(),
    )
    assert names(scoped.live) == {"table auth.users"}


def test_a_stand_in_for_the_platform_is_no_business_of_the_files() -> None:
    live = PLATFORM | {
        "table": [{"schema": "auth", "name": "users", "kind": "ordinary", "rls_enabled": False}],
        "column": [{"schema": "auth", "table": "users", "name": "nick", "type": "text"}],
        "function": [{"schema": "auth", "name": "uid2()"}],
        "owner": [owner("schema", "", "auth", "app"), owner("table", "auth", "users", "app")],
        "privilege": [grant("auth", "users", "app"), grant("auth", "users", "anon")],
        "policy": [policy("auth", "users", "everybody")],
        "default_privilege": [],
    }
    scoped = apply_scope(
        build_snapshot(PLATFORM, KINDS),
        build_snapshot(live, KINDS),
        build_snapshot(PLATFORM, KINDS),
        ScopeSettings(),
    )
    assert names(scoped.expected) == set()
    assert names(scoped.live) == {
        "policy auth.users.everybody",
        "privilege table.auth.users.anon.SELECT",
    }


def test_a_role_called_like_ours_owns_its_objects() -> None:
    live: Rows = {
        "schema": [{"name": "inside"}],
        "owner": [owner("schema", "", "inside", "driftbook")],
        "table": [{"schema": "inside", "name": "t"}],
    }
    nothing = build_snapshot({}, KINDS)
    scoped = apply_scope(nothing, build_snapshot(live, KINDS), nothing, ScopeSettings())
    assert names(scoped.live) == {"owner schema.inside", "schema inside", "table inside.t"}


def test_the_version_of_an_extension_is_the_servers_business() -> None:
    shadow: Rows = {"extension": [{"name": "citext", "schema": "public", "version": "1.6"}]}
    live: Rows = {"extension": [{"name": "citext", "schema": "public", "version": "1.8"}]}
    sides = build_snapshot(shadow, KINDS), build_snapshot(live, KINDS)
    replayed = apply_scope(*sides, build_snapshot({}, KINDS), ScopeSettings())
    assert not len(diff_snapshots(replayed.expected, replayed.live))
    found = apply_scope(*sides, None, ScopeSettings())
    assert list(diff_snapshots(found.expected, found.live)["property"]) == ["version"]


def setting(role: str, name: str, value: str = "1") -> dict[str, object]:
    return {"role": role, "database": "", "name": name, "value": value}


def granted_on(name: str, grantee: str) -> dict[str, object]:
    about = {"object_kind": "function", "schema": "net", "name": name, "column": ""}
    return {**about, "grantee": grantee, "privilege": "EXECUTE", "granted": True}


def test_what_the_host_sets_and_grants_for_its_own_roles_is_no_drift() -> None:
    roles = [{"name": name} for name in ("anon", "authenticator", "mine")]
    platform: Rows = {"schema": [{"name": "auth"}, {"name": "public"}], "role": roles[:2]}
    stated = setting("anon", "statement_timeout", "3s")
    files: Rows = {**platform, "role": roles, "database_setting": [stated]}
    live: Rows = {
        **files,
        "database_setting": [
            setting("", "app.settings.jwt_exp"),
            setting("anon", "statement_timeout", "9s"),
            setting("authenticator", "pgrst.db_schemas"),
            setting("authenticator", "statement_timeout"),
            setting("mine", "statement_timeout"),
            setting("other", "statement_timeout"),
        ],
        "initial_privilege": [granted_on("f()", "anon"), granted_on("f()", "mine")],
    }
    sides = [build_snapshot(rows, KINDS) for rows in (files, live, platform)]
    scoped = apply_scope(sides[0], sides[1], sides[2], ScopeSettings())
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert list(zip(changes["kind"], changes["key"], strict=True)) == [
        ("database_setting", ("anon", "", "statement_timeout")),
        ("database_setting", ("authenticator", "", "pgrst.db_schemas")),
        ("database_setting", ("mine", "", "statement_timeout")),
        ("initial_privilege", ("function", "net", "f()", "", "mine", "EXECUTE")),
    ]


@pytest.mark.parametrize(("version", "kept"), [(140_023, 0), (150_018, 2)])
def test_before_15_nobody_chose_who_owns_public(version: int, kept: int) -> None:
    def public_of(role: str) -> Rows:
        grant = {"object_kind": "schema", "schema": "", "name": "public", "column": ""}
        grant |= {"grantee": role, "privilege": "USAGE"}
        return {
            "owner": [owner("schema", "", "public", role)],
            "privilege": [{**grant, "is_owner": True}],
        }

    shadow = build_snapshot(public_of("pg_database_owner"), KINDS, 180_006)
    live = build_snapshot(public_of("boss"), KINDS, version)
    scoped = apply_scope(shadow, live, shadow, ScopeSettings())
    assert len(names(scoped.live)) == kept


TWO: Rows = {
    "table": [{"schema": "public", "name": "tmp_a"}, {"schema": "inside", "name": "t"}],
    "column": [
        {"schema": "public", "table": "tmp_a", "name": "id"},
        {"schema": "inside", "table": "t", "name": "id"},
    ],
    "privilege": [
        grant("public", "tmp_a", "anon"),
        {**grant("inside", "t", "a"), "is_owner": True},
    ],
    "owner": [owner("table", "public", "tmp_a", "a")],
    "comment": [{"object_kind": "column", "schema": "public", "name": "tmp_a", "sub": "id"}],
}
ALL = names(build_snapshot(TWO, KINDS))
OF_T = {"table inside.t", "column inside.t.id", "privilege table.inside.t.a.SELECT"}


@pytest.mark.parametrize(
    ("settings", "stays"),
    [
        pytest.param(ScopeSettings(), ALL, id="everything without a platform"),
        pytest.param(ScopeSettings(schemas=("inside",)), OF_T, id="one schema"),
        pytest.param(ScopeSettings(excludes=("table:public.tmp_*",)), OF_T, id="a table's parts"),
        pytest.param(ScopeSettings(excludes=("public.tmp_*",)), OF_T, id="a glob without a kind"),
        pytest.param(ScopeSettings(excludes=("view:public.*",)), ALL, id="of another kind"),
        pytest.param(
            ScopeSettings(excludes=("column:*.id",)),
            ALL - {"column inside.t.id", "column public.tmp_a.id"},
            id="columns everywhere",
        ),
        pytest.param(
            ScopeSettings(ignore_owner=True),
            ALL - {"owner table.public.tmp_a", "privilege table.inside.t.a.SELECT"},
            id="owners are not compared",
        ),
        pytest.param(ScopeSettings(tracking_table="public.tmp_a"), OF_T, id="tracking in public"),
        pytest.param(
            ScopeSettings(tracking_table="inside.t"), ALL - OF_T, id="tracking in the project's own"
        ),
    ],
)
def test_settings(settings: ScopeSettings, stays: set[str]) -> None:
    both = build_snapshot(TWO, KINDS)
    scoped = apply_scope(both, both, None, settings)
    assert names(scoped.live) == names(scoped.expected) == stays


def test_what_left_is_counted_once() -> None:
    both = build_snapshot(join(PLATFORM, TWO), KINDS)
    platform = build_snapshot(PLATFORM, KINDS)
    left_out = apply_scope(both, both, platform, ScopeSettings(schemas=("inside",))).left_out
    assert list(left_out.itertuples(index=False, name=None)) == [
        ("other schema", "column", 1),
        ("other schema", "comment", 1),
        ("other schema", "owner", 1),
        ("other schema", "privilege", 1),
        ("other schema", "table", 1),
        ("platform", "column", 1),
        ("platform", "default_privilege", 1),
        ("platform", "extension", 1),
        ("platform", "owner", 2),
        ("platform", "schema", 2),
        ("platform", "table", 1),
    ]


def test_a_capture_of_a_replay_is_without_the_platform() -> None:
    snapshot = build_snapshot(join(PLATFORM, {"table": [{"schema": "public", "name": "t"}]}), KINDS)
    assert names(subtract_platform(snapshot, build_snapshot(PLATFORM, KINDS))) == {"table public.t"}


@pytest.mark.parametrize(
    ("kind", "key", "schema"),
    [
        ("schema", ("billing",), "billing"),
        ("table", ("public", "a"), "public"),
        ("owner", ("table", "public", "a"), "public"),
        ("owner", ("schema", "", "billing"), "billing"),
        ("extension", ("hstore",), ""),
        ("default_privilege", ("postgres", "", "table", "anon", "SELECT"), ""),
        ("privilege", ("table", "public", "a", "", "anon", "SELECT"), "public"),
    ],
)
def test_the_schema_of_an_object(kind: str, key: tuple[str, ...], schema: str) -> None:
    assert find_schema(kind, key) == schema


def test_what_the_shadow_could_not_make_is_no_drift() -> None:
    platform = build_snapshot(PLATFORM, KINDS)
    live = build_snapshot(
        join(
            PLATFORM,
            {
                "language": [{"name": "tongue"}, {"name": "speech"}],
                "user_mapping": [{"server": "far", "role": "PUBLIC"}],
                "function": [
                    {"schema": "public", "name": "said(integer)"},
                    {"schema": "app", "name": "said()"},
                    {"schema": "public", "name": "said_more()"},
                ],
                "owner": [
                    owner("language", "", "tongue", "postgres"),
                    owner("language", "", "speech", "postgres"),
                ],
            },
        ),
        KINDS,
    )
    withheld = [
        ObjectRef("language", ("", "tongue")),
        ObjectRef("function", ("public", "said")),
        ObjectRef("user_mapping", ("", "far")),
    ]
    scoped = apply_scope(platform, live, platform, ScopeSettings(), withheld)
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert sorted(changes["name"]) == [
        "app.said()",
        "language.speech",
        "public.said_more()",
        "speech",
    ]
    told = scoped.left_out[scoped.left_out["reason"] == "not made in the shadow"]
    assert dict(zip(told["kind"], told["objects"], strict=True)) == {
        "function": 1,
        "language": 1,
        "owner": 1,
        "user_mapping": 1,
    }


def test_privileges_on_parameters_and_comments_of_extensions_are_the_servers() -> None:
    platform = build_snapshot(PLATFORM, KINDS)
    live = build_snapshot(
        join(
            PLATFORM,
            {
                "privilege": [
                    {**grant("", "work_mem", "app", "SET"), "object_kind": "parameter"},
                ],
                "comment": [{"object_kind": "extension", "name": "pgcrypto", "text": "of 1.3"}],
            },
        ),
        KINDS,
    )
    scoped = apply_scope(platform, live, platform, ScopeSettings())
    assert diff_snapshots(scoped.expected, scoped.live).empty
    both = apply_scope(platform, live, None, ScopeSettings())
    assert set(diff_snapshots(both.expected, both.live)["kind"]) == {"privilege", "comment"}


ROLES: Rows = {
    "role": [
        {"name": name, "superuser": False, "bypass_rls": name in {"service_role", "postgres"}}
        for name in ("anon", "authenticated", "service_role", "postgres", "reports")
    ],
    "membership": [{"role": "anon", "member": "authenticator", "grantor": "postgres"}],
}


@pytest.mark.parametrize(
    ("name", "role", "told"),
    [
        ("anon", {"bypass_rls": True}, True),
        ("authenticated", {"superuser": True}, True),
        ("anon", {"connection_limit": 3}, False),  # the platform may set what it likes
        ("postgres", {"superuser": True}, False),
        ("service_role", {"bypass_rls": False}, False),
    ],
)
def test_a_role_of_the_platform_is_told_that_gained_power(
    *, name: str, role: dict[str, object], told: bool
) -> None:
    live = [{**row, **(role if row["name"] == name else {})} for row in ROLES["role"]]
    sides = [build_snapshot({**PLATFORM, **rows}, KINDS) for rows in (ROLES, {"role": live})]
    platform = build_snapshot({**PLATFORM, **ROLES}, KINDS)
    scoped = apply_scope(sides[0], sides[1], platform, ScopeSettings(roles=True))
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert set(changes["kind"]) == ({"role"} if told else set())
    unasked = apply_scope(sides[0], sides[1], platform, ScopeSettings())
    assert diff_snapshots(unasked.expected, unasked.live).empty


@pytest.mark.parametrize(
    ("member", "grantor", "told"),
    [("anon", "postgres", True), ("authenticator", "supabase_admin", False)],
)
def test_a_role_that_requests_arrive_as_is_told_what_it_may_become(
    *, member: str, grantor: str, told: bool
) -> None:
    role = "service_role" if told else "anon"
    added = {"role": role, "member": member, "grantor": grantor}
    live = {**ROLES, "membership": [*ROLES["membership"], added]}
    roles = [*ROLES["role"], {"name": "authenticator"}]
    sides = [build_snapshot({**PLATFORM, **rows, "role": roles}, KINDS) for rows in (ROLES, live)]
    scoped = apply_scope(sides[0], sides[1], sides[0], ScopeSettings(roles=True))
    changes = diff_snapshots(scoped.expected, scoped.live)
    assert set(changes["kind"]) == ({"membership"} if told else set())


def test_a_role_that_the_shadow_made_beforehand_is_counted_by_that_name() -> None:
    snapshot = build_snapshot({**PLATFORM, **ROLES}, KINDS)
    left_out = apply_scope(snapshot, snapshot, snapshot, ScopeSettings(roles=True)).left_out
    assert MADE_BEFORE in set(left_out["reason"])
    (gap,) = find_role_gaps(left_out)
    assert gap.what == "1 role or membership of the files"  # reports, of no platform
    assert (
        list(find_role_gaps(apply_scope(snapshot, snapshot, None, ScopeSettings()).left_out)) == []
    )


@pytest.mark.parametrize(
    "settings",
    [
        ScopeSettings(),
        ScopeSettings(schemas=("inside",)),
        ScopeSettings(schemas=("drizzle",)),
        ScopeSettings(schemas=("supabase_migrations", "inside")),
        ScopeSettings(tracking_table="drizzle.__drizzle_migrations"),
        ScopeSettings(tracking_table="flyway_schema_history"),
        ScopeSettings(ignore_owner=True),
    ],
)
def test_what_is_asked_first_hides_nothing_from_the_filter(
    settings: ScopeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [
        (schema, name)
        for schema in ("inside", "public", "drizzle", "supabase_migrations")
        for name in ("t", "flyway_schema_history", "__drizzle_migrations", "schema_migrations")
    ]
    rows: Rows = {
        "schema": [{"name": schema} for schema in {schema for schema, _ in tables}],
        "table": [{"schema": schema, "name": name} for schema, name in tables],
        "policy": [policy(*table, "p") for table in tables],
        "privilege": [grant(*table, role) for table in tables for role in ("anon", AUDITOR)],
        "owner": [owner("table", *table, "postgres") for table in tables]
        + [owner("schema", "", schema, "postgres") for schema in ("inside", "drizzle")],
    }
    snapshot = build_snapshot(rows, KINDS)
    quick = apply_scope(snapshot, snapshot, None, settings)
    monkeypatch.setattr(scope, "list_suspects", lambda side, kind, _: scope.read_keys(side, kind))
    whole = apply_scope(snapshot, snapshot, None, settings)
    assert quick.left_out.equals(whole.left_out)
    assert quick.live.root_hash == whole.live.root_hash
    assert len(whole.left_out)
