"""Which migrations made and changed an object: file, line, commit, author."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.directory import open_directory
from driftbook.audit.names import follow_name
from driftbook.audit.objects import describe_deeds, find_thing, is_about, is_column_of
from driftbook.audit.open import parse_text
from driftbook.audit.plan import CompareOptions, plan_shadow
from driftbook.audit.sides import start_shadow
from driftbook.audit.trace import Tracer
from driftbook.errors import ConfigError
from driftbook.migrations.blame import LineOrigin, blame_lines
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.migrations.directory import read_directory
from driftbook.shadow.script import read_script
from driftbook.sources import Source, SourceKind
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbook.audit.result import Json
    from driftbook.config import Settings
    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.model import ObjectRef
    from driftbook.progress import Progress
    from driftbook.shadow.script import Script
    from driftbook.versions import Fact

Told = tuple["Fact", int, "ObjectRef"]
COLUMN_OF_VIEW = "columns of a view have no history of their own: this is the view's"


@dataclass(frozen=True, slots=True)
class Touch:
    """What one statement did to an object, and who wrote it.

    Attributes:
        version: Of the file.
        file: Its name.
        line: Of the statement, from 1; 0 when it cannot be told.
        deeds: What was done, a phrase each.
        origin: The commit that wrote the lines of the statement.
    """

    version: str
    file: str
    line: int
    deeds: tuple[str, ...]
    origin: LineOrigin

    def as_json(self) -> Json:
        """Return the touch as JSON values."""
        return {
            "version": self.version,
            "file": self.file,
            "line": self.line or None,
            "deeds": list(self.deeds),
            "commit": self.origin.commit or None,
            "author": self.origin.author or None,
            "committed_at": f"{self.origin.at:%Y-%m-%dT%H:%M:%SZ}" if self.origin.at else None,
            "why_unknown": self.origin.why_unknown,
        }


@dataclass(frozen=True, slots=True)
class Blame:
    """Everything that the files did to one object, in their order; parts of it included.

    Attributes:
        thing: The object.
        exists: Whether the files leave it.
        touches: What was done to it, under whatever name it had then.
        note: What the reader has to know about the answer; empty when it is as asked.
    """

    thing: ObjectRef
    exists: bool
    touches: tuple[Touch, ...]
    note: str = ""

    def as_json(self) -> Json:
        """Return the blame as JSON values; the first touch created the object."""
        return {
            "schema_version": 1,
            "kind": self.thing.kind,
            "name": self.thing.name,
            "exists": self.exists,
            "note": self.note,
            "created": self.touches[0].as_json(),
            "last_touched": self.touches[-1].as_json(),
            "touches": [touch.as_json() for touch in self.touches],
        }

    def lines(self) -> list[str]:
        """Return one line per touch: place, commit, deeds."""
        gone = "" if self.exists else ", which no longer exists under this name"
        lines = [f"{self.thing}{gone}", *([f"  {self.note}"] if self.note else [])]
        for touch in self.touches:
            place = f"{touch.file}:{touch.line}" if touch.line else touch.file
            origin = touch.origin
            who = (
                f"{origin.commit} {origin.at:%Y-%m-%d} {origin.author}"
                if origin.at
                else f"commit unknown: {origin.why_unknown}"
            )
            lines.append(f"  {place}  {who}\n      {'; '.join(touch.deeds)}")
        return lines


def blame_object(
    name: str, text: str, settings: Settings, options: CompareOptions, progress: Progress
) -> Blame:
    """Return what the migration files did to one object.

    The files are replayed twice: to find those that touch it, and these by their statements.

    Args:
        name: ``public.orders``, ``public.orders.total``, ``orders``, ``policy:orders_tenant``.
        text: A migrations directory, or a target, whose directory is taken.
        settings: For the targets.
        options: How the files are replayed.
        progress: Told each stage.

    Raises:
        ConfigError: ``text`` names no directory, or no file makes such an object.
    """
    with ExitStack() as stack:
        source, directory = open_files(text, settings, options.convention, stack)
        plan = plan_shadow([source], [], settings, options)
        server = stack.enter_context(
            start_shadow(plan.major, plan.choice, plan.platform, plan.role)
        )
        tracer = Tracer(server, plan, None, progress)
        facts = tracer.replay(directory, None).diary.facts
        thing = find_thing(name, facts)
        whole = [(fact, 0) for fact in facts]
        files = {fact.file for fact, _, _ in follow(thing, whole)}
        diary = tracer.replay(directory, None, piecewise=files).diary
        told = follow(thing, list(zip(diary.facts, diary.statements, strict=True)))
        # A file that does not run statement by statement is told of as a whole.
        followed = {fact.file for fact, _, _ in told}
        told += [entry for entry in follow(thing, whole) if entry[0].file not in followed]
        touches = build_touches(directory, told, is_past=bool(source.ref))
    own = [fact for fact in facts if fact.thing == thing and fact.deed is not Deed.ALTERED]
    exists = not own or own[-1].deed is Deed.CREATED
    note = COLUMN_OF_VIEW if is_column_of(name.rpartition(":")[2], thing) else ""
    return Blame(thing, exists, tuple(touches), note)


def follow(thing: ObjectRef, told: Sequence[tuple[Fact, int]]) -> list[Told]:
    """Return what was done to ``thing``: the fact, its statement, and the name at that time."""
    names = follow_name(thing, told)
    return [
        (fact, number, name)
        for (fact, number), name in zip(told, names, strict=True)
        if name is not None and is_about(fact, name)
    ]


def open_files(
    text: str, settings: Settings, convention: str, stack: ExitStack
) -> tuple[Source, Directory]:
    """Return the migrations directory that ``text`` names, itself or through a target.

    A target says itself what its convention is.
    """
    source = parse_text(text, settings, convention)
    if source.kind is SourceKind.TARGET:
        from driftbook.audit.collect import migrations_of  # noqa: PLC0415 - it needs the demo

        target = settings.target(source.text)
        path = migrations_of(target, stack)
        return (
            Source(SourceKind.DIRECTORY, str(path), convention=target.convention),
            read_directory(path, target.convention),
        )
    if source.kind is not SourceKind.DIRECTORY:
        raise ConfigError(
            f"{source.label} is no migrations directory", fix="name a directory or a target"
        )
    return source, open_directory(source)


def build_touches(directory: Directory, told: Iterable[Told], *, is_past: bool) -> list[Touch]:
    """Return one touch per statement, in file order."""
    by_statement: defaultdict[tuple[str, int], list[Fact]] = defaultdict(list)
    names: dict[tuple[str, int], ObjectRef] = {}
    for fact, number, thing in told:
        by_statement[fact.file, number].append(fact)
        names[fact.file, number] = thing
    touches = []
    inner = CONVENTIONS[directory.convention].inner
    for file in directory.files:
        name = file.path.name
        for number in sorted(number for other, number in by_statement if other == name):
            first, last = find_lines(file, number, directory.convention)
            origin = (
                LineOrigin(why_unknown="the files are those of a past commit")
                if is_past
                else blame_lines(file.path / inner, first or 1, last or file.data.count(b"\n") + 1)
            )
            deeds = describe_deeds(by_statement[name, number], names[name, number])
            touches.append(Touch(file.version, name, first, deeds, origin))
    return touches


def find_lines(file: MigrationFile, number: int, convention: str) -> tuple[int, int]:
    """Return first and last line of a statement; zeros for the whole file."""
    if number == 0 or file.unsendable:
        return 0, 0
    script: Script = read_script(file, CONVENTIONS[convention], keep=False)
    statement = script.statements[number - 1]
    code = statement.text.rstrip()
    skipped = statement.line - script.text.count("\n", 0, statement.offset) - 1
    return statement.line, statement.line + code.count("\n") - skipped
