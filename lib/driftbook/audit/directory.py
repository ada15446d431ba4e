"""The migration files that a source names: as they are, or as git had them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.migrations.directory import read_directory
from driftbook.migrations.past import read_directory_at

if TYPE_CHECKING:
    from driftbook.migrations.directory import Directory
    from driftbook.sources import Source


def open_directory(source: Source) -> Directory:
    """Read the files of ``source`` in its convention.

    Raises:
        ConfigError: The ref of the source is none.
        SourceError: The directory cannot be read, or holds no migration.
    """
    if source.ref:
        return read_directory_at(Path(source.path), source.ref, source.convention)
    return read_directory(Path(source.path), source.convention)
