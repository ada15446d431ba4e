"""Which object a log names: the server's identities to the names that frames use."""

from __future__ import annotations

import re
from functools import lru_cache

from driftbook.model import ObjectRef

# What events and audits call a kind, to the kinds that it may be.
KINDS_OF = {
    "table": ("table",),
    "foreign table": ("table",),
    "index": ("index",),
    "view": ("view",),
    "materialized view": ("materialized_view",),
    "sequence": ("sequence",),
    "function": ("function",),
    "procedure": ("function",),
    "aggregate": ("function",),
    "routine": ("function",),
    "trigger": ("trigger",),
    "policy": ("policy",),
    "rule": ("rule",),
    "table column": ("column",),
    "table constraint": ("constraint",),
    "schema": ("schema",),
    "extension": ("extension",),
    "event trigger": ("event_trigger",),
    "publication": ("publication",),
    "statistics object": ("statistics",),
    "statistics": ("statistics",),
    "collation": ("collation",),
    "domain": ("domain",),
    "type": ("enum", "domain", "composite_type", "range_type", "base_type"),
    "foreign-data wrapper": ("foreign_data_wrapper",),
    "server": ("foreign_server",),
    "language": ("language",),
    "access method": ("access_method",),
    "subscription": ("subscription",),
    "conversion": ("conversion",),
    "text search configuration": ("text_search_configuration",),
    "text search dictionary": ("text_search_dictionary",),
    "text search parser": ("text_search_parser",),
    "text search template": ("text_search_template",),
}
NAME = r'(?:"(?:[^"]|"")*"|[^\s".(]+)'
PATH = re.compile(rf"{NAME}(?:\.{NAME})*")
ON = re.compile(rf"({NAME}) on ({NAME}\.{NAME})")
PARTS_OF_TABLES = 3  # parts of a key whose first two name a table


@lru_cache(maxsize=4096)
def find_refs(object_type: str, identity: str) -> frozenset[ObjectRef]:
    """Return the objects that ``identity`` may mean; none: the type or the form is unknown.

    Args:
        object_type: As the server's events have it, in lower case: ``table column``.
        identity: Quoted as the server quotes: ``public."Odd".id``, ``p on public.t``.
    """
    kinds = KINDS_OF.get(object_type, ())
    parts = _split_function(identity) if kinds == ("function",) else _split(identity)
    return frozenset(ObjectRef(kind, parts) for kind in kinds if parts)


def find_table(ref: ObjectRef) -> ObjectRef | None:
    """Return the table that ``ref`` is a part of; ``None``: it stands alone."""
    if ref.kind == "owner" or len(ref.parts) != PARTS_OF_TABLES:
        return None
    return ObjectRef("table", ref.parts[:2])


def _split(identity: str) -> tuple[str, ...]:
    if found := ON.fullmatch(identity):
        return (*_split(found[2]), _unquote(found[1]))
    if not PATH.fullmatch(identity):
        return ()
    return tuple(_unquote(name) for name in re.findall(NAME, identity))


def _split_function(identity: str) -> tuple[str, ...]:
    found = PATH.match(identity)
    if found is None or identity[found.end() :][:1] != "(":
        return ()
    names = tuple(_unquote(name) for name in re.findall(NAME, found[0]))
    arguments = identity[found.end() :].replace("pg_catalog.", "")
    return (*names[:-1], names[-1] + re.sub(r", ?", ", ", arguments))


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
