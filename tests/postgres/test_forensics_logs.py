"""From a real server's own logs to who made what: catalog, log of DDL events and csvlog joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.postgres.lab import OWNER, key_of, make_database, ref, run_each, version_of, write_files

from driftbook.audit.attribution import build_case
from driftbook.audit.collect import Sources, collect_from
from driftbook.config import Target
from driftbook.demo.push import push_file
from driftbook.forensics.attribution import Attributed, Drifted, attribute
from driftbook.forensics.ddl_log import read_migration
from driftbook.forensics.logs import read_logs
from driftbook.migrations.directory import read_directory
from driftbook.postgres.connect import connect_plain
from driftbook.postgres.server import ShadowServer
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.audit.evidence import Evidence
    from driftbook.postgres.binaries import Binaries

TARGET = Target(name="lab", platform="plain")
LOGGING = {
    "logging_collector": "on",
    "log_destination": "csvlog",
    "log_directory": "log",
    "log_filename": "lab.log",
    "log_statement": "ddl",
    "log_file_mode": "0644",
}
FILES = {"m01": "create table pushed (id bigint primary key, old text)"}
RUNNER = (
    "create function exec_sql(q text) returns void language plpgsql security definer "
    "as 'begin execute q; end'"
)
HOSTILE = 'create table "<script>alert(1)</script>" (id int)'


@pytest.fixture(scope="module")
def story(
    binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Evidence, Path]]:
    """Yield the evidence of a database with the log of DDL events, and the server's csvlog."""
    with ShadowServer(binaries, superuser="supabase_admin", settings=LOGGING) as server:
        folder = write_files(tmp_path_factory.mktemp("story") / "migrations", FILES)
        database = make_database(server)
        with server.superuser(database) as session:
            session.execute(read_migration().encode())
            session.execute(RUNNER.encode())
        file = read_directory(folder).files[0]
        with connect_plain(server.dsn(database, OWNER)) as session:
            texts = [one.text for one in split_cli(FILES["m01"])]
            push_file(session, file.version, file.name, texts)
            call(session, "create table through_api (id int)")
            session.execute("set application_name = 'a person at psql'")
            run_each(session, ["create table by_hand (id int)", HOSTILE])
            run_each(session, ["alter table pushed drop column old", "create table gone (id int)"])
            run_each(session, ["drop table gone"])
        evidence = collect_from(
            Sources(folder, server.dsn(database, server.superuser_name)), TARGET
        )
        logs = tmp_path_factory.mktemp("logs")
        text = (server.cluster.data / "log" / "lab.csv").read_bytes()
        (logs / "lab.csv").write_bytes(text)
        yield evidence, logs


def call(session: psycopg.Connection[TupleRow], statement: str) -> None:
    """Run ``statement`` as the API runs a call of ``exec_sql``."""
    with session.transaction():
        session.execute("select set_config('request.path', '/rpc/exec_sql', true)")
        claims = """select set_config('request.jwt.claims', '{"role": "service_role"}', true)"""
        session.execute(claims)
        session.execute("select exec_sql(%s)", (statement,))


DRIFTED = (
    Drifted(ref("table", "pushed")),
    Drifted(ref("table", "through_api"), "only_live"),
    Drifted(ref("table", "by_hand"), "only_live"),
    Drifted(ref("column", "pushed", "old"), "only_expected"),
    Drifted(ref("table", "<script>alert(1)</script>"), "only_live"),
)


def ask(evidence: Evidence, lines: pd.DataFrame | None = None) -> Attributed:
    return attribute(build_case(evidence, lines), DRIFTED)


def row_of(found: Attributed, number: int) -> pd.Series:
    return found.attribution.iloc[number]


def test_the_log_of_ddl_events_names_actor_and_channel(story: tuple[Evidence, Path]) -> None:
    found = ask(story[0])
    api, hand = row_of(found, 1), row_of(found, 2)
    assert (api["born_class"], api["channel"], api["actor_role"]) == (
        "out_of_band",
        "sql_runner",
        OWNER,
    )
    assert api["time_basis"] == "ddl_log"
    assert api["drift_earliest_at"] == api["drift_latest_at"]
    assert hand["channel"] != "sql_runner"
    assert hand["actor_application"] == "a person at psql"
    pushed = row_of(found, 0)
    assert (pushed["born_class"], pushed["born_version"]) == ("pushed", version_of("m01"))
    assert not any(row_of(found, number)["contradictions"] for number in range(len(DRIFTED)))


def test_what_was_dropped_is_dated_by_its_event(story: tuple[Evidence, Path]) -> None:
    found = ask(story[0])
    column = row_of(found, 3)
    assert (column["touched_class"], column["confidence"]) == ("out_of_band", "high")
    assert column["drift_latest_at"] is not None
    clues = found.clues
    gone = clues[(clues["key"] == key_of(ref("table", "gone"))) & (clues["aspect"] == "dropped")]
    assert list(gone["source"]) == ["ddl_log"]


def test_a_real_csvlog_is_joined_with_the_objects(story: tuple[Evidence, Path]) -> None:
    evidence, logs = story
    read = read_logs([logs])
    assert read.gaps == ()
    bare = evidence.exhibits["ddl_line"].head(0)
    without = type(evidence)(
        evidence.expected,
        evidence.live,
        evidence.facts,
        evidence.past,
        {**evidence.exhibits, "ddl_line": bare},
    )
    assert row_of(ask(without), 2)["time_basis"] == "snapshot"
    found = ask(without, read.lines)
    statements = read.lines[read.lines["text"].fillna("").str.contains("by_hand")]
    assert len(statements) > 0
    joined = found.clues[found.clues["raw_ref"].isin(statements["raw_ref"])]
    assert set(joined["key"]) == {key_of(ref("table", "by_hand"))}
    # A statement is logged before it has a transaction: the name and the order are what joins it.
    assert row_of(found, 1)["channel"] != "sql_runner"  # nothing of this log shows it


def test_a_hostile_line_is_text(story: tuple[Evidence, Path]) -> None:
    evidence, logs = story
    found = ask(evidence, read_logs([logs]).lines)
    row = row_of(found, 4)
    assert row["born_class"] == "out_of_band"
    assert "<script>" in row["key"]
