"""What is compared: the project's own objects, not the platform's, the tool's or the excluded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.catalog.kinds import DDL_LOG_FUNCTION, DDL_LOG_TRIGGERS, KINDS, STORED_KINDS
from driftbook.catalog.snapshot import list_values
from driftbook.drift.cluster import OPTIONAL, blank_database, find_cluster_leaving, forget_unasked
from driftbook.drift.majors import Unchecked, find_lone_maintain, find_unchecked
from driftbook.drift.own import leave_shadows_own
from driftbook.drift.platform import PlatformRows, Reasons, find_schema, find_subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.model import ObjectRef

Key = tuple[str, ...]

AUDITOR = "driftbook_auditor"
AUDITOR_POLICY = "driftbook_auditor_reads"
TRACKING_SCHEMA = "supabase_migrations"
HOLDERS = ("grantee", "role", "member")
# Schemas that a tool makes for its table; any other one holds objects of the project as well.
OWN_SCHEMAS = frozenset({TRACKING_SCHEMA, "drizzle"})
# Before, public belongs to whoever made the cluster, and in a shadow to the database's owner.
OWNED_PUBLIC_VERSION = 150_000
NO_ROWS = "a dump of the schema holds no rows"
NOT_READ = "excluded, and not read"  # so that nobody knows how many there are


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What a target wants compared.

    Attributes:
        schemas: Only these; empty: all. Objects outside any schema always stay.
        excludes: Globs of raw names, ``public.tmp_*``, or of one kind, ``table:public.tmp_*``.
        ignore_owner: Owners and their own privileges are not compared.
        tracking_table: Qualified name; its schema leaves where the tool made it for this table.
        without_rows: A side is a dump of the schema: it fills no materialized view, no table.
        roles: Roles of the cluster and their memberships are compared.
    """

    schemas: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    ignore_owner: bool = False
    tracking_table: str = f"{TRACKING_SCHEMA}.schema_migrations"
    without_rows: bool = False
    roles: bool = False


@dataclass(frozen=True, slots=True)
class Scoped:
    """Both sides as they are compared, and what left.

    Attributes:
        expected: What the files give.
        live: What was found.
        left_out: ``reason``, ``kind`` (str), ``objects`` (int64), sorted; each object once.
        unchecked: What left because the server of the replay cannot have it.
    """

    expected: Snapshot
    live: Snapshot
    left_out: pd.DataFrame
    unchecked: tuple[Unchecked, ...] = ()


def apply_scope(
    expected: Snapshot,
    live: Snapshot,
    platform: Snapshot | None,
    settings: ScopeSettings,
    withheld: Collection[ObjectRef] = (),
) -> Scoped:
    """Return both sides without what is not compared.

    A row of the platform leaves unless a migration changed it. What only live has leaves when
    it is a part of a platform table, or when a role of the platform owns it or its schema;
    policies, triggers and grants on platform objects are the project's and stay. What the files
    make and the shadow could not, of ``withheld``, is no drift where only live has it.
    """
    if settings.roles:
        expected, live = forget_unasked(expected), forget_unasked(live)
    if settings.without_rows:
        expected, live = _drop_stored(expected, live), _drop_stored(live, expected)
    sides = (expected, live)
    reasons: Reasons = {name: {} for name in KINDS}
    if platform is not None:
        PlatformRows(expected, live, platform).leave(reasons)
        leave_shadows_own(expected, live, withheld, reasons)
    _leave_our_own(live, settings, reasons)
    if platform is not None and min(side.version_num for side in sides) < OWNED_PUBLIC_VERSION:
        for kind, key in _find_owner_of_public(sides):
            reasons[kind][key] = "owner of public before PostgreSQL 15"
    for kind, key, reason in find_cluster_leaving(expected, live, platform, roles=settings.roles):
        reasons[kind][key] = reason
    leave = build_filter(settings)
    _leave_unwanted(sides, settings, reasons)
    left_out = _count_left_out(sides, reasons, settings)
    kept = [_keep(side, reasons, platform, leave, settings) for side in sides]
    lone = find_lone_maintain(kept, sides)
    if platform is None:
        return Scoped(kept[0], kept[1], left_out, lone)
    kept = [blank_database(side) for side in kept]
    unchecked = find_unchecked(kept[0], kept[1])
    live = _drop_unchecked(kept[1], unchecked)
    return Scoped(_take_versions(kept[0], live), live, left_out, (*unchecked, *lone))


def _drop_stored(side: Snapshot, other: Snapshot) -> Snapshot:
    """Return ``side`` without the kinds that only one of both has rows of: one is a dump."""
    sizes = {
        name: [len(one.frames[name]) for one in (side, other) if name in one.frames]
        for name in STORED_KINDS
    }
    lone = {name for name, counts in sizes.items() if 0 in counts and any(counts)}
    frames = {name: frame for name, frame in side.frames.items() if name not in lone}
    return replace(side, frames=frames, unread={**side.unread, **dict.fromkeys(lone, NO_ROWS)})


