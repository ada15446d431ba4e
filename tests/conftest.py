"""Fixtures for every test that needs a server: one per major version found on this machine."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from driftbook.postgres.binaries import Binaries, find_binaries
from driftbook.postgres.server import ShadowServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What tests replay is not kept for the user of this machine, nor taken from there.
os.environ["DRIFTBOOK_REPLAYS"] = ""

# The same examples in every run, and none refused because the machine is busy.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


def find_majors() -> list[Binaries]:
    """Return one server per major version, oldest first; fetched ones are asked for by name."""
    here = [binaries for binaries in find_binaries() if binaries.source != "fetched"]
    found = {binaries.major: binaries for binaries in reversed(here)}
    return [found[major] for major in sorted(found)]


@pytest.hookimpl(trylast=True)  # pytest groups by fixtures before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "binaries" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    # A worker takes one file after the other: started last, a slow one would run alone.
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", params=find_majors(), ids=lambda found: f"pg{found.major}")
def binaries(request: pytest.FixtureRequest) -> Binaries:
    found = request.param
    assert isinstance(found, Binaries)
    return found


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[Binaries], ShadowServer]]:
    """Yield the way to the servers of this process, which all run until its last test."""
    with ExitStack() as stack:
        running: dict[int, ShadowServer] = {}

        def find(binaries: Binaries) -> ShadowServer:
            if binaries.major not in running:
                server = ShadowServer(binaries, superuser="supabase_admin")
                running[binaries.major] = stack.enter_context(server)
            return running[binaries.major]

        yield find


@pytest.fixture(scope="session")
def server(binaries: Binaries, servers: Callable[[Binaries], ShadowServer]) -> ShadowServer:
    """Return one server for all tests of this process; its superuser is ``supabase_admin``."""
    return servers(binaries)


@pytest.fixture
def database(server: ShadowServer) -> Iterator[str]:
    """Yield a fresh database; it is dropped with the roles that the test made."""
    mark = server.roles()
    with server.database() as name:
        yield name
    server.drop_roles_made_since(mark)
