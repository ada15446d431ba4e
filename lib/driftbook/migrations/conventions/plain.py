"""Plain SQL files, numbered or not, in the order of the bytes of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.migrations.conventions.convention import Convention, Named, split_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText


def read_plain_name(file: str) -> Named:
    """Take the whole name without ``.sql`` as the version."""
    if not file.endswith(".sql"):
        return Named(file, "", file, "the name does not end in .sql")
    version = file.removesuffix(".sql")
    return Named(file, version, version)


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Read all names."""
    del read
    return [read_plain_name(file) for file, is_file in listing.items() if is_file]


PLAIN = Convention("plain", "plain SQL files", "<anything>.sql", arrange, split_plain)
