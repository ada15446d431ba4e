"""The class of every failure: whose fault it is, and which file it goes back to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftbook.failures import FailureClass
from driftbook.shadow.failures.index import MakingIndex
from driftbook.shadow.failures.life import Ran, trace_life
from driftbook.shadow.failures.subject import MISSING, PRESENT, Subject, find_subject
from driftbook.shadow.prelude import find_bringer, may_bring
from driftbook.shadow.result import Cause
from driftbook.sqltext import read_makings
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from driftbook.shadow.failures.index import Event
    from driftbook.shadow.failures.life import Life
    from driftbook.shadow.result import Failure, FileResult, Note
    from driftbook.shadow.script import Script

NOWHERE = "no file makes it"
LEFT_OUT = frozenset({"index-method-missing", "privileged-recorded", "event-trigger-recorded"})
LACKING = frozenset({"extension-unknown", "extension-name-only", "extension-stubbed"})
OTHER_SHAPE = re.compile(
    r"cannot (?:change|drop|remove)|multiple primary keys|already (?:an|a) |is already"
)
# Rows that are not there, or are: classes 23 and P0, and values that do not fit.
DATA = ("21000", "22001", "22003", "22004", "22007", "22008", "22012", "22P02", "23", "P0")
ENVIRONMENT = ("08", "53", "54", "57", "58", "XX", "F0")
NOT_HERE = re.compile(r"not available|not supported by this (?:build|server)|unsupported XML")
# What only an extension, or the server, can bring.
OF_SERVER = re.compile(
    r'(?P<kind>operator class|access method|language|text search \w+) "(?P<name>.+?)" '
    r"does not exist"
)
SETTING = re.compile(r'unrecognized configuration parameter "(?P<name>.+?)"')
OF_SHAPE = frozenset({"42P13", "42P16"})


def classify_failures(
    results: Sequence[FileResult],
    scripts: Sequence[Script],
    notes: Sequence[Note],
    passed_over: Sequence[Script] = (),
    built_in: Collection[str] = (),
) -> tuple[FileResult, ...]:
    """Return ``results`` in which every failure has its cause.

    Args:
        results: One per script, in the same order.
        scripts: All files of the directory, those that were not run too.
        notes: What was not sent as it is written.
        passed_over: Files that the tool never runs.
        built_in: Names of PostgreSQL's own functions.
    """
    if not any(result.error for result in results):
        return tuple(results)
    judge = _Judge(results, scripts, notes, MakingIndex(passed_over), built_in)
    return tuple(
        replace(result, error=replace(result.error, cause=judge.judge(place, result.error)))
        if result.error
        else result
        for place, result in enumerate(results)
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One failure, and where it is."""

    failure: Failure
    place: int
    statement: str

    @property
    def at(self) -> tuple[int, int]:
        return self.place, self.failure.statement_no


