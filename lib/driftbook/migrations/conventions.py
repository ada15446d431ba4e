"""How a migration tool names, orders and cuts its files; one value per tool."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.sqltext import split_cli, split_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftbook.sqltext import Statement

# Bytes, and no \d: other digits of Unicode are none for the CLI, and "$" allows a newline.
SUPABASE_NAME = re.compile(rb"([0-9]+)_(.*)\.sql", re.DOTALL)
DEPRECATED_FIRST = re.compile(rb"([0-9]{14})_init\.sql")
OLDEST_FIRST = 20211209000000


@dataclass(frozen=True, slots=True)
class Named:
    """What a tool reads in a file name; ``why`` says why it never runs the file."""

    version: str
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Convention:
    """The habits of one tool.

    Attributes:
        name: As a target names it.
        expected: What its files are called, in words.
        records: Whether a file's row goes into the tracking table together with it.
        read_name: Reads a file name; the second argument is its place in the whole listing.
        split: Cuts a text into what is sent.
    """

    name: str
    expected: str
    records: bool
    read_name: Callable[[str, int], Named]
    split: Callable[[str], Sequence[Statement]]


def read_supabase_name(file: str, place: int) -> Named:
    """Read a name as the Supabase CLI does: digits, an underscore, anything, ``.sql``."""
    data = os.fsencode(file)
    found = SUPABASE_NAME.fullmatch(data)
    if not found:
        return Named("", file, "the name is not <digits>_<name>.sql")
    version, name = (os.fsdecode(part) for part in found.groups())
    first = DEPRECATED_FIRST.search(data) if place == 0 else None
    if first and int(first.group(1)) < OLDEST_FIRST:
        return Named(version, name, "the CLI passes over a first _init.sql older than 2021-12-09")
    return Named(version, name)


def read_plain_name(file: str, place: int) -> Named:
    """Take the whole name without ``.sql`` as the version."""
    del place  # the order is of no importance here
    if not file.endswith(".sql"):
        return Named("", file, "the name does not end in .sql")
    version = file.removesuffix(".sql")
    return Named(version, version)


def split_plain(text: str) -> Sequence[Statement]:
    """Cut by the server's grammar; a text that does not parse as well as can be."""
    found = split_server(text)
    return split_cli(text) if found is None else found


SUPABASE = Convention(
    "supabase", "<digits>_<name>.sql", records=True, read_name=read_supabase_name, split=split_cli
)
PLAIN = Convention(
    "plain", "<anything>.sql", records=False, read_name=read_plain_name, split=split_plain
)
CONVENTIONS = {convention.name: convention for convention in (SUPABASE, PLAIN)}


def find_convention(name: str, files: Sequence[str]) -> Convention:
    """Return the convention called ``name``; ``auto``: what the names of ``files`` show.

    Raises:
        ConfigError: There is no such convention.
    """
    if name == "auto":
        shows = any(SUPABASE_NAME.fullmatch(os.fsencode(file)) for file in files)
        return SUPABASE if shows else PLAIN
    if name not in CONVENTIONS:
        raise ConfigError(
            f"there is no convention {name!r}",
            fix=f"use one of auto, {', '.join(sorted(CONVENTIONS))}",
        )
    return CONVENTIONS[name]
