"""Reading the tracking table without ever mistaking "may not look" for "nothing was applied"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from driftbook.model import quote_part
from driftbook.tools import TOOLS
from driftbook.tracking.table import Grant, Outcome, Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.tables import LAYOUTS, find_keeper, fits
from driftbook.tracking.tables.layout import invent

if TYPE_CHECKING:
    from driftbook.migrations.directory import Directory
    from driftbook.postgres.connect import Fetcher

COMMON_NAME = "schema_migrations"  # of several tools, and of the platform's own services


@dataclass(frozen=True, slots=True)
class Described:
    """What the catalog says of the table."""

    has_schema: bool
    kind: str | None
    can_use: bool
    can_select: bool
    is_filtered: bool  # row level security applies to the role
    open_policy: bool
    columns: list[str]
    elsewhere: list[str]  # schemas that have a table of that name
    role: str  # who asks


def read_tracking(session: Fetcher, table: str, convention: str = "supabase") -> Tracking:
    """Return what ``table`` (``schema.name``) of the tool called ``convention`` holds.

    The read is done with ``row_security = off``: where row level security would hide rows the
    server refuses. Only when a policy admits every row to this role is it read with it.
    Without a table nothing is read: every file is taken as applied.
    """
    if not table:
        return Tracking("", TrackingStatus.ASSUMED)
    given = give_names(table)
    try:
        (row,) = session.fetch(load_query("describe"), given)
    except InsufficientPrivilege as error:  # somebody took a catalog away from PUBLIC
        why = f"what the catalog says of it may not be read: {error.diag.message_primary}"
        fix = "grant SELECT on that catalog to the audit role"
        return Tracking(table, TrackingStatus.UNREADABLE, why=why, fix=fix)
    described = Described(**row)  # type: ignore[arg-type]  # as the header of the query says
    refused = _refuse(table, described) or _refuse_layout(table, described.columns, convention)
    if refused:
        return refused
    rows = _read_rows(session, table, convention, filtered=described.is_filtered)
    status = TrackingStatus.READABLE if rows else TrackingStatus.EMPTY
    grants = (
        Grant(str(row["grantee"]), str(row["privilege"]), str(row["object"]))
        for row in session.fetch(load_query("grants"), given)
    )
    return Tracking(table, status, rows, tuple(grants))


def join_files(tracking: Tracking, directory: Directory) -> Tracking:
    """Return ``tracking`` as the tool reads it beside the files of ``directory``.

    Rows have the versions of files then, and are those that count as applied.
    """
    if tracking.status is TrackingStatus.ASSUMED:
        versions = dict.fromkeys(file.version for file in directory.files)
        return replace(
            tracking, rows=tuple(invent(version, Outcome.ASSUMED) for version in versions)
        )
    if tracking.versions is None:
        return tracking
    return LAYOUTS[directory.convention].join(tracking, directory)


def give_names(table: str) -> dict[str, str]:
    """Return the parameters of the queries that ask the catalog about ``table``."""
    return dict(zip(("schema", "name"), split_name(table), strict=True))


def split_name(table: str) -> tuple[str, str]:
    """Return schema and name of ``table``."""
    schema, _, name = table.rpartition(".")
    return schema or "public", name


def _refuse(table: str, described: Described) -> Tracking | None:
    if not described.has_schema or described.kind is None:
        missing = "its schema does not exist" if not described.has_schema else "it does not exist"
        return Tracking(table, TrackingStatus.ABSENT, why=missing, fix=_find(table, described))
    if described.kind not in {"r", "p"}:
        # A view of that name would run somebody's code inside the audit.
        return Tracking(
            table, TrackingStatus.UNREADABLE, why="it is not a table", fix="name the real table"
        )
    role = quote_part(described.role)
    if not (described.can_use and described.can_select):
        return Tracking(
            table,
            TrackingStatus.UNREADABLE,
            why="the audit role may not read it",
            fix=f"grant usage on schema {split_name(table)[0]} to {role}; "
            f"grant select on {table} to {role}",
        )
    if described.is_filtered and not described.open_policy:
        return Tracking(
            table,
            TrackingStatus.UNREADABLE,
            why="row level security would hide rows of it from the audit role",
            fix=f"create policy driftbook_auditor_reads on {table} for select to "
            f"{role} using (true)",
        )
    return None


def _find(table: str, described: Described) -> str:
    """Return where the table may be."""
    name = split_name(table)[1]
    if described.elsewhere and name != COMMON_NAME:
        places = ", ".join(f"{schema}.{name}" for schema in described.elsewhere)
        return f"set tracking_table of the target to where it is: {places}"
    return (
        "name the right one as tracking_table of the target, or restore it: "
        "a dump of the data alone leaves it behind"
    )


def _refuse_layout(table: str, columns: list[str], convention: str) -> Tracking | None:
    if fits(convention, columns):
        return None
    tool = TOOLS[convention].title
    keeper = find_keeper(columns)
    if keeper and keeper != convention:
        other = TOOLS[keeper].title
        why = f"its columns are those of {other}, and the target says that {tool} keeps it"
        fix = f'set convention = "{keeper}", or name the table of {tool} as tracking_table'
    else:
        lacking = ", ".join(sorted(LAYOUTS[convention].columns - set(columns)))
        why = f"it is not the table of {tool}: it lacks {lacking}"
        fix = f"name the table of {tool} as tracking_table of the target"
    return Tracking(table, TrackingStatus.UNREADABLE, why=why, fix=fix)


def _read_rows(
    session: Fetcher, table: str, convention: str, *, filtered: bool
) -> tuple[TrackingRow, ...]:
    read = LAYOUTS[convention].read
    return tuple(
        replace(
            read(row["record"]),
            xid=int(str(row["xid"])),
            is_witnessed=bool(row["is_witnessed"]),
        )
        for row in session.fetch(write_row_query(table), filtered=filtered)
        if isinstance(row["record"], dict)
    )


def write_row_query(table: str) -> str:
    """Return the query for all rows of ``table``."""
    return sql.SQL(load_query("rows")).format(sql.Identifier(*split_name(table))).as_string()


def load_query(name: str) -> str:
    """Return the text of ``sql/<name>.sql``."""
    return files("driftbook.tracking").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")
