"""What belongs to the platform: taken from a snapshot of it, never from a list of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.drift.differing import read_rows

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]
Reasons = dict[str, dict[Key, str]]  # kind → key → why it leaves

PLATFORM_ROLE = re.compile(r"supabase_admin|supabase_\w+_admin")
TABLE_PARTS = frozenset({"column", "constraint", "index"})
# Rows that a project puts on objects of the platform, and that are its own.
PARTS = frozenset({"column", "constraint", "trigger", "policy", "rule"})
ADDITIONS = frozenset({"policy", "trigger", "rule", "comment"})
API_ROLES = frozenset({"anon", "authenticated", "PUBLIC"})


def find_schema(kind: str, key: Key) -> str:
    """Return the schema that the object is, or lies in; empty for an object of no schema.

    Migrations and their directory, which findings are about, are no objects of a catalog.
    """
    if kind not in KINDS:
        return ""
    names = KINDS[kind].key
    if kind == "schema":
        return key[0]
    if "object_kind" in names and key[names.index("object_kind")] == "schema":
        return (
            key[names.index("name")]
            if "name" in names and key[names.index("name")]
            else (key[names.index("schema")])
        )
    return key[names.index("schema")] if "schema" in names else ""


def find_subjects(kind: str, key: Key) -> tuple[tuple[str, Key], ...]:
    """Return the object itself, then the relation or object that it belongs to or is about."""
    names = KINDS[kind].key
    own = (kind, key)
    if "object_kind" in names and "name" in names:
        object_kind = key[names.index("object_kind")]
        about = (key[names.index("schema")], key[names.index("name")])
        return (own, ("table" if object_kind in PARTS else object_kind, about))
    if "table" in names:
        return (own, ("table", key[:2]))
    return (own,)


def is_rebuilt(live: Snapshot) -> bool:
    """Return whether somebody made a stand-in for the platform.

    The platform itself has default privileges for its superuser, which no project can take away.
    """
    if live.row("schema", ("auth",)) is None or "default_privilege" not in live.frames:
        return False
    roles = live.frames["default_privilege"]["role"]
    return not any(PLATFORM_ROLE.fullmatch(str(role)) for role in roles)


class PlatformRows:
    """Decides what belongs to the platform; ``expected`` and ``live`` may be one snapshot."""

    def __init__(self, expected: Snapshot, live: Snapshot, platform: Snapshot) -> None:
        self.rows = {
            name: tuple(
                read_rows(side.frames[name], kind) if name in side.frames else {}
                for side in (platform, expected, live)
            )
            for name, kind in KINDS.items()
        }
        self.schemas = {key[0] for key in self.rows["schema"][0]} - {"public"}
        self.is_plain = not self.schemas
        self.is_rebuilt = not self.is_plain and is_rebuilt(live)
        self.tables = set(self.rows["table"][0])
        policies = self.rows["policy"]
        # Platform tables on which the files put policies, which need row security.
        self.guarded = {key[:2] for key in policies[1].keys() - policies[0].keys()}
        self.owners: dict[tuple[str, str], str] = {}
        names = [entry.name for entry in KINDS["owner"].properties]
        at = names.index("role")
        for key, row in self.rows["owner"][2].items():
            self.owners[find_schema("owner", key), self._owned(key)] = str(row[at])

    def _owned(self, key: Key) -> str:
        names = KINDS["owner"].key
        is_schema = key[names.index("object_kind")] == "schema"
        return "" if is_schema else key[names.index("name")]

    def leave(self, reasons: Reasons) -> None:
        """Add every row of the platform to ``reasons``."""
        for kind, (platform, expected, live) in self.rows.items():
            for key, row in platform.items():
                if expected.get(key) == row and not self._is_own(kind, key, row, live.get(key)):
                    reasons[kind][key] = "platform"
            for key in live.keys() - platform.keys() - expected.keys():
                if not self.is_plain and self._made_by_platform(kind, key):
                    reasons[kind][key] = "platform"

    def _is_own(self, kind: str, key: Key, row: object, live: object) -> bool:
        """Return whether a platform row is compared all the same.

        The schema ``public`` of a plain server is the project's; the tables of a publication
        are; and nobody may switch row security off on a platform table unseen, unless live's
        platform is a stand-in that never had it and no file put a policy there.
        """
        if self.is_plain and find_schema(kind, key) == "public":
            return True
        if kind in {"publication", "role"}:
            return live is not None and live != row
        if kind == "table" and isinstance(row, tuple) and isinstance(live, tuple):
            at = [entry.name for entry in KINDS["table"].properties].index("rls_enabled")
            is_off = row[at] is True and live[at] is False
            return is_off and (not self.is_rebuilt or key in self.guarded)
        return False

    def _made_by_platform(self, kind: str, key: Key) -> bool:
        if kind in STORED_KINDS:
            return False  # rows have no owner
        names = KINDS[kind].key
        if kind == "default_privilege":
            of_platform = bool(PLATFORM_ROLE.fullmatch(key[names.index("role")]))
            return of_platform or find_schema(kind, key) in self.schemas
        subjects = find_subjects(kind, key)
        on_platform_table = any(
            subject[1] in self.tables for subject in subjects if subject[0] == "table"
        )
        if kind in TABLE_PARTS and self._table_of(kind, key) in self.tables:
            return True
        if kind in ADDITIONS and on_platform_table:
            return False
        if kind == "privilege" and key[names.index("grantee")] in API_ROLES:
            is_known = on_platform_table or find_schema(kind, key) == "public"
            return not is_known and self._is_owned_by_platform(kind, key)
        return self._is_owned_by_platform(kind, key)

    def _table_of(self, kind: str, key: Key) -> Key:
        if kind != "index":
            return key[:2]
        names = [entry.name for entry in KINDS["index"].properties]
        row = self.rows["index"][2][key]
        return (key[0], str(row[names.index("table")]))

    def _is_owned_by_platform(self, kind: str, key: Key) -> bool:
        schema = find_schema(kind, key)
        if schema == "public":
            return False
        if self.is_rebuilt and schema in self.schemas:
            return True
        owners = [self.owners.get((schema, ""), "")]
        if schema in self.schemas or not schema:
            names = KINDS[kind].key
            name = "table" if "table" in names else "name"
            if kind == "index":
                owners.append(self.owners.get((schema, self._table_of(kind, key)[1]), ""))
            elif name in names:
                owners.append(self.owners.get((schema, key[names.index(name)]), ""))
        return any(PLATFORM_ROLE.fullmatch(owner) for owner in owners)
