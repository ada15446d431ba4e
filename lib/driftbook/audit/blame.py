"""Which migrations made and changed an object: file, line, commit, author."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.directory import open_directory
from driftbook.audit.objects import describe_deeds, find_thing, is_about
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
    from driftbook.audit.trace import Diary
    from driftbook.config import Settings
    from driftbook.migrations.directory import Directory, MigrationFile
    from driftbook.model import ObjectRef
    from driftbook.progress import Progress
    from driftbook.shadow.script import Script
    from driftbook.versions import Fact


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
    """Everything that the files did to one object, in their order; parts of it included."""

    thing: ObjectRef
    exists: bool
    touches: tuple[Touch, ...]

    def as_json(self) -> Json:
        """Return the blame as JSON values; the first touch created the object."""
        return {
            "schema_version": 1,
            "kind": self.thing.kind,
            "name": self.thing.name,
            "exists": self.exists,
            "created": self.touches[0].as_json(),
            "last_touched": self.touches[-1].as_json(),
            "touches": [touch.as_json() for touch in self.touches],
        }

    def lines(self) -> list[str]:
        """Return one line per touch: place, commit, deeds."""
        lines = [f"{self.thing}" + ("" if self.exists else ", which no longer exists")]
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
        source, directory = open_files(text, settings, stack)
        plan = plan_shadow([source], [], settings, options)
        server = stack.enter_context(
            start_shadow(plan.major, plan.setting, plan.platform, plan.role)
        )
        tracer = Tracer(server, plan, None, progress)
        facts = tracer.replay(directory, None).diary.facts
        thing = find_thing(name, facts)
        files = {fact.file for fact in facts if is_about(fact, thing)}
        diary = tracer.replay(directory, None, piecewise=files).diary
        told = follow(thing, facts, diary)
        touches = build_touches(directory, thing, told, is_past=bool(source.ref))
    own = [fact for fact in facts if fact.thing == thing and fact.deed is not Deed.ALTERED]
    exists = not own or own[-1].deed is Deed.CREATED
    return Blame(thing, exists, tuple(touches))


def follow(thing: ObjectRef, facts: Sequence[Fact], diary: Diary) -> list[tuple[Fact, int]]:
    """Return what was done to ``thing``, each with the number of its statement; 0: unknown."""
    told = [
        (fact, number)
        for fact, number in zip(diary.facts, diary.statements, strict=True)
        if is_about(fact, thing)
    ]
    # A file that does not run statement by statement is told of as a whole.
    followed = {fact.file for fact, _ in told}
    told += [(fact, 0) for fact in facts if is_about(fact, thing) and fact.file not in followed]
    return told


def open_files(text: str, settings: Settings, stack: ExitStack) -> tuple[Source, Directory]:
    """Return the migrations directory that ``text`` names, itself or through a target."""
    source = parse_text(text, settings)
    if source.kind is SourceKind.TARGET:
        from driftbook.audit.collect import migrations_of  # noqa: PLC0415 - it needs the demo

        target = settings.target(source.text)
        path = migrations_of(target, stack)
        return (
            Source(SourceKind.DIRECTORY, str(path)),
            read_directory(path, convention=target.convention),
        )
    if source.kind is not SourceKind.DIRECTORY:
        raise ConfigError(
            f"{source.label} is no migrations directory", fix="name a directory or a target"
        )
    return source, open_directory(source)


def build_touches(
    directory: Directory, thing: ObjectRef, told: Iterable[tuple[Fact, int]], *, is_past: bool
) -> list[Touch]:
    """Return one touch per statement, in file order."""
    by_statement: defaultdict[tuple[str, int], list[Fact]] = defaultdict(list)
    for fact, number in told:
        by_statement[fact.file, number].append(fact)
    touches = []
    for file in directory.files:
        name = file.path.name
        for number in sorted(number for other, number in by_statement if other == name):
            first, last = find_lines(file, number, directory.convention)
            origin = (
                LineOrigin(why_unknown="the files are those of a past commit")
                if is_past
                else blame_lines(file.path, first or 1, last or file.data.count(b"\n") + 1)
            )
            deeds = describe_deeds(by_statement[name, number], thing)
            touches.append(Touch(file.version, name, first, deeds, origin))
    return touches


def find_lines(file: MigrationFile, number: int, convention: str) -> tuple[int, int]:
    """Return first and last line of a statement; zeros for the whole file."""
    if number == 0 or file.unsendable:
        return 0, 0
    script: Script = read_script(file, CONVENTIONS[convention].split, keep=False)
    statement = script.statements[number - 1]
    code = statement.text.rstrip()
    skipped = statement.line - script.text.count("\n", 0, statement.offset) - 1
    return statement.line, statement.line + code.count("\n") - skipped
