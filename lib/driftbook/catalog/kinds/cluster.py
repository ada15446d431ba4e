"""The database itself, what is set for it and for roles, and the roles of its cluster."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    COSMETIC,
    INFO,
    NAME,
    SECURITY,
    Kind,
    flag,
    number,
    text,
)

THIS_DATABASE = "this database"  # so that two databases compare, whatever they are called

CLUSTER = (
    Kind(
        "database",
        NAME,
        (
            *number(BEHAVIOUR, "connection_limit"),
            *flag(BEHAVIOUR, "allow_connections is_template"),
            *text(INFO, "encoding locale_provider lc_collate lc_ctype locale icu_rules tablespace"),
            *text(COSMETIC, "comment"),
        ),
        cls=BEHAVIOUR,
    ),
    Kind(
        "database_setting",
        ("role", "database", "name"),
        text(SECURITY, "value"),
        cls=SECURITY,
    ),
    Kind(
        "role",
        NAME,
        (
            *flag(SECURITY, "superuser inherit create_role create_db login replication"),
            *flag(SECURITY, "bypass_rls"),
            *number(BEHAVIOUR, "connection_limit"),
            *text(SECURITY, "valid_until"),
            *text(COSMETIC, "comment"),
            # The role that made the cluster; every cluster has one, whatever its name.
            *flag(INFO, "is_first", compared=False),
        ),
        cls=SECURITY,
        optional=True,
    ),
    Kind(
        "membership",
        ("role", "member", "grantor"),
        (*flag(SECURITY, "admin"), *flag(SECURITY, "inherit set", since=160_000)),
        cls=SECURITY,
        optional=True,
    ),
)
