"""Types and collations."""

from __future__ import annotations

from driftbook.catalog.properties import (
    COSMETIC,
    DATA,
    NAMED,
    Kind,
    flag,
    text,
)

TYPES = (
    Kind("enum", NAMED, text(DATA, "labels"), parent="schema"),
    Kind(
        "domain",
        NAMED,
        (
            *text(DATA, "base_type default"),
            *flag(DATA, "not_null"),
            *text(COSMETIC, "not_null_name", since=170_000),
            *text(DATA, "collation"),
        ),
        parent="schema",
    ),
    Kind("composite_type", NAMED, text(DATA, "attributes"), parent="schema"),
    Kind(
        "range_type",
        NAMED,
        text(DATA, "subtype collation operator_class canonical subtype_diff multirange"),
        parent="schema",
    ),
    Kind(
        "base_type",
        NAMED,
        (
            *text(DATA, "input output receive send modifiers analyze subscript layout"),
            *text(DATA, "category default element collation"),
            *flag(DATA, "defined"),
        ),
        parent="schema",
    ),
    Kind(
        "collation",
        NAMED,
        (
            *text(DATA, "provider"),
            *flag(DATA, "deterministic"),
            *text(DATA, "locale lc_collate lc_ctype rules"),
        ),
        parent="schema",
    ),
)
