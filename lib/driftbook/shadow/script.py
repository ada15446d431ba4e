"""One file, cut and read: what a scan and a replay both work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.shadow.result import Note
from driftbook.sqltext import (
    Shape,
    Statement,
    blank_client_parts,
    mask_comments,
    read_shape,
)

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from driftbook.migrations.conventions import Convention, Refusal
    from driftbook.migrations.directory import MigrationFile
    from driftbook.sqltext import ClientPart

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Script:
    """A file ready to be scanned and sent.

    Attributes:
        file: Its name.
        text: What was cut; offsets of ``statements`` count in it.
        shapes: One per statement.
        notes: What was taken out before cutting.
        unsendable: Why no server is asked about it; empty when one can be.
        bad_line: Line of the byte that is why.
        refusal: Why the tool, or nobody without its configuration, runs it.
        is_wrapped: Whether it is sent between BEGIN and COMMIT.
    """

    file: str
    version: str
    name: str
    text: str
    statements: tuple[Statement, ...]
    shapes: tuple[Shape, ...]
    notes: tuple[Note, ...] = ()
    unsendable: str = ""
    bad_line: int = 1
    refusal: Refusal | None = None
    is_wrapped: bool = False


def read_script(file: MigrationFile, convention: Convention, *, keep: bool) -> Script:
    """Cut ``file`` and read its statements.

    Args:
        file: A file of a directory.
        convention: How its tool cuts and wraps it.
        keep: Leave byte-order mark and psql's own commands in, as the tool does.
    """
    if file.unsendable:
        return Script(
            file.path.name,
            file.version,
            file.name,
            "",
            (),
            (),
            unsendable=file.unsendable,
            bad_line=find_bad_line(file.data),
        )
    text, notes = file.text, list[Note]()
    if not keep:
        if text.startswith(BOM):
            text = text.removeprefix(BOM)
            done = "the mark was left out"
            notes.append(Note("bom-removed", file.path.name, 0, 1, "byte-order mark", done))
        text, parts = blank_client_parts(text)
        notes += [describe_part(part, file.path.name) for part in parts]
    statements = tuple(convention.split(text))
    shapes = tuple(read_shape(statement.text) for statement in statements)
    refusal = convention.find_refusal(text)
    if convention.placeholder and not refusal:
        notes += note_placeholders(file.path.name, mask_comments(text), convention.placeholder)
    return Script(
        file.path.name,
        file.version,
        file.name,
        text,
        statements,
        shapes,
        tuple(notes),
        refusal=refusal,
        is_wrapped=convention.wraps(text, len(statements)),
    )


def note_placeholders(file: str, text: str, pattern: re.Pattern[str]) -> Iterator[Note]:
    """Yield a note for each placeholder in a literal, which is sent as it is written."""
    for found in pattern.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        effect = f"unchecked: the literal with {found[0]}"
        yield Note("placeholder-kept", file, 0, line, found[0], "sent as it is written", effect)


def find_bad_line(data: bytes) -> int:
    """Return the line of the first NUL, else of the first byte that is not UTF-8, else 1."""
    at = data.find(b"\0")
    if at < 0:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            at = error.start
    return data.count(b"\n", 0, max(at, 0)) + 1


def describe_part(part: ClientPart, file: str) -> Note:
    """Return the note for something that only psql understands."""
    if part.kind == "copy-data":
        what = part.text.partition("\n")[0]
        return Note(
            "copy-data-skipped", file, 0, part.line, what, "rows were not loaded", "data only"
        )
    return Note(
        "meta-command-skipped", file, 0, part.line, part.text, "the command of psql was left out"
    )
