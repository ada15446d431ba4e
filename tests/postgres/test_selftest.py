"""Every mutation of the catalogue is seen on two majors, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import find_majors

from driftbook.catalog import reader
from driftbook.postgres.dumps import has_programs
from driftbook.selftest.copies import PROGRAMS, find_in_restored_probe
from driftbook.selftest.mutations import Mutation, read_mutations
from driftbook.selftest.probe import SCOPE, build_probe
from driftbook.selftest.result import Outcome
from driftbook.selftest.stage import open_stage
from driftbook.selftest.trial import try_all, try_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.postgres.server import ShadowServer
    from driftbook.selftest.stage import Stage

EVERY = 6  # on all but the newest server, one mutation of so many
WITHOUT_ICU = "ICU is not supported in this build"


@pytest.fixture(scope="module")
def probe(server: ShadowServer) -> Iterator[str]:
    mark = server.roles()
    with build_probe(server) as database:
        yield database
    server.drop_roles_made_since(mark)


@pytest.fixture(scope="module")
def stage(server: ShadowServer, probe: str) -> Iterator[Stage]:
    dsn = server.dsn(probe, server.superuser_name)
    with open_stage(dsn, as_auditor=True, scope=SCOPE) as stage:
        yield stage


def find(kind: str, name: str, text: str) -> Mutation:
    return next(
        mutation
        for mutation in read_mutations()
        if mutation.kind == kind and mutation.properties == (name,) and text in mutation.sql
    )


def test_the_probe_has_every_kind_and_nothing_is_unaccounted(stage: Stage) -> None:
    assert [kind for kind, count in stage.base.counts().items() if not count] == []
    assert stage.base.unaccounted.empty
    assert dict(stage.base.unread) == {}


def test_an_audit_would_see_every_mutation(server: ShadowServer, stage: Stage) -> None:
    mutations = read_mutations()
    if server.binaries.major != find_majors()[-1].major:
        mutations = mutations[::EVERY]
    trials = try_all(mutations, stage)
    missed = [str(trial.mutation) for trial in trials if trial.outcome is Outcome.MISSED]
    refused = [
        f"{trial.mutation}: {trial.why}"
        for trial in trials
        if trial.outcome is Outcome.REFUSED and trial.why != WITHOUT_ICU
    ]
    assert (missed, refused) == ([], [])
    # A rename is an object that went and one that came.
    assert sum(trial.is_exact for trial in trials) >= 0.95 * len(trials)


def test_a_restored_dump_of_the_probe_differs_in_nothing(
    server: ShadowServer, probe: str, stage: Stage
) -> None:
    if not has_programs(server, *PROGRAMS):
        pytest.skip(f"{server.binaries} has no pg_dump")
    assert list(find_in_restored_probe(server, probe, stage)) == []


def test_a_property_that_a_query_forgets_is_missed(
    server: ShadowServer, probe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = reader.load_query
    forgetful = {"policy": ("p.polpermissive as permissive", "true as permissive")}

    def forget(name: str, version_num: int) -> str:
        before, after = forgetful.get(name, ("", ""))
        assert before in load(name, version_num)
        return load(name, version_num).replace(before, after) if before else load(name, version_num)

    monkeypatch.setattr(reader, "load_query", forget)
    with open_stage(server.dsn(probe, server.superuser_name), as_auditor=True) as stage:
        trial = try_one(find("policy", "permissive", "as restrictive"), stage)
        assert (trial.outcome, trial.why) == (Outcome.MISSED, "no change was reported")
        assert try_one(find("policy", "using", "total > 0"), stage).outcome is Outcome.DETECTED


def test_what_the_server_refuses_is_never_counted_as_seen(stage: Stage) -> None:
    mutation = find("policy", "using", "total > 0")
    trial = try_one(
        type(mutation)("policy", ("using",), 14, "", "", "drop policy nobody on x"), stage
    )
    assert trial.outcome is Outcome.REFUSED
    assert "does not exist" in trial.why


def test_a_mutation_is_done_to_an_object_of_ones_own(server: ShadowServer, stage: Stage) -> None:
    with server.database() as name:
        with server.superuser(name) as session:
            session.execute("create table public.mine (id integer, note text)")
        with open_stage(server.dsn(name, server.superuser_name), as_auditor=True) as own:
            trial = try_one(find("table", "rls_enabled", "enable"), stage, own)
            assert (trial.outcome, trial.object) == (Outcome.DETECTED, "public.mine")
            assert trial.named == ("table public.mine",)
            # No materialized view of one's own: the probe's is taken.
            other = try_one(find("materialized_view", "options", "fillfactor"), stage, own)
            assert (other.outcome, other.object) == (Outcome.DETECTED, "")
