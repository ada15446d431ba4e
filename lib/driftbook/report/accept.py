"""Accepting a finding: taken from the latest reports, written into ``params/accepted.toml``."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from driftbook.accepted import ACCEPTED_FILE, PREFIX, Accepted, parse_accepted
from driftbook.errors import ConfigError, DriftbookError
from driftbook.redact import display_name, find_secrets
from driftbook.report.publish import write_beside
from driftbook.report.result import Result, parse_result
from driftbook.report.rows import RESULT, group_files
from driftbook.report.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from driftbook.config import Settings
    from driftbook.report.result import FindingPart

HEAD = """\
# Findings that somebody answers for until a day, written by: driftbook accept
# An entry is void when its finding changes. Comments and order are kept.
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """Who accepts a finding, why, and until when."""

    reason: str
    owner: str
    until: date


def accept_finding(
    name: str, promise: Promise, settings: Settings, today: date, target: str = ""
) -> tuple[Accepted, Path]:
    """Write that the finding ``name``, an id or a key, is accepted; return entry and file.

    An entry about the same finding is renewed where it stands.

    Args:
        name: As reports give it.
        promise: What the entry says.
        settings: Of the ``params`` folder that takes the entry.
        today: The day on which it is accepted.
        target: In whose latest reports to look; empty: in those of every target.

    Raises:
        ConfigError: No report has the finding, several targets do, or the promise is none.
    """
    if settings.params is None:
        raise ConfigError("there is no params folder here", fix="run driftbook init")
    check_promise(promise, today)
    owner, finding = find_finding(name, settings, target)
    if not finding.observed:
        raise ConfigError(
            f"the report of {owner!r} is older than accepting",
            where=name,
            fix=f"run driftbook audit {owner}, then accept the finding",
        )
    if finding.rule.startswith(PREFIX):
        fix = "renew or remove the entry that the finding is about"
        raise ConfigError("a finding about an entry cannot be accepted", where=name, fix=fix)
    entry = Accepted(
        key=display_name(finding.key),  # a file's name may be no text; then the id decides
        id=finding.id,
        targets=(owner,),
        reason=promise.reason.strip(),
        owner=promise.owner.strip(),
        until=promise.until,
        observed=finding.observed,
    )
    return entry, write_entry(entry, settings.params / ACCEPTED_FILE)


def check_promise(promise: Promise, today: date) -> None:
    """Raise :class:`ConfigError` unless ``promise`` says who, why, and until a day to come."""
    for option, text in (("--reason", promise.reason), ("--owner", promise.owner)):
        if not text.strip() or find_secrets(text):
            problem = "looks like a secret" if text.strip() else "is empty"
            fix = "say in words why the finding may stay, and who answers for it"
            raise ConfigError(f"the value of {option} {problem}", where=option, fix=fix)
    if promise.until < today:
        raise ConfigError(
            f"{promise.until} has passed", where="--until", fix="name a day to come: YYYY-MM-DD"
        )


def find_finding(name: str, settings: Settings, target: str = "") -> tuple[str, FindingPart]:
    """Return the target and the finding called ``name`` in the latest reports.

    Raises:
        ConfigError: There is none, or more than one target has it.
    """
    if target:
        settings.target(target)
    known = [
        (result.target.name, finding)
        for result in read_latest(settings, target)
        for finding in (*result.findings, *(one.finding for one in result.accepted if one.finding))
    ]
    found = {owner: one for owner, one in known if name in {one.id, one.key}}
    if len(found) > 1:
        raise ConfigError(
            f"{name} is a finding of {len(found)} targets",
            where=", ".join(sorted(found)),
            fix=f"name one: --target {min(found)}",
        )
    if not found:
        raise _explain_unknown(name, {one.id: one for _, one in known}.values(), target)
    return next(iter(found.items()))


def read_latest(settings: Settings, target: str = "") -> list[Result]:
    """Return the latest result of each target and report; one that cannot be read is left out."""
    store = open_store(settings.reports)
    latest: dict[tuple[str, str], str] = {}
    for name, audit_id, report in sorted(group_files(store.list_files()), key=lambda one: one[1]):
        if name in settings.targets and target in {"", name}:
            latest[name, report] = f"{name}/{audit_id}/{report}/{RESULT}"
    results = []
    for data in store.read_files(latest.values()).values():
        try:
            results.append(Result.model_validate(parse_result(data)))
        except DriftbookError:  # its finding is then unknown, and said so
            continue
    return results


def _explain_unknown(name: str, known: Iterable[FindingPart], target: str) -> ConfigError:
    words = {word: one for one in known for word in (one.id, one.key, one.name)}
    close = difflib.get_close_matches(name, words, n=3)
    meant = dict.fromkeys(f"{words[word].id} ({display_name(words[word].key)})" for word in close)
    of = f" of {target}" if target else ""
    fix = f"run driftbook audit {target or 'TARGET'}, and copy the id from its report"
    if meant:
        fix = f"did you mean {' or '.join(meant)}?"
    return ConfigError(f"no latest report{of} has a finding {name!r}", where="ID", fix=fix)


def write_entry(entry: Accepted, path: Path) -> Path:
    """Write ``entry`` into the file, in place of an older one about the same finding.

    Raises:
        ConfigError: The file is malformed.
        PublishRefused: It cannot be written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    before = parse_accepted(text, path)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(
            f"{ACCEPTED_FILE} is not TOML: {error}", where=str(path), fix="correct the line"
        ) from None
    values = entry.model_dump(mode="python") | {"targets": list(entry.targets)}
    for number, one in enumerate(before):
        if one.key == entry.key and {*one.targets} & {*entry.targets}:
            del values["targets"]  # the promise holds for all targets that it held for
            document["accepted"][number].update(values)
            break
    else:
        table = tomlkit.table()
        table.update(values)
        if before:
            document["accepted"].append(table)
        else:
            document.pop("accepted", None)
            document["accepted"] = tomlkit.aot()
            document["accepted"].append(table)
    written = tomlkit.dumps(document)
    parse_accepted(written, path)
    return write_beside(written, path)
