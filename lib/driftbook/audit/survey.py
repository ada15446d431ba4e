"""Replaying one directory from empty: which files fail, where, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from driftbook.audit.directory import open_directory
from driftbook.audit.facts import describe_version
from driftbook.audit.failed import find_failures
from driftbook.audit.open import parse_text, replay_source
from driftbook.audit.plan import CompareOptions, plan_shadow
from driftbook.audit.sides import start_shadow
from driftbook.errors import ConfigError
from driftbook.failures import FailureClass, find_roots
from driftbook.migrations.conventions import CONVENTIONS
from driftbook.sources import SourceKind
from driftbook.words import count, name_some

if TYPE_CHECKING:
    from driftbook.audit.result import Json
    from driftbook.config import Settings
    from driftbook.failures import FailureFact, Root
    from driftbook.migrations.conventions import Convention
    from driftbook.postgres.binaries import Origin
    from driftbook.progress import Progress
    from driftbook.shadow.replay import FileResult, Note, ReplayResult

__all__ = ["CompareOptions", "Survey", "replay_directory"]

SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Survey:
    """What the replay of one directory said of its files."""

    directory: str
    replayed: ReplayResult
    skipped: tuple[tuple[str, str], ...]  # file, why it never runs
    server: Origin
    convention: Convention
    evidence: str = ""  # what showed the convention; empty when somebody named it

    @property
    def exit_code(self) -> int:
        """Return 1 when a file fails, else 0."""
        return int(any(file.error for file in self.replayed.files))

    @property
    def failures(self) -> tuple[FailureFact, ...]:
        """Return the failures, in file order."""
        return find_failures(self.replayed)

    @property
    def headline(self) -> str:
        """Return the one sentence: what most files fail with, and if nothing fails that."""
        files, roots = self.replayed.files, find_roots(self.failures)
        left_out = sum(file.status == "skipped" for file in files)
        if left_out and not roots:
            return f"all but the {count(left_out, 'file')} after it applied"
        if not roots:
            return f"all {count(len(files), 'file')} applied"
        worst = roots[0]
        others = f"; {count(len(roots) - 1, 'more root')}" if len(roots) > 1 else ""
        if worst.first.is_nowhere:
            return f"{worst.describe()}{others}"
        blocked = count(len(worst.blocked), "file")
        return f"{blocked} not applied because of {worst.first.file}: {worst.describe()}{others}"

    def as_json(self) -> Json:
        """Return the survey as JSON values."""
        files, failures = self.replayed.files, self.failures
        classes = Counter(failure.kind.value for failure in failures)
        slowest = sorted(files, key=lambda file: -file.seconds)[:SLOWEST]
        return {
            "schema_version": 2,
            "directory": self.directory,
            "convention": self.convention.name,
            "convention_why": self.evidence or None,
            "mode": self.replayed.mode,
            "server_version": describe_version(self.replayed.expected.version_num),
            "server": asdict(self.server),
            "root_hash": self.replayed.expected.root_hash,
            "prelude": self.replayed.prelude,
            "reused": {
                "files": self.replayed.reuse.files,
                "rebuilt": self.replayed.reuse.rebuilt,
            },
            "headline": self.headline,
            "files": len(files),
            "applied": sum(file.status == "applied" for file in files),
            "failed": len(failures),
            "classes": {kind.value: classes[kind] for kind in FailureClass if classes[kind]},
            "roots": [_root_json(root) for root in find_roots(failures)],
            "failures": self._failures_json(failures),
            "not_reached": [file.file for file in files if file.status == "not-reached"],
            "never_runs": [{"file": file, "why": why} for file, why in self.skipped],
            "interceptions": [_note_json(note) for note in self.replayed.notes],
            "results": [_result_json(file) for file in files],
            "seconds": round(sum(file.seconds for file in files), 3),
            "slowest": [file.file for file in slowest if file.seconds],
        }

    def _failures_json(self, failures: tuple[FailureFact, ...]) -> list[Json]:
        errors = {file.file: file.error for file in self.replayed.files if file.error}
        return [
            {
                "version": failure.version,
                "file": failure.file,
                "statement": errors[failure.file].statement_no,
                "line": failure.line,
                "column": errors[failure.file].column,
                "sqlstate": failure.sqlstate,
                "message": failure.message,
                "hint": errors[failure.file].hint,
                "class": failure.kind.value,
                "object": failure.object or None,
                "why": failure.why or None,
                "root": failure.root or None,
            }
            for failure in failures
        ]

    def lines(self) -> list[str]:
        """Return the headline, each root with what fails with it, then the counts."""
        lines = []
        for root in find_roots(self.failures):
            first = root.first
            lines.append(
                f"{self._find_place(first.file)}:{first.line}: {first.message} ({first.sqlstate})"
            )
            told = root.describe() if first.is_nowhere else first.why
            lines.append(f"  {first.kind.value}" + (f": {told}" if told else ""))
            if others := root.blocked[1:]:
                lines.append(f"  with it: {name_some(others)}")
        lines += [f"never runs: {file}: {why}" for file, why in self.skipped]
        return [*lines, self._summary(), *([self.headline] if lines else [])]

    def _find_place(self, file: str) -> str:
        return "/".join(filter(None, (self.directory, file, self.convention.inner)))

    def _summary(self) -> str:
        files = self.replayed.files
        applied = sum(file.status == "applied" for file in files)
        unreached = sum(file.status == "not-reached" for file in files)
        stopped = f", {unreached} not reached" if unreached else ""
        notes = len(self.replayed.notes)
        shown = f" ({self.evidence})" if self.evidence else ""
        reuse = self.replayed.reuse
        kept = f"; {count(reuse.files, 'file')} from the cache" if reuse.files else ""
        kept += "; an entry of the cache was made again" if reuse.rebuilt else ""
        return (
            f"{applied} of {len(files)} files applied{stopped} on {self.server} "
            f"({self.replayed.prelude}); {count(notes, 'statement')} intercepted; "
            f"convention {self.convention.name}{shown}{kept}"
        )


def _root_json(root: Root) -> Json:
    return {
        "class": root.first.kind.value,
        "problem": root.describe(),
        "object": root.object or None,
        "used_by": root.first.used_by or None,
        "file": root.first.file,
        "line": root.first.line,
        "fail_alike": [failure.file for failure in root.failures[1:]],
        "cascades": list(root.cascades),
    }


def _note_json(note: Note) -> Json:
    return {
        "kind": note.kind,
        "file": note.file,
        "line": note.line,
        "object": note.object,
        "done": note.done,
        "effect": note.effect,
    }


def _result_json(file: FileResult) -> Json:
    return {
        "version": file.version,
        "file": file.file,
        "status": file.status,
        "statements": file.statements,
        "seconds": round(file.seconds, 4),
    }


def replay_directory(
    text: str, settings: Settings, options: CompareOptions, progress: Progress
) -> Survey:
    """Return what a fresh shadow says of the files of one directory.

    Raises:
        ConfigError: ``text`` names no directory.
    """
    source = parse_text(text, settings, options.convention)
    if source.kind is not SourceKind.DIRECTORY:
        raise ConfigError(f"{source.label} is no migrations directory", fix="name a directory")
    plan = plan_shadow([source], [], settings, options)
    with start_shadow(plan.major, plan.choice, plan.platform, plan.role) as server:
        opened = replay_source(source, server, plan, options, progress)
        origin = server.origin
    directory = open_directory(source)
    skipped = tuple((entry.name, entry.why) for entry in directory.skipped)
    assert opened.replayed is not None  # noqa: S101 - a directory is always replayed
    convention = CONVENTIONS[directory.convention]
    return Survey(source.label, opened.replayed, skipped, origin, convention, directory.evidence)
