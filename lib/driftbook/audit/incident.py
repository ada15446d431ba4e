"""From recorded audits to a postmortem: nothing is asked of a database that was audited before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.attribution import build_case
from driftbook.audit.collect import collect_evidence
from driftbook.audit.evidence import GapFact
from driftbook.audit.postmortem import Incident
from driftbook.audit.remember import EVERY_RULE, read_stored, recall
from driftbook.audit.session import Audit
from driftbook.audit.start import check_fail_on
from driftbook.config import read_settings
from driftbook.errors import ConfigError
from driftbook.forensics.attribution import Drifted, attribute
from driftbook.forensics.logs import Window as LogWindow
from driftbook.forensics.logs import read_logs
from driftbook.history import find_store
from driftbook.history.read import read_audit, read_audits, read_beside, read_findings
from driftbook.history.rows import conceal_snapshot
from driftbook.incident.case import IncidentCase, Look, Step
from driftbook.incident.window import Asked, Point, choose_points
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from driftbook.audit.evidence import Evidence
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.config import Settings
    from driftbook.history import Spell, Store
    from driftbook.history.exhibits import Exhibits
    from driftbook.incident.case import Window

SERVICE = "service_role"
LONGEST_NOTES = 100_000  # characters
NOTES_ENDING = (".md", ".txt")


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What the history holds of a target; empty without one."""

    store: Store | None
    points: tuple[Point, ...] = ()
    spells: tuple[Spell, ...] = ()


def begin_incident(  # noqa: PLR0913 - the parameters of the notebook, all by name
    *,
    target: str = "demo",
    audit_id: str = "",
    fail_on: str = "high",
    between: tuple[str, str, str, str] = ("", "", "", ""),
    logs: str = "",
    title: str = "",
    notes: str = "",
) -> Incident:
    """Return the postmortem of ``target``, told from its recorded audits.

    Args:
        target: A name in ``params/targets.toml``; ``demo`` is bundled.
        audit_id: The audit that ends the story; empty: as ``between`` says, else the latest.
            Only a target of which nothing is recorded is captured now.
        fail_on: Lowest severity that would fail an audit; a postmortem never fails.
        between: Two times (UTC), then two audits by id or day, each empty if not given: from when
            until when; all empty: from the audit before the first finding on.
        logs: A folder of log files; empty: none.
        title: What people call the incident.
        notes: Markdown, or the name of a file beside ``params/targets.toml``.

    Raises:
        ConfigError: A value is wrong: it is checked here because bare papermill checks nothing.
        AuditError: Nothing is recorded, and the database cannot be read.
    """
    limit, settings = check_fail_on(fail_on), read_settings()
    settings.target(target)
    for name, value in (("target", target), ("audit_id", audit_id), ("logs", logs)):
        if not isinstance(value, str):
            raise ConfigError(f"{name} is a text", fix="quote it in the parameters")
    recorded = _read_recorded(settings, target)
    asked = Asked(*between)
    if audit_id:
        asked = replace(asked, after=audit_id)
    if recorded.points:
        points, window = _choose(recorded, asked)
        evidence = read_stored(points[-1].audit_id, settings, target)
    else:
        evidence = _read_alone(audit_id, settings, target)
        now = Point(evidence.facts.audit_id, evidence.facts.captured_at)
        points, window = choose_points([now], Asked(), None)
    looks = _read_looks(recorded.store, points, evidence)
    lines, unread = _read_lines(logs, window, settings)
    case = _build_case(evidence, looks, window, recorded.spells, lines)
    text = _read_notes(notes, settings)
    return Incident(evidence, case, limit, title, text, not recorded.points, unread)


def _read_lines(
    logs: str, window: Window, settings: Settings
) -> tuple[pd.DataFrame | None, tuple[GapFact, ...]]:
    """Return what logs say of DDL within the window, and what of them could not be read.

    Raises:
        ConfigError: There is no such folder; a relative one lies beside ``params``.
    """
    if not logs:
        return None, ()
    base = settings.params.resolve().parent if settings.params else Path()
    whole = window.started_at == window.ended_at
    wanted = LogWindow() if whole else LogWindow(window.started_at, window.ended_at)
    read = read_logs([base / logs], wanted)
    gaps = (GapFact(what=f"Log {one.path}", why=one.why, fix=one.fix) for one in read.gaps)
    return read.lines, tuple(gaps)


def _choose(recorded: _Recorded, asked: Asked) -> tuple[list[Point], Window]:
    opened = [datetime.fromisoformat(spell.opened_at) for spell in recorded.spells]
    return choose_points(recorded.points, asked, min(opened, default=None))


def _read_recorded(settings: Settings, target: str) -> _Recorded:
    store = find_store(settings)
    if store is None:
        return _Recorded(None)
    rows = read_audits(store, target)
    points = tuple(
        Point(
            row.point.audit_id,
            datetime.fromisoformat(row.point.audited_at),
            is_quiet=not row.came and not row.went,
        )
        for row in rows
    )
    return _Recorded(store, points, tuple(read_findings(store, target)))


