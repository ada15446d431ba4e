"""Laws of the history: a store that breaks one of them cannot show an auditor the past."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.audits import SETTINGS, build_entry, build_found, build_snapshot

from driftbook.catalog.kinds import KINDS
from driftbook.history import open_store, record_audit
from driftbook.history.keep import verify_store
from driftbook.history.read import read_audit, read_findings
from driftbook.history.rows import Concealer, compress, decompress, join_facts, list_fact_items

if TYPE_CHECKING:
    from driftbook.catalog.kinds import Kind
    from driftbook.catalog.snapshot import Snapshot

# Few names, so that objects stay, change, go and come back; hostile ones among them.
NAMES = st.sampled_from(["a", "public", 'x"."y', "é\n", "\u202e", "店舗", ""])
VALUES = {
    "str": st.none() | NAMES,
    "boolean": st.none() | st.booleans(),
    "Int64": st.none() | st.integers(-9, 2**62),
}
SOME = ("table", "column", "sequence", "schema", "privilege")
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
DOCUMENTS = st.dictionaries(
    st.text(),
    st.recursive(
        LEAVES | st.lists(LEAVES, max_size=70),
        lambda inner: st.dictionaries(st.text(), inner, max_size=3) | st.lists(inner, max_size=3),
    ),
    max_size=5,
)


def rows_of(kind: Kind) -> st.SearchStrategy[list[tuple[object, ...]]]:
    row = st.tuples(*(NAMES for _ in kind.key), *(VALUES[entry.dtype] for entry in kind.properties))
    return st.lists(row, max_size=4, unique_by=lambda cells: cells[: len(kind.key)])


SNAPSHOTS = st.fixed_dictionaries({name: rows_of(KINDS[name]) for name in SOME}).map(build_snapshot)
FOUND = st.sets(st.sampled_from("abcde")).map(lambda names: [*map(build_found, sorted(names))])


@settings(max_examples=12)
@given(st.lists(st.tuples(SNAPSHOTS, FOUND), min_size=1, max_size=6))
def test_every_recorded_snapshot_is_read_back_with_its_root_hash(
    days: list[tuple[Snapshot, list[object]]],
) -> None:
    with tempfile.TemporaryDirectory() as state, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTBOOK_STATE", state)
        store = open_store(SETTINGS)
        entries = [
            build_entry(day, snapshot, found)  # type: ignore[arg-type]
            for day, (snapshot, found) in enumerate(days)
        ]
        for entry in entries:
            record_audit(store, entry)
        for entry, (snapshot, _) in zip(entries, days, strict=True):
            stored = read_audit(store, entry.audit_id)
            assert stored is not None
            assert stored.live is not None
            assert stored.live.root_hash == snapshot.root_hash
            assert stored.facts == entry.facts
        assert verify_store(store).damaged == ()
        open_now = sorted(one.key for one in read_findings(store, "prod") if not one.resolved_at)
        assert open_now == sorted(one.key for one in entries[-1].found)


@given(DOCUMENTS)
def test_a_document_taken_apart_is_joined_again(document: dict[str, object]) -> None:
    items = list(list_fact_items(document, Concealer(b"key")))
    assert join_facts(item.text for item in reversed(items)) == document


@given(st.text())
def test_a_text_is_unpacked_as_it_was(text: str) -> None:
    assert decompress(compress(text)) == text
