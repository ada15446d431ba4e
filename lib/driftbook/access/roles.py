"""Roles: whose privileges a role has, whom it may become, and who passes row level security."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.catalog.snapshot import list_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftbook.catalog.snapshot import Snapshot

EVERYBODY = "PUBLIC"
# Roles of Supabase that its own documentation gives BYPASSRLS.
SUPABASE_BYPASSING = frozenset({"service_role", "postgres", "supabase_admin"})
# Roles of the server that hold privileges on everything without a grant.
ALL_DATA = {
    "pg_read_all_data": frozenset({"SELECT"}),
    "pg_write_all_data": frozenset({"INSERT", "UPDATE", "DELETE"}),
}


@dataclass(frozen=True)
class Roles:
    """What is known of roles.

    Attributes:
        superusers: They may do everything.
        bypassing: Row level security does not hold for them; no member inherits that.
        parents: Role → roles whose privileges it has without a further word.
        masks: Role → roles that it may become with SET ROLE.
        known: Whether memberships were read; else each role is judged alone.
    """

    superusers: frozenset[str] = frozenset()
    bypassing: frozenset[str] = frozenset()
    parents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    masks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: bool = False

    def held_by(self, role: str) -> frozenset[str]:
        """Return the roles whose grants and policies count for ``role``: itself, PUBLIC, others."""
        if role == EVERYBODY:
            return frozenset({EVERYBODY})
        return _close(role, self.parents) | {EVERYBODY}

    def worn_by(self, role: str) -> list[str]:
        """Return the roles that ``role`` may act as, itself first."""
        return [role, *sorted(_close(role, self.masks) - {role})]

    def heirs_of(self, roles: Iterable[str]) -> frozenset[str]:
        """Return the roles that inherit from ``roles`` or may become one of them."""
        wanted = frozenset(roles)
        members = self.parents.keys() | self.masks.keys()
        return frozenset(
            one for one in members if (_close(one, self.parents) | _close(one, self.masks)) & wanted
        )


def _close(role: str, edges: Mapping[str, frozenset[str]]) -> frozenset[str]:
    seen, queue = {role}, [role]
    while queue:
        for other in edges.get(queue.pop(), ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return frozenset(seen)


def read_roles(snapshot: Snapshot, bypassing: frozenset[str] = frozenset()) -> Roles:
    """Return the roles of ``snapshot``.

    Args:
        snapshot: With the frames ``role`` and ``membership``, if they were read.
        bypassing: Roles that the platform lets bypass row level security; they count as well,
            for a shadow's roles and those of a snapshot without roles.
    """
    roles = snapshot.frames.get("role")
    members = snapshot.frames.get("membership")
    # Every cluster has a role: none at all means that nobody asked.
    if roles is None or members is None or not len(roles):
        return Roles(bypassing=bypassing)
    flags = {
        name: frozenset(
            str(role) for role, is_set in list_rows(roles[["name", name]]) if is_set is True
        )
        for name in ("superuser", "bypass_rls", "inherit")
    }
    parents = defaultdict[str, set[str]](set)
    masks = defaultdict[str, set[str]](set)
    for role, member, inherits, may_set in list_rows(members[["role", "member", "inherit", "set"]]):
        # Before PostgreSQL 16 the member's own attribute decides.
        if inherits is True or (inherits is None and member in flags["inherit"]):
            parents[str(member)].add(str(role))
        if may_set is not False:
            masks[str(member)].add(str(role))
    return Roles(
        flags["superuser"],
        flags["bypass_rls"] | bypassing,
        {member: frozenset(found) for member, found in parents.items()},
        {member: frozenset(found) for member, found in masks.items()},
        known=True,
    )
