"""Who came to reach what, in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.audits import build_row, build_snapshot

from driftbook.access.groups import group_moves
from driftbook.access.moves import find_moves, find_roles
from driftbook.access.read import read_access, split_roles
from driftbook.access.words import write_group

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot

API = ("anon", "authenticated")
ON = {"rls_enabled": True}


def build_side(
    tables: dict[str, dict[str, object]],
    grants: tuple[str, ...] = (),
    policies: tuple[dict[str, object], ...] = (),
    functions: tuple[str, ...] = (),
) -> Snapshot:
    """Return tables of ``public`` with grants ``table role privilege [column]``."""
    held = [(*text.split(), "")[:4] for text in grants]
    kinds = {name: "function" if "(" in name else "table" for name, *_ in held}
    return build_snapshot(
        {
            "table": [
                build_row("table", ("public", name), **{"rls_enabled": False, **row})
                for name, row in tables.items()
            ],
            "function": [
                build_row("function", ("public", name), security_definer=True, result="integer")
                for name in functions
            ],
            "owner": [
                build_row("owner", ("table", "public", name), role="boss") for name in tables
            ],
            "privilege": [
                build_row("privilege", (kinds[name], "public", name, column, role, privilege))
                for name, role, privilege, column in held
            ],
            "policy": [
                build_row(
                    "policy",
                    ("public", str(row.pop("table", "t")), str(row.pop("name", "p"))),
                    **{"command": "all", "roles": "PUBLIC", "permissive": True, **row},
                )
                for row in map(dict, policies)
            ],
        }
    )


def tell(expected: Snapshot, live: Snapshot, *, free: frozenset[str] = frozenset()) -> list[str]:
    before, after = (read_access(side, free, API) for side in (expected, live))
    roles = dict.fromkeys((*API, *find_roles(before, after)))
    return [write_group(group) for group in group_moves(find_moves(before, after, tuple(roles)))]


@pytest.mark.parametrize(
    ("expected", "live", "told"),  # sentences, one a line
    [
        pytest.param(
            build_side({"t": ON}),
            build_side({"t": {}}, ("t anon SELECT",)),
            [
                (
                    "anon can now read every row of public.t: SELECT was granted and row level "
                    "security is off; the files let it read nothing"
                )
            ],
            id="a grant, and nothing that guards",
        ),
        pytest.param(
            build_side({"t": ON, "u": ON}, ("t anon SELECT", "u anon SELECT")),
            build_side({"t": {}, "u": {}}, ("t anon SELECT", "u anon SELECT")),
            [
                (
                    "anon can now read every row of 2 tables (public.t, public.u): row "
                    "level security "
                    "is off; the files let it read no row"
                )
            ],
            id="one sentence for tables alike",
        ),
        pytest.param(
            build_side({"t": ON}, ("t anon SELECT", "t anon DELETE"), ({"using": "(id > 1)"},)),
            build_side({"t": ON}, ("t anon SELECT", "t anon DELETE"), ({"using": "true"},)),
            [
                (
                    "anon can now read and delete any row of public.t: policy p lets every row "
                    "through; "
                    "the files let it reach only the rows that policies let through"
                )
            ],
            id="a policy that lets everything through",
        ),
        pytest.param(
            build_side({"t": ON}, ("t anon SELECT",), ({"using": "(id > 1)"},)),
            build_side({"t": ON}, ("t anon SELECT",)),
            [
                (
                    "anon can no longer read any row of public.t: policy p is gone; the "
                    "files let it "
                    "read only the rows that policies let through"
                )
            ],
            id="a dropped policy",
        ),
        pytest.param(
            build_side(
                {"t": ON},
                ("t anon SELECT",),
                ({"using": "true"}, {"name": "q", "permissive": False, "using": "(id = 1)"}),
            ),
            build_side({"t": ON}, ("t anon SELECT",), ({"using": "true"},)),
            [
                (
                    "anon can now read every row of public.t: policy q is gone; the files let it "
                    "read only the rows that policies let through"
                )
            ],
            id="a dropped restrictive policy",
        ),
        pytest.param(
            build_side({}, (), (), ("f()",)),
            build_side({}, ("f() PUBLIC EXECUTE",), (), ("f()",)),
            [
                (
                    "every role (anon and authenticated too) can now call public.f(), with "
                    "the rights "
                    "of its owner: EXECUTE was granted to PUBLIC; the files gave them no such right"
                )
            ],
            id="a function of its owner for everybody",
        ),
        pytest.param(
            build_side({"t": {}}, ("t anon SELECT", "t reader SELECT")),
            build_side({"t": {}}, ("t anon SELECT id", "t reader SELECT")),
            ["anon can read public.t (only id)"],
            id="fewer columns",
        ),
        pytest.param(
            build_side({}),
            build_side({"t": {}}, ("t anon SELECT", "t anon TRUNCATE", "t boss SELECT")),
            [
                (
                    "anon can now read every row of public.t: SELECT was granted and row level "
                    "security is off; no such table is in the files"
                ),
                "anon can now empty public.t: TRUNCATE was granted; no such table is in the files",
            ],
            id="a new table, and its owner is no news",
        ),
        pytest.param(
            build_side({"t": ON}, ("t anon SELECT",)),
            build_side({}),
            [],
            id="a table that is gone is told elsewhere",
        ),
        pytest.param(
            build_side({}, (), ({"table": "objects", "using": "(id > 1)"},)),
            build_side({}, (), ({"table": "objects", "using": "true"},)),
            [
                (
                    "anon and authenticated can now read, insert, update and delete any row of "
                    "public.objects: policy p lets every row through; the files let them "
                    "reach only the rows that policies let through"
                )
            ],
            id="a policy on a table of the platform",
        ),
    ],
)
def test_a_move_is_a_sentence(expected: Snapshot, live: Snapshot, told: list[str]) -> None:
    assert tell(expected, live) == told
    assert tell(live, live) == []


def test_what_is_granted_on_the_servers_own_objects_is_told() -> None:
    key = ("function", "pg_catalog", "pg_read_file(text)", "", "anon", "EXECUTE")
    row = build_row("initial_privilege", key, granted=True)
    brought = build_snapshot({"initial_privilege": [row]}).frames["initial_privilege"]
    before = build_side({})
    after = replace(before, frames={**before.frames, "initial_privilege": brought})
    (told,) = tell(before, after)
    assert told.startswith("anon can now call pg_catalog.pg_read_file(text): EXECUTE was granted")


def test_a_grant_on_a_table_of_the_platform_is_told() -> None:
    (told,) = tell(build_side({}), build_side({}, ("users reader SELECT",)))
    assert told.startswith("reader can now read those rows of public.users that policies let")


def test_whom_row_level_security_never_held_comes_last() -> None:
    grants = ("t service_role SELECT", "t zoe SELECT")
    told = tell(
        build_side({"t": ON}), build_side({"t": ON}, grants), free=frozenset({"service_role"})
    )
    assert [text.split()[0] for text in told] == ["zoe", "service_role"]
    assert "row level security is bypassed" in told[1]
    assert told[0].startswith("zoe holds SELECT on public.t, and no policy lets a row through")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("PUBLIC", ["PUBLIC"]),
        ("", ["PUBLIC"]),
        ('anon, "Some, One", b', ["anon", "Some, One", "b"]),
        ('"a""b"', ['a"b']),
    ],
)
def test_roles_of_a_policy_are_names(text: str, roles: list[str]) -> None:
    assert list(split_roles(text)) == roles


def build_owned(owner: str, *, definer: bool = True, grants: tuple[str, ...] = ()) -> Snapshot:
    """Return a function that ``owner`` owns, and on which PUBLIC or who is named may EXECUTE."""
    side = build_side({}, grants or ("f() PUBLIC EXECUTE",), (), ("f()",))
    held = build_row("owner", ("function", "public", "f()"), role=owner)
    owners = build_snapshot({"owner": [held]}).frames["owner"]
    functions = side.frames["function"].assign(security_definer=definer)
    return replace(side, frames={**side.frames, "owner": owners, "function": functions})


def test_another_owner_gives_every_caller_other_rights() -> None:
    assert tell(build_owned("low"), build_owned("high")) == [
        (
            "every role (anon and authenticated too) can now call public.f() with the rights of "
            "high instead of those of low: it has another owner"
        )
    ]
    assert tell(build_owned("low", definer=False), build_owned("high", definer=False)) == []


def test_who_lost_an_object_is_not_said_to_have_been_revoked_anything() -> None:
    low = build_owned("low", grants=("f() low EXECUTE",))
    high = build_owned("high", grants=("f() high EXECUTE",))
    gained, lost = tell(low, high)
    assert gained.startswith("high can now call public.f(), with the rights of its owner: as the")
    assert lost == "low can no longer call public.f(): it is not the owner any more"
    none = build_owned("low", grants=("f() other EXECUTE",))
    assert tell(low, none)[-1] == "low can no longer call public.f(): EXECUTE was revoked"


P, R = {"using": "(id > 1)"}, {"name": "r", "using": "(id > 2)"}
SHUT = {"name": "zz", "permissive": False, "using": "false"}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ((P, R), (P, R, SHUT), "policy zz keeps every row back"),
        ((P, R, SHUT), (P, R), "policy zz is gone"),
        ((P,), ({**P, "roles": "bob"},), "policy p is not for it any more"),
        ((P,), ({**P, "using": "false"},), "policy p lets no row through"),
        (({**P, "using": "true"}, SHUT), ({**P, "using": "true"},), "policy zz is gone"),
        (
            ({**P, "using": "true"}, {**SHUT, "using": "(id = 1)"}),
            ({**P, "using": "true"}, {**SHUT, "using": "true"}),
            "policy zz limits nothing any more",
        ),
        ((P, SHUT), (P, R, SHUT), ""),
    ],
)
def test_only_policies_that_changed_are_named(
    before: tuple[dict[str, object], ...], after: tuple[dict[str, object], ...], why: str
) -> None:
    first, second = (build_side({"t": ON}, ("t anon SELECT",), one) for one in (before, after))
    told = [text.partition(": ")[2].partition(";")[0] for text in tell(first, second)]
    assert [text for text in told if text] == ([why] if why else [])


def test_a_superuser_no_more_lost_no_membership() -> None:
    side = build_roles(build_side({"t": {}}, ("t team SELECT",)), (("other", "ann", True),))
    roles = side.frames["role"]
    crowned = roles.assign(superuser=(roles["name"] == "ann").astype("boolean"))
    told = tell(replace(side, frames={**side.frames, "role": crowned}), side)
    assert [text.partition(": ")[2].partition(";")[0] for text in told] == [
        "it is no superuser any more"
    ]


def build_roles(snapshot: Snapshot, members: tuple[tuple[str, str, bool], ...]) -> Snapshot:
    """Return ``snapshot`` with roles and memberships: role, member, whether it inherits."""
    names = sorted({name for role, member, _ in members for name in (role, member)})
    made = build_snapshot(
        {
            "role": [
                build_row("role", (name,), superuser=False, bypass_rls=False, inherit=True)
                for name in names
            ],
            "membership": [
                build_row("membership", (role, member, "boss"), inherit=inherits, set=True)
                for role, member, inherits in members
            ],
        }
    )
    frames = {name: made.frames[name] for name in ("role", "membership")}
    return replace(snapshot, frames={**snapshot.frames, **frames})


def test_a_new_member_reaches_what_its_role_does() -> None:
    side = build_side({"t": {}}, ("t team SELECT",))
    before = build_roles(side, (("other", "ann", True), ("other", "ben", True)))
    after = build_roles(side, (("team", "ann", True), ("team", "ben", False)))
    told = tell(before, after)
    assert [text.partition(" and row level")[0] for text in told] == [
        "ann can now read every row of public.t: as a member of team",
        "ben can now read every row of public.t: by SET ROLE team",
    ]
    (gone,) = tell(after, before)
    assert gone.startswith("ann and ben can no longer read public.t: the right came through team; ")


def test_members_are_told_of_when_a_role_gains() -> None:
    members = (("team", "ann", True),)
    before = build_roles(build_side({"t": {}}), members)
    after = build_roles(build_side({"t": {}}, ("t team SELECT",)), members)
    assert [text.partition(":")[0] for text in tell(before, after)] == [
        "ann can now read every row of public.t",
        "team can now read every row of public.t",
    ]


def test_a_new_superuser_reaches_everything_and_an_old_one_is_no_news() -> None:
    side = build_roles(build_side({"t": ON}, ("t team SELECT",)), (("team", "ann", True),))
    roles = side.frames["role"]
    crowned = roles.assign(superuser=(roles["name"] == "ann").astype("boolean"))
    after = replace(side, frames={**side.frames, "role": crowned})
    told = tell(side, after)
    assert any("any row of public.t: as a superuser and row level" in text for text in told)
    assert {text.split()[0] for text in told} == {"ann"}
    assert tell(after, after) == []
