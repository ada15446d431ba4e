"""Laws of comparing: a report that breaks one of them shows drift where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.snapshots import SMALL, Row, build_snapshot

from driftbook.drift.diff import diff_snapshots

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.catalog.kinds import Kind
    from driftbook.catalog.snapshot import Snapshot

# Few names, so that tables, their parts and what is said of them meet; hostile ones among them.
NAMES = st.sampled_from(["a", "b", "public", 'x"."y', "t.c", "é\n"])
KIND_NAMES = st.sampled_from(["table", "column", "sequence", "schema"])
VALUES = {
    "str": st.none() | NAMES | st.sampled_from(["public.a", "public.a.b"]),
    "boolean": st.none() | st.booleans(),
    "Int64": st.none() | st.integers(1, 9),
}
MIRRORED = {"only_live": "only_expected", "only_expected": "only_live", "altered": "altered"}


def rows_of(kind: Kind) -> st.SearchStrategy[list[Row]]:
    parts = [KIND_NAMES if part == "object_kind" else NAMES for part in kind.key]
    values = [VALUES[entry.dtype] for entry in kind.properties]
    row = st.tuples(*parts, *values)
    return st.lists(row, max_size=5, unique_by=lambda cells: cells[: len(kind.key)])


SNAPSHOTS = st.fixed_dictionaries({name: rows_of(kind) for name, kind in SMALL.items()}).map(
    build_snapshot
)


def cells(changes: pd.DataFrame) -> list[tuple[object, ...]]:
    text = changes.astype(object).where(changes.notna(), None)
    return list(text.itertuples(index=False, name=None))


@given(SNAPSHOTS)
def test_a_snapshot_does_not_differ_from_itself(snapshot: Snapshot) -> None:
    assert len(diff_snapshots(snapshot, snapshot, SMALL)) == 0


@given(SNAPSHOTS, SNAPSHOTS)
def test_swapping_the_sides_mirrors_the_changes(one: Snapshot, other: Snapshot) -> None:
    forth = diff_snapshots(one, other, SMALL)
    back = diff_snapshots(other, one, SMALL).rename(
        columns={"expected": "live", "live": "expected"}
    )
    back["change"] = back["change"].map(MIRRORED).astype("str")
    assert cells(forth) == cells(back[forth.columns])


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_part_belongs_to_a_change_that_is_part_of_nothing(one: Snapshot, other: Snapshot) -> None:
    changes = diff_snapshots(one, other, SMALL)
    roots = changes[changes["part_of"].isna()]
    known = set(zip(roots["kind"], roots["key"], strict=True))
    assert {part for part in changes["part_of"] if part is not None} <= known


@given(SNAPSHOTS, SNAPSHOTS)
def test_every_difference_has_one_row(one: Snapshot, other: Snapshot) -> None:
    changes = diff_snapshots(one, other, SMALL)
    named = list(zip(changes["kind"], changes["key"], changes["property"], strict=True))
    assert len(named) == len(set(named))
