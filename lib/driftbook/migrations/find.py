"""Finds the migrations directories of a repository, and whose they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.errors import SourceError
from driftbook.migrations.conventions import CONVENTIONS, PLAIN, SUPABASE, detect_convention
from driftbook.migrations.directory import Folder, read_tree_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

USUAL_PLACES: Final = (
    "supabase/migrations",
    "db/migrations",
    "migrations",
    "database/migrations",
    "sql/migrations",
    "src/main/resources/db/migration",
    "prisma/migrations",
    "drizzle",
)
# Names say nothing of these tools: the folder has to.
NAMELESS = frozenset({PLAIN.name, SUPABASE.name})
FOLDERS = frozenset({"migrations", "migration"})
FOREIGN = frozenset({"node_modules", "vendor", "target", "dist", "build", "venv", "site-packages"})
DEPTH = 7  # src/main/resources/db/migration of a module in a folder


@dataclass(frozen=True, slots=True)
class Found:
    """A migrations directory.

    Attributes:
        place: From the top of the repository on.
        convention: Name of its tool's.
        why: What shows it.
    """

    place: Path
    convention: str
    why: str

    @property
    def rank(self) -> tuple[bool, int, int, bytes]:
        """Return what comes first: a certain tool, a usual place, a place near the top."""
        place = self.place.as_posix()
        usual = USUAL_PLACES.index(place) if place in USUAL_PLACES else len(USUAL_PLACES)
        is_certain = self.convention != PLAIN.name
        return not is_certain, usual, len(self.place.parts), os.fsencode(place)


def find_directories(repository: Path) -> list[Found]:
    """Return the migrations directories below ``repository``, the most certain first.

    Hidden folders, those of other people's packages and those deeper than seven are passed over.
    """
    return sorted(_walk(repository, Path()), key=lambda found: found.rank)


def _walk(repository: Path, place: Path) -> Iterator[Found]:
    try:
        names = Folder(repository / place).list_names()
    except SourceError:  # what this user may not read is not proposed
        return
    found = judge_directory(repository, place)
    if found:
        yield found
        habit = CONVENTIONS[found.convention]
        if habit.is_deep or habit.inner:  # the folders below are its own
            return
    if len(place.parts) < DEPTH:
        for name, is_file in names.items():
            is_own = not (is_file or name.startswith(".") or name in FOREIGN)
            if is_own and not (repository / place / name).is_symlink():
                yield from _walk(repository, place / name)


def judge_directory(repository: Path, place: Path) -> Found | None:
    """Return whose directory ``place`` is; ``None`` when it holds no migrations."""
    tree = Folder(repository / place)
    names = tree.list_names()
    convention, why = detect_convention(names, lambda file: read_tree_text(tree, file))
    if convention.name not in NAMELESS:
        return Found(place, convention.name, why)
    if not any(is_file and name.endswith(".sql") for name, is_file in names.items()):
        return None
    if place.parent.name == "supabase" or (repository / place.parent / "config.toml").is_file():
        return Found(place, convention.name, why)
    if place.name in FOLDERS or place.as_posix() in USUAL_PLACES:
        return Found(place, PLAIN.name, "SQL files with no sign of a tool")
    return None
