"""The acceptance of attribution: a history that is known, told again from the catalog alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.postgres.claims import check_claims, holds_truth, is_right
from tests.postgres.lab import FILES, TRUTH, Lab, build_lab, key_of, version_of
from tests.postgres.moves import dump_and_restore, run_program

from driftbook.audit.attribution import attribute_objects
from driftbook.audit.collect import Sources, collect_from
from driftbook.config import Target
from driftbook.forensics.signatures import Shape
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftbook.forensics.attribution import Attributed
    from driftbook.postgres.binaries import Binaries

NEWER = 160_000
TARGET = Target(name="lab", platform="plain")
REPAIR = """
begin;
create temporary table kept as select * from supabase_migrations.schema_migrations;
delete from supabase_migrations.schema_migrations;
insert into supabase_migrations.schema_migrations select * from kept;
drop table kept;
commit"""
# Object's transaction less its record's.
APART = """
select r.name, a.xmin::text::bigint - r.xmin::text::bigint
from supabase_migrations.schema_migrations as r
join (values
    ('m01', 'accounts'), ('m04', 'manual_b'), ('m05', 'block_a'), ('m06', 'controlled')
) as t (name, relation) on t.name = r.name
join pg_attribute as a on a.attrelid = ('public.' || t.relation)::regclass and a.attnum = -1
order by 1"""
VACUUM = (
    "vacuum freeze",
    "vacuum full pg_catalog.pg_class",
    "vacuum full pg_catalog.pg_attribute",
    "vacuum full pg_catalog.pg_proc",
    "vacuum full pg_catalog.pg_constraint",
)


@pytest.fixture(scope="module", params=["off", "on"], ids=lambda value: f"commit-times-{value}")
def lab(
    request: pytest.FixtureRequest, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """Yield the lab on a server that keeps commit times, or does not."""
    settings = {"track_commit_timestamp": str(request.param)}
    with ShadowServer(binaries, superuser="supabase_admin", settings=settings) as server:
        yield build_lab(server, tmp_path_factory.mktemp("lab") / "migrations")


def keeps_times(lab: Lab) -> bool:
    with lab.server.superuser(lab.database) as session:
        row = session.execute("show track_commit_timestamp").fetchone()
    return row == ("on",)


def ask(lab: Lab, database: str = "") -> Attributed:
    dsn = lab.server.dsn(database or lab.database, lab.server.superuser_name)
    return attribute_objects(collect_from(Sources(lab.folder, dsn), TARGET), list(TRUTH))


def test_the_lab_is_what_it_says(lab: Lab) -> None:
    """Without this every answer could be right for the wrong reason."""
    with lab.server.superuser(lab.database) as session:
        found = session.execute(APART.encode()).fetchall()
    apart = {str(name): int(str(distance)) for name, distance in found}
    assert apart["m01"] == 0
    assert apart["m04"] == -1  # the row was written by the transaction after
    assert apart["m05"] > 0  # a subtransaction
    assert apart["m06"] < 0  # a transaction of its own
    assert len(TRUTH) == 27
    assert len(FILES) == 10


def test_objects_are_attributed_rightly(lab: Lab) -> None:
    wrong = []
    for name, (ref, answers) in zip(map(str, TRUTH), TRUTH.items(), strict=True):
        rows = ask_once(lab).attribution.set_index(["kind", "key"])
        row = rows.loc[(ref.kind, key_of(ref))]
        good = all(
            is_right(row, aspect, answer) and holds_truth(row, aspect, answer)
            for aspect, answer in zip(("born", "touched"), answers, strict=True)
        )
        if not good:
            wrong.append(name)
    assert wrong == []


_ASKED: dict[str, Attributed] = {}


def ask_once(lab: Lab) -> Attributed:
    key = f"{lab.database} {lab.server.superuser_name} {lab.folder}"
    if key not in _ASKED:
        _ASKED[key] = ask(lab)
    return _ASKED[key]


def test_without_doubt_only_where_there_is_none(lab: Lab) -> None:
    check_claims(ask_once(lab), TRUTH)


def test_subtransactions_are_certain_with_commit_times_only(lab: Lab) -> None:
    found = ask_once(lab).attribution
    blocks = found[found["key"].str.contains("block_")]
    assert set(blocks["born_version"]) == {version_of("m05")}
    assert set(blocks["confidence"]) == {"exact" if keeps_times(lab) else "medium"}
    assert set(found["time_basis"]) >= ({"commit_ts"} if keeps_times(lab) else {"snapshot"})


def test_what_one_transaction_wrote_is_one_session(lab: Lab) -> None:
    found = ask_once(lab)
    assert len(found.sessions) <= 4, list(found.sessions["what"])
    runner = found.attribution["key"].isin(
        ['["public", "exec_sql(text)"]', '["public", "via_rpc"]']
    )
    assert len(set(found.attribution.loc[runner, "session"])) == 1


def copy(lab: Lab) -> str:
    return lab.server.create_database(template=lab.database)


def restore(lab: Lab) -> str:
    return dump_and_restore(lab, lab.database)


def restore_at_once(lab: Lab) -> str:
    return dump_and_restore(lab, lab.database, "--single-transaction")


def restore_by_psql(lab: Lab) -> str:
    if not (lab.server.binaries.bindir / "psql").is_file():
        pytest.skip("this server came without psql")
    text = lab.folder.parent / "lab.sql"
    role = lab.server.superuser_name
    new = lab.server.create_database()
    run_program(lab, "pg_dump", f"--file={text}", f"--dbname={lab.server.dsn(lab.database, role)}")
    run_program(lab, "psql", "-X", "-q", f"--file={text}", f"--dbname={lab.server.dsn(new, role)}")
    return new


def repair(lab: Lab) -> str:
    new = copy(lab)
    with lab.server.superuser(new) as session:
        session.execute(REPAIR.encode())
    return new


def vacuum(lab: Lab) -> str:
    new = copy(lab)
    with lab.server.superuser(new) as session:
        for statement in VACUUM:
            session.execute(statement.encode())
    return new


VARIANTS: list[tuple[Callable[[Lab], str], Shape]] = [
    (copy, Shape.ORGANIC),
    (vacuum, Shape.ORGANIC),
    (repair, Shape.REWRITE),
    (restore, Shape.RESTORE),
    (restore_by_psql, Shape.RESTORE),
    (restore_at_once, Shape.RESTORE_ONE),
]


@pytest.mark.parametrize(("make", "shape"), VARIANTS, ids=lambda one: getattr(one, "__name__", ""))
def test_no_variant_of_the_database_leads_to_a_sure_lie(
    lab: Lab, make: Callable[[Lab], str], shape: Shape
) -> None:
    if keeps_times(lab) is (lab.server.version_num < NEWER):
        pytest.skip("each variant is tried once with commit times and once without")
    database = make(lab)
    found = ask(lab, database)
    lab.server.drop_database(database)
    assert found.horizon.shape is shape, found.horizon.why
    check_claims(found, TRUTH)
    restored = set(found.attribution.loc[found.attribution["born_xid"].notna(), "born_class"])
    if shape in {Shape.RESTORE, Shape.RESTORE_ONE}:
        assert restored == {"restored"}
    else:
        assert "restored" not in restored