def _leave_unwanted(sides: Sequence[Snapshot], settings: ScopeSettings, reasons: Reasons) -> None:
    leave = build_filter(settings)
    for name in KINDS:
        for side in sides:
            for key in list_suspects(side, name, settings):
                if key not in reasons[name] and (reason := leave(name, key)):
                    reasons[name][key] = reason


def _count_left_out(
    sides: Sequence[Snapshot], reasons: Reasons, settings: ScopeSettings
) -> pd.DataFrame:
    counts = Counter(
        (reason, name) for name, leaving in reasons.items() for reason in leaving.values()
    )
    for side in sides:
        unwanted = side.unread.keys() - find_wanted(side.unread, settings).keys() - {*OPTIONAL}
        counts.update({(NOT_READ, name): 0 for name in unwanted})
    return pd.DataFrame(
        [(*pair, count) for pair, count in sorted(counts.items())],
        columns=["reason", "kind", "objects"],
    ).astype({"reason": "str", "kind": "str", "objects": "int64"})


def find_wanted(unread: Mapping[str, str], settings: ScopeSettings) -> dict[str, str]:
    """Return what of ``unread`` a target wants compared: ``cron_job:*`` leaves out a kind."""
    whole = {kind for kind, glob in map(_parse_exclude, settings.excludes) if glob == "*"}
    whole |= set() if settings.roles else set(OPTIONAL)
    return {name: why for name, why in unread.items() if name.partition(".")[0] not in whole}


def _leave_our_own(live: Snapshot, settings: ScopeSettings, reasons: Reasons) -> None:
    """Give a reason to what belongs to the tracking table, our own DDL log and the audit role."""
    for policy in _find_policies_of_auditor(live):
        reasons["policy"][policy] = "audit role"
    for trigger in _find_ddl_log(live):
        reasons["event_trigger"][trigger,] = "DDL log"
        reasons["owner"]["event_trigger", "", trigger] = "DDL log"
    for kind, key in _find_tracking_parts(live, settings):
        reasons[kind][key] = "tracking table"
        for about in ("owner", "comment", "privilege"):
            reasons[about] |= {
                one: "tracking table" for one in read_keys(live, about) if one[:3] == (kind, *key)
            }


def _drop_unchecked(side: Snapshot, unchecked: Collection[Unchecked]) -> Snapshot:
    frames = dict(side.frames)
    for kind in {one.kind for one in unchecked}:
        leaving = {one.key for one in unchecked if one.kind == kind}
        stays = pd.array([key not in leaving for key in read_keys(side, kind)], dtype="bool")
        frames[kind] = frames[kind][stays].reset_index(drop=True)
    return replace(side, frames=frames) if unchecked else side


def _find_tracking_parts(live: Snapshot, settings: ScopeSettings) -> list[tuple[str, Key]]:
    """Return indexes and sequences of the tracking table, which have names of their own."""
    schema, _, table = settings.tracking_table.rpartition(".")
    schema = schema or "public"
    owners = {"index": ("table", table), "sequence": ("owned_by", f"{schema}.{table}.")}
    return [
        (kind, key)
        for kind, (column, owner) in owners.items()
        for key in read_keys(live, kind)
        if table and key[0] == schema and (row := live.row(kind, key))
        if str(row[column]) == owner or (owner[-1] == "." and str(row[column]).startswith(owner))
    ]


def _find_policies_of_auditor(live: Snapshot) -> list[Key]:
    """Return the policies that let the auditor read rows, as long as they do no more."""
    names = ("command", "roles", "permissive", "using", "with_check")
    intact = dict(zip(names, ("select", AUDITOR, True, "true", None), strict=True))
    return [
        key
        for key in read_keys(live, "policy")
        if key[-1] == AUDITOR_POLICY
        if (row := live.row("policy", key)) and intact.items() <= row.items()
    ]


def _find_ddl_log(live: Snapshot) -> list[str]:
    """Return the event triggers of driftbook's own log, as long as they are as installed."""
    intact = {"function": DDL_LOG_FUNCTION, "enabled": "origin", "tags": None}
    return [
        name
        for name in sorted(DDL_LOG_TRIGGERS)
        if (row := live.row("event_trigger", (name,))) and intact.items() <= row.items()
    ]


def _find_owner_of_public(sides: Collection[Snapshot]) -> Iterator[tuple[str, Key]]:
    """Yield who owns the schema ``public``, and the owner's own privileges there."""
    yield "owner", ("schema", "", "public")
    for side in sides:
        for key in read_keys(side, "privilege"):
            on_public = key[:4] == ("schema", "", "public", "")
            if on_public and (row := side.row("privilege", key)) and row["is_owner"]:
                yield "privilege", key


def _take_versions(expected: Snapshot, live: Snapshot) -> Snapshot:
    """Return ``expected`` with live's versions of extensions, and what these decide.

    Files replayed in a shadow get the version that its server happens to have.
    """
    if "extension" not in expected.frames or "extension" not in live.frames:
        return expected
    frame = expected.frames["extension"]
    found = [live.row("extension", key) or {} for key in read_keys(expected, "extension")]
    changed = frame.assign(
        **{
            column: pd.Series(
                [
                    row.get(column, own)
                    for row, own in zip(found, list_values(frame[column]), strict=True)
                ],
                index=frame.index,
                dtype=frame[column].dtype,
            )
            for column in ("version", "relocatable")
        }
    )
    return replace(expected, frames={**expected.frames, "extension": changed})


