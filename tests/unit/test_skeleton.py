"""What a text names is made before it, by whatever path it is named, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.snapshots import build_snapshot

from driftbook.catalog.kinds import KINDS
from driftbook.drift.skeleton import Skeleton, write_extensions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.unit.snapshots import Row

    from driftbook.catalog.snapshot import Snapshot


def take(rows: Mapping[str, Sequence[Row]]) -> Snapshot:
    return build_snapshot(rows, KINDS, 180_000)


def name(schema: str, name_: str, **row: object) -> dict[str, object]:
    return {"schema": schema, "name": name_, **row}


SIDE = take(
    {
        "enum": [name("s", "mood", labels="'a', 'b'"), name("s", "unused", labels="'a'")],
        "table": [name("s", "t"), name("s", "T b"), name("s", "other")],
        "column": [
            {"schema": "s", "table": "t", "name": "m", "type": "s.mood", "position": 2},
            {"schema": "s", "table": "t", "name": "id", "type": "integer", "position": 1},
            {"schema": "s", "table": "T b", "name": 'a"b', "type": "s.t[]", "position": 1},
        ],
        "constraint": [
            {"schema": "s", "table": "t", "name": "k", "type": "primary key"}
            | {"definition": "PRIMARY KEY (id)"},
            {
                "schema": "s",
                "table": "t",
                "name": "c",
                "type": "check",
                "definition": "CHECK (id > 0)",
            },
        ],
        "view": [name("s", "v", definition=' SELECT id\n   FROM s."T b";')],
        "index": [name("s", "i", definition="CREATE INDEX i ON s.t USING btree (id)")],
    }
)
TABLE = [
    """create type "s"."mood" as enum ('a', 'b')""",
    'create table "s"."t" ()',
    'alter table "s"."t" add "id" integer',
    'alter table "s"."t" add "m" s.mood',
    'alter table "s"."t" add constraint "k" PRIMARY KEY (id)',
]


@pytest.mark.parametrize(
    ("judged", "made"),
    [
        pytest.param(
            ("view", ("s", "v")),
            [
                *TABLE,
                'create table "s"."T b" ()',
                'alter table "s"."T b" add "a""b" s.t[]',
                'create view "s"."v" as  SELECT id\n   FROM s."T b"',
            ],
            id="a view of a table of a table's type",
        ),
        pytest.param(
            ("index", ("s", "i")),
            [*TABLE, "CREATE INDEX i ON s.t USING btree (id)"],
            id="an index, which its loader sets aside",
        ),
        pytest.param(("policy", ("s", "other", "p")), [], id="what no side has"),
    ],
)
def test_what_is_named_is_made_first(judged: tuple[str, tuple[str, ...]], made: list[str]) -> None:
    written = list(Skeleton((SIDE, SIDE), {judged}).write())
    assert written == ['create schema if not exists "s"', *made]


def test_extensions_stand_in_their_schemas_once() -> None:
    one = take(
        {"extension": [{"name": 'a"b', "schema": "x y"}, {"name": "plpgsql", "schema": "p"}]}
    )
    assert write_extensions((one, one)) == (
        'create schema if not exists "x y";\n'
        'create extension if not exists "a""b" with schema "x y" cascade;\n'
    )
