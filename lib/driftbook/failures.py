"""Files that fail when they are replayed: classes, and roots with what only follows from them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from driftbook.words import count, name_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class FailureClass(StrEnum):
    """Whose fault a failure is."""

    NEVER_CREATED = "never-created"  # no file makes what is missing
    LATER_FILE = "later-file"  # only a statement that comes later makes it
    DROPPED = "dropped-earlier"  # a statement before takes it away
    NOT_APPLIED = "not-applied"  # a file makes it that is not run: not recorded, or wrongly named
    EXISTS = "exists"  # it is there already, perhaps in another shape
    DATA = "data"  # rows decide
    SYNTAX = "syntax"
    ENVIRONMENT = "environment"  # the shadow, and not the file
    OTHER = "other"  # nothing is known but the SQLSTATE
    CASCADE = "cascade"  # a file fails that would have made, or taken away, what this one needs


MEANINGS = {
    FailureClass.NEVER_CREATED: "no file makes what it needs",
    FailureClass.LATER_FILE: "what it needs is made later",
    FailureClass.DROPPED: "what it needs was dropped or renamed before",
    FailureClass.NOT_APPLIED: "the file that makes what it needs is not run",
    FailureClass.EXISTS: "what it makes is there already",
    FailureClass.DATA: "rows decide whether it runs",
    FailureClass.SYNTAX: "no server can read it",
    FailureClass.ENVIRONMENT: "the shadow lacks something, not the files",
    FailureClass.OTHER: "the server refuses it",
    FailureClass.CASCADE: "it follows from another failure",
}


@dataclass(frozen=True, slots=True)
class FailureFact:
    """A file that failed in the shadow, at its first error.

    Attributes:
        line: Of the error, from 1.
        kind: Its class.
        object: What is missing or there already, in words; empty when it is about none.
        why: Half a sentence; empty when the message says it all.
        root: File that a cascade goes back to; empty for a root.
        used_by: How many files name the object.
        live: Whether the live database has the missing object; ``None``: it was not looked up.
    """

    version: str
    file: str
    line: int
    sqlstate: str
    message: str
    kind: FailureClass = FailureClass.OTHER
    object: str = ""
    why: str = ""
    root: str = ""
    used_by: int = 0
    live: bool | None = None

    @property
    def is_nowhere(self) -> bool:
        """Return whether it misses an object that files use and none makes."""
        return self.kind is FailureClass.NEVER_CREATED and bool(self.used_by)


@dataclass(frozen=True, slots=True)
class Root:
    """Failures that one repair mends.

    Attributes:
        failures: In file order; several only when they miss one object, which no file that runs
            makes.
        cascades: Files that fail because these do, in file order.
    """

    failures: tuple[FailureFact, ...]
    cascades: tuple[str, ...] = ()

    @property
    def first(self) -> FailureFact:
        """Return the failure that a fresh environment meets first."""
        return self.failures[0]

    @property
    def object(self) -> str:
        """Return what it is about, with its schema when one of the files names it."""
        return max((failure.object for failure in self.failures), key=len)

    @property
    def blocked(self) -> tuple[str, ...]:
        """Return the files that it keeps from being applied, itself first."""
        return (*(failure.file for failure in self.failures), *self.cascades)

    def describe(self) -> str:
        """Return what is wrong as a sentence without a full stop."""
        first = self.first
        if first.is_nowhere:
            text = f"{self.object} is used by {count(first.used_by, 'file')} and created by none"
            text += "; the live database has it" if first.live else ""
        else:
            text = " ".join(first.message.split())
            text += f"; {first.why}" if first.why else ""
        return text

    def describe_others(self) -> str:
        """Return which other files fail with the first one; empty when none does."""
        others = self.blocked[1:]
        verb = "fails" if len(others) == 1 else "fail"
        return f"{name_some(others)} {verb} with it" if others else ""


def find_roots(failures: Iterable[FailureFact]) -> list[Root]:
    """Return the roots of ``failures``, those first that keep most files from being applied."""
    grouped: defaultdict[str, list[FailureFact]] = defaultdict(list)
    cascades: defaultdict[str, list[str]] = defaultdict(list)
    for failure in failures:
        if failure.root:
            cascades[failure.root].append(failure.file)
        else:
            grouped[_group(failure)].append(failure)
    roots = [_build_root(group, cascades) for group in grouped.values()]
    return sorted(roots, key=lambda root: -len(root.blocked))


def _group(failure: FailureFact) -> str:
    """Return what failures of one root have in common: the object, however it is written."""
    if failure.is_nowhere or failure.kind is FailureClass.NOT_APPLIED:
        return failure.object.replace(" public.", " ")
    return f"file {failure.file}"


def _build_root(failures: Sequence[FailureFact], cascades: defaultdict[str, list[str]]) -> Root:
    following = [file for failure in failures for file in cascades[failure.file]]
    return Root(tuple(failures), tuple(following))
