"""What Supabase keeps in rows of tables: read where there is such a table, and it may be read."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    COSMETIC,
    DATA,
    NAME,
    SECURITY,
    Kind,
    flag,
    number,
    text,
)

# sql/stored_table.sql says which table each of them is in.
STORED = (
    Kind(
        "storage_bucket",
        NAME,
        (
            *text(COSMETIC, "label"),
            *flag(SECURITY, "public"),
            *number(BEHAVIOUR, "file_size_limit"),
            *text(BEHAVIOUR, "allowed_mime_types"),
            *text(DATA, "type"),
        ),
    ),
    Kind(
        "cron_job",
        NAME,
        (*text(BEHAVIOUR, "schedule command database username"), *flag(BEHAVIOUR, "active")),
        cls=BEHAVIOUR,
    ),
    Kind("vault_secret_name", NAME, text(COSMETIC, "description"), cls=BEHAVIOUR),
)
