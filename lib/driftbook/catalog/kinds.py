"""Every kind of object that a snapshot holds, with key, properties and their classes."""

from __future__ import annotations

from driftbook.catalog.properties import Kind, Property, flag, number, text
from driftbook.model import PropertyClass

__all__ = ["DDL_LOG_FUNCTION", "DDL_LOG_TRIGGERS", "KINDS", "Kind", "Property"]

SECURITY, DATA = PropertyClass.SECURITY, PropertyClass.DATA
BEHAVIOUR, PERFORMANCE = PropertyClass.BEHAVIOUR, PropertyClass.PERFORMANCE
COSMETIC, INFO = PropertyClass.COSMETIC, PropertyClass.INFO
NAME, NAMED, ON_TABLE = ("name",), ("schema", "name"), ("schema", "table", "name")

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
            *text(DATA, "not_null_state default identity identity_options"),
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
            *flag(DATA, "triggers_enabled inherited local"),
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
)
BEHAVING = (
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
        "publication",
        NAME,
        (
            *flag(BEHAVIOUR, "all_tables"),
            *text(BEHAVIOUR, "operations"),
            *flag(BEHAVIOUR, "via_root"),
            *text(BEHAVIOUR, "tables schemas generated_columns"),
        ),
        cls=BEHAVIOUR,
    ),
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
    Kind(
        "statistics",
        NAMED,
        (*text(PERFORMANCE, "definition"), *number(PERFORMANCE, "target")),
        parent="schema",
        cls=PERFORMANCE,
    ),
)
TYPES = (
    Kind("enum", NAMED, text(DATA, "labels"), parent="schema"),
    Kind(
        "domain",
        NAMED,
        (*text(DATA, "base_type default"), *flag(DATA, "not_null"), *text(DATA, "collation")),
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
    Kind("foreign_data_wrapper", NAME, text(DATA, "handler validator options")),
    Kind("foreign_server", NAME, text(DATA, "wrapper type version options")),
)
ABOUT = (
    Kind(
        "policy",
        ON_TABLE,
        (
            *text(SECURITY, "command roles"),
            *flag(SECURITY, "permissive"),
            *text(SECURITY, "using with_check"),
        ),
        parent="table",
        cls=SECURITY,
    ),
    Kind(
        "privilege",
        ("object_kind", "schema", "name", "column", "grantee", "privilege"),
        (
            *flag(SECURITY, "grantable"),
            *text(SECURITY, "grantor", compared=False),
            *flag(SECURITY, "is_owner", compared=False),
        ),
        cls=SECURITY,
    ),
    Kind(
        "default_privilege",
        ("role", "schema", "object_kind", "grantee", "privilege"),
        flag(SECURITY, "granted grantable"),
        parent="schema",
        cls=SECURITY,
    ),
    Kind("owner", ("object_kind", "schema", "name"), text(SECURITY, "role"), cls=SECURITY),
    Kind(
        "comment",
        ("object_kind", "schema", "name", "sub"),
        text(COSMETIC, "text"),
        cls=COSMETIC,
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in (*RELATIONS, *BEHAVING, *TYPES, *ABOUT)}
# Those of the log of DDL events; no shadow has them, for only a superuser can make one.
DDL_LOG_TRIGGERS = frozenset({"driftbook_ddl_end", "driftbook_sql_drop"})
DDL_LOG_FUNCTION = "driftbook.record_ddl()"
