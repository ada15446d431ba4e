"""Tables and what belongs to them, views and sequences."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    COSMETIC,
    DATA,
    INFO,
    NAME,
    NAMED,
    ON_TABLE,
    PERFORMANCE,
    SECURITY,
    Kind,
    flag,
    number,
    text,
)

RELATIONS = (
    Kind("schema", NAME, ()),
    Kind(
        "extension",
        NAME,
        (*text(BEHAVIOUR, "schema"), *text(INFO, "version"), *flag(INFO, "relocatable")),
        cls=BEHAVIOUR,
    ),
    Kind(
        "table",
        NAMED,
        (
            *text(DATA, "kind persistence"),
            *flag(SECURITY, "rls_enabled rls_forced"),
            *text(PERFORMANCE, "replica_identity"),
            *text(DATA, "partition_key partition_bound parents access_method"),
            *text(PERFORMANCE, "tablespace options"),
            *text(DATA, "of_type foreign_server foreign_options"),
        ),
        parent="schema",
    ),
    Kind(
        "column",
        ON_TABLE,
        (
            *text(DATA, "type collation"),
            *flag(DATA, "not_null"),
            *text(DATA, "not_null_state"),
            *text(COSMETIC, "not_null_name", since=180_000),
            *text(DATA, "default identity identity_options"),
            *text(COSMETIC, "identity_sequence"),
            *text(DATA, "generated generation"),
            *flag(DATA, "inherited local"),
            *text(COSMETIC, "storage compression"),
            *number(PERFORMANCE, "statistics"),
            *text(PERFORMANCE, "options"),
            *text(DATA, "foreign_options"),
            *number(COSMETIC, "position"),
        ),
        parent="table",
    ),
    Kind(
        "constraint",
        ON_TABLE,
        (
            *text(DATA, "type definition"),
            *text(DATA, "triggers"),
            *flag(DATA, "inherited local"),
            *text(DATA, "of"),
            *flag(DATA, "validated"),
            # In the definition already.
            *flag(DATA, "deferrable deferred no_inherit enforced", compared=False),
        ),
        parent="table",
    ),
    Kind(
        "index",
        NAMED,
        (
            *text(PERFORMANCE, "table definition"),
            *flag(PERFORMANCE, "primary valid clustered replica_identity"),
            *text(PERFORMANCE, "parent_index statistics tablespace"),
            *flag(DATA, "unique"),
            *text(DATA, "constraint", compared=False),
        ),
        parent="table",
        cls=PERFORMANCE,
    ),
    Kind(
        "view",
        NAMED,
        (*text(BEHAVIOUR, "definition"), *text(SECURITY, "options"), *text(BEHAVIOUR, "columns")),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "materialized_view",
        NAMED,
        (
            *text(BEHAVIOUR, "definition"),
            *text(PERFORMANCE, "options"),
            *text(BEHAVIOUR, "columns"),
            *flag(BEHAVIOUR, "populated"),
            *text(PERFORMANCE, "access_method tablespace"),
        ),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "sequence",
        NAMED,
        (
            *text(DATA, "type"),
            *number(DATA, "start increment min max cache"),
            *flag(DATA, "cycle"),
            *text(DATA, "owned_by persistence"),
        ),
        parent="schema",
    ),
    Kind(
        "statistics",
        NAMED,
        (*text(PERFORMANCE, "definition"), *number(PERFORMANCE, "target")),
        parent="schema",
        cls=PERFORMANCE,
    ),
)
