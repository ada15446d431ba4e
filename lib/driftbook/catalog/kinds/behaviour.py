"""What runs: functions, triggers, rules, casts and operators."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    NAME,
    NAMED,
    ON_TABLE,
    PERFORMANCE,
    SECURITY,
    Kind,
    flag,
    text,
)

BEHAVIOURS = (
    Kind(
        "function",
        NAMED,
        (
            *text(BEHAVIOUR, "kind arguments result language body volatility"),
            *flag(BEHAVIOUR, "strict"),
            *text(PERFORMANCE, "parallel"),
            *flag(SECURITY, "security_definer leakproof"),
            *text(SECURITY, "config"),
            *text(PERFORMANCE, "cost rows support"),
            *text(BEHAVIOUR, "transforms"),
            # The properties above taken together: for people and for repairs.
            *text(BEHAVIOUR, "definition signature", compared=False),
        ),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "trigger",
        ON_TABLE,
        (
            *text(BEHAVIOUR, "definition enabled"),
            *text(BEHAVIOUR, "function", compared=False),
            *flag(BEHAVIOUR, "inherited", compared=False),
        ),
        parent="table",
        cls=BEHAVIOUR,
    ),
    Kind("event_trigger", NAME, text(BEHAVIOUR, "event tags function enabled"), cls=BEHAVIOUR),
    Kind("rule", ON_TABLE, text(BEHAVIOUR, "definition enabled"), parent="table", cls=BEHAVIOUR),
    Kind(
        "cast",
        ("source", "target"),
        text(BEHAVIOUR, "function context method"),
        cls=BEHAVIOUR,
    ),
    Kind(
        "operator",
        NAMED,
        (
            *text(BEHAVIOUR, "function result commutator negator"),
            *text(PERFORMANCE, "restrict join"),
            *flag(PERFORMANCE, "hashes merges"),
        ),
        parent="schema",
        cls=BEHAVIOUR,
    ),
)