class _Judge:
    """Judges the failures of one replay in the order of the files: roots come first."""

    def __init__(
        self,
        results: Sequence[FileResult],
        scripts: Sequence[Script],
        notes: Sequence[Note],
        passed_over: MakingIndex,
        built_in: Collection[str],
    ) -> None:
        places = {script.file: place for place, script in enumerate(scripts)}
        left_out = {
            (places[note.file], note.statement_no) for note in notes if note.kind in LEFT_OUT
        }
        self._ran = Ran([result.status for result in results], left_out)
        self._built_in = built_in
        self._lacking = sorted(
            {(places.get(note.file, -1), note.object) for note in notes if note.kind in LACKING}
        )
        self._scripts = scripts
        self._index, self._passed_over = MakingIndex(scripts), passed_over
        self._roots: dict[int, str] = {}

    def judge(self, place: int, failure: Failure) -> Cause:
        """Return the cause of the first error of the file at ``place``."""
        statements = self._scripts[place].statements
        number = failure.statement_no
        case = _Case(failure, place, statements[number - 1].text if number else "")
        cause = self._judge(case)
        if cause.root:
            self._roots[place] = cause.root
        return cause

    def _judge(self, case: _Case) -> Cause:
        return next(self._list_causes(case))

    def _list_causes(self, case: _Case) -> Iterator[Cause]:
        """Yield every class that the error fits, the most certain first."""
        failure, state = case.failure, case.failure.sqlstate
        if failure.reason in {"file-bytes", "client-command", "tool"} or state == "42601":
            yield Cause(FailureClass.SYNTAX)
        if failure.reason == "placeholder":
            yield Cause(FailureClass.ENVIRONMENT, why="only the tool's configuration has its value")
        if failure.reason == "open-transaction":
            kind = FailureClass.SYNTAX if failure.statement_no else FailureClass.OTHER
            yield Cause(kind, why="the transaction that it begins is never ended")
        if state == "23505" and not failure.statement_no:
            yield self._judge_version(case)
        if state in PRESENT:
            yield self._judge_present(case, find_subject(failure, case.statement))
        if state in OF_SHAPE and OTHER_SHAPE.search(failure.message):
            yield self._judge_present(case, _find_own(case))
        if state in MISSING or (state == "22P02" and "enum" in failure.message):
            yield self._judge_missing(case)
        if state.startswith(DATA):
            yield Cause(FailureClass.DATA)
        here = state == "42501" or state.startswith(ENVIRONMENT)
        if here or NOT_HERE.search(failure.message) or failure.reason == "time":
            yield Cause(FailureClass.ENVIRONMENT)
        yield Cause(FailureClass.OTHER)

    def _judge_version(self, case: _Case) -> Cause:
        version = case.failure.version
        first = next(
            script.file for script in self._scripts[: case.place + 1] if script.version == version
        )
        why = f"{first} has the version already, and a version is recorded once"
        return Cause(FailureClass.EXISTS, f"version {version}", why)

    def _judge_present(self, case: _Case, subject: Subject | None) -> Cause:
        if subject is None:
            return Cause(FailureClass.EXISTS)
        own = _find_own(case)
        if own and own.kind == "function" and own.name == subject.name:
            subject = own  # a message does not always tell the arguments
        events = [event for event in self._index.find(subject) if _takes(event, subject)]
        life = trace_life(subject, events, case.at, self._ran)
        name = str(subject)
        if life.lost_droppers and life.lost_droppers[-1].place > _place(life.maker):
            return self._go_back(life.lost_droppers[-1], name, "would take it away, and fails")
        maker = life.maker
        if maker is None:
            return Cause(FailureClass.EXISTS, name)
        return Cause(FailureClass.EXISTS, name, f"{self._say(maker, case)} has made it already")

    def _judge_missing(self, case: _Case) -> Cause:
        found = OF_SERVER.search(case.failure.message)
        if found:
            return self._judge_server(case, found["kind"], found["name"])
        if SETTING.search(case.failure.message):
            return Cause(FailureClass.ENVIRONMENT, why="a setting that the shadow does not have")
        subject = find_subject(case.failure, case.statement)
        if subject is None:
            return Cause(FailureClass.OTHER)
        subject, cause = self._choose_table(case, subject)
        nowhere = cause.why == NOWHERE and subject.kind != "key"  # others use the same columns
        users = len(self._index.find_users(subject)) if nowhere else 0
        return replace(cause, object=str(subject), used_by=users, subject=subject)

    def _choose_table(self, case: _Case, subject: Subject) -> tuple[Subject, Cause]:
        """Return the cause, of a column without a table that of the table which lacks it."""
        tables = [subject.table]
        if subject.kind == "column" and not self._index.knows_table(subject):
            tables = self._index.find_tables_with(subject.name, case.statement) or tables
        found = []
        for table in tables:
            guess = replace(subject, table=table)
            life = trace_life(guess, self._index.find(guess), case.at, self._ran)
            found.append((guess, next(self._explain(case, guess, life))))
        lacking = [each for each in found if each[1].kind is not FailureClass.OTHER]
        return (lacking or found)[0]

    def _explain(self, case: _Case, subject: Subject, life: Life) -> Iterator[Cause]:
        """Yield what the files tell of a missing object, the nearest cause first."""
        if life.maker is not None:
            yield self._explain_there(case, subject, life, life.maker)
        yield from self._explain_life(case, subject, life)
        yield from self._list_passed_over(subject)
        if subject.kind in {"type", "function"}:
            yield from self._list_bringers(case, str(subject), subject)
        if subject.kind == "function" and not subject.schema and subject.name in self._built_in:
            yield Cause(FailureClass.OTHER, why="PostgreSQL has it with other arguments")
        yield Cause(FailureClass.NEVER_CREATED, why=NOWHERE)

    def _explain_life(self, case: _Case, subject: Subject, life: Life) -> Iterator[Cause]:
        """Yield what the files did to an object that no statement before has left there."""
        kind = FailureClass
        if life.left_out:
            why = f"{self._say(life.left_out[-1], case)} makes it, which the shadow cannot run"
            yield Cause(kind.ENVIRONMENT, why=why)
        if life.lost_makers:
            yield self._go_back(life.lost_makers[-1], "", "makes it, and fails")
        if life.masked is not None:
            yield self._explain_masked(case, subject, life.masked, life.table_maker)
        if life.dropper is not None:
            yield Cause(kind.DROPPED, why=f"{self._say(life.dropper, case)} takes it away")
        if life.not_run:
            why = f"{self._say(life.not_run[-1], case)} makes it, and is not among the applied"
            yield Cause(kind.NOT_APPLIED, why=why)
        if life.later:
            yield Cause(kind.LATER_FILE, why=self._explain_later(case, life.later))

    def _list_passed_over(self, subject: Subject) -> Iterator[Cause]:
        """Yield the file that makes the object and that the tool never runs."""
        for event in self._passed_over.find(subject):
            is_table = bool(subject.table) and event.making.kind != subject.kind
            if event.making.deed is Deed.CREATED and not is_table:
                file = self._passed_over.scripts[event.file].file
                why = f"{file} (line {event.line}) makes it, a file that the tool never runs"
                yield Cause(FailureClass.NOT_APPLIED, why=why)

    def _explain_later(self, case: _Case, later: Sequence[Event]) -> str:
        first = self._say(later[0], case)
        if len({event.place for event in later}) == 1:
            return f"only {first} makes it, which comes later"
        return f"only later statements make it, {first} first"

    def _explain_masked(
        self, case: _Case, subject: Subject, masked: Event, table: Event | None
    ) -> Cause:
        first = f"made by {self._say(table, case)}" if table else "there before the first file"
        why = (
            f"{self._say(masked, case)} would make it, but IF NOT EXISTS passes over it: "
            f"{subject.table} is {first}"
        )
        return Cause(FailureClass.EXISTS, why=why)

    def _explain_there(self, case: _Case, subject: Subject, life: Life, maker: Event) -> Cause:
        """Explain what is missing although a statement that makes it ran."""
        if subject.kind != "function":
            return self._explain_vanished(case, maker)
        lost = [event for event in life.lost_makers if _takes(event, subject)]
        if lost and not _takes(maker, subject):
            return self._go_back(lost[-1], "", "makes it, and fails")
        why = f"{self._say(maker, case)} makes it with other arguments, and no file with these"
        return Cause(FailureClass.NEVER_CREATED, why=why)

    def _explain_vanished(self, case: _Case, maker: Event) -> Cause:
        """Explain what was made and is gone although no statement names it."""
        made = self._scripts[maker.file].statements[maker.statement - 1].text.lower()
        words = set(re.findall(r"[\w$]+", made))
        drops = [
            event
            for event in self._index.find_cascades(case.at)
            if event.place > maker.place
            and event.making.name.lower() in words
            and (event.file == case.place or self._ran.statuses[event.file] == "applied")
        ]
        if drops:
            why = f"{self._say(drops[-1], case)} takes away what it belongs to or depends on"
            return Cause(FailureClass.DROPPED, why=why)
        why = f"{self._say(maker, case)} makes it, and it cannot be seen from here"
        return Cause(FailureClass.OTHER, why=why)

    def _judge_server(self, case: _Case, kind: str, name: str) -> Cause:
        words = f"{kind} {name}"
        causes = self._list_bringers(case, words, Subject(kind, "", name))
        return next(causes, Cause(FailureClass.NEVER_CREATED, words, NOWHERE))

    def _list_bringers(self, case: _Case, words: str, subject: Subject) -> Iterator[Cause]:
        """Yield what became of the extension that brings an object."""
        lacking = [name for place, name in self._lacking if place <= case.place]
        if subject.schema in {"", "extensions"}:
            bringers = sorted({each for each in lacking if may_bring(each, subject.name)})
            if bringers:
                why = f"the shadow lacks what may bring it: extension {', '.join(bringers)}"
                yield Cause(FailureClass.ENVIRONMENT, words, why)
        if extension := find_bringer(subject.name):
            own = Subject("extension", "", extension)
            life = trace_life(own, self._index.find(own), case.at, self._ran)
            if life.maker is None:
                for cause in self._explain_life(case, own, life):
                    yield replace(cause, object=words)
                why = f"no file creates extension {extension}, which brings it"
                yield Cause(FailureClass.NEVER_CREATED, words, why)

    def _go_back(self, event: Event, name: str, does: str) -> Cause:
        script = self._scripts[event.file]
        why = f"{script.file} (line {event.line}) {does}"
        root = self._roots.get(event.file, script.file)
        return Cause(FailureClass.CASCADE, name, why, root)

    def _say(self, event: Event, case: _Case) -> str:
        if event.file == case.place:
            return f"line {event.line}"
        return f"{self._scripts[event.file].file} (line {event.line})"


def _takes(event: Event, called: Subject) -> bool:
    """Return whether a function can be called so; a literal has no type of its own."""
    types, (fewest, most) = called.types, event.making.arity
    if types is None:
        return True
    own = event.making.types
    if not fewest <= len(types) <= most:
        return False
    return own is None or all(
        mine == theirs or "unknown" in {mine, theirs}
        for mine, theirs in zip(types, own, strict=False)
    )


def _find_own(case: _Case) -> Subject | None:
    """Return what the failing statement itself would make."""
    made = next(iter(read_makings(case.statement)), None)
    if made is None:
        return None
    arguments = None if made.types is None else ", ".join(made.types)
    return Subject(made.kind, made.schema, made.name, made.table, arguments)


def _place(event: Event | None) -> tuple[int, int]:
    return event.place if event else (-1, 0)
