"""Which files the Supabase CLI would run, and when it runs none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.repairs import Forecast

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SHOWN = 5


def forecast(
    files: Sequence[tuple[str, str]], versions: Collection[str], *, include_all: bool = False
) -> Forecast:
    """Return what ``supabase db push`` would do; the contents of files play no part in it.

    Args:
        files: Name and version of every file that the CLI reads, in the order of the names.
        versions: The recorded ones.
        include_all: Whether ``--include-all`` is given.
    """
    recorded = sorted(versions)  # as the CLI reads them, and as it compares them: as text
    missing, unapplied = _merge(files, recorded)
    refuses, runs = "", list[tuple[str, str]]()
    if missing:
        refuses = f"the tracking table has versions without a file: {name_some(missing)}"
    elif unapplied and not include_all:
        older = name_some([version for _, version in unapplied])
        refuses = f"files that are not recorded come before recorded ones: {older}"
    else:
        # By position: the CLI trusts that what it merged stands at the front.
        runs = [*unapplied, *files[len(recorded) + len(unapplied) :]]
    one_sided = {version for _, version in files} ^ set(recorded)
    return Forecast(tuple(name for name, _ in runs), refuses, tuple(sorted(one_sided)))


def name_some(names: Sequence[str]) -> str:
    """Return the first five of ``names`` and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _merge(
    files: Sequence[tuple[str, str]], recorded: Sequence[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the recorded versions that meet no file, and the files that meet no version.

    Files after the last recorded version are not among them. Two files of one version, and
    versions of unequal length, go wrong here as they do in the CLI.
    """
    missing, unapplied, row, place = list[str](), list[tuple[str, str]](), 0, 0
    while row < len(recorded) and place < len(files):
        version, local = recorded[row], files[place][1]
        if version < local:
            missing.append(version)
        elif version > local:
            unapplied.append(files[place])
        row += version <= local
        place += version >= local
    return missing + list(recorded[row:]), unapplied
