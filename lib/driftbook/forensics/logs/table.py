"""CSV of any size: a record may span lines, hold any character, and be torn."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftbook.forensics.logs.record import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from driftbook.forensics.logs.record import Place

LONGEST_FIELD = 32 * 1024 * 1024  # characters; beyond it a quote was never closed


def read_rows(stream: TextIO, place: Place) -> Iterator[tuple[str, list[str]] | Damaged]:
    """Yield each record with its reference; never looks at lines, which a text may fake."""
    with allow_long_fields():
        reader = csv.reader(stream)
        while True:
            start = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Damaged(place.refer(start), str(error))
                continue
            if row:
                yield place.refer(start), row


def read_named_rows(stream: TextIO, place: Place) -> Iterator[tuple[str, dict[str, str]] | Damaged]:
    """Yield each record by the names of the first one."""
    names: list[str] = []
    for read in read_rows(stream, place):
        if isinstance(read, Damaged):
            yield read
        elif not names:
            names = [name.strip().lower() for name in read[1]]
        elif len(read[1]) != len(names):
            yield Damaged(read[0], f"{len(read[1])} columns instead of {len(names)}")
        else:
            yield read[0], dict(zip(names, read[1], strict=True))


@contextmanager
def allow_long_fields() -> Iterator[None]:
    """Let CSV fields be as long as a log's statements; a limit of the whole process."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
