"""Restores of every make on real servers: each is recognised, and nothing sure is said too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.postgres.lab import (
    FILES,
    TABLE,
    Lab,
    build_lab,
    key_of,
    make_database,
    ref,
    version_of,
)
from tests.postgres.moves import run_program

from driftbook.audit.attribution import attribute_objects
from driftbook.audit.collect import Sources, collect_from
from driftbook.config import Target
from driftbook.forensics.signatures import Shape
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.forensics.attribution import Attributed
    from driftbook.postgres.binaries import Binaries

TARGET = Target(name="restores", platform="plain")
PARTS = [
    ref("table", "accounts"),
    ref("table", "latest"),
    ref("index", "accounts_pkey"),
    ref("index", "orders_account"),
    ref("trigger", "logs", "logs_touch"),
    ref("policy", "accounts", "accounts_read"),
]
SURE = {"exact", "high"}
NOTE = "insert into {} (version, name, statements) values ('{}', '{}', '{{a}}')"


@pytest.fixture(scope="module")
def lab(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Yield the lab, with a dump of its database beside its files."""
    if not (binaries.bindir / "pg_dump").is_file():
        pytest.skip("this server came without pg_dump")
    with ShadowServer(binaries, superuser="supabase_admin") as server:
        lab = build_lab(server, tmp_path_factory.mktemp("lab") / "migrations")
        dsn = server.dsn(lab.database, server.superuser_name)
        run_program(lab, "pg_dump", "-Fc", f"--file={dump_of(lab)}", f"--dbname={dsn}")
        yield lab


def dump_of(lab: Lab) -> Path:
    return lab.folder.parent / "lab.dump"


def restore(lab: Lab, *options: str, before: str = "") -> str:
    """Return a new database that ran ``before`` and was restored then."""
    new = lab.server.create_database()
    with lab.server.superuser(new) as session:
        session.execute(before.encode())
    dsn = lab.server.dsn(new, lab.server.superuser_name)
    run_program(lab, "pg_restore", *options, f"--dbname={dsn}", str(dump_of(lab)))
    return new


def ask(lab: Lab, database: str) -> Attributed:
    dsn = lab.server.dsn(database, lab.server.superuser_name)
    return attribute_objects(collect_from(Sources(lab.folder, dsn), TARGET), PARTS)


def test_a_restore_beside_a_table_is_one(lab: Lab) -> None:
    found = ask(lab, restore(lab, before="create table scratch (id bigint primary key)"))
    assert found.horizon.shape is Shape.RESTORE, found.horizon.why
    assert set(found.attribution["born_class"]) <= {"restored", "unknown"}
    assert set(found.attribution["touched_class"]) == {"restored"}
    assert found.sessions.empty


def test_a_parallel_restore_is_one_and_surely_no_hand(lab: Lab) -> None:
    """Its jobs make the second half in any order, so not all of it can be told from a hand."""
    found = ask(lab, restore(lab, "-j4"))
    assert found.horizon.shape is Shape.RESTORE, found.horizon.why
    rows = found.attribution
    tables = rows[rows["kind"] == "table"]
    assert set(tables["born_class"]) == {"restored"}
    for aspect, sure in (("born_class", "born_confidence"), ("touched_class", "confidence")):
        assert not set(rows.loc[rows[aspect] == "retouched", sure]) & SURE


def test_a_hand_right_behind_a_restore_is_surely_no_part_of_it(lab: Lab) -> None:
    database = restore(lab)
    with lab.server.superuser(database) as session:
        session.execute("drop policy accounts_read on accounts")
        session.execute("create policy accounts_read on accounts using (true)")
        session.execute("alter table latest enable row level security")
    found = ask(lab, database)
    rows = found.attribution.set_index(["kind", "key"])
    for one in (ref("policy", "accounts", "accounts_read"), ref("table", "latest")):
        row = rows.loc[(one.kind, key_of(one))]
        assert row["touched_class"] == "retouched" or row["confidence"] not in SURE, row["why"]
    untouched = rows.loc[("table", key_of(ref("table", "accounts")))]
    assert (untouched["born_class"], untouched["born_confidence"]) == ("restored", "high")


def run_files(lab: Lab, *, again: bool) -> str:
    """Return a database whose files somebody ran, in one transaction or behind their records."""
    database = make_database(lab.server)
    names = [name for name in FILES if name not in {"m06", "m09"}]
    rows = [NOTE.format(TABLE, version_of(name), name) for name in FILES]
    files = [FILES[name].rstrip(";") for name in names]
    with lab.open(database) as session:
        if again:
            for one in (*rows, *files):
                session.execute(one.encode())
        else:
            session.execute(";".join(("begin", *files, *rows, "commit")).encode())
    return database


@pytest.mark.parametrize("again", [True, False], ids=["again", "at-once"])
def test_files_that_somebody_ran_are_no_restore(lab: Lab, *, again: bool) -> None:
    found = ask(lab, run_files(lab, again=again))
    assert found.horizon.shape not in {Shape.RESTORE, Shape.RESTORE_ONE, Shape.UPGRADE}
    assert "restored" not in set(found.attribution["born_class"])
    assert not SURE & set(found.attribution["born_confidence"])
