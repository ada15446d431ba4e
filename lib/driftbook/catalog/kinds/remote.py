"""What reaches other databases: replication and foreign data."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    DATA,
    NAME,
    PERFORMANCE,
    SECURITY,
    Kind,
    flag,
    text,
)

REMOTES = (
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
        "subscription",
        NAME,
        (
            *flag(BEHAVIOUR, "enabled"),
            *text(BEHAVIOUR, "publications slot"),
            *text(DATA, "synchronous_commit"),
            *flag(PERFORMANCE, "binary"),
            *text(PERFORMANCE, "streaming"),
            *flag(BEHAVIOUR, "two_phase disable_on_error"),
            *text(BEHAVIOUR, "origin"),
            *flag(SECURITY, "run_as_owner password_required"),
            *flag(BEHAVIOUR, "failover"),
        ),
        cls=BEHAVIOUR,
    ),
    Kind("foreign_data_wrapper", NAME, text(DATA, "handler validator options")),
    Kind("foreign_server", NAME, text(DATA, "wrapper type version options")),
    Kind("user_mapping", ("server", "role"), (), parent="foreign_server", cls=SECURITY),
)
