"""What a server does by itself when something else is done: one change for people, not two.

A dropped column takes its constraints along, a primary key forbids NULL in its columns, a
partition gets the indexes of its table. Each function looks at one changed object and names the
change that brought it about, or none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from driftbook.drift.fold import Folding

    Key = tuple[str, ...]
    Ref = tuple[str, Key]
    Rule = Callable[[Folding, str, Key], Iterator[Ref]]

LITERAL = re.compile(r"'(?:[^']|'')*'")
NOT_NULL = frozenset({"not_null", "not_null_state", "not_null_name"})
# Kind → properties that name what the object cannot be without, and the kind of that.
NEEDS = {
    "foreign_server": (("wrapper", "foreign_data_wrapper"),),
    "table": (("foreign_server", "foreign_server"), ("of_type", "composite_type")),
}
# Objects that are rows of a table.
STORED: Mapping[str, tuple[str, ...]] = {
    "cron_job": ("cron", "job"),
    "storage_bucket": ("storage", "buckets"),
    "vault_secret_name": ("vault", "secrets"),
}
MARKS = (frozenset({"clustered"}), frozenset({"replica_identity"}))  # one index of a table has it
LINKS = frozenset({"commutator", "negator"})  # made on both operators at once


def find_cause(folding: Folding, kind: str, key: Key) -> Ref | None:
    """Return the change that brought about this one; ``None``: it stands for itself."""
    direction = folding.directions[kind, key]
    if direction is not ChangeKind.ALTERED:
        for rule in TOGETHER.get(kind, ()):
            for ref in rule(folding, kind, key):
                if ref != (kind, key) and folding.directions.get(ref) is direction:
                    return ref
    for rule in CAUSES.get(kind, ()):
        for ref in rule(folding, kind, key):
            if ref != (kind, key) and ref in folding.directions:
                return ref
    return None


def _list_needed(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield what the object cannot be without."""
    for name, container in NEEDS.get(kind, ()):
        for text in folding.texts(kind, key, name):
            whole = len(folding.kinds[container].key) == 1
            yield from ((container, pair) for pair in ([(text,)] if whole else folding.split(text)))


