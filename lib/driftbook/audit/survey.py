"""Replaying one directory from empty: which files fail, where, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.audit.directory import open_directory
from driftbook.audit.facts import describe_version
from driftbook.audit.open import parse_text, replay_source
from driftbook.audit.plan import CompareOptions, plan_shadow
from driftbook.audit.sides import start_shadow
from driftbook.errors import ConfigError
from driftbook.sources import SourceKind

if TYPE_CHECKING:
    from driftbook.audit.result import Json
    from driftbook.config import Settings
    from driftbook.progress import Progress
    from driftbook.shadow.replay import ReplayResult

__all__ = ["CompareOptions", "Survey", "replay_directory"]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the replay of one directory said of its files."""

    directory: str
    replayed: ReplayResult
    skipped: tuple[tuple[str, str], ...]  # file, why it never runs

    @property
    def exit_code(self) -> int:
        """Return 1 when a file fails, else 0."""
        return int(any(file.error for file in self.replayed.files))

    def as_json(self) -> Json:
        """Return the survey as JSON values."""
        files = self.replayed.files
        return {
            "schema_version": 1,
            "directory": self.directory,
            "server_version": describe_version(self.replayed.expected.version_num),
            "prelude": self.replayed.prelude,
            "files": len(files),
            "applied": sum(file.status == "applied" for file in files),
            "failed": sum(file.error is not None for file in files),
            "failures": [
                {
                    "version": file.version,
                    "file": file.file,
                    "statement": file.error.statement_no,
                    "line": file.error.line,
                    "column": file.error.column,
                    "sqlstate": file.error.sqlstate,
                    "message": file.error.message,
                    "hint": file.error.hint,
                }
                for file in files
                if file.error
            ],
            "not_reached": [file.file for file in files if file.status == "not-reached"],
            "never_runs": [{"file": file, "why": why} for file, why in self.skipped],
            "interceptions": [
                {
                    "kind": note.kind,
                    "file": note.file,
                    "line": note.line,
                    "object": note.object,
                    "done": note.done,
                    "effect": note.effect,
                }
                for note in self.replayed.notes
            ],
        }

    def lines(self) -> list[str]:
        """Return one line per failing file, then the count."""
        lines = [
            f"{self.directory}/{file.file}:{file.error.line}: {file.error.message} "
            f"({file.error.sqlstate})"
            for file in self.replayed.files
            if file.error
        ]
        lines += [f"never runs: {file}: {why}" for file, why in self.skipped]
        files = self.replayed.files
        applied = sum(file.status == "applied" for file in files)
        notes = len(self.replayed.notes)
        lines.append(
            f"{applied} of {len(files)} files applied on PostgreSQL "
            f"{describe_version(self.replayed.expected.version_num)} "
            f"({self.replayed.prelude}); {notes} statements intercepted"
        )
        return lines


def replay_directory(
    text: str, settings: Settings, options: CompareOptions, progress: Progress
) -> Survey:
    """Return what a fresh shadow says of the files of one directory.

    Raises:
        ConfigError: ``text`` names no directory.
    """
    source = parse_text(text, settings)
    if source.kind is not SourceKind.DIRECTORY:
        raise ConfigError(f"{source.label} is no migrations directory", fix="name a directory")
    plan = plan_shadow([source], [], settings, options)
    with start_shadow(plan.major, plan.setting, plan.platform, plan.role) as server:
        opened = replay_source(source, server, plan, options, progress)
    skipped = tuple((entry.name, entry.why) for entry in open_directory(source).skipped)
    assert opened.replayed is not None  # noqa: S101 - a directory is always replayed
    return Survey(source.label, opened.replayed, skipped)
