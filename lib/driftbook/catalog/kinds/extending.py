"""What teaches the server new things: languages, access methods and their classes, conversions."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    NAME,
    NAMED,
    PERFORMANCE,
    SECURITY,
    Kind,
    flag,
    text,
)

EXTENDING = (
    Kind(
        "language",
        NAME,
        (*flag(SECURITY, "trusted"), *text(BEHAVIOUR, "handler inline validator")),
        cls=BEHAVIOUR,
    ),
    Kind("transform", ("type", "language"), text(BEHAVIOUR, "from_sql to_sql"), cls=BEHAVIOUR),
    Kind("access_method", NAME, text(PERFORMANCE, "type handler"), cls=PERFORMANCE),
    # Their names go on with the access method: "mine(btree)".
    Kind(
        "operator_family",
        NAMED,
        text(PERFORMANCE, "operators functions"),
        parent="schema",
        cls=PERFORMANCE,
    ),
    Kind(
        "operator_class",
        NAMED,
        (
            *text(BEHAVIOUR, "input"),
            *flag(BEHAVIOUR, "default"),
            *text(PERFORMANCE, "family storage"),
            *text(BEHAVIOUR, "operators functions"),
        ),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "conversion",
        NAMED,
        (*text(BEHAVIOUR, "source target function"), *flag(BEHAVIOUR, "default")),
        parent="schema",
        cls=BEHAVIOUR,
    ),
)
