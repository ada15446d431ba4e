"""The tables of the history store, their version, and how an older store becomes a newer one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    inspect,
    select,
    update,
)

from driftbook.errors import HistoryFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

METADATA = MetaData()

# One row: the version of these tables.
VERSION = Table("driftbook_version", METADATA, Column("version", Integer, nullable=False))

# One row per audit, in the order in which they were recorded; ``id`` is that order.
AUDITS = Table(
    "driftbook_audits",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    Column("audit_id", String, nullable=False),
    Column("captured_at", String, nullable=False),  # ISO 8601, UTC
    Column("verdict", String, nullable=False),
    Column("counts", String, nullable=False),  # JSON: rule → severity → findings
    Column("came", Integer, nullable=False),  # rows of live that the audit before had not
    Column("went", Integer, nullable=False),  # rows of live that only the audit before had
    Column("live_hash", String, nullable=False),  # root hash of the snapshot as it was captured
    Column("expected_hash", String, nullable=False),
    Column("root", String, nullable=False),  # of everything stored, as it is stored
    Column("past", LargeBinary, nullable=False),  # the comparison with the audits before it
    UniqueConstraint("target", "audit_id"),
)

# Rows of catalog frames and pieces of facts, each stored once, whoever holds it.
OBJECTS = Table(
    "driftbook_objects",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),  # compressed JSON, its key in front
    Column("seal", String, nullable=False),  # HMAC of the full text where a secret was redacted
)

# What is stored over time: live, expected and facts of each target.
SIDES = Table(
    "driftbook_sides",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    Column("side", String, nullable=False),
    UniqueConstraint("target", "side"),
)

# From which audit on, and until which, a side held an object.
SPANS = Table(
    "driftbook_spans",
    METADATA,
    Column("side", Integer, primary_key=True, autoincrement=False),
    Column("object", Integer, primary_key=True, autoincrement=False),
    Column("valid_from", Integer, primary_key=True, autoincrement=False),
    Column("valid_to", Integer),  # the first audit that did not see it; NULL: it is there
    sqlite_with_rowid=False,
)

# One row per time that a finding was open.
FINDINGS = Table(
    "driftbook_findings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    Column("key", String, nullable=False),
    Column("finding", String, nullable=False),  # its id: drift-1a2b3c4d
    Column("rule", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parts", String, nullable=False),  # JSON: the key of the object
    Column("title", String, nullable=False),
    Column("first_seen_at", String, nullable=False),  # ever, also before it was resolved once
    Column("opened_at", String, nullable=False),
    Column("last_seen_at", String, nullable=False),
    Column("resolved_at", String, nullable=False),  # empty: it is open
    Column("opened", Integer, nullable=False),  # the audit that saw it first
    Column("resolved", Integer),  # the audit that found it gone
    Index("driftbook_findings_of_target", "target", "key"),
)

# UPGRADES[n] makes the tables of version n + 1 from those of version n; none is ever edited.
UPGRADES: dict[int, Callable[[Connection], None]] = {}
CURRENT = 1


def read_version(connection: Connection) -> int:
    """Return the version of the tables; 0: there are none."""
    if not inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.execute(select(func.max(VERSION.c.version))).scalar() or 0)


def check_version(version: int, where: str) -> None:
    """Raise :class:`HistoryFailed` when a newer driftbook wrote the store."""
    if version > CURRENT:
        raise HistoryFailed(
            f"the history has version {version}, this driftbook knows {CURRENT}",
            where=where,
            fix="use the newer driftbook, or name another folder: DRIFTBOOK_STATE=DIR",
        )


def upgrade_tables(connection: Connection, where: str) -> None:
    """Make the tables, or bring them to the version of this driftbook, in one transaction."""
    version = read_version(connection)
    check_version(version, where)
    if version == 0:
        METADATA.create_all(connection)
        connection.execute(insert(VERSION).values(version=CURRENT))
        return
    for step in range(version, CURRENT):
        UPGRADES[step](connection)
    connection.execute(update(VERSION).values(version=CURRENT))
