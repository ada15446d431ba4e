"""What of the database itself and of its cluster's roles can be compared, and what leaves."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.kinds.cluster import THIS_DATABASE
from driftbook.catalog.snapshot import list_values
from driftbook.drift.platform import API_ROLES, PLATFORM_ROLE
from driftbook.shadow.prelude import read_platform_roles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]

NO_ROLE = "set for a role that one side lacks"
UNASKED = "roles were not asked for"
NO_ROLES = "roles were not asked for when it was recorded"
SHADOW = "of the shadow's own database, which says nothing of files"
PLATFORM = "platform"
MADE_BEFORE = "made before the files run, so that what they state of it is not known"
# The roles that requests of the API arrive as, and what would make one of them dangerous.
REQUESTED = frozenset({"anon", "authenticated", "service_role", "authenticator"})
POWERS = ("superuser", "bypass_rls", "create_role", "replication")
OPTIONAL = tuple(name for name, kind in KINDS.items() if kind.optional)
# What a platform sets for its database, and for its own roles.
OF_DATABASE = "app.settings."
OF_ROLES = re.compile(
    r"(log_|pgaudit\.|auto_explain\.).*|search_path|session_preload_libraries"
    r"|(statement|lock|idle_in_transaction_session)_timeout"
)
# What every new database gives to everybody.
BUILT_IN = frozenset({("PUBLIC", "CONNECT"), ("PUBLIC", "TEMPORARY")})


def find_cluster_leaving(
    expected: Snapshot, live: Snapshot, platform: Snapshot | None, *, roles: bool
) -> Iterator[tuple[str, Key, str]]:
    """Yield kind, key and reason of what is not compared.

    Two databases are compared in everything. Files say of a database what they set, grant and
    comment; who owns a shadow's database and how many sessions it takes is the shadow's business.

    Args:
        expected: What the files give, or another database.
        live: What was found.
        platform: What a shadow holds before its files; ``None``: both sides are databases.
        roles: Whether roles and memberships were asked for.
    """
    sides = (expected, live)
    ours = set() if platform is None else _find_platform_roles(sides, platform)
    yield from _find_roles(sides, ours, roles=roles)
    yield from _find_settings(sides, ours, platform)
    if platform is not None:
        yield from _find_database(expected, live, platform, ours)
        yield from _find_initial(expected, live, platform, ours)


def _find_platform_roles(sides: Collection[Snapshot], platform: Snapshot) -> set[str]:
    """Return the roles that are there before the first file, in a shadow or in the cluster."""
    names = {name for (name,) in _keys(platform, "role")}
    for side in sides:
        for key in _keys(side, "role"):
            row = side.row("role", key) or {}
            if row.get("is_first") or PLATFORM_ROLE.fullmatch(key[0]):
                names.add(key[0])
    return names


def _find_roles(
    sides: tuple[Snapshot, Snapshot], ours: set[str], *, roles: bool
) -> Iterator[tuple[str, Key, str]]:
    for side in sides:
        for kind in OPTIONAL:
            for key in _keys(side, kind):
                if not roles:
                    yield kind, key, UNASKED
                # A role, or a role and its member.
                elif {*key[:2]} <= ours and (reason := _explain_role(kind, key, sides)):
                    yield kind, key, reason


def _explain_role(kind: str, key: Key, sides: tuple[Snapshot, Snapshot]) -> str:
    """Return why a role that is there before the first file is not compared; empty: it is.

    A role that requests arrive as is compared where it gained power, also on a platform.
    """
    who = key[1] if kind == "membership" else key[0]
    if who not in REQUESTED:
        is_platform = who in read_platform_roles() or PLATFORM_ROLE.fullmatch(who)
        rows = [side.row("role", (who,)) or {} for side in sides]
        is_first = any(row.get("is_first") for row in rows)
        return PLATFORM if is_platform or is_first else MADE_BEFORE
    if kind == "membership":
        is_known = key[:2] in {known[:2] for known in _keys(sides[0], kind)}
    else:
        before, now = (side.row(kind, key) or {} for side in sides)
        is_known = not any(now.get(power) and not before.get(power) for power in POWERS)
    return PLATFORM if is_known else ""


def _find_settings(
    sides: tuple[Snapshot, Snapshot], ours: set[str], platform: Snapshot | None
) -> Iterator[tuple[str, Key, str]]:
    is_hosted = platform is not None and _is_hosted(platform)
    known = [{name for (name,) in _keys(side, "role")} for side in sides]
    stated = set(_keys(sides[0], "database_setting"))
    for side in sides:
        for key in _keys(side, "database_setting"):
            role, database, name = key
            if not database and role and not all(role in names for names in known):
                yield "database_setting", key, NO_ROLE
            elif key in stated or not is_hosted:
                continue
            elif name.startswith(OF_DATABASE) or (role in ours and OF_ROLES.fullmatch(name)):
                yield "database_setting", key, PLATFORM


def _find_database(
    expected: Snapshot, live: Snapshot, platform: Snapshot, ours: set[str]
) -> Iterator[tuple[str, Key, str]]:
    row = expected.row("database", (THIS_DATABASE,))
    if row is not None and row["comment"] is None:
        yield "database", (THIS_DATABASE,), SHADOW
    owner = ("database", "", THIS_DATABASE)
    if expected.row("owner", owner) is not None:
        yield "owner", owner, SHADOW
    before = set(_keys(platform, "privilege"))
    stated = {key for key in _keys(expected, "privilege") if key not in before}
    for side in (expected, live):
        for key in _keys(side, "privilege"):
            if key[:3] != ("database", "", THIS_DATABASE) or key in stated:
                continue
            grantee, privilege = key[4:]
            granted = side.row("privilege", key) or {}
            is_ours = grantee in ours and grantee not in API_ROLES
            if granted.get("is_owner") or is_ours or (grantee, privilege) in BUILT_IN:
                yield "privilege", key, SHADOW


def _find_initial(
    expected: Snapshot, live: Snapshot, platform: Snapshot, ours: set[str]
) -> Iterator[tuple[str, Key, str]]:
    """Yield what the platform grants its roles, and takes from all, of what extensions bring."""
    stated = {*_keys(expected, "initial_privilege")} - {*_keys(platform, "initial_privilege")}
    for key in _keys(live, "initial_privilege") if _is_hosted(platform) else ():
        if key[4] in ours | {"PUBLIC"} and key not in stated:
            yield "initial_privilege", key, PLATFORM


def _is_hosted(platform: Snapshot) -> bool:
    return {*_keys(platform, "schema")} > {("public",)}


def forget_unasked(side: Snapshot) -> Snapshot:
    """Return ``side`` without frames of roles that hold none: every cluster has a role."""
    if "role" not in side.frames or len(side.frames["role"]):
        return side
    frames = {kind: frame for kind, frame in side.frames.items() if kind not in OPTIONAL}
    unread = {**side.unread, **dict.fromkeys(OPTIONAL, NO_ROLES)}
    return replace(side, frames=frames, unread=unread)


def blank_database(side: Snapshot) -> Snapshot:
    """Return ``side`` with nothing of its database but the comment, which files can state."""
    if "database" not in side.frames:
        return side
    names = [one.name for one in KINDS["database"].properties if one.name != "comment"]
    frame = side.frames["database"].assign(**dict.fromkeys(names))
    return side.with_frames({"database": frame})


def _keys(side: Snapshot, kind: str) -> list[Key]:
    if kind not in side.frames:
        return []
    columns = (list_values(side.frames[kind][name]) for name in KINDS[kind].key)
    return list(zip(*columns, strict=True))
