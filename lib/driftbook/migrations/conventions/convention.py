"""What a migration tool does with the files of a directory; one value per tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from driftbook.sqltext import split_cli, split_server
from driftbook.tools import TOOLS

if TYPE_CHECKING:
    import re

    from driftbook.sqltext import Statement


@dataclass(frozen=True, slots=True)
class Named:
    """What a tool reads in the name of a file, and in what it keeps beside the files.

    Attributes:
        file: The name, from the directory on; of a tool that gives each migration a folder of its
            own that folder's.
        version: As text, for leading zeros count for some tools.
        name: The title.
        why: Why the tool never runs the file; empty when it does.
        when: Milliseconds since 1970 that the tool compares instead of versions.
    """

    file: str
    version: str
    name: str
    why: str = ""
    when: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text cannot be run, and where in it; no server is asked.

    Attributes:
        message: In words.
        hint: What to do.
        reason: Whether the tool itself refuses it, or only its configuration could run it.
        offset: Characters before the place.
    """

    message: str
    hint: str
    reason: Literal["tool", "placeholder"]
    offset: int = 0


Listing = Mapping[str, bool]  # name → whether it is a file, in the order of the bytes
ReadText = Callable[[str], str]  # of a file beside the migrations, by name; empty: there is none


def wraps_nothing(text: str, statements: int) -> bool:
    """Return that the first statement of a file runs as if it were alone."""
    del text, statements
    return False


def wraps_several(text: str, statements: int) -> bool:
    """Return whether a text sent as one message is a transaction: one statement is none."""
    del text
    return statements > 1


def refuses_nothing(text: str) -> Refusal | None:
    """Return that the tool runs any text."""
    del text
    return None


@dataclass(frozen=True, slots=True)
class Convention:
    """The habits of one tool.

    Attributes:
        name: As a target names it.
        title: As people call the tool.
        expected: What its files are called, in words.
        arrange: Reads all names, those that never run too, in the order of applying.
        arrange_again: The same for a database with a history, if that makes a difference.
        split: Cuts a text into what is sent.
        checksum: What it may have recorded of the bytes of a file, several where line ends do not
            count for it; ``None``: it records nothing.
        wraps: Whether a text of so many statements runs as between BEGIN and COMMIT; else it is one
            batch, which is a transaction as well, but one that bears a leading CONCURRENTLY.
        inner: Name of the file in the folder of a migration; empty: migrations are files.
        is_deep: Whether files in folders below count as well.
        find_refusal: Why a text is not run.
        placeholder: What it puts a value of its own configuration in the place of.
        records: Whether a replay records each file as the tool does, together with it.
    """

    name: str
    title: str
    expected: str
    arrange: Callable[[Listing, ReadText], Sequence[Named]]
    split: Callable[[str], Sequence[Statement]]
    checksum: Callable[[bytes], frozenset[str]] | None = None
    wraps: Callable[[str, int], bool] = wraps_nothing
    inner: str = ""
    is_deep: bool = False
    find_refusal: Callable[[str], Refusal | None] = refuses_nothing
    placeholder: re.Pattern[str] | None = None
    records: bool = False
    arrange_again: Callable[[Listing, ReadText], Sequence[Named]] | None = None

    @property
    def tracking_table(self) -> str:
        """Return where it records what it applied, unless told otherwise; empty: nowhere."""
        return TOOLS[self.name].table


def split_plain(text: str) -> Sequence[Statement]:
    """Cut by the server's grammar; a text that does not parse as well as can be."""
    found = split_server(text)
    return split_cli(text) if found is None else found
