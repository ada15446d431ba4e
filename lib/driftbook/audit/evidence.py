"""Evidence of one audit: captured once, stored privately, read by every notebook of the audit."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from driftbook.accepted import Accepted
from driftbook.catalog.document import read_capture, write_capture
from driftbook.config import Target
from driftbook.errors import AuditError, ConfigError
from driftbook.failures import FailureFact
from driftbook.history.exhibits import Exhibits, read_exhibits, write_exhibits
from driftbook.history.past import NO_PAST, Past
from driftbook.migrations.history import History
from driftbook.places import state_dir
from driftbook.repairs import RepairPlan
from driftbook.versions import Fact, Version

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot

AUDIT_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4,12}")
KEPT_AUDITS = 30  # per target; older evidence goes when a new one comes


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InterceptionFact(_Fact):
    """A statement that the replay did not send as it is written."""

    kind: str
    file: str
    line: int
    object: str
    done: str
    effect: str


class LeftOutFact(_Fact):
    """How many objects of a kind are outside the comparison, and why."""

    reason: str
    kind: str
    objects: int


class GapFact(_Fact):
    """Something in scope that could not be checked."""

    what: str
    why: str
    fix: str
    about: Literal["live", "replay"] = "live"


class EqualFact(_Fact):
    """A property whose texts differ in form only: the shadow read both and gave the same."""

    kind: str
    key: tuple[str, ...]
    property: str


class FileFact(_Fact):
    """One migration file and what the replay said of it."""

    version: str
    file: str
    status: str  # applied, failed, skipped or not-reached
    statements: int
    size: int  # bytes
    seconds: float
    controls: bool = False  # it ends transactions itself
    subtransactions: bool = False  # it may run a part of itself in a subtransaction


class GrantFact(_Fact):
    """A privilege on the tracking table, or on its schema, beyond its owner's."""

    grantee: str  # PUBLIC or a role
    privilege: str
    on: str  # table, schema or column


class ClassFact(_Fact):
    """How many mutations of one class a self-test tried, and how many were detected."""

    name: str
    tried: int
    detected: int


class SelfTestFact(_Fact):
    """The last self-test of the target before the audit."""

    at: datetime
    server_version: str
    versions: tuple[str, ...]  # of the files that were replayed
    classes: tuple[ClassFact, ...]
    exact: int  # detected, with exactly one object named
    own: int  # on objects of the target's own schema
    missed: tuple[str, ...]  # statements
    not_applied: int
    false_alarms: tuple[str, ...]

    @property
    def tried(self) -> int:
        """Return how many mutations were applied."""
        return sum(one.tried for one in self.classes)

    @property
    def detected(self) -> int:
        """Return how many of them were detected."""
        return sum(one.detected for one in self.classes)


class Facts(_Fact):
    """Everything an audit knows besides the two snapshots."""

    audit_id: str
    captured_at: datetime
    target: Target
    versions: tuple[Version, ...]
    never_runs: tuple[tuple[str, str], ...]  # file of the directory, why no tool runs it
    failures: tuple[FailureFact, ...]
    interceptions: tuple[InterceptionFact, ...]
    left_out: tuple[LeftOutFact, ...]
    gaps: tuple[GapFact, ...]
    equal: tuple[EqualFact, ...]
    unaccounted: tuple[tuple[str, str, str], ...]  # catalog, schema, name
    provenance: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    files: tuple[FileFact, ...] = ()  # in the order in which they are applied
    effects: tuple[Fact, ...] = ()  # what each file did, in file order
    history: History = History()
    plan: RepairPlan = RepairPlan()
    grants: tuple[GrantFact, ...] = ()
    accepted: tuple[Accepted, ...] = ()  # of the target, as they stood at that time
    records: int | None = None  # rows of the tracking table; None when it was not read
    unread: tuple[GapFact, ...] = ()  # exhibits that could not be taken
    selftest: SelfTestFact | None = None  # the last one of the target

    @property
    def applied_files(self) -> int:
        """Return how many files were replayed: those whose version is recorded."""
        return sum(1 for version in self.versions if version.file and version.recorded)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides, scoped, and the facts; the same evidence always gives the same report."""

    expected: Snapshot
    live: Snapshot | None  # None: the target names no database
    facts: Facts
    past: Past = NO_PAST
    exhibits: Exhibits = field(default_factory=dict)  # empty: an audit that took none


def write_evidence(evidence: Evidence) -> Path:
    """Store ``evidence`` for the notebooks of this audit and return its folder (mode 0700)."""
    home = state_dir() / "evidence" / evidence.facts.target.name
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        write_capture(evidence.expected, beside / "expected.json")
        if evidence.live is not None:
            write_capture(evidence.live, beside / "live.json")
        write_private(evidence.facts.model_dump_json(), beside / "facts.json")
        write_private(evidence.past.model_dump_json(), beside / "past.json")
        write_private(write_exhibits(evidence.exhibits), beside / "exhibits.json")
        folder = home / evidence.facts.audit_id
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    except OSError as error:
        raise AuditError(
            f"the evidence cannot be stored: {error.strerror}",
            where=str(home),
            fix="free space or name another folder: DRIFTBOOK_STATE=DIR",
        ) from error
    _forget_old(home)
    return folder


def write_private(text: str, path: Path) -> None:
    """Write ``text`` to a file that only its owner reads."""
    path.touch(mode=0o600)  # recorded statements may hold secrets
    path.write_text(text, encoding="utf-8")


def read_evidence(audit_id: str, target: str = "") -> Evidence | None:
    """Return the stored evidence of ``audit_id``, of ``target`` if it has such an audit.

    ``None``: its folder is gone.

    Raises:
        ConfigError: That is no id of an audit.
    """
    if not AUDIT_ID.fullmatch(audit_id):
        raise ConfigError(f"{audit_id!r} is no audit id", fix="copy it from a report's header")
    found = sorted((state_dir() / "evidence").glob(f"*/{audit_id}"))
    for folder in sorted(found, key=lambda folder: folder.parent.name != target):
        return Evidence(
            expected=read_capture(folder / "expected.json"),
            live=read_capture(live) if (live := folder / "live.json").is_file() else None,
            facts=Facts.model_validate_json((folder / "facts.json").read_bytes()),
            past=_read_past(folder / "past.json"),
            exhibits=_read_exhibits(folder / "exhibits.json"),
        )
    return None


def _read_past(path: Path) -> Past:
    # Evidence that is older than the history has none.
    return Past.model_validate_json(path.read_bytes()) if path.is_file() else NO_PAST


def _read_exhibits(path: Path) -> Exhibits:
    return read_exhibits(path.read_text(encoding="utf-8")) if path.is_file() else {}


def build_audit_id(captured_at: datetime, target: str, root_hash: str = "") -> str:
    """Return the id of an audit: when it was captured, of what, and what it saw.

    Two targets may hold the same schema, and be looked at in the same second.
    """
    digest = hashlib.sha256(f"{target}\n{root_hash}".encode()).hexdigest()
    return f"{captured_at:%Y%m%dT%H%M%SZ}-{digest[:4]}"


def _forget_old(home: Path) -> None:
    stored = sorted(folder for folder in home.iterdir() if AUDIT_ID.fullmatch(folder.name))
    for folder in stored[:-KEPT_AUDITS]:
        shutil.rmtree(folder, ignore_errors=True)
