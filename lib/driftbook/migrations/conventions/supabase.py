"""Supabase CLI: ``<digits>_<name>.sql`` in the order of the bytes of the names.

Read in the public source of supabase/cli, state of June 2026.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from driftbook.migrations.conventions.convention import Convention, Named
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText

# Bytes, and no \d: other digits of Unicode are none for the CLI, and "$" allows a newline.
SUPABASE_NAME = re.compile(rb"([0-9]+)_(.*)\.sql", re.DOTALL)
DEPRECATED_FIRST = re.compile(rb"([0-9]{14})_init\.sql")
OLDEST_FIRST = 20211209000000


def read_supabase_name(file: str, place: int) -> Named:
    """Read a name as the Supabase CLI does: digits, an underscore, anything, ``.sql``.

    ``place`` is that of the name in the whole listing, folders included.
    """
    data = os.fsencode(file)
    found = SUPABASE_NAME.fullmatch(data)
    if not found:
        return Named(file, "", file, "the name is not <digits>_<name>.sql")
    version, name = (os.fsdecode(part) for part in found.groups())
    first = DEPRECATED_FIRST.search(data) if place == 0 else None
    if first and int(first.group(1)) < OLDEST_FIRST:
        why = "the CLI passes over a first _init.sql older than 2021-12-09"
        return Named(file, version, name, why)
    return Named(file, version, name)


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Read all names; the place of each counts."""
    del read
    names = [read_supabase_name(file, place) for place, file in enumerate(listing)]
    return [named for named in names if listing[named.file]]


SUPABASE = Convention(
    "supabase",
    "the Supabase CLI",
    "<digits>_<name>.sql",
    arrange,
    split_cli,
    records=True,
)
