"""What nobody said: which platform a database and files are of, and who runs the files."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.directory import open_directory
from driftbook.drift.platform import is_rebuilt
from driftbook.shadow.prelude import read_platform_roles
from driftbook.shadow.stand_in import KINDS, PLATFORM_OWNER, DefaultGrant, StandIn
from driftbook.sources import SourceKind
from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.shadow.result import Platform
    from driftbook.sources import Source

__all__ = [
    "Needs",
    "guess_dump_role",
    "guess_platform",
    "guess_replay_role",
    "is_rebuilt",
    "read_needs",
    "read_stand_in",
    "read_texts",
]

DOT = r"\"?\s*\.\s*\"?"
USES = re.compile(
    rf"\bauth{DOT}(?:users\b|(?:uid|role|jwt|email)\"?\s*\()|\bstorage{DOT}(?:objects|buckets)\b"
    r"|\balter\s+publication\s+\"?supabase_realtime\b",
    re.IGNORECASE,
)
BRINGS = re.compile(
    rf"\bcreate\s+(?:schema\s+\"?auth\b|table\s+(?:if\s+not\s+exists\s+)?\"?auth{DOT}users\b)",
    re.IGNORECASE,
)
NAMES_ROLES = re.compile(
    r"\bto\s+(?:public\s*,\s*)?\"?(?:anon|authenticated|service_role)\b", re.IGNORECASE
)
MAKES_ROLES = re.compile(
    r"\bcreate\s+(?:role|user)\s+\"?(?:anon|authenticated|service_role)\b", re.IGNORECASE
)
GRANTS_DEFAULTS = re.compile(r"\balter\s+default\s+privileges\b([^;]*?)\bgrant\b", re.IGNORECASE)
IN_SCHEMAS = re.compile(r"\bin\s+schema\s+(.+?)\s*(?:\bfor\s+(?:role|user)\b.*)?$", re.IGNORECASE)
SIGNS = (USES, BRINGS, NAMES_ROLES, MAKES_ROLES)
# What names its owner says nothing of who ran the files.
OWNED = re.compile(
    r"\balter\s+[a-z ]*?((?:\"(?:[^\"]|\"\")+\"|[^\s\".(;]+)"
    r"(?:\s*\.\s*(?:\"(?:[^\"]|\"\")+\"|[^\s\".(;]+))?)(?:\s*\([^;]*?\))?\s+owner\s+to\s+"
    r"(\"(?:[^\"]|\"\")+\"|\w+)",
    re.IGNORECASE,
)
PLATFORM_SCHEMAS = frozenset({"auth", "storage", "realtime", "vault", "supabase_migrations"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What files take for granted.

    Attributes:
        uses: They use objects of the platform.
        brings: They make them themselves.
        names_roles: They give rights to the platform's roles.
        makes_roles: They make these roles themselves.
        default_schemas: Where they grant privileges on future objects; empty: everywhere.
        owned: Names, without schema and arguments, of objects that they give to somebody.
    """

    uses: bool = False
    brings: bool = False
    names_roles: bool = False
    makes_roles: bool = False
    default_schemas: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()


def read_texts(source: Source) -> list[str]:
    """Return the texts of a directory or a dump; what cannot be read says nothing here."""
    if source.kind is SourceKind.DUMP:
        try:
            data = [Path(source.path).read_bytes()]
        except OSError:
            return []
    else:
        data = [file.data for file in open_directory(source).files]
    return [each.decode(errors="replace") for each in data]


def read_needs(texts: Iterable[str]) -> Needs:
    """Return what ``texts`` say of the platform, comments aside."""
    found: set[re.Pattern[str]] = set()
    owned: set[str] = set()
    schemas: set[str] = set()
    for text in map(mask_comments, texts):
        found.update(sign for sign in SIGNS if sign not in found and sign.search(text))
        owned.update(_read_name(named.group(1)) for named in OWNED.finditer(text))
        for granted in GRANTS_DEFAULTS.finditer(text):
            named = IN_SCHEMAS.search(" ".join(granted.group(1).split()))
            schemas.update(map(_read_name, named.group(1).split(",")) if named else ("",))
    uses, brings, names_roles, makes_roles = (sign in found for sign in SIGNS)
    return Needs(uses, brings, names_roles, makes_roles, frozenset(schemas), frozenset(owned))


def _read_name(text: str) -> str:
    text = text.strip()
    name = text if text.endswith('"') else text.lower()
    return re.split(r'"\s*\.\s*"|\.\s*"|"?\s*\.\s*', name)[-1].strip('"').replace('""', '"')


def guess_platform(snapshot: Snapshot) -> Platform:
    """Return ``supabase`` when ``snapshot`` shows that product's own schemas and users table."""
    users = snapshot.row("table", ("auth", "users"))
    objects = snapshot.row("table", ("storage", "objects"))
    return "supabase" if users and objects else "plain"


def guess_replay_role(snapshot: Snapshot, owned: frozenset[str] = frozenset()) -> str | None:
    """Return the role that owns most of ``snapshot``; ``None`` when there is nothing.

    Tables count before all else, and what files hand over by name, ``owned``, only when there
    is nothing else.
    """
    owners = snapshot.frames["owner"]
    inside = owners[~owners["schema"].isin({*PLATFORM_SCHEMAS, ""})]
    inside = inside[inside["object_kind"] != "schema"]
    names = inside["name"].str.replace(r"\(.*", "", regex=True)
    left = inside[~names.isin(owned)]
    tables = left[left["object_kind"] == "table"]
    chosen = next((rows for rows in (tables, left, inside) if len(rows)), inside)
    return _find_owner(chosen["role"])


def guess_dump_role(texts: Iterable[str]) -> str | None:
    """Return the role that dumps hand most objects to; ``None`` when they hand over none."""
    found = (named for text in texts for named in OWNED.finditer(mask_comments(text)))
    return _find_owner(_read_name(named.group(2)) for named in found)


def read_stand_in(snapshot: Snapshot, needs: Needs) -> StandIn:
    """Return what ``snapshot`` has in place of the platform.

    Default privileges that files grant are taken for theirs.
    """
    role = guess_replay_role(snapshot, needs.owned) or PLATFORM_OWNER
    if role in read_platform_roles():
        role = PLATFORM_OWNER
    grants = snapshot.frames["default_privilege"]
    grants = grants[(grants["role"] == role) & grants["granted"].fillna(value=False)]
    columns = grants[["schema", "object_kind", "grantee", "privilege"]].astype(object)
    rows = columns.itertuples(index=False, name=None)
    extensions = snapshot.frames["extension"]
    return StandIn(
        role,
        # Before the first file there is no schema but public, and none is the files' own.
        frozenset(
            DefaultGrant(*row)
            for row in rows
            if row[1] in KINDS and row[0] in {"", "public"} - needs.default_schemas
        ),
        dict(zip(extensions["name"].map(str), extensions["schema"].map(str), strict=True)),
    )


def _find_owner(roles: Iterable[object]) -> str | None:
    counts = Counter(map(str, roles))
    return min(counts, key=lambda role: (-counts[role], role)) if counts else None
