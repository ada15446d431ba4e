"""A finding names one object, says how bad it is and whom it hits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.snapshots import Row, build_snapshot

from driftbook.access.moves import find_moves
from driftbook.access.read import read_access
from driftbook.catalog.kinds import KINDS
from driftbook.drift.diff import diff_snapshots, drop_equal
from driftbook.rules import RULES, RuleContext, find_drift
from driftbook.rules.explain import explain_changes
from driftbook.rules.facts import build_facts
from driftbook.rules.quoting import dollar_quote, ident, show, text

if TYPE_CHECKING:
    from driftbook.model import Finding

Rows = dict[str, list[Row]]
DOCS = Path(__file__).parents[2] / "docs" / "rules"


def find(expected: Rows, live: Rows, context: RuleContext | None = None) -> list[Finding]:
    sides = [build_snapshot(rows, KINDS) for rows in (expected, live)]
    return find_drift(diff_snapshots(*sides), *sides, context or RuleContext())


def table(*, rls: bool = True) -> Row:
    return {
        "schema": "public",
        "name": "t",
        "kind": "ordinary",
        "persistence": "permanent",
        "rls_enabled": rls,
    }


def grant(grantee: str, privilege: str = "SELECT", **other: object) -> Row:
    return {
        "object_kind": "table",
        "schema": "public",
        "name": "t",
        "grantee": grantee,
        "privilege": privilege,
        "grantable": False,
        "is_owner": False,
    } | other


def policy(**other: object) -> Row:
    return {
        "schema": "public",
        "table": "t",
        "name": "p",
        "command": "select",
        "roles": "authenticated",
        "permissive": True,
        "using": "(a = 1)",
    } | other


def function(**other: object) -> Row:
    return {
        "schema": "public",
        "name": "f()",
        "kind": "function",
        "result": "void",
        "language": "sql",
        "security_definer": False,
        "definition": "CREATE FUNCTION public.f() …",
        "signature": "public.f()",
    } | other


CALLABLE = grant("PUBLIC", "EXECUTE", object_kind="function", name="f()")
T: Rows = {"table": [table()]}


@pytest.mark.parametrize(
    ("expected", "live", "severity", "title"),
    [
        pytest.param(
            {"table": [table()], "privilege": [grant("anon")]},
            {"table": [table(rls=False)], "privilege": [grant("anon")]},
            "critical",
            "public.t: row level security is off",
            id="row security off, anon holds a grant",
        ),
        pytest.param(
            {"table": [table()], "privilege": [grant("anon", column="c")]},
            {"table": [table(rls=False)], "privilege": [grant("anon", column="c")]},
            "critical",
            "public.t: row level security is off",
            id="a grant on a column counts",
        ),
        pytest.param(
            {"table": [table()], "privilege": [grant("reporting")]},
            {"table": [table(rls=False)], "privilege": [grant("reporting")]},
            "high",
            "public.t: row level security is off",
            id="row security off, no API role holds a grant",
        ),
        pytest.param(
            T | {"policy": [policy()]},
            T | {"policy": [policy(using="true")]},
            "critical",
            "public.t: policy p: USING expression is true, files say (a = 1)",
            id="a policy that became true",
        ),
        pytest.param(
            T | {"policy": [policy(roles="reporting")]},
            T | {"policy": [policy(roles="reporting", using="true")]},
            "high",
            "public.t: policy p: USING expression is true, files say (a = 1)",
            id="a policy that became true for a role of the house",
        ),
        pytest.param(
            T | {"policy": [policy()]},
            T | {"policy": [policy(roles="anon, authenticated")]},
            "critical",
            "public.t: policy p: roles are anon, authenticated, files say authenticated",
            id="a policy for more roles",
        ),
        pytest.param(
            T | {"policy": [policy(roles="PUBLIC")]},
            T | {"policy": [policy()]},
            "high",
            "public.t: policy p: roles are authenticated, files say PUBLIC",
            id="a policy for fewer roles",
        ),
        pytest.param(
            T | {"policy": [policy(permissive=False)]},
            T | {"policy": [policy()]},
            "critical",
            "public.t: policy p is permissive, files say restrictive",
            id="a restrictive policy became permissive",
        ),
        pytest.param(
            T,
            T | {"policy": [policy(using="false")]},
            "high",
            "public.t: policy p is in no applied migration",
            id="a policy that admits nobody",
        ),
        pytest.param(
            {"function": [function()], "privilege": [CALLABLE]},
            {"function": [function(security_definer=True)], "privilege": [CALLABLE]},
            "critical",
            "public.f(): runs as its owner (SECURITY DEFINER), files say as its caller",
            id="a function runs as its owner",
        ),
        pytest.param(
            {"function": [function()]},
            {"function": [function(security_definer=True)]},
            "high",
            "public.f(): runs as its owner (SECURITY DEFINER), files say as its caller",
            id="which no API role may call",
        ),
        pytest.param(
            {"function": [function(result="trigger")]},
            {"function": [function(result="trigger", security_definer=True)]},
            "critical",
            "public.f(): runs as its owner (SECURITY DEFINER), files say as its caller",
            id="a trigger's function, which every writer runs",
        ),
        pytest.param(
            {"function": [function(security_definer=True)]},
            {"function": [function(security_definer=True)], "privilege": [CALLABLE]},
            "critical",
            "public.f(): PUBLIC holds EXECUTE, the files do not grant it",
            id="everybody may call what runs as its owner",
        ),
        pytest.param(
            T,
            T | {"privilege": [grant("anon", "INSERT"), grant("anon", "UPDATE", column="c")]},
            "critical",
            "public.t: anon holds INSERT and UPDATE (c), the files do not grant it",
            id="privileges of one role are one finding",
        ),
        pytest.param(
            T | {"privilege": [grant("service")]},
            T,
            "medium",
            "public.t: service lacks SELECT, the files grant it",
            id="a missing grant of a role of the house",
        ),
        pytest.param(
            {"owner": [{"object_kind": "table", "schema": "public", "name": "t", "role": "a"}]},
            {"owner": [{"object_kind": "table", "schema": "public", "name": "t", "role": "anon"}]},
            "critical",
            "public.t: owner is anon, files say a",
            id="an API role owns a table",
        ),
        pytest.param(
            {},
            {"membership": [{"role": "team", "member": "anon", "grantor": "boss"}]},
            "critical",
            "team.anon.boss: membership is in no applied migration",
            id="an API role is a member of another role",
        ),
        pytest.param(
            {"role": [{"name": "anon", "bypass_rls": False}]},
            {"role": [{"name": "anon", "bypass_rls": True}]},
            "critical",
            "anon: bypass rls is true, files say false",
            id="an API role passes row security",
        ),
        pytest.param(
            {"extension": [{"name": "postgis", "schema": "public", "version": "3.4"}]},
            {"extension": [{"name": "postgis", "schema": "public", "version": "3.5"}]},
            "info",
            "postgis: version is 3.5, files say 3.4",
            id="another version of an extension",
        ),
    ],
)
def test_one_finding(expected: Rows, live: Rows, severity: str, title: str) -> None:
    findings = find(expected, live)
    assert [(each.severity.value, each.title) for each in findings] == [(severity, title)]
    assert findings[0].consequence
    assert findings[0].fix


def test_a_finding_tells_who_reaches_what() -> None:
    expected = {"table": [table()], "privilege": [grant("anon")]}
    live = {"table": [table(rls=False)], "privilege": [grant("anon"), grant("anon", column="a")]}
    sides = [build_snapshot(rows, KINDS) for rows in (expected, live)]
    moves = find_moves(*map(read_access, sides), ("anon",))
    changes = diff_snapshots(*sides)
    column, switch = sorted(
        find_drift(changes, *sides, RuleContext(), moves), key=lambda one: one.object.kind
    )
    assert switch.consequence.startswith(
        "anon can now read every row of public.t: row level security is off; "
    )
    assert (switch.cls, column.cls) == ("security", "security")
    told = explain_changes(changes, build_facts(*sides, RuleContext(), moves))
    assert [text.split(":")[0] for text in told] == [
        "anon can now read every row of public.t",
        "anon can now read every row of public.t",
    ]


def test_a_meaning_names_the_side_that_it_is_about() -> None:
    sides = [build_snapshot({"table": rows}, KINDS) for rows in ([], [table()])]
    facts = build_facts(*sides, RuleContext(), ())
    (of_files,) = explain_changes(diff_snapshots(*sides), facts)
    (of_live,) = explain_changes(diff_snapshots(*sides), facts, r"the first \1 database")
    assert "the files" in of_files
    assert of_live == of_files.replace("files", r"definitions of the first \1 database")


def test_another_owner_of_a_function_is_said_to_lend_its_rights() -> None:
    key = ("function", "public", "f()")
    names = ("object_kind", "schema", "name")
    held = dict(zip(names, key, strict=True))
    sides = [build_snapshot({"owner": [{**held, "role": role}]}, KINDS) for role in ("low", "high")]
    (told,) = explain_changes(diff_snapshots(*sides), build_facts(*sides, RuleContext(), ()))
    assert "it runs with the rights of that owner, whoever calls it" in told


def test_a_grant_that_gives_nothing_new_says_so() -> None:
    expected = {"table": [table()], "privilege": [grant("PUBLIC")]}
    live = {"table": [table()], "privilege": [grant("PUBLIC"), grant("anon")]}
    sides = [build_snapshot(rows, KINDS) for rows in (expected, live)]
    (found,) = find_drift(diff_snapshots(*sides), *sides, RuleContext(), ())
    assert found.consequence.startswith("Nobody reaches more or less by it")
    (unjudged,) = find_drift(diff_snapshots(*sides), *sides, RuleContext())
    assert unjudged.consequence.startswith("Its holder may do more")


def test_roles_and_schemas_are_the_targets() -> None:
    sides = (
        {"table": [table()], "privilege": [grant("web")]},
        {"table": [table(rls=False)], "privilege": [grant("web")]},
    )
    web = RuleContext(exposed_schemas=("public",), api_roles=("web",))
    inside = RuleContext(exposed_schemas=("api",), api_roles=("web",))
    rated = [find(*sides, context)[0].severity.value for context in (RuleContext(), web, inside)]
    assert rated == ["high", "critical", "high"]


def test_worst_first_then_by_key() -> None:
    findings = find(
        {"table": [table()], "privilege": [grant("anon")]},
        {
            "table": [table(rls=False), {"schema": "public", "name": "b"}],
            "privilege": [grant("anon")],
            "index": [{"schema": "public", "name": "i", "table": "t", "unique": False}],
            "enum": [{"schema": "public", "name": "a", "labels": "'x'"}],
        },
    )
    assert [each.key for each in findings] == [
        "altered-object:table:public.t",
        "untracked-object:enum:public.a",
        "untracked-object:table:public.b",
        "untracked-object:index:public.i",
    ]


def test_a_title_is_one_line_that_shows_what_cannot_be_printed() -> None:
    (finding,) = find({}, {"schema": [{"name": "a\nb\u202ec"}]})
    assert finding.title == '"a\\nb\\u202ec": schema is in no applied migration'
    assert finding.fix == 'create schema if not exists "a\nb\u202ec";'


def test_no_change_is_no_finding() -> None:
    same = build_snapshot(T, KINDS)
    changes = drop_equal(diff_snapshots(same, same), [])
    assert find_drift(changes, same, same, RuleContext()) == []


def test_parts_follow_their_object() -> None:
    (finding,) = find(
        {},
        {
            "table": [table()],
            "column": [{"schema": "public", "table": "t", "name": "id", "type": "integer"}],
            "policy": [policy()],
            "privilege": [grant("authenticated")],
        },
    )
    assert finding.live.splitlines() == [
        "create table public.t (",
        "    id integer",
        ");",
        "alter table public.t enable row level security;",
        "create policy p on public.t",
        "    for select to authenticated",
        "    using ((a = 1));",
        "grant select on table public.t to authenticated;",
    ]
    assert finding.expected == ""


@pytest.mark.parametrize(
    ("parts", "quoted"),
    [
        pytest.param(("public", "orders"), "public.orders", id="plain"),
        pytest.param(("public", "order"), 'public."order"', id="a reserved word"),
        pytest.param(('a"b', "C d"), '"a""b"."C d"', id="quotes, capitals, spaces"),
        pytest.param(("t; drop table x --",), '"t; drop table x --"', id="a statement"),
    ],
)
def test_names_are_quoted_where_they_must_be(parts: tuple[str, ...], quoted: str) -> None:
    assert show(ident(*parts)) == quoted


def test_a_body_never_ends_its_own_quotes() -> None:
    assert show(dollar_quote(text("a $$ b $do$ c"))) == "$driftbook_0$a $$ b $do$ c$driftbook_0$"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.ID)
def test_every_rule_has_its_page_and_its_words(rule: object) -> None:
    page = DOCS / f"{rule.ID}.md"  # type: ignore[attr-defined]
    assert page.read_text(encoding="utf-8").startswith(f"# {rule.ID}\n")  # type: ignore[attr-defined]
    assert rule.MEANING.endswith(".")  # type: ignore[attr-defined]
    assert rule.FIX.endswith(".")  # type: ignore[attr-defined]
