"""What reaches other databases: replication and foreign data."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    DATA,
    NAME,
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
    Kind("foreign_data_wrapper", NAME, text(DATA, "handler validator options")),
    Kind("foreign_server", NAME, text(DATA, "wrapper type version options")),
)
