"""Prisma Migrate: a folder ``<digits>_<name>`` for each migration, with ``migration.sql`` in it.

Read in the public source of prisma/prisma-engines.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from driftbook.migrations.conventions.convention import (
    Convention,
    Named,
    split_plain,
    wraps_several,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText

SCRIPT = "migration.sql"
LOCK = "migration_lock.toml"


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Return the folders in the order of their names; the name is the version."""
    del read
    return [_read_name(name, holds) for name, holds in listing.items() if name != LOCK]


def _read_name(name: str, holds: bool) -> Named:  # noqa: FBT001 - private
    why = "" if holds else f"it is no folder with {SCRIPT}"
    return Named(name, name, name.partition("_")[2] or name, why)


def checksum(data: bytes) -> frozenset[str]:
    """Return what Prisma may have recorded: SHA-256, as hexadecimal digits.

    It takes line ends of Windows and of Unix for the same, and older versions of it left out the
    leading zero of each byte.
    """
    unix = data.replace(b"\r\n", b"\n")
    digests = [hashlib.sha256(text) for text in (data, unix, unix.replace(b"\n", b"\r\n"))]
    full = {digest.hexdigest() for digest in digests}
    short = {"".join(f"{byte:x}" for byte in digest.digest()) for digest in digests}
    return frozenset(full | short)


PRISMA = Convention(
    "prisma",
    "Prisma Migrate",
    f"<digits>_<name>/{SCRIPT}",
    arrange,
    split_plain,
    checksum=checksum,
    wraps=wraps_several,
    inner=SCRIPT,
)
