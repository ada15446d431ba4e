"""Flyway: ``V<version>__<text>.sql``, then ``R__<text>.sql``; ``B`` stands for all before it.

Read in the public documentation of Flyway and the source of flyway-core.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import TYPE_CHECKING

from driftbook.migrations.conventions.convention import (
    Convention,
    Named,
    Refusal,
    split_plain,
    wraps_several,
)
from driftbook.sqltext import mask_literals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.migrations.conventions.convention import Listing, ReadText

FLYWAY_NAME = re.compile(r"([VUB])([0-9]+(?:[._][0-9]+)*)(?:__(.*))?\.sql", re.DOTALL)
REPEATABLE_NAME = re.compile(r"R__(.*)\.sql", re.DOTALL)
PLACEHOLDER = re.compile(r"\$\{[^}\n]*\}")
BOM = "\ufeff"


def read_version(text: str) -> str:
    """Return ``1.2`` for ``01_2_0``: parts are numbers, and zeros at the end say nothing."""
    parts = [int(part) for part in re.split(r"[._]", text)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return ".".join(map(str, parts))


def order_version(version: str) -> tuple[int, ...]:
    """Return what versions are compared by."""
    return tuple(int(part) for part in version.split("."))


def arrange(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Return versioned files by number, then repeatable ones by description.

    The newest baseline runs on an empty database, in place of everything up to its version.
    """
    del read
    return _arrange(listing, is_empty=True)


def arrange_again(listing: Listing, read: ReadText) -> Sequence[Named]:
    """Return the same for a database with a history of its own, which passes over baselines."""
    del read
    return _arrange(listing, is_empty=False)


def _arrange(listing: Listing, *, is_empty: bool) -> Sequence[Named]:
    found: dict[str, list[Named]] = {"V": [], "U": [], "B": []}
    repeatable, others = list[Named](), list[Named]()
    for file in (file for file, is_file in listing.items() if is_file):
        base = file.rpartition("/")[2]
        if match := FLYWAY_NAME.fullmatch(base):
            found[match[1]].append(Named(file, read_version(match[2]), match[3] or ""))
        elif match := REPEATABLE_NAME.fullmatch(base):
            repeatable.append(Named(file, f"R__{match[1]}", match[1]))
        else:
            others.append(Named(file, "", base, "the name is not V<version>__<text>.sql"))
    why = "a baseline is for an empty database, and this one has a history"
    dropped = [_pass_over(each, why) for each in found["B"]]
    if is_empty:
        found["V"], dropped = _replace_by_baseline(found["V"], found["B"])
    undo = [_pass_over(each, "an undo migration runs when it is asked for") for each in found["U"]]
    versioned = sorted(found["V"], key=lambda each: order_version(each.version))
    repeatable.sort(key=lambda each: os.fsencode(each.name))
    return [*versioned, *repeatable, *dropped, *undo, *others]


def _replace_by_baseline(
    versioned: list[Named], baselines: list[Named]
) -> tuple[list[Named], list[Named]]:
    """Return what runs on an empty database, and what a baseline stands for."""
    if not baselines:
        return versioned, []
    newest = max(baselines, key=lambda each: order_version(each.version))
    reach = order_version(newest.version)
    runs, dropped = [newest], list[Named]()
    for each in versioned:
        if order_version(each.version) > reach:
            runs.append(each)
        else:
            dropped.append(_pass_over(each, f"{newest.file} stands for it on an empty database"))
    older = (each for each in baselines if each is not newest)
    return runs, [*dropped, *(_pass_over(each, f"{newest.file} is newer") for each in older)]


def _pass_over(named: Named, why: str) -> Named:
    return Named(named.file, named.version, named.name, why)


def checksum(data: bytes) -> frozenset[str]:
    """Return what Flyway records: CRC-32 of the lines without their ends, signed."""
    text = data.decode("utf-8", "replace").removeprefix(BOM)
    total = 0
    for line in re.split(r"\r\n|\r|\n", text):
        total = zlib.crc32(line.encode(), total)
    return frozenset({str(total - (1 << 32) if total >= 1 << 31 else total)})


def find_refusal(text: str) -> Refusal | None:
    """Return the first placeholder in the code: its value is in no file that is read."""
    found = PLACEHOLDER.search(mask_literals(text))
    return found and Refusal(
        f"no value is known for the placeholder {found[0]}",
        "replay a copy of the directory in which the values stand",
        "placeholder",
        found.start(),
    )


FLYWAY = Convention(
    "flyway",
    "Flyway",
    "V<version>__<text>.sql or R__<text>.sql",
    arrange,
    split_plain,
    checksum=checksum,
    wraps=wraps_several,
    is_deep=True,
    find_refusal=find_refusal,
    placeholder=PLACEHOLDER,
    arrange_again=arrange_again,
)