def subtract_platform(snapshot: Snapshot, platform: Snapshot) -> Snapshot:
    """Return ``snapshot`` without the rows that ``platform`` has alike."""
    reasons: Reasons = {name: {} for name in KINDS}
    PlatformRows(snapshot, snapshot, platform).leave(reasons)
    return _keep(snapshot, reasons, platform, lambda _kind, _key: "", ScopeSettings())


def list_suspects(side: Snapshot, kind: str, settings: ScopeSettings) -> list[Key]:
    """Return the keys that :func:`build_filter` may let go: few, where no glob is asked for.

    Whether each of half a million rows leaves would take longer than to compare them all.
    """
    if settings.excludes or kind not in side.frames or "schema" not in KINDS[kind].key:
        return read_keys(side, kind)
    frame = side.frames[kind]
    if kind == "owner" and settings.ignore_owner:
        return read_keys(side, kind)
    columns = {name: frame[name].tolist() for name in KINDS[kind].key}
    table = settings.tracking_table.rpartition(".")[2]
    wanted = settings.schemas
    suspects = {
        "schema": {
            schema
            for schema in set(columns["schema"])
            if schema in {TRACKING_SCHEMA, *OWN_SCHEMAS} or (wanted and schema not in wanted)
        },
        "object_kind": {"schema"},
        "grantee": {AUDITOR},
        "table": {table},
        "name": {table},
    }
    places: set[int] = set()
    for name, values in columns.items():
        searched = suspects.get(name, set())
        if not searched.isdisjoint(values):
            places.update(at for at, value in enumerate(values) if value in searched)
    return [tuple(values[at] for values in columns.values()) for at in sorted(places)]


def build_filter(settings: ScopeSettings) -> Callable[[str, Key], str]:
    """Return what tells why a row leaves by the target's settings; empty: it stays."""
    schema, _, table = settings.tracking_table.rpartition(".")
    tracking_schemas = {TRACKING_SCHEMA} | ({schema} & OWN_SCHEMAS)
    tracking = ("table", (schema or "public", table))
    patterns = [_parse_exclude(text) for text in settings.excludes]

    def leave(kind: str, key: Key) -> str:
        names = KINDS[kind].key
        inside, subjects = find_schema(kind, key), find_subjects(kind, key)
        is_tracking = inside in tracking_schemas or tracking in subjects
        reasons = {
            "tracking table": is_tracking,
            "audit role": (kind == "role" and key == (AUDITOR,))
            or any(key[names.index(one)] == AUDITOR for one in HOLDERS if one in names),
            "other schema": bool(inside and settings.schemas) and inside not in settings.schemas,
            "excluded": any(
                wanted in {"", name} and fnmatchcase(".".join(subject), glob)
                for wanted, glob in patterns
                for name, subject in subjects
            ),
            "owner ignored": settings.ignore_owner and kind == "owner",
        }
        return next((reason for reason, applies in reasons.items() if applies), "")

    return leave


def _parse_exclude(text: str) -> tuple[str, str]:
    kind, colon, glob = text.partition(":")
    return (kind, glob) if colon and kind in KINDS else ("", text)


def read_keys(side: Snapshot, kind: str) -> list[Key]:
    """Return the keys of the objects of one kind; none of a kind that was not read."""
    if kind not in side.frames:
        return []
    frame = side.frames[kind]
    columns = (list_values(frame[name]) for name in KINDS[kind].key)
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
        keys = read_keys(side, name) if leaving else []
        stays = pd.Series([key not in leaving for key in keys], dtype="bool")
        frames[name] = frame if stays.all() else frame[stays.array].reset_index(drop=True)
    if settings.without_rows and "materialized_view" in frames:
        frames["materialized_view"] = frames["materialized_view"].assign(populated=None)
    if settings.ignore_owner and "privilege" in frames:
        grants = frames["privilege"]
        frames["privilege"] = grants[~grants["is_owner"].fillna(value=False)]
    return replace(
        side,
        frames=frames,
        unaccounted=_keep_unaccounted(side, platform, leave),
        unread=find_wanted(side.unread, settings),
    )


def _keep_unaccounted(
    side: Snapshot, platform: Snapshot | None, leave: Callable[[str, Key], str]
) -> pd.DataFrame:
    """Return the objects of no frame that lie in what is compared."""
    rows = side.unaccounted
    if not len(rows):
        return rows
    schemas = set() if platform is None else {*read_keys(platform, "schema")} - {("public",)}
    known = (
        set()
        if platform is None
        else {tuple(row) for row in platform.unaccounted.itertuples(index=False, name=None)}
    )
    stays = [
        row not in known
        and (row[1],) not in schemas
        and not (row[1] and leave("schema", (row[1],)))
        for row in rows.itertuples(index=False, name=None)
    ]
    return rows[pd.array(stays, dtype="bool")].reset_index(drop=True)
