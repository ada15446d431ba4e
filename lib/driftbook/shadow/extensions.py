"""Which extensions are real here, which are stand-ins, and making them beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.shadow.prelude import Stub, load_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import Platform
    from driftbook.shadow.scan import ExtensionNeed

    Session = psycopg.Connection[TupleRow]

CONTROL_PATH_VERSION = 180_000  # stubs as real extensions, from a directory of our own
CONTROL = """\
comment = 'stand-in'
default_version = '1.0'
relocatable = false
superuser = true
trusted = false
"""
SCHEMAS = "select nspname::text from pg_catalog.pg_namespace"
AVAILABLE = (
    "select name::text, bool_or(trusted) from pg_catalog.pg_available_extension_versions group by 1"
)


class How(Enum):
    """What stands for an extension in the shadow."""

    INLINE = auto()  # real and trusted: the file's own statement runs
    PREPARED = auto()  # real, made by us because only a superuser can
    STUBBED = auto()  # our stand-in
    NAME_ONLY = auto()  # nothing but its name
    UNKNOWN = auto()  # nothing at all


@dataclass(frozen=True, slots=True)
class Provision:
    """What stands for one extension.

    Attributes:
        schema: Where it is made; empty when it is not made by us.
        preinstalled: The platform has it before the first file.
    """

    name: str
    how: How
    schema: str = ""
    preinstalled: bool = False
    stub: Stub | None = None

    @property
    def is_real(self) -> bool:
        """Return whether the server's own extension is used."""
        return self.how in {How.INLINE, How.PREPARED}


def read_available(server: ShadowServer, session: Session) -> dict[str, bool]:
    """Return the real extensions of the server, and whether each is trusted."""
    stubs = server.stubs_dir
    own = {path.stem for path in (stubs / "extension").glob("*.control")} if stubs else set()
    rows = session.execute(AVAILABLE).fetchall()
    return {str(name): bool(trusted) for name, trusted in rows if name not in own}


def plan(
    needs: Sequence[ExtensionNeed],
    real: dict[str, bool],
    platform: Platform,
    places: Mapping[str, str] | None = None,
) -> list[Provision]:
    """Return what stands for each extension that files or the platform name.

    ``places`` says where a stand-in for the platform has them.
    """
    manifest = load_manifest()
    places = places or {}
    preinstalled = manifest.preinstalled if platform == "supabase" else ()
    found = [
        _provide(name, places.get(name, manifest.preinstalled_schema), real, preinstalled=True)
        for name in preinstalled
    ]
    return found + [
        _provide(need.name, need.schema, real, moved_to=need.moved_to)
        for need in needs
        if need.name not in preinstalled
    ]


def _provide(
    name: str,
    schema: str,
    real: dict[str, bool],
    *,
    preinstalled: bool = False,
    moved_to: str = "",
) -> Provision:
    manifest = load_manifest()
    stub = manifest.stubs.get(name)
    if name in real and real[name] and moved_to:
        return Provision(name, How.PREPARED, moved_to)
    if name in real and (real[name] or preinstalled):
        return Provision(name, How.PREPARED if preinstalled else How.INLINE, "", preinstalled)
    if name in real and name in manifest.allowed:
        return Provision(name, How.PREPARED, schema or "public")
    if stub is None:
        return Provision(name, How.UNKNOWN)
    how = How.STUBBED if stub.sql else How.NAME_ONLY
    # What a stub makes unqualified cannot lie in a system schema; one may make its own schema.
    is_own = schema.startswith("pg_") or f"create schema {schema};" in stub.sql
    where = stub.schema or ("public" if is_own or not schema else schema)
    return Provision(name, how, where, preinstalled, stub)


def takes_controls(server: ShadowServer) -> bool:
    """Return whether stubs can be real extensions of the server."""
    return server.stubs_dir is not None and server.version_num >= CONTROL_PATH_VERSION


def write_controls(server: ShadowServer, provisions: Iterable[Provision]) -> None:
    """Make stubs known to servers that find extensions in a directory of ours."""
    if not takes_controls(server):
        return
    for item in provisions:
        if item.stub is not None:
            fixed = f"schema = '{item.stub.schema}'\n" if item.stub.schema else ""
            server.write_stub(f"{item.name}.control", CONTROL + fixed)
            server.write_stub(f"{item.name}--1.0.sql", item.stub.sql)


def create(
    session: Session, provisions: Iterable[Provision], role: str, *, as_stub: bool
) -> frozenset[str]:
    """Create what files cannot create themselves; return the schemas made for it.

    The schemas belong to ``role``, as if a file had made them. ``as_stub``: stubs are run as text.
    """
    existing = {str(row[0]) for row in session.execute(SCHEMAS)}
    schemas = set[str]()
    for item in provisions:
        if not item.schema:
            continue
        if item.schema not in existing | schemas:
            make = sql.SQL("create schema {} authorization {}")
            session.execute(make.format(sql.Identifier(item.schema), sql.Identifier(role)))
            schemas.add(item.schema)
        if item.stub is not None and as_stub:
            _run_stub(session, item)
        else:
            make = sql.SQL("create extension if not exists {} with schema {} cascade")
            session.execute(make.format(sql.Identifier(item.name), sql.Identifier(item.schema)))
    return frozenset(schemas)


def _run_stub(session: Session, item: Provision) -> None:
    if item.stub is None or not item.stub.sql:
        return
    with session.transaction():
        path = sql.SQL("set local search_path = {}, pg_catalog")
        session.execute(path.format(sql.Identifier(item.schema)))
        session.execute(item.stub.sql.encode())