def _read_alone(audit_id: str, settings: Settings, target: str) -> Evidence:
    if audit_id:
        return read_stored(audit_id, settings, target)
    return recall(collect_evidence(settings.target(target)), settings)


def _read_looks(
    store: Store | None, points: Sequence[Point], evidence: Evidence
) -> tuple[Look, ...]:
    target = evidence.facts.target.name
    found: list[Look] = []
    for point in points:
        if store and found and point.is_quiet:
            facts, exhibits = read_beside(store, point.audit_id, target)
            found.append(_build_look(point, facts, found[-1].live, exhibits))
        elif stored := read_audit(store, point.audit_id, target) if store else None:
            found.append(_build_look(point, stored.facts, stored.live, stored.exhibits))
        else:
            found.append(_look_now(point, evidence))
    return tuple(found)


def _build_look(
    point: Point, facts: Mapping[str, object], live: Snapshot | None, exhibits: Exhibits
) -> Look:
    names, versions = None, facts.get("versions")
    if facts.get("records") is not None and isinstance(versions, list):
        names = [str(one["version"]) for one in versions if one["recorded"]]
    return Look(point.audit_id, point.at, live, _list_records(names, exhibits))


def _look_now(point: Point, evidence: Evidence) -> Look:
    facts, live = evidence.facts, evidence.live
    names = None
    if facts.records is not None:
        names = [one.version for one in facts.versions if one.recorded]
    concealed = conceal_snapshot(live) if live else None
    return Look(point.audit_id, point.at, concealed, _list_records(names, evidence.exhibits))


def _list_records(versions: Sequence[str] | None, exhibits: Exhibits) -> Mapping[str, int] | None:
    """Return version → transaction, 0 where the exhibit does not tell it."""
    if versions is None:
        return None
    xids: dict[str, int] = {}
    if (records := exhibits.get("record")) is not None:
        pairs = zip(records["version"], records["xid"].fillna(0), strict=True)
        xids = {str(version): int(xid) for version, xid in pairs}
    return {version: xids.get(version, 0) for version in versions}


def _build_case(
    evidence: Evidence,
    looks: tuple[Look, ...],
    window: Window,
    spells: Sequence[Spell],
    lines: pd.DataFrame | None,
) -> IncidentCase:
    facts, told = evidence.facts, build_case(evidence, lines)
    audit = Audit(EVERY_RULE, evidence, facts.target.fail_on)
    drifted = tuple(_list_drifted(audit.changes))
    bare = IncidentCase(
        window,
        looks,
        attribute(told, ()),
        drifted,
        facts.history,
        facts.versions,
        facts.effects,
    )
    made = [ref for version in _list_recorded(bare.steps) for ref in bare.makes.get(version, ())]
    asked = [*(Drifted(*one) for one in drifted)]
    asked += [Drifted(ref) for ref in made if ref not in {one.ref for one in asked}]
    return IncidentCase(
        window=window,
        looks=looks,
        attributed=attribute(told, list(dict.fromkeys(asked))),
        drifted=drifted,
        history=facts.history,
        versions=facts.versions,
        facts=facts.effects,
        spells=tuple(spells),
        findings=audit.found,
        exhibits=evidence.exhibits,
        moves=evidence.past.moves,
        api_roles=tuple(dict.fromkeys((*facts.target.api_roles, SERVICE))),
        exposed=facts.target.exposed_schemas,
        every=facts.target.every,
        target=facts.target.name,
        lines=lines,
    )


def _list_drifted(changes: pd.DataFrame) -> Iterator[tuple[ObjectRef, str]]:
    """Yield the objects that differ and stand for themselves, with the change, each once."""
    own = changes[changes["part_of"].isna()]
    rows = zip(own["kind"], own["key"], own["change"], strict=True)
    yield from dict.fromkeys(
        (ObjectRef(kind, tuple(key)), str(change)) for kind, key, change in rows
    )


def _list_recorded(steps: Sequence[Step]) -> list[str]:
    return list(dict.fromkeys(version for step in steps for version in step.recorded))


def _read_notes(notes: str, settings: Settings) -> str:
    """Return the notes, read from a file where they name one beside the targets.

    Raises:
        ConfigError: The file is not there, is no text, or lies elsewhere.
    """
    if not notes.endswith(NOTES_ENDING) or "\n" in notes:
        return notes[:LONGEST_NOTES]
    folder = settings.params or Path()
    path = folder / notes
    if Path(notes).name != notes:
        raise ConfigError("notes lie beside targets.toml", fix="give the name of a file there")
    try:
        return path.read_text(encoding="utf-8")[:LONGEST_NOTES]
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"the notes {notes!r} cannot be read", where=str(folder), fix="write the file as UTF-8"
        ) from None
