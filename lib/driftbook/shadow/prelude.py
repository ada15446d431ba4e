"""Our own SQL: what makes an empty database look like the platform, and the extension stubs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

ROLE = re.compile(r"'([a-z_]+)'")


@dataclass(frozen=True, slots=True)
class Stub:
    """A stand-in for an extension that the server lacks.

    Attributes:
        sql: Its objects; empty when only the name is known.
        schema: The one schema it can live in; empty: any.
        home: What the real one calls its schema when the statement names none.
        provides: Index access methods that the real extension has and the stub lacks.
        brings: Patterns of names that the real extension has and the stub lacks.
    """

    name: str
    sql: str
    schema: str = ""
    home: str = ""
    provides: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.toml`` says."""

    version: int
    preinstalled: tuple[str, ...]
    preinstalled_schema: str
    allowed: frozenset[str]
    stubs: dict[str, Stub]
    unknown: dict[str, tuple[str, ...]]  # extensions without a stub → patterns of what they bring
    real: dict[str, tuple[str, ...]]  # well-known extensions → patterns of what only they bring


def load_sql(path: str) -> str:
    """Return one of our files under ``platform/``."""
    resource = files("driftbook.shadow") / "platform"
    for part in path.split("/"):
        resource /= part
    return resource.read_text(encoding="utf-8")


@cache
def load_manifest() -> Manifest:
    """Return the list of stubs and of extensions that may be created beforehand."""
    document = tomllib.loads(load_sql("manifest.toml"))
    stubs = {
        name: Stub(
            name,
            load_sql(f"extensions/{entry['file']}") if entry["file"] else "",
            entry.get("schema", ""),
            entry.get("home", ""),
            tuple(entry.get("provides", ())),
            tuple(entry.get("brings", ())),
        )
        for name, entry in document["stub"].items()
    }
    prelude = document["prelude"]
    return Manifest(
        prelude["version"],
        tuple(prelude["preinstalled"]),
        prelude["preinstalled_schema"],
        frozenset(prelude["allowed"]),
        stubs,
        {name: tuple(entry["brings"]) for name, entry in document["unknown"].items()},
        {name: tuple(entry["brings"]) for name, entry in document["real"].items()},
    )


def may_bring(extension: str, name: str) -> bool:
    """Return whether ``name`` may be of an extension that the shadow lacks, at least in part.

    Of one that is not listed anything may be.
    """
    manifest = load_manifest()
    stub = manifest.stubs.get(extension)
    patterns = (*stub.brings, *stub.provides) if stub else manifest.unknown.get(extension, ("*",))
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def find_bringer(name: str) -> str:
    """Return the well-known extension that alone brings ``name``; empty: none is known."""
    return next(
        (
            extension
            for extension, patterns in load_manifest().real.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        ),
        "",
    )


@cache
def read_platform_roles() -> frozenset[str]:
    """Return the roles that the platform's own text makes."""
    text = load_sql("supabase/roles.sql")
    listed = text[text.index("array array[") : text.index("] loop")]
    return frozenset(ROLE.findall(listed))


def describe_prelude(platform: str) -> str:
    """Return ``supabase 4`` or ``plain``."""
    return f"supabase {load_manifest().version}" if platform == "supabase" else "plain"