def _list_parents(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the table of which this one is a partition."""
    if folding.texts(kind, key, "partition_bound"):
        for text in folding.texts(kind, key, "parents"):
            yield from (("table", pair) for pair in folding.split(text))


def _find_family(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the family of a class of operators: both names go on with the access method."""
    method = key[1].rpartition("(")[2]
    for text in folding.texts(kind, key, "family"):
        for schema, name in folding.split(text):
            yield "operator_family", (schema, f"{name}({method}")


def _find_named(_folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield what the key of the object names, or the table that it is a row of."""
    if kind in STORED:
        yield "table", STORED[kind]
    elif kind == "user_mapping":
        yield "foreign_server", key[:1]
    else:
        yield "language", key[1:]


def _list_lost_columns(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the table or the columns that the object is about."""
    if kind == "statistics":
        texts = folding.texts(kind, key, "definition")
        found = [pair for text in texts for pair in folding.split(text.rpartition(" FROM ")[2])]
    else:
        found = folding.tables_of(key) if kind == "index" else [key[:2]]
    for table in found:
        yield "table", table
        yield from _list_named_columns(folding, kind, key, table)


def _list_named_columns(folding: Folding, kind: str, key: Key, table: Key) -> Iterator[Ref]:
    for column in folding.columns_of(table):
        if any(_names(text, column[-1]) for text in folding.texts(kind, key, "definition")):
            yield "column", column


def _names(definition: str, name: str) -> bool:
    """Return whether ``definition`` names the column, not another table's of that name."""
    own = LITERAL.sub("", definition).partition(" REFERENCES ")[0]
    return re.search(rf'(?<![\w"]){re.escape(name)}(?![\w"])|"{re.escape(name)}"', own) is not None


def _find_primary_key(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the new primary key in which a column, now NOT NULL, is."""
    if folding.properties(kind, key) <= NOT_NULL:
        for ref in folding.changed("constraint", key[:2]):
            is_key = folding.texts(*ref, "type") == ["primary key"]
            if is_key and folding.directions[ref] is not ChangeKind.ALTERED:
                yield from (
                    ref for text in folding.texts(*ref, "definition") if _names(text, key[-1])
                )


def _find_type(folding: Folding, _kind: str, key: Key) -> Iterator[Ref]:
    """Yield the composite type of which the column's table is."""
    for text in folding.texts("table", key[:2], "of_type"):
        yield from (("composite_type", pair) for pair in folding.split(text))


def _find_backed(folding: Folding, _kind: str, key: Key) -> Iterator[Ref]:
    """Yield the constraint that the index backs, or backed: it has its name."""
    for table in folding.tables_of(key):
        yield "constraint", (*table, key[1])


def _find_mark(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield what gave a mark of the table's to this index, or took it."""
    mine = folding.properties(kind, key)
    for table in folding.tables_of(key) if mine in MARKS else ():
        if mine & folding.properties("table", table):
            yield "table", table
        twins = [
            ref
            for ref in folding.changed("index", table[:1])
            if table in folding.tables_of(ref[1]) and folding.properties(*ref) == mine
        ]
        yield from (min(twins),) if twins else ()


def _find_twin(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the operator that was linked with this one; the first of two that are altered alike."""
    if folding.properties(kind, key) <= LINKS:
        linked = {
            text.replace(" ", "") for name in LINKS for text in folding.texts(kind, key, name)
        }
        for ref in folding.changed(kind, ()):
            is_first = ref < (kind, key) or folding.properties(*ref) - LINKS
            if is_first and ".".join(ref[1]).replace(" ", "") in linked:
                yield ref


def _find_attachment(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the table whose new or lost parent made or dropped this part of it."""
    if folding.directions[kind, key] is not ChangeKind.ALTERED:
        inherited = True in folding.values(kind, key, "inherited")
        if inherited or folding.texts(kind, key, "parent_index"):
            for table in folding.tables_of(key) if kind == "index" else [key[:2]]:
                if "parents" in folding.properties("table", table):
                    yield "table", table


def _find_parents_copy(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the constraint of a parent, of which this one is the copy under another name."""
    if True in folding.values(kind, key, "inherited"):
        for text in folding.texts("table", key[:2], "parents"):
            for table in folding.split(text):
                for ref in folding.changed(kind, table):
                    if folding.is_like(ref, (kind, key), "definition"):
                        yield ref


def _find_remade_column(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the altered column without which the order of all others is as it was."""
    if folding.properties(kind, key) == {"column_order"}:
        _, _, before, after = folding.described[kind, key][0]
        for column in folding.columns_of(key):
            orders = [
                [name for name in str(order).split(", ") if name != column[-1]]
                for order in (before, after)
            ]
            if orders[0] == orders[1]:
                yield "column", column


def _find_owned_sequence(folding: Folding, _kind: str, key: Key) -> Iterator[Ref]:
    """Yield the sequence that was given to a column, or taken: it has no owner of its own then."""
    ref = ("sequence", key[1:3])
    if key[0] == "sequence" and "owned_by" in folding.properties(*ref):
        yield ref


def _find_trusted(folding: Folding, _kind: str, key: Key) -> Iterator[Ref]:
    """Yield the language that everybody may use since it is trusted, or no longer."""
    ref = ("language", (key[2],))
    if key[0] == "language" and "trusted" in folding.properties(*ref):
        yield ref


def _find_persistence(folding: Folding, kind: str, key: Key) -> Iterator[Ref]:
    """Yield the table that was made unlogged or logged, and its sequences with it."""
    if folding.properties(kind, key) == {"persistence"}:
        for text in folding.texts(kind, key, "owned_by"):
            for table in folding.split(text):
                if "persistence" in folding.properties("table", table):
                    yield "table", table


# What comes and goes with another object, on the same side.
TOGETHER: Mapping[str, tuple[Rule, ...]] = {
    **dict.fromkeys((*STORED, "transform", "user_mapping"), (_find_named,)),
    "constraint": (_list_lost_columns,),
    "foreign_server": (_list_needed,),
    "index": (_list_lost_columns,),
    "operator_class": (_find_family,),
    "statistics": (_list_lost_columns,),
    "table": (_list_needed, _list_parents),
}
CAUSES: Mapping[str, tuple[Rule, ...]] = {
    "column": (_find_primary_key, _find_type),
    "constraint": (_find_attachment, _find_parents_copy),
    "index": (_find_backed, _find_mark, _find_attachment),
    "operator": (_find_twin,),
    "owner": (_find_owned_sequence,),
    "privilege": (_find_trusted,),
    "sequence": (_find_persistence,),
    "table": (_find_remade_column,),
}
