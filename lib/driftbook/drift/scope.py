"""What is compared: the project's own objects, not the platform's, the tool's or the excluded."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.catalog.kinds import KINDS
from driftbook.drift.diff import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]
Reasons = dict[str, dict[Key, str]]  # kind → key → why it leaves

PLATFORM_ROLE = re.compile(r"supabase_admin|supabase_\w+_admin|driftbook")
AUDITOR = "driftbook_auditor"
TRACKING_SCHEMA = "supabase_migrations"
TABLE_PARTS = frozenset({"column", "constraint", "index"})
# Rows that a project puts on objects of the platform, and that are its own.
ADDITIONS = frozenset({"policy", "trigger", "rule", "comment"})
API_ROLES = frozenset({"anon", "authenticated", "PUBLIC"})
RELATIONS = ("table", "view", "materialized_view", "foreign_table", "sequence")


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What a target wants compared.

    Attributes:
        schemas: Only these; empty: all. Objects outside any schema always stay.
        excludes: Globs of raw names, ``public.tmp_*``, or of one kind, ``table:public.tmp_*``.
        ignore_owner: Owners, their own privileges and grantors are not compared.
        tracking_table: Qualified name; its schema leaves unless it is ``public``.
    """

    schemas: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    ignore_owner: bool = False
    tracking_table: str = f"{TRACKING_SCHEMA}.schema_migrations"


@dataclass(frozen=True, slots=True)
class Scoped:
    """Both sides as they are compared, and what left.

    Attributes:
        expected: What the files give.
        live: What was found.
        left_out: ``reason``, ``kind`` (str), ``objects`` (int64), sorted; each object once.
    """

    expected: Snapshot
    live: Snapshot
    left_out: pd.DataFrame


def apply_scope(
    expected: Snapshot, live: Snapshot, platform: Snapshot | None, settings: ScopeSettings
) -> Scoped:
    """Return both sides without what is not compared.

    A row of the platform leaves unless a migration changed it. What only live has leaves when
    it is a part of a platform table, or when a role of the platform owns it or its schema;
    policies, triggers and grants on platform objects are the project's and stay.
    """
    sides = (expected, live)
    reasons: Reasons = {name: {} for name in KINDS}
    if platform is not None:
        _Platform(expected, live, platform).leave(reasons)
    leave = _build_filter(settings)
    for name in KINDS:
        for side in sides:
            for key in _read_keys(side, name):
                if key not in reasons[name] and (reason := leave(name, key)):
                    reasons[name][key] = reason
    counts = Counter(
        (reason, name) for name, leaving in reasons.items() for reason in leaving.values()
    )
    left_out = pd.DataFrame(
        [(*pair, count) for pair, count in sorted(counts.items())],
        columns=["reason", "kind", "objects"],
    ).astype({"reason": "str", "kind": "str", "objects": "int64"})
    scoped = (_keep(side, reasons, platform, leave, settings) for side in sides)
    return Scoped(*scoped, left_out)


def subtract_platform(snapshot: Snapshot, platform: Snapshot) -> Snapshot:
    """Return ``snapshot`` without the rows that ``platform`` has alike."""
    reasons: Reasons = {name: {} for name in KINDS}
    _Platform(snapshot, snapshot, platform).leave(reasons)
    return _keep(snapshot, reasons, platform, lambda _kind, _key: "", ScopeSettings())


def find_schema(kind: str, key: Key) -> str:
    """Return the schema that the object is, or lies in; empty for an object of no schema."""
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
        return (own, *((name, about) for name in (object_kind, *RELATIONS)))
    if "table" in names:
        table = (key[names.index("schema")], key[names.index("table")])
        return (own, *((name, table) for name in RELATIONS))
    return (own,)


