"""golang-migrate: ``<digits>_<name>.up.sql`` in the order of the numbers, as one text each.

Read in the public source of golang-migrate/migrate.
"""

from __future__ import annotations

import re
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

GOLANG_NAME = re.compile(r"([0-9]+)_(.*)\.(up|down)\.sql", re.DOTALL)


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Return the up files by number, then what never runs."""
    del read
    names = [_read_name(file) for file, is_file in listing.items() if is_file]
    runs = sorted((each for each in names if not each.why), key=lambda each: int(each.version))
    return [*runs, *(each for each in names if each.why)]


def _read_name(file: str) -> Named:
    found = GOLANG_NAME.fullmatch(file)
    if not found:
        return Named(file, "", file, "the name is not <digits>_<name>.up.sql")
    why = "it takes a migration back" if found[3] == "down" else ""
    return Named(file, found[1], found[2], why)


GOLANG_MIGRATE = Convention(
    "golang-migrate",
    "golang-migrate",
    "<digits>_<name>.up.sql",
    arrange,
    split_plain,
    wraps=wraps_several,
)
