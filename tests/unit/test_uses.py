"""What uses an object: direct and through others, of columns as of whole objects."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.explored import ORDERS, build_explored

from driftbook.audit.uses import read_uses
from driftbook.forensics.frames import DEPENDENCY, write_key
from driftbook.history.exhibits import build_exhibit
from driftbook.model import ObjectRef, UsedBy

VIEW = ObjectRef("view", ("public", "totals"))
REPORT = ObjectRef("function", ("public", "report()"))
SEQUENCE = ObjectRef("sequence", ("public", "orders_id_seq"))
LINES = ObjectRef("constraint", ("public", "lines", "lines_order_fkey"))
ID, NOTE = (ObjectRef("column", (*ORDERS.parts, name)) for name in ("id", "note"))
EDGES = [
    (VIEW, ID, "query"),
    (REPORT, VIEW, "body"),
    (SEQUENCE, ID, "part"),
    (LINES, ObjectRef("index", ("public", "orders_pkey")), "constraint"),
    (ObjectRef("index", ("public", "orders_pkey")), ORDERS, "part"),
]


def test_users_are_counted_and_named() -> None:
    rows = [(a.kind, write_key(a), b.kind, write_key(b), how) for a, b, how in EDGES]
    exhibits = {"dependency": build_exhibit(rows, DEPENDENCY)}
    uses = read_uses(replace(build_explored(), exhibits=exhibits))
    assert uses is not None
    assert uses.find(ORDERS) == UsedBy(2, 3, ("table public.lines", "view public.totals"))
    assert uses.find(ID) == UsedBy(1, 2, ("view public.totals",))
    assert uses.find(NOTE) == UsedBy(0, 0)
    assert uses.find(ObjectRef("index", ("public", "orders_pkey"))) == UsedBy(
        1, 1, ("table public.lines",)
    )
    assert uses.find(ObjectRef("comment", ("table", "public", "orders", ""))) is None


def test_without_the_exhibit_nothing_is_known() -> None:
    assert read_uses(replace(build_explored(), exhibits={})) is None


def test_users_are_a_sentence() -> None:
    assert str(UsedBy(1, 1, ("view a",))) == "Used by view a."
    assert str(UsedBy(5, 9, ("view a", "view b"))) == (
        "Used by view a, view b and 3 more; 9 with what depends on those."
    )
    assert str(UsedBy(0, 0)).startswith("Nothing in the database")
