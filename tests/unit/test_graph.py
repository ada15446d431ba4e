from __future__ import annotations

import pytest

from driftbook.forensics.edges import name_edges, name_objects
from driftbook.forensics.frames import DEPENDENCY, write_key
from driftbook.forensics.graph import (
    Graph,
    build_graph,
    find_dependencies,
    find_dependents,
    find_whole,
)
from driftbook.history.exhibits import build_exhibit
from driftbook.model import ObjectRef

ORDERS, PEOPLE = ObjectRef("table", ("public", "orders")), ObjectRef("table", ("public", "people"))
STATUS, TOTALS = ObjectRef("enum", ("public", "s")), ObjectRef("view", ("public", "totals"))
FUNCTION = ObjectRef("function", ("public", "f()"))


def part(kind: str, *names: str) -> ObjectRef:
    return ObjectRef(kind, ("public", *names))


def build(*edges: tuple[ObjectRef, ObjectRef, str]) -> Graph:
    rows = [(a.kind, write_key(a), b.kind, write_key(b), how) for a, b, how in edges]
    return build_graph(build_exhibit(rows, DEPENDENCY))


@pytest.fixture
def graph() -> Graph:
    return build(
        (part("constraint", "orders", "fk"), part("column", "people", "id"), "constraint"),
        (part("column", "orders", "status"), STATUS, "type"),
        (TOTALS, part("column", "orders", "total"), "query"),
        (part("index", "orders_idx"), part("column", "orders", "total"), "part"),
        (part("index", "orders_idx"), FUNCTION, "use"),
        (part("trigger", "totals", "t"), FUNCTION, "trigger"),
    )


def test_a_part_is_told_of_as_its_tables(graph: Graph) -> None:
    assert [(link.thing, link.on, link.hows) for link in graph.links] == [
        (ORDERS, STATUS, ("column status",)),
        (ORDERS, FUNCTION, ("index orders_idx",)),
        (ORDERS, PEOPLE, ("constraint fk",)),
        (TOTALS, FUNCTION, ("trigger t",)),
        (TOTALS, ORDERS, ("query",)),
    ]


def test_dependents_are_found_through_others_with_their_depth(graph: Graph) -> None:
    assert [(one.thing, one.depth) for one in find_dependents(graph, PEOPLE)] == [
        (ORDERS, 1),
        (TOTALS, 2),
    ]
    assert [one.thing for one in find_dependents(graph, PEOPLE, depth=1)] == [ORDERS]
    assert [one.thing for one in find_dependencies(graph, TOTALS, depth=1)] == [FUNCTION, ORDERS]
    assert find_dependents(graph, ObjectRef("table", ("public", "none"))) == []


def test_cycles_end() -> None:
    ring = [part("table", name) for name in "abc"]
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    graph = build(*[(one, other, "use") for one, other in pairs])
    assert [one.thing for one in find_dependents(graph, ring[0])] == [ring[2], ring[1]]
    assert [one.thing for one in find_dependencies(graph, ring[0])] == ring[1:]


def test_a_table_that_needs_itself_has_no_link() -> None:
    graph = build((part("constraint", "a", "fk"), part("column", "a", "id"), "constraint"))
    assert graph.links == []


def test_the_whole_of_a_part_is_its_table() -> None:
    assert find_whole(part("policy", "orders", "p")) == ORDERS
    assert find_whole(FUNCTION) == FUNCTION


def test_numbers_of_the_server_become_names() -> None:
    names = name_objects(
        [
            ("table", write_key(ORDERS), 20001, "pg_class", "owner"),
            ("column", write_key(part("column", "orders", "id")), 20001, "pg_attribute", "owner"),
            ("view", write_key(TOTALS), 20002, "pg_class", "owner"),
            ("policy", write_key(part("policy", "orders", "p")), 20003, "pg_policy", "owner"),
        ]
    )
    rows = [
        ("pg_class", 20002, "total", "pg_class", 20001, "total", "query"),
        ("pg_policy", 20003, "", "pg_class", 20001, "id", "policy"),  # its own table's: known
        ("pg_class", 20002, "", "pg_class", 1259, "", "query"),  # of the server's own: no frame
    ]
    column = part("column", "orders", "total")
    assert name_edges(rows, names) == [
        ("view", write_key(TOTALS), "column", write_key(column), "query")
    ]