class _Platform:
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
        self.tables = set(self.rows["table"][0])
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
                if self._made_by_platform(kind, key):
                    reasons[kind][key] = "platform"

    def _is_own(self, kind: str, key: Key, row: object, live: object) -> bool:
        """Return whether a platform row is compared all the same.

        The schema ``public`` of a plain server is the project's; the tables of a publication
        are; and nobody may switch row security off on a platform table unseen.
        """
        if self.is_plain and find_schema(kind, key) == "public":
            return True
        if kind == "publication":
            return live != row
        if kind == "table" and isinstance(row, tuple) and isinstance(live, tuple):
            at = [entry.name for entry in KINDS["table"].properties].index("rls_enabled")
            return row[at] is True and live[at] is False
        return False

    def _made_by_platform(self, kind: str, key: Key) -> bool:
        names = KINDS[kind].key
        if kind == "default_privilege":
            return bool(PLATFORM_ROLE.fullmatch(key[names.index("role")]))
        subjects = find_subjects(kind, key)
        on_platform_table = any(
            subject[1] in self.tables for subject in subjects if subject[0] == "table"
        )
        if kind in TABLE_PARTS:
            table = self._table_of(kind, key)
            if table in self.tables:
                return True
        if kind in ADDITIONS and on_platform_table:
            return False
        if kind == "privilege":
            grantee = key[names.index("grantee")]
            if grantee in API_ROLES:
                about = next((s for k, s in subjects[1:] if k == key[names.index("object_kind")]))
                is_known = about in self.tables or find_schema(kind, key) == "public"
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
        owners = [self.owners.get((schema, ""), "")]
        if schema in self.schemas or not schema:
            names = KINDS[kind].key
            name = "table" if "table" in names else "name"
            if name in names:
                owners.append(self.owners.get((schema, key[names.index(name)]), ""))
        return any(PLATFORM_ROLE.fullmatch(owner) for owner in owners)


def _build_filter(settings: ScopeSettings) -> Callable[[str, Key], str]:
    """Return what tells why a row leaves by the target's settings; empty: it stays."""
    schema, _, table = settings.tracking_table.rpartition(".")
    tracking_schemas = {TRACKING_SCHEMA, schema} - {"public", ""}
    patterns = [_parse_exclude(text) for text in settings.excludes]

    def leave(kind: str, key: Key) -> str:
        names = KINDS[kind].key
        inside = find_schema(kind, key)
        if inside in tracking_schemas:
            return "tracking table"
        subjects = find_subjects(kind, key)
        if any(subject == ("public", table) for name, subject in subjects if name == "table"):
            return "tracking table"
        if "grantee" in names and key[names.index("grantee")] == AUDITOR:
            return "audit role"
        if settings.schemas and inside and inside not in settings.schemas:
            return "other schema"
        for wanted, glob in patterns:
            for name, subject in subjects:
                if wanted in {"", name} and fnmatchcase(".".join(subject), glob):
                    return "excluded"
        if settings.ignore_owner and kind == "owner":
            return "owner ignored"
        return ""

    return leave


def _parse_exclude(text: str) -> tuple[str, str]:
    kind, colon, glob = text.partition(":")
    return (kind, glob) if colon and kind in KINDS else ("", text)


def _read_keys(side: Snapshot, kind: str) -> list[Key]:
    if kind not in side.frames:
        return []
    frame = side.frames[kind]
    columns = (frame[name].astype(object).tolist() for name in KINDS[kind].key)
    return list(zip(*columns, strict=True))


def _keep(
    side: Snapshot,
    reasons: Reasons,
    platform: Snapshot | None,
    leave: Callable[[str, Key], str],
    settings: ScopeSettings,
) -> Snapshot:
    frames: dict[str, pd.DataFrame] = {}
    for name, frame in side.frames.items():
        leaving: Mapping[Key, str] = reasons.get(name, {})
        mask = [key not in leaving for key in _read_keys(side, name)] if leaving else None
        frames[name] = frame if mask is None else frame[mask].reset_index(drop=True)
    if settings.ignore_owner and "privilege" in frames:
        grants = frames["privilege"]
        frames["privilege"] = grants[~grants["is_owner"].fillna(value=False)].assign(grantor=pd.NA)
    return replace(side, frames=frames, unaccounted=_keep_unaccounted(side, platform, leave))


def _keep_unaccounted(
    side: Snapshot, platform: Snapshot | None, leave: Callable[[str, Key], str]
) -> pd.DataFrame:
    """Return the objects of no frame that lie in what is compared."""
    rows = side.unaccounted
    if not len(rows):
        return rows
    schemas = set() if platform is None else {*_read_keys(platform, "schema")} - {("public",)}
    known = (
        set()
        if platform is None
        else {tuple(row) for row in platform.unaccounted.itertuples(index=False, name=None)}
    )
    mask = [
        row not in known
        and (row[1],) not in schemas
        and not (row[1] and leave("schema", (row[1],)))
        for row in rows.itertuples(index=False, name=None)
    ]
    return rows[mask].reset_index(drop=True)
