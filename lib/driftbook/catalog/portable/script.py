"""The psql script of a capture: plain SELECTs in one transaction that reads and is rolled back."""

from __future__ import annotations

from driftbook import __version__
from driftbook.catalog.portable.parts import (
    FRAMES,
    MAJORS,
    STORED,
    list_queries,
    write_end,
    write_frame,
    write_head,
    write_may_read,
    write_unread,
)
from driftbook.catalog.reader import load_query
from driftbook.postgres.connect import SETTINGS

INTRODUCTION = f"""\
-- driftbook {__version__}: the schema of one database, as rows of its catalog.
--
--     psql -X -f capture.sql "$URL" -o prod.capture
--     driftbook diff supabase/migrations prod.capture
--
-- It needs psql 14 or newer, {{servers}}, and no privilege beyond CONNECT.
-- It installs nothing: one transaction that is read only, and rolled back in the end.
\\set QUIET on
\\set ECHO none
\\set ECHO_HIDDEN off
\\set FETCH_COUNT 0
\\set SINGLELINE off
\\set ON_ERROR_ROLLBACK off
\\set ON_ERROR_STOP on
\\pset format unaligned
\\pset tuples_only on
\\pset expanded off
\\pset recordsep '\\n'
\\pset pager off
\\timing off
begin isolation level repeatable read read only;
"""
CHECK = """\
select
{flags}
\\gset
\\if :driftbook_fits
\\else
\\warn 'driftbook: this script is for {servers}'
select 'driftbook: another server is needed'::int4;
\\endif
\\set ON_ERROR_STOP off
"""
FAILED = """\
\\if :ERROR
\\warn 'driftbook: {name} could not be read, so the capture is not complete'
rollback;
\\set ON_ERROR_STOP on
select 'driftbook: the capture is not complete'::int4;
\\endif
"""
CONDITIONAL = """\
{may_read}
\\gset
{failed}\\if :driftbook_may_read
savepoint driftbook;
set local row_security = on;
{query};
\\if :ERROR
rollback to savepoint driftbook;
{unread}\\endif
set local row_security = off;
\\endif
"""


def write_script(major: int | None = None, steps: str = "") -> str:
    """Return the script for a server of ``major``; ``None``: of any that is supported.

    It ends with psql's exit code 3 when something cannot be read, and without the last part.
    ``steps``, of :func:`write_step` and :func:`write_conditional`, are taken before that.
    """
    servers = f"PostgreSQL {major}" if major else f"PostgreSQL {MAJORS[0]} or newer"
    settings = [f"set local {name} = '{value}';\n" for name, value in SETTINGS.items()]
    return "".join(
        [
            INTRODUCTION.format(servers=servers),
            *settings,
            CHECK.format(flags=_write_flags(major), servers=servers),
            write_step("the head", write_head()),
            *(_write_frame(name, major) for name in FRAMES),
            *(_write_stored(name, major or MAJORS[0]) for name in STORED),
            steps,
            write_step("the end", write_end()),
            "rollback;\n",
        ]
    )


def _write_flags(major: int | None) -> str:
    """Return the columns that psql keeps as variables: whether the script fits, and since when."""
    number = "pg_catalog.current_setting('server_version_num')::int4"
    fits = f"{number} / 10000 = {major}" if major else f"{number} >= {MAJORS[0]}0000"
    since = {one for name in FRAMES for one in list_queries(name)}
    flags = [f"    {number} >= {one}0000 as driftbook_{one}" for one in sorted(since)]
    return ",\n".join([f"    {fits} as driftbook_fits", *flags])


def _write_frame(name: str, major: int | None) -> str:
    queries = list_queries(name)
    if major:
        queries = {major: queries[max(since for since in queries if since <= major)]}
    newest, *older = (
        (since, write_step(f"the frame {name}", write_frame(name, query)))
        for since, query in reversed(queries.items())
    )
    if not older:
        return newest[1]
    branches = [f"\\if :driftbook_{newest[0]}\n{newest[1]}"]
    branches += [f"\\elif :driftbook_{since}\n{step}" for since, step in older]
    return "".join([*branches, "\\endif\n"])


def _write_stored(name: str, major: int) -> str:
    version_num = major * 10_000
    frame = write_frame(name, load_query(name, version_num))
    return write_conditional(name, write_may_read(name, version_num), frame)


def write_conditional(name: str, may_read: str, query: str) -> str:
    """Return the step of ``query`` where ``may_read``, a SELECT of ``driftbook_may_read``, says so.

    When it fails the reason is a part, and the script goes on.
    """
    return CONDITIONAL.format(
        may_read=may_read,
        failed=FAILED.format(name=f"where {name} is"),
        query=query,
        unread=write_step(name, write_unread(name, ":'LAST_ERROR_MESSAGE'")),
    )


def write_step(name: str, query: str) -> str:
    """Return the step of one part; when it fails psql ends, and says that ``name`` was not read."""
    return f"{query};\n{FAILED.format(name=name)}"
