"""How migration tools name, order, cut and record their files."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.migrations.conventions.convention import Convention, Named, Refusal, split_plain
from driftbook.migrations.conventions.dbmate import DBMATE, UP
from driftbook.migrations.conventions.drizzle import DRIZZLE, JOURNAL
from driftbook.migrations.conventions.flyway import FLYWAY, FLYWAY_NAME
from driftbook.migrations.conventions.golang_migrate import GOLANG_MIGRATE, GOLANG_NAME
from driftbook.migrations.conventions.plain import PLAIN
from driftbook.migrations.conventions.prisma import LOCK, PRISMA
from driftbook.migrations.conventions.supabase import SUPABASE, SUPABASE_NAME, read_supabase_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.migrations.conventions.convention import ReadText

__all__ = [
    "CONVENTIONS",
    "PLAIN",
    "SUPABASE",
    "Convention",
    "Named",
    "Refusal",
    "detect_convention",
    "find_convention",
    "read_supabase_name",
    "split_plain",
]

CONVENTIONS = {
    convention.name: convention
    for convention in (SUPABASE, FLYWAY, DBMATE, GOLANG_MIGRATE, PRISMA, DRIZZLE, PLAIN)
}


TAG = re.compile(r'"tag"\s*:\s*"([^"]+)"')
TIMED = re.compile(r"[0-9]{14}_.*\.sql", re.DOTALL)


def find_convention(
    name: str, listing: Mapping[str, bool], read: ReadText
) -> tuple[Convention, str]:
    """Return the convention called ``name``, and nothing; ``auto``: see `detect_convention`.

    Raises:
        ConfigError: There is no such convention.
    """
    if name == "auto":
        return detect_convention(listing, read)
    if name not in CONVENTIONS:
        raise ConfigError(
            f"there is no convention {name!r}",
            fix=f"use one of auto, {', '.join(sorted(CONVENTIONS))}",
        )
    return CONVENTIONS[name], ""


def detect_convention(listing: Mapping[str, bool], read: ReadText) -> tuple[Convention, str]:
    """Return whose directory it is, and what shows it.

    Args:
        listing: Names directly in the directory, and whether each is a file.
        read: Returns the text of a file by its path from the directory on; empty: there is none.
    """
    return _detect_by_folders(listing, read) or _detect_by_files(listing, read)


def _detect_by_folders(
    listing: Mapping[str, bool], read: ReadText
) -> tuple[Convention, str] | None:
    journal = read(JOURNAL)
    if journal and not _is_for_supabase(journal, listing):
        return DRIZZLE, f"there is {JOURNAL}"
    if listing.get(LOCK):
        return PRISMA, f"there is {LOCK}"
    folders = [name for name, is_file in listing.items() if not is_file]
    # Drizzle's newer layout has such folders as well, with a picture of the schema in each.
    scripted = [folder for folder in folders if read(f"{folder}/{PRISMA.inner}")]
    if scripted and not read(f"{scripted[0]}/snapshot.json"):
        return PRISMA, f"folders hold {PRISMA.inner}"
    return None


def _is_for_supabase(journal: str, listing: Mapping[str, bool]) -> bool:
    """Return whether Drizzle only wrote some of the files, which another tool brings to databases.

    It can name them as the Supabase CLI does; its own command needs each of the journal, and
    knows no other.
    """
    files = {name for name, is_file in listing.items() if is_file and name.endswith(".sql")}
    named = {f"{tag}.sql" for tag in TAG.findall(journal)}
    return bool(files) and files != named and all(TIMED.fullmatch(name) for name in files)


def _detect_by_files(listing: Mapping[str, bool], read: ReadText) -> tuple[Convention, str]:
    files = [name for name, is_file in listing.items() if is_file and name.endswith(".sql")]
    for convention, pattern in ((FLYWAY, FLYWAY_NAME), (GOLANG_MIGRATE, GOLANG_NAME)):
        if any(pattern.fullmatch(file) for file in files):
            return convention, f"files are called {convention.expected}"
    if files and UP.search(read(files[-1])):
        return DBMATE, "files have the line -- migrate:up"
    if any(SUPABASE_NAME.fullmatch(os.fsencode(file)) for file in files):
        return SUPABASE, f"files are called {SUPABASE.expected}"
    return PLAIN, f"no file is called {SUPABASE.expected}"
