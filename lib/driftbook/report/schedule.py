"""From a target to published reports: lock, capture once, run notebooks, publish, index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook import demo
from driftbook.accepted import read_accepted
from driftbook.audit.collect import Sources, collect_evidence, collect_from
from driftbook.audit.evidence import build_audit_id, write_evidence
from driftbook.audit.remember import forget_all, remember
from driftbook.audit.sides import read_clock_now
from driftbook.config import DEMO, Settings, Target, read_access, read_secrets
from driftbook.errors import AuditError, ConfigError
from driftbook.progress import Progress, say_nothing
from driftbook.report.execute import check_parameters, run_notebook
from driftbook.report.given import Values, check_own, check_values
from driftbook.report.index import drop_old_pages, write_index
from driftbook.report.lock import lock_target
from driftbook.report.notebooks import NEEDS_DATABASE, find_notebook, list_scheduled
from driftbook.report.outputs import hand_out, tell_failure, write_outputs
from driftbook.report.run import AuditRun
from driftbook.report.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from driftbook.audit.evidence import Evidence


def run_audit(  # noqa: PLR0913 - what a caller may set, all but two by name
    name: str,
    settings: Settings,
    given: Mapping[str, object] | None = None,
    *,
    wait: float = 600,
    timeout: float | None = None,
    progress: Progress = say_nothing,
) -> AuditRun:
    """Capture the target ``name`` once and publish the report of every scheduled notebook.

    A notebook that fails, or runs longer than ``timeout`` (default: the target's) seconds, gives
    a report that says so; the others run all the same.

    Raises:
        ConfigError: Unknown target or parameter; nothing has run.
        AuditError: The target cannot be read, or another audit of it goes on for too long.
    """
    target, notebooks, values = prepare_audit(name, settings, given)
    store = open_store(settings.reports)
    with lock_target(name, wait, progress):
        store.check_writable()
        evidence = collect_or_tell(target, settings, progress)
        return report_audit(
            evidence, notebooks, values, settings, timeout=timeout, progress=progress
        )


def run_story(
    settings: Settings, *, wait: float = 600, progress: Progress = say_nothing
) -> AuditRun:
    """Audit the demo on every night of its story and return the last run.

    Earlier nights give the drift audit alone. What was recorded of the demo before is forgotten:
    the story begins anew, and a history goes forward only.

    Raises:
        ConfigError: ``demo`` is a target of the user's own.
        AuditError: Another audit of the demo goes on for too long.
    """
    target, notebooks, values = prepare_audit(DEMO, settings)
    if not target.is_demo:
        raise ConfigError(
            "the target demo is your own, not the bundled story",
            where="params/targets.toml",
            fix="run driftbook audit demo, or give your target another name",
        )
    open_store(settings.reports).check_writable()
    with lock_target(DEMO, wait, progress):
        for evidence in live_through_story(target, settings, progress):
            is_last = evidence.facts.captured_at == demo.AUDITED[-1]
            chosen = notebooks if is_last else notebooks[:1]
            run = report_audit(evidence, chosen, values, settings, progress=progress)
    return run


def record_story(
    settings: Settings, *, wait: float = 600, progress: Progress = say_nothing
) -> None:
    """Audit the demo on every night of its story without a report: for those who explore.

    Raises:
        AuditError: Another audit of the demo goes on for too long, or one cannot be recorded.
    """
    target = settings.target(DEMO)
    with lock_target(DEMO, wait, progress):
        for evidence in live_through_story(target, settings, progress):
            recorded, forgotten = remember(evidence, settings)
            if forgotten:
                raise forgotten
            write_evidence(recorded)


def live_through_story(
    target: Target, settings: Settings, progress: Progress
) -> Iterator[Evidence]:
    """Yield the evidence of every night of the demo's story; what was recorded is forgotten."""
    with demo.run_story(progress) as moments:
        forget_all(settings, DEMO)
        for moment in moments:
            progress(f"the night of {moment.at:%Y-%m-%d}")
            with demo.write_repository(until=moment.at) as migrations:
                sources = Sources(migrations, moment.dsn, moment.at)
                evidence = collect_from(sources, target, progress)
            yield evidence


def report_audit(  # noqa: PLR0913 - all but the first four by name
    evidence: Evidence,
    notebooks: Sequence[Path],
    values: Values,
    settings: Settings,
    *,
    timeout: float | None = None,
    progress: Progress = say_nothing,
) -> AuditRun:
    """Record an audit, run ``notebooks`` on its evidence, publish them and make the index."""
    target, hidden = evidence.facts.target, read_secrets(settings)
    evidence, forgotten = remember(evidence, settings)
    write_evidence(evidence)
    audit_id = evidence.facts.audit_id
    store, place, results = open_store(settings.reports), f"{target.name}/{audit_id}", []
    with store.building(place, hidden) as folder:
        for notebook in notebooks:
            progress(f"running {notebook.stem}")
            given = values | {"audit_id": audit_id}
            limit = timeout or target.timeout
            done = run_notebook(notebook, given, folder, secrets=hidden, timeout=limit)
            results.append(done)
        outputs = write_outputs(folder, target, settings)
    index = finish(store, target)
    outputs = replace(outputs, warnings=tuple(hand_out(outputs, target, settings)))
    address = f"{store.address}/{place}"
    return AuditRun(target.name, tuple(results), address, index, forgotten, outputs)


def collect_or_tell(target: Target, settings: Settings, progress: Progress) -> Evidence:
    """Return the evidence of ``target``; those who wait for it learn as well when there is none."""
    try:
        return collect_evidence(target, progress)
    except AuditError as error:
        audit_id = build_audit_id(read_clock_now(), target.name)
        for warning in tell_failure(error, audit_id, target, settings):
            progress(f"warning: {warning.problem}")
        raise


def prepare_audit(
    name: str, settings: Settings, given: Mapping[str, object] | None = None
) -> tuple[Target, list[Path], Values]:
    """Return target, notebooks and parameters of an audit; everything that can be checked is.

    Raises:
        ConfigError: Unknown target or parameter, or a connection string that is not there.
    """
    target = settings.target(name)
    values: Values = {"target": name, "fail_on": target.fail_on.value, **(given or {})}
    notebooks = [find_notebook(notebook) for notebook in list_scheduled(target)]
    for notebook in notebooks:
        check_parameters(notebook, values)
    check_values(values)
    check_own(name, values)
    read_accepted(settings)
    if target.has_database:
        read_access(target)
    return target, notebooks, values


def run_one(
    notebook: str,
    settings: Settings,
    given: Mapping[str, object],
    *,
    timeout: float | None = None,
    progress: Progress = say_nothing,
) -> AuditRun:
    """Publish the report of one notebook, which captures for itself unless given an audit."""
    path = find_notebook(notebook)
    check_parameters(path, given)
    check_values(given)
    name = str(given.get("target", DEMO))
    target = settings.target(name)
    read_accepted(settings)
    if path.stem in NEEDS_DATABASE and not (target.is_demo or given.get("audit_id")):
        read_access(target)  # said here, and not only when the kernel runs
    again = str(given.get("audit_id", ""))
    store = open_store(settings.reports)
    store.check_writable()
    progress(f"running {path.stem}")
    place = f"{name}/{again or build_audit_id(read_clock_now(), name)}"
    hidden = read_secrets(settings)
    with store.building(place, hidden, replace=bool(again)) as folder:
        limit = timeout or target.timeout
        result = run_notebook(path, dict(given), folder, secrets=hidden, timeout=limit)
    return AuditRun(name, (result,), f"{store.address}/{place}", finish(store, target))


def finish(store: Store, target: Target) -> str:
    """Take away pages that are kept no longer, make the index again, and return its address."""
    drop_old_pages(store, target.name, target.keep_audits)
    return write_index(store)
